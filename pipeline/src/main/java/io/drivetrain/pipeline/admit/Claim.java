package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.balance.Counted;
import io.drivetrain.pipeline.measure.QualityFlag;
import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Violation;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the other samples decide about one that is good by itself: everything they need to know of it, and what they have
 * said so far. A few hundred bytes, so that it can be sent from key to key while the image waits.
 *
 * @param origin the subtask where the image waits
 * @param run of the attempt at running the job that made this claim; random, so that no other run's places are taken for its own
 * @param place of the raw record on Kafka; unique within a run
 * @param capturedAt milliseconds since the epoch
 * @param labelRevision how often label, boxes and attributes were corrected before, from 0
 * @param attributes for the drive stage, which asks for the place; behind it those that form slices, if corrections are
 *     admitted, and else none
 * @param annotations digest of boxes and attributes, equal for equal ones
 * @param perceptualHash 16 hex digits; null for a picture too flat to have one
 * @param split null until the drive stage has dealt it, or if it refused
 * @param testDevGeneration null unless the split is test-dev
 * @param violations of the stages so far
 * @param flags of the stages so far
 * @param contradicted the label that this one speaks against; null if there is none
 * @param former what this claim takes the place of; null unless it is a correction
 * @param reserved whether the content stage or a look stage recorded this claim, so that a later refusal has to give
 *     bytes and look free
 */
