package io.drivetrain.pipeline.split;

import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import java.util.Locale;

/** A decision in one sentence. */
final class Reasons {
    private Reasons() {}

    static String of(DriveFacts drive, Split split, Integer generation, Assignment.Rule rule, Assignment.Facts facts) {
        Assignment.Share share = facts.shares().stream()
                .filter(candidate -> candidate.split() == split)
                .findFirst()
                .orElseThrow();
        String dealt = facts.unit().equals(drive.driveId())
                ? "is dealt by its id"
                : "is dealt with the block '" + facts.unit() + "'";
        String sentence = String.format(
                Locale.ROOT,
                "Drive %s (%s) %s to the position %.4f, and %s takes positions from %s to %s",
                drive.driveId(),
                drive.domain(),
                dealt,
                facts.position(),
                Splits.label(split),
                share.low(),
                share.high());
        return switch (rule) {
            case SHARE -> generation == null ? sentence : sentence + "; it belongs to test-dev number " + generation;
            case RAISED_SHARE -> sentence + ", since a later plan raised the share";
            case ADOPTED -> sentence + " of the TARGET drives, which are adopted";
            case EMBARGO_BORDER, EMBARGO_CHANGE, EMBARGO_TRAIN_BLOCK ->
                throw new IllegalArgumentException(
                        "A drive with a split is not embargoed; this is an error in SplitPolicy");
        };
    }
}
