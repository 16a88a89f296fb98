package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A raw record after all checks that need no other record. With violations it is refused already; without, it waits for
 * the verdict on its {@link Claim}.
 *
 * @param subject null if the record could not be read
 * @param draft null with violations; its split and the stages' flags are filled in when the verdict comes
 * @param image the encoded image, backed by an array; null with violations
 * @param path of the image; null with violations
 */
public record Inspected(
        RawRecord raw,
        List<Violation> violations,
        Subject subject,
        CuratedSample draft,
        ByteBuffer image,
        String path) {

    /** Whose record it is, for the reject and for the statistics of label sources; all but the ids may be null. */
    public record Subject(
            String sampleId,
            String driveId,
            String label,
            String labelSource,
            Map<String, String> attributes,
            long capturedAt) {}

    /** Whether it is good by itself. */
    public boolean clean() {
        return violations.isEmpty();
    }

    /** Between inspection and settling, which share a machine: the image is written once, as a part of the raw value. */
    public enum Form implements BinaryForm<Inspected> {
        INSPECTED;

        private static final int ELSEWHERE = -1;

        @Override
        public Class<Inspected> type() {
            return Inspected.class;
        }

        @Override
        public void write(Inspected value, DataOutput out) throws IOException {
            RawRecord.Form.RAW_RECORD.write(value.raw, out);
            ViolationForm.writeAll(value.violations, out);
            out.writeBoolean(value.subject != null);
            if (value.subject != null) {
                writeSubject(value.subject, out);
            }
            out.writeBoolean(value.draft != null);
            if (value.draft != null) {
                BinaryForm.writeBytes(Wire.encode(value.draft), out);
                BinaryForm.writeText(value.path, out);
                int start = offset(value.raw.value(), value.image);
                out.writeInt(start);
                out.writeInt(value.image.remaining());
                if (start == ELSEWHERE) {
                    out.write(
                            value.image.array(),
                            value.image.arrayOffset() + value.image.position(),
                            value.image.remaining());
                }
            }
        }

        /** Where the image is within the raw value: near its end, because little follows it in the schema. */
        private static int offset(byte[] value, ByteBuffer image) {
            int length = image.remaining();
            byte[] bytes = image.array();
            int from = image.arrayOffset() + image.position();
            for (int start = value.length - length; start >= 0 && start > value.length - length - 512; start--) {
                if (value[start] == bytes[from]
                        && Arrays.equals(value, start, start + length, bytes, from, from + length)) {
                    return start;
                }
            }
            return ELSEWHERE;
        }

        private static void writeSubject(Subject subject, DataOutput out) throws IOException {
            BinaryForm.writeText(subject.sampleId, out);
            BinaryForm.writeText(subject.driveId, out);
            BinaryForm.writeText(subject.label, out);
            BinaryForm.writeText(subject.labelSource, out);
            out.writeInt(subject.attributes.size());
            for (Map.Entry<String, String> attribute : subject.attributes.entrySet()) {
                BinaryForm.writeText(attribute.getKey(), out);
                BinaryForm.writeText(attribute.getValue(), out);
            }
            out.writeLong(subject.capturedAt);
        }

        @Override
        public Inspected read(DataInput in) throws IOException {
            RawRecord raw = RawRecord.Form.RAW_RECORD.read(in);
            List<Violation> violations = ViolationForm.readAll(in);
            Subject subject = in.readBoolean() ? readSubject(in) : null;
            if (!in.readBoolean()) {
                return new Inspected(raw, violations, subject, null, null, null);
            }
            try {
                CuratedSample draft = Wire.decode(BinaryForm.readBytes(in), CuratedSample.class);
                String path = BinaryForm.readText(in);
                int start = in.readInt();
                int length = in.readInt();
                ByteBuffer image;
                if (start == ELSEWHERE) {
                    byte[] bytes = new byte[length];
                    in.readFully(bytes);
                    image = ByteBuffer.wrap(bytes);
                } else {
                    image = ByteBuffer.wrap(raw.value(), start, length);
                }
                return new Inspected(raw, violations, subject, draft, image, path);
            } catch (UndecodableRecordException e) {
                throw new IOException("An operator of this job wrote a sample that cannot be read", e);
            }
        }

        private static Subject readSubject(DataInput in) throws IOException {
            String sampleId = BinaryForm.readText(in);
            String driveId = BinaryForm.readText(in);
            String label = BinaryForm.readText(in);
            String labelSource = BinaryForm.readText(in);
            Map<String, String> attributes = new TreeMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                attributes.put(BinaryForm.readText(in), BinaryForm.readText(in));
            }
            return new Subject(sampleId, driveId, label, labelSource, attributes, in.readLong());
        }
    }
}
