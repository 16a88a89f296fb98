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
 * @param contradictedSource where this sample was refused because the same id or content came before with another label:
 *     the source of that earlier label ("" if it named none); null otherwise
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
        String contradictedSource,
        Seen seen) {

    public Counted {
        attributes = Map.copyOf(attributes);
        violations = List.copyOf(violations);
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

    /** An admitted sample. */
    public static Counted admitted(CuratedSample sample) {
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
                null,
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
            String contradictedSource) {
        return new Counted(
                null,
                sampleId,
                driveId,
                label,
                attributes,
                labelSource,
                capturedAt,
                violations,
                contradictedSource,
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
            BinaryForm.writeText(value.contradictedSource, out);
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
                    BinaryForm.readText(in),
                    split == REFUSED ? null : readSeen(in));
        }
    }
}
