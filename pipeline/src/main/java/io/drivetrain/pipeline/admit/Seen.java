package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.balance.Counted;
import io.drivetrain.pipeline.measure.QualityFlag;
import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.Split;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;

/**
 * What is remembered of a sample that was seen before.
 *
 * @param place of the raw record
 * @param labelSource "" if the sample named none
 * @param annotations see {@link Claim}
 * @param labelRevision see {@link Claim}
 * @param recording see {@link Claim#recording}
 * @param nearDuplicate whether it was flagged as one
 * @param attributes those that form slices; null if a correction of it does not need them
 */
public record Seen(
        String place,
        String sampleId,
        String sha256,
        String label,
        String labelSource,
        long annotations,
        Split split,
        int labelRevision,
        long recording,
        boolean nearDuplicate,
        Map<String, String> attributes) {

    /**
     * What is remembered of an admitted claim.
     *
     * @param attributes see {@link Seen}
     */
    static Seen of(Claim claim, Map<String, String> attributes) {
        return new Seen(
                claim.place(),
                claim.sampleId(),
                claim.sha256(),
                claim.label(),
                Objects.requireNonNullElse(claim.labelSource(), ""),
                claim.annotations(),
                claim.split(),
                claim.labelRevision(),
                claim.recording(),
                claim.flags().contains(QualityFlag.NEAR_DUPLICATE.label()),
                attributes);
    }

    /** Whose label it is, and in which revision. */
    Counted.Contradicted ownLabel() {
        return new Counted.Contradicted(labelSource, labelRevision);
    }

    /** Whether a claim is the same frame of the same drive with the same bytes, so that it may correct this one. */
    boolean sameFrame(Claim claim) {
        return sampleId.equals(claim.sampleId()) && sha256.equals(claim.sha256()) && recording == claim.recording();
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
            out.writeInt(value.labelRevision);
            out.writeLong(value.recording);
            out.writeBoolean(value.nearDuplicate);
            Counted.Former.writeAttributes(value.attributes, out);
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
                    Split.values()[in.readByte()],
                    in.readInt(),
                    in.readLong(),
                    in.readBoolean(),
                    Counted.Former.readAttributes(in));
        }
    }
}
