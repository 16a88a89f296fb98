package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.Split;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Objects;

/**
 * What is remembered of a sample that was seen before.
 *
 * @param place of the raw record
 * @param labelSource "" if the sample named none
 * @param annotations see {@link Claim}
 */
public record Seen(
        String place, String sampleId, String sha256, String label, String labelSource, long annotations, Split split) {

    static Seen of(Claim claim) {
        return new Seen(
                claim.place(),
                claim.sampleId(),
                claim.sha256(),
                claim.label(),
                Objects.requireNonNullElse(claim.labelSource(), ""),
                claim.annotations(),
                claim.split());
    }

    /** Whether it taught (train) or examined (any other split). */
    boolean teaches() {
        return teaches(split);
    }

    static boolean teaches(Split split) {
        return split == Split.TRAIN;
    }

    /** In state. */
    public enum Form implements BinaryForm<Seen> {
        SEEN;

        @Override
        public Class<Seen> type() {
            return Seen.class;
        }

        @Override
        public void write(Seen value, DataOutput out) throws IOException {
            BinaryForm.writeText(value.place, out);
            BinaryForm.writeText(value.sampleId, out);
            BinaryForm.writeHex(value.sha256, out);
            BinaryForm.writeText(value.label, out);
            BinaryForm.writeText(value.labelSource, out);
            out.writeLong(value.annotations);
            out.writeByte(value.split.ordinal());
        }

        @Override
        public Seen read(DataInput in) throws IOException {
            return new Seen(
                    BinaryForm.readText(in),
                    BinaryForm.readText(in),
                    BinaryForm.readHex(in),
                    BinaryForm.readText(in),
                    BinaryForm.readText(in),
                    in.readLong(),
                    Split.values()[in.readByte()]);
        }
    }
}
