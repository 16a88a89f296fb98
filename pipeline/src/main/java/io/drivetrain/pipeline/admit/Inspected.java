package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Violation;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A raw record after all checks that need no other record. With violations it is refused already; without, it waits for
 * the verdict on its {@link Claim}.
 *
 * @param raw the record as it came, or, behind a shuffle, without its image: {@link #whole} puts it back
 * @param subject null if the record could not be read
 * @param draft null with violations; its split and the stages' flags are filled in when the verdict comes
 * @param image the encoded image, backed by an array; null with violations
 * @param path of the image; null with violations
 * @param imageAt where in the raw value the image was before it was cut out; -1 if the value is whole
 */
public record Inspected(
        RawRecord raw,
        List<Violation> violations,
        Subject subject,
        CuratedSample draft,
        ByteBuffer image,
        String path,
        int imageAt) {
    private static final int ELSEWHERE = -1;

    Inspected(
            RawRecord raw,
            List<Violation> violations,
            Subject subject,
            CuratedSample draft,
            ByteBuffer image,
            String path) {
        this(raw, violations, subject, draft, image, path, ELSEWHERE);
    }

    /** The record as it came: the image is put back to where it was cut out. */
    RawRecord whole() {
        if (imageAt == ELSEWHERE) {
            return raw;
        }
        byte[] rest = raw.value();
        return raw.withValue(ByteBuffer.allocate(rest.length + image.remaining())
                .put(rest, 0, imageAt)
                .put(image.duplicate())
                .put(rest, imageAt, rest.length - imageAt)
                .array());
    }

    /** Whose record it is, for the reject and for the statistics of label sources; all but the ids may be null. */
    public record Subject(
            String sampleId,
            String driveId,
            String label,
            String labelSource,
            Map<String, String> attributes,
            long capturedAt) {

        /** That of a sample that is good by itself. */
        static Subject of(CuratedSample draft) {
            return new Subject(
                    draft.getSampleId(),
                    draft.getDriveId(),
                    draft.getLabel(),
                    draft.getLabelSource(),
                    draft.getAttributes(),
                    draft.getCapturedAt().toEpochMilli());
        }
    }

    /** Whether it is good by itself. */
    public boolean clean() {
        return violations.isEmpty();
    }

    /** Between inspection and settling, which share a machine: the image is written once, as a part of the raw value. */
    public enum Form implements BinaryForm<Inspected> {
        INSPECTED;

        @Override
        public Class<Inspected> type() {
            return Inspected.class;
        }

        @Override
        public void write(Inspected value, DataOutput out) throws IOException {
            int start = value.image == null || value.imageAt != ELSEWHERE
                    ? value.imageAt
                    : offset(value.raw.value(), value.image);
            boolean cut = start != value.imageAt;
            RawRecord.Form.RAW_RECORD.write(
                    cut ? value.raw.withValue(without(value.raw.value(), start, value.image.remaining())) : value.raw,
                    out);
            ViolationForm.writeAll(value.violations, out);
            out.writeBoolean(value.draft != null);
            if (value.draft == null) {
                out.writeBoolean(value.subject != null);
                if (value.subject != null) {
                    writeSubject(value.subject, out);
                }
            } else {
                DraftForm.DRAFT.write(value.draft, out);
                BinaryForm.writeText(value.path, out);
                out.writeInt(start);
                out.writeInt(value.image.remaining());
                out.write(
                        value.image.array(),
                        value.image.arrayOffset() + value.image.position(),
                        value.image.remaining());
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

        private static byte[] without(byte[] value, int start, int length) {
            byte[] rest = new byte[value.length - length];
            System.arraycopy(value, 0, rest, 0, start);
            System.arraycopy(value, start + length, rest, start, value.length - start - length);
            return rest;
        }

        private static void writeSubject(Subject subject, DataOutput out) throws IOException {
            BinaryForm.writeText(subject.sampleId, out);
            BinaryForm.writeText(subject.driveId, out);
            BinaryForm.writeText(subject.label, out);
            BinaryForm.writeText(subject.labelSource, out);
            BinaryForm.writeTexts(subject.attributes, out);
            out.writeLong(subject.capturedAt);
        }

        @Override
        public Inspected read(DataInput in) throws IOException {
            RawRecord raw = RawRecord.Form.RAW_RECORD.read(in);
            List<Violation> violations = ViolationForm.readAll(in);
            if (!in.readBoolean()) {
                return new Inspected(raw, violations, in.readBoolean() ? readSubject(in) : null, null, null, null);
            }
            CuratedSample draft = DraftForm.DRAFT.read(in);
            String path = BinaryForm.readText(in);
            int start = in.readInt();
            byte[] image = BinaryForm.readBytes(in);
            return new Inspected(raw, violations, Subject.of(draft), draft, ByteBuffer.wrap(image), path, start);
        }

        private static Subject readSubject(DataInput in) throws IOException {
            String sampleId = BinaryForm.readText(in);
            String driveId = BinaryForm.readText(in);
            String label = BinaryForm.readText(in);
            String labelSource = BinaryForm.readText(in);
            Map<String, String> attributes = BinaryForm.readTexts(in);
            return new Subject(sampleId, driveId, label, labelSource, attributes, in.readLong());
        }
    }
}
