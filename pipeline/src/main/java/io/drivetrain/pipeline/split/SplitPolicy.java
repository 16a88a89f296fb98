package io.drivetrain.pipeline.split;

import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;

/**
 * Deals whole drives to splits by a salted hash, so that the same drive lands in the same split on any machine and in
 * any order of arrival.
 *
 * <p>The decision needs the domain too. That one drive has one domain is kept by {@link
 * io.drivetrain.pipeline.admit.BindDriveOperator}; together they ensure that no drive is in two splits.
 *
 * @param salt changes the deal as a whole
 * @param trainDevFraction share of SOURCE drives that go to train-dev, 0..1
 * @param testFraction share of TARGET drives that go to test, 0..1; the others go to test-dev
 */
public record SplitPolicy(String salt, double trainDevFraction, double testFraction) {
    private static final double UNIT = 0x1p-53;

    /** The deal that the configuration describes. */
    public static SplitPolicy of(DrivetrainConfig config) {
        return new SplitPolicy(
                config.split().salt(),
                config.split().trainDevFraction(),
                config.split().testFraction());
    }

    /**
     * Deals a drive. A pure function: the drive stage calls it for the first clean claim of a drive, stores the split and
     * the generation (or that the drive is embargoed) for ever, and answers all later frames from its state.
     */
    public Assignment assign(DriveFacts drive) {
        double position = position(drive.driveId());
        Split split = split(drive.driveId(), drive.domain());
        List<Assignment.Share> shares = switch (drive.domain()) {
            case SOURCE ->
                List.of(
                        new Assignment.Share(Split.TRAIN_DEV, 0, trainDevFraction),
                        new Assignment.Share(Split.TRAIN, trainDevFraction, 1));
            case TARGET ->
                List.of(
                        new Assignment.Share(Split.TEST, 0, testFraction),
                        new Assignment.Share(Split.TEST_DEV, testFraction, 1));
        };
        return new Assignment.Assigned(
                split,
                split == Split.TEST_DEV ? 0 : null,
                Assignment.Rule.SHARE,
                "By its hash",
                new Assignment.Facts(drive.driveId(), position, shares, 0, Optional.empty()));
    }

    /** Returns the split of every sample of this drive. */
    public Split split(String driveId, Domain domain) {
        double position = position(driveId);
        return switch (domain) {
            case SOURCE -> position < trainDevFraction ? Split.TRAIN_DEV : Split.TRAIN;
            case TARGET -> position < testFraction ? Split.TEST : Split.TEST_DEV;
        };
    }

    /** Returns the first 53 bits of SHA-256(salt, NUL, drive id in UTF-8) as a uniform number in [0, 1). */
    double position(String driveId) {
        byte[] hash = sha256().digest((salt + '\0' + driveId).getBytes(StandardCharsets.UTF_8));
        long bits = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            bits = bits << Byte.SIZE | hash[i] & 0xFF;
        }
        return (bits >>> 11) * UNIT;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256, this one does not; use another JDK", e);
        }
    }
}