public record Claim(
        int origin,
        String run,
        String place,
        String sampleId,
        String driveId,
        int frameIndex,
        long capturedAt,
        Domain domain,
        String label,
        String labelSource,
        int labelRevision,
        Map<String, String> attributes,
        String sha256,
        long annotations,
        String perceptualHash,
        Split split,
        Integer testDevGeneration,
        List<Violation> violations,
        List<String> flags,
        Counted.Contradicted contradicted,
        Counted.Former former,
        boolean reserved) {

    /** Whether nothing has been said against it. */
    public boolean clean() {
        return violations.isEmpty();
    }

    /** What it looks like. */
    public Look look() {
        return Look.of(perceptualHash, sha256);
    }

    /** As whom this claim reserves. */
    long holder() {
        return holder(run, place);
    }

    /** 64 bits of a hash: only claims for the same bytes or looks are told apart by it. */
    static long holder(String run, String place) {
        return AnnotationDigest.of(run, place);
    }

    /** Tells apart what a correction may not change: drive, frame and capture time; equal for equal ones. */
    long recording() {
        return AnnotationDigest.of(driveId, frameIndex + "@" + capturedAt);
    }

    /** Whose label it is, and in which revision. */
    Counted.Contradicted ownLabel() {
        return new Counted.Contradicted(Objects.requireNonNullElse(labelSource, ""), labelRevision);
    }

    /**
     * With its split.
     *
     * @param kept attributes that are still needed
     */
    Claim dealt(Split to, Integer generation, Map<String, String> kept) {
        return new Claim(
                origin,
                run,
                place,
                sampleId,
                driveId,
                frameIndex,
                capturedAt,
                domain,
                label,
                labelSource,
                labelRevision,
                kept,
                sha256,
                annotations,
                perceptualHash,
                to,
                generation,
                violations,
                flags,
                contradicted,
                former,
                reserved);
    }

    Claim refused(List<Violation> reasons, Counted.Contradicted by) {
        List<Violation> all = new ArrayList<>(violations);
        all.addAll(reasons);
        return judged(all, flags, by == null ? contradicted : by, former, reserved);
    }

    Claim reservedWith(List<String> newFlags) {
        return judged(violations, newFlags, contradicted, former, true);
    }

    /** As the correction of an admitted sample; of the same picture, it is as near a duplicate as that one was. */
    Claim correcting(Seen before) {
        return judged(
                violations,
                before.nearDuplicate() ? List.of(QualityFlag.NEAR_DUPLICATE.label()) : List.of(),
                before.label().equals(label) ? contradicted : before.ownLabel(),
                new Counted.Former(before.label(), before.attributes()),
                reserved);
    }

    /** The same claim with another judgement. */
    private Claim judged(
            List<Violation> newViolations,
            List<String> newFlags,
            Counted.Contradicted newContradicted,
            Counted.Former newFormer,
            boolean isReserved) {
        return new Claim(
                origin,
                run,
                place,
                sampleId,
                driveId,
                frameIndex,
                capturedAt,
                domain,
                label,
                labelSource,
                labelRevision,
                attributes,
                sha256,
                annotations,
                perceptualHash,
                split,
                testDevGeneration,
                newViolations,
                newFlags,
                newContradicted,
                newFormer,
                isReserved);
    }

    /** Between the stages. */
    public enum Form implements BinaryForm<Claim> {
        CLAIM;

        private static final int NONE = -1;

        @Override
        public Class<Claim> type() {
            return Claim.class;
        }

        @Override
        public void write(Claim claim, DataOutput out) throws IOException {
            out.writeInt(claim.origin);
            BinaryForm.writeText(claim.run, out);
            BinaryForm.writeText(claim.place, out);
            BinaryForm.writeText(claim.sampleId, out);
            BinaryForm.writeText(claim.driveId, out);
            out.writeInt(claim.frameIndex);
            out.writeLong(claim.capturedAt);
            out.writeByte(claim.domain.ordinal());
            BinaryForm.writeText(claim.label, out);
            BinaryForm.writeText(claim.labelSource, out);
            out.writeInt(claim.labelRevision);
            BinaryForm.writeTexts(claim.attributes, out);
            BinaryForm.writeText(claim.sha256, out);
            out.writeLong(claim.annotations);
            BinaryForm.writeText(claim.perceptualHash, out);
            out.writeByte(claim.split == null ? NONE : claim.split.ordinal());
            out.writeInt(claim.testDevGeneration == null ? NONE : claim.testDevGeneration);
            ViolationForm.writeAll(claim.violations, out);
            out.writeInt(claim.flags.size());
            for (String flag : claim.flags) {
                BinaryForm.writeText(flag, out);
            }
            Counted.Contradicted.write(claim.contradicted, out);
            Counted.Former.write(claim.former, out);
            out.writeBoolean(claim.reserved);
        }

        @Override
        public Claim read(DataInput in) throws IOException {
            int origin = in.readInt();
            String run = BinaryForm.readText(in);
            String place = BinaryForm.readText(in);
            String sampleId = BinaryForm.readText(in);
            String driveId = BinaryForm.readText(in);
            int frameIndex = in.readInt();
            long capturedAt = in.readLong();
            Domain domain = Domain.values()[in.readByte()];
            String label = BinaryForm.readText(in);
            String labelSource = BinaryForm.readText(in);
            int labelRevision = in.readInt();
            Map<String, String> attributes = BinaryForm.readTexts(in);
            String sha256 = BinaryForm.readText(in);
            long annotations = in.readLong();
            String perceptualHash = BinaryForm.readText(in);
            int split = in.readByte();
            int generation = in.readInt();
            List<Violation> violations = ViolationForm.readAll(in);
            List<String> flags = new ArrayList<>(1);
            for (int left = in.readInt(); left > 0; left--) {
                flags.add(BinaryForm.readText(in));
            }
            return new Claim(
                    origin,
                    run,
                    place,
                    sampleId,
                    driveId,
                    frameIndex,
                    capturedAt,
                    domain,
                    label,
                    labelSource,
                    labelRevision,
                    attributes,
                    sha256,
                    annotations,
                    perceptualHash,
                    split == NONE ? null : Split.values()[split],
                    generation == NONE ? null : generation,
                    violations,
                    flags,
                    Counted.Contradicted.read(in),
                    Counted.Former.read(in),
                    in.readBoolean());
        }
    }
}
