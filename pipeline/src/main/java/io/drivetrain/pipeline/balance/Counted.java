package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Split;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One settled sample, admitted or refused, as far as class balance and label sources are concerned.
 *
 * @param split null if refused
 * @param sampleId null where the record could not be read that far
 * @param driveId null where the record could not be read that far
 * @param label null if the sample has none
 * @param labelSource who gave the label; null if the producer does not say
 * @param capturedAt milliseconds since the epoch; 0 if unknown
 * @param violations codes; empty if admitted
 * @param contradicted the label that this sample speaks against: an earlier one of the same id or content, or, where it came
 *     too late, its own; null if there is none
 * @param former what this sample takes the place of; null unless it is an admitted correction
 * @param seen what was found in the picture; null if refused
 */
public record Counted(
        Split split,
        String sampleId,
        String driveId,
        String label,
        Map<String, String> attributes,
        String labelSource,
        long capturedAt,
        List<String> violations,
        Contradicted contradicted,
        Former former,
        Seen seen) {

    public Counted {
        attributes = Map.copyOf(attributes);
        violations = List.copyOf(violations);
    }

    /**
     * A label that another one speaks against.
     *
     * @param source "" if it named none
     */
    public record Contradicted(String source, int revision) {
        /** Writes one, or that there is none. */
        public static void write(Contradicted value, DataOutput out) throws IOException {
            BinaryForm.writeText(value == null ? null : value.source, out);
            if (value != null) {
                out.writeInt(value.revision);
            }
        }

        /** Reads what {@link #write} wrote. */
        public static Contradicted read(DataInput in) throws IOException {
            String source = BinaryForm.readText(in);
            return source == null ? null : new Contradicted(source, in.readInt());
        }
    }

    /**
     * What a sample was counted as before it was corrected.
     *
     * @param attributes those that form slices; null if they are not known: they are taken for those of the correction
     */
    public record Former(String label, Map<String, String> attributes) {
        public Former {
            attributes = attributes == null ? null : Map.copyOf(attributes);
        }

        /** Writes one, or that there is none. */
        public static void write(Former value, DataOutput out) throws IOException {
            BinaryForm.writeText(value == null ? null : value.label, out);
            if (value != null) {
                writeAttributes(value.attributes, out);
            }
        }

        /** Reads what {@link #write} wrote. */
        public static Former read(DataInput in) throws IOException {
            String label = BinaryForm.readText(in);
            return label == null ? null : new Former(label, readAttributes(in));
        }

        /** Writes attributes, which may be null. */
        public static void writeAttributes(Map<String, String> attributes, DataOutput out) throws IOException {
            out.writeBoolean(attributes != null);
            if (attributes != null) {
                BinaryForm.writeTexts(attributes, out);
            }
        }

        /** Reads what {@link #writeAttributes} wrote. */
        public static Map<String, String> readAttributes(DataInput in) throws IOException {
            return in.readBoolean() ? BinaryForm.readTexts(in) : null;
        }
    }

    /**
     * What curation found of an admitted sample.
     *
     * @param testDevGeneration how often test-dev was rotated before the drive; 0 in other splits
     */
    public record Seen(Measurements measurements, List<String> flags, int testDevGeneration) {
        public Seen {
            flags = List.copyOf(flags);
        }
    }

    /**
     * An admitted sample.
     *
     * @param contradicted null if it is no correction, or one that leaves the label as it was
     * @param former null if it is no correction
     */
    public static Counted admitted(CuratedSample sample, Contradicted contradicted, Former former) {
        Integer generation = sample.getTestDevGeneration();
        return new Counted(
                sample.getSplit(),
                sample.getSampleId(),
                sample.getDriveId(),
                sample.getLabel(),
                sample.getAttributes(),
                sample.getLabelSource(),
                sample.getCapturedAt().toEpochMilli(),
                List.of(),
                contradicted,
                former,
                new Seen(sample.getMeasurements(), sample.getFlags(), generation == null ? 0 : generation));
    }

    /** A refused sample. */
    public static Counted refused(
            String sampleId,
            String driveId,
            String label,
            Map<String, String> attributes,
            String labelSource,
            long capturedAt,
            List<String> violations,
            Contradicted contradicted) {
        return new Counted(
                null,
                sampleId,
                driveId,
                label,
                attributes,
                labelSource,
                capturedAt,
                violations,
                contradicted,
                null,
                null);
    }

    /** Whether the sample is in a split. */
    public boolean admitted() {
        return split != null;
    }

    /** Between settling and counting. */
    public enum Form implements BinaryForm<Counted> {
        COUNTED;

        private static final int REFUSED = -1;
        private static final int MEASUREMENTS =
                Measurements.getClassSchema().getFields().size();

        @Override
        public Class<Counted> type() {
            return Counted.class;
        }

        @Override
        public void write(Counted value, DataOutput out) throws IOException {
            out.writeByte(value.split == null ? REFUSED : value.split.ordinal());
            BinaryForm.writeText(value.sampleId, out);
            BinaryForm.writeText(value.driveId, out);
            BinaryForm.writeText(value.label, out);
            out.writeInt(value.attributes.size());
            for (Map.Entry<String, String> attribute : value.attributes.entrySet()) {
                BinaryForm.writeText(attribute.getKey(), out);
                BinaryForm.writeText(attribute.getValue(), out);
            }
            BinaryForm.writeText(value.labelSource, out);
            out.writeLong(value.capturedAt);
            out.writeInt(value.violations.size());
            for (String code : value.violations) {
                BinaryForm.writeText(code, out);
            }
            Contradicted.write(value.contradicted, out);
            Former.write(value.former, out);
            if (value.split != null) {
                writeSeen(value.seen, out);
            }
        }

        private static void writeSeen(Seen seen, DataOutput out) throws IOException {
            for (int i = 0; i < MEASUREMENTS; i++) {
                out.writeDouble((Double) seen.measurements.get(i));
            }
            out.writeInt(seen.flags.size());
            for (String flag : seen.flags) {
                BinaryForm.writeText(flag, out);
            }
            out.writeInt(seen.testDevGeneration);
        }

        private static Seen readSeen(DataInput in) throws IOException {
            Measurements measurements = new Measurements();
            for (int i = 0; i < MEASUREMENTS; i++) {
                measurements.put(i, in.readDouble());
            }
            List<String> flags = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                flags.add(BinaryForm.readText(in));
            }
            return new Seen(measurements, flags, in.readInt());
        }

        @Override
        public Counted read(DataInput in) throws IOException {
            int split = in.readByte();
            String sampleId = BinaryForm.readText(in);
            String driveId = BinaryForm.readText(in);
            String label = BinaryForm.readText(in);
            Map<String, String> attributes = new TreeMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                attributes.put(BinaryForm.readText(in), BinaryForm.readText(in));
            }
            String labelSource = BinaryForm.readText(in);
            long capturedAt = in.readLong();
            List<String> violations = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                violations.add(BinaryForm.readText(in));
            }
            return new Counted(
                    split == REFUSED ? null : Split.values()[split],
                    sampleId,
                    driveId,
                    label,
                    attributes,
                    labelSource,
                    capturedAt,
                    violations,
                    Contradicted.read(in),
                    Former.read(in),
                    split == REFUSED ? null : readSeen(in));
        }
    }
}
