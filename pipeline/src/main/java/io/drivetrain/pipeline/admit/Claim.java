package io.drivetrain.pipeline.admit;

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

/**
 * What the other samples decide about one that is good by itself: everything they need to know of it, and what they have
 * said so far. A few hundred bytes, so that it can be sent from key to key while the image waits.
 *
 * @param origin the subtask where the image waits
 * @param run of the attempt at running the job that made this claim; random, so that no other run's places are taken for its own
 * @param place of the raw record on Kafka; unique within a run
 * @param capturedAt milliseconds since the epoch
 * @param attributes for the drive stage, which asks for the place; empty behind it
 * @param annotations digest of boxes and attributes, equal for equal ones
 * @param perceptualHash 16 hex digits; null for a picture too flat to have one
 * @param split null until the drive stage has dealt it, or if it refused
 * @param testDevGeneration null unless the split is test-dev
 * @param violations of the stages so far
 * @param flags of the stages so far
 * @param contradictedSource see {@link io.drivetrain.pipeline.balance.Counted}
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
        Map<String, String> attributes,
        String sha256,
        long annotations,
        String perceptualHash,
        Split split,
        Integer testDevGeneration,
        List<Violation> violations,
        List<String> flags,
        String contradictedSource,
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

    Claim dealt(Split to, Integer generation) {
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
                Map.of(),
                sha256,
                annotations,
                perceptualHash,
                to,
                generation,
                violations,
                flags,
                contradictedSource,
                reserved);
    }

    Claim refused(List<Violation> reasons, String contradicted) {
        List<Violation> all = new ArrayList<>(violations);
        all.addAll(reasons);
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
                attributes,
                sha256,
                annotations,
                perceptualHash,
                split,
                testDevGeneration,
                all,
                flags,
                contradicted == null ? contradictedSource : contradicted,
                reserved);
    }

    Claim reservedWith(List<String> newFlags) {
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
                attributes,
                sha256,
                annotations,
                perceptualHash,
                split,
                testDevGeneration,
                violations,
                newFlags,
                contradictedSource,
                true);
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
            BinaryForm.writeText(claim.contradictedSource, out);
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
                    attributes,
                    sha256,
                    annotations,
                    perceptualHash,
                    split == NONE ? null : Split.values()[split],
                    generation == NONE ? null : generation,
                    violations,
                    flags,
                    BinaryForm.readText(in),
                    in.readBoolean());
        }
    }
}
