package io.drivetrain.pipeline.split;

import io.drivetrain.schemas.Split;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Where a drive goes, and why. */
public sealed interface Assignment {
    /** Which rule decided. */
    Rule rule();

    /** The decision in one sentence, fit for a violation and for a person. */
    String reason();

    /** What the rule looked at. */
    Facts facts();

    /**
     * The drive has a split.
     *
     * @param testDevGeneration how often test-dev was rotated before the drive, from 0; null unless the split is test-dev
     */
    record Assigned(Split split, Integer testDevGeneration, Rule rule, String reason, Facts facts)
            implements Assignment {}

    /** The drive is held out: every sample of it is rejected as embargoed-drive. */
    record Embargoed(Rule rule, String reason, Facts facts) implements Assignment {}

    /** Which rule decided. */
    enum Rule {
        /** The position lies in the share of that split in the plan in force. */
        SHARE,
        /** Of a later plan the share of train-dev is larger: the drive is in train-dev although its own plan says train. */
        RAISED_SHARE,
        /** A TARGET drive that goes to train. */
        ADOPTED,
        /** A neighbour in time and place may be on the other side. */
        EMBARGO_BORDER,
        /** The rules of the deal changed less than an embargo ago. */
        EMBARGO_CHANGE,
        /** A TARGET drive where and when SOURCE drives train. */
        EMBARGO_TRAIN_BLOCK
    }

    /**
     * What the rule looked at.
     *
     * @param unit what was hashed: the drive id, or the block of time and place that the drive begins in
     * @param position the hash as a uniform number, 0..1
     * @param shares the ranges of the position in ascending order; they cover 0..1
     * @param plan which plan deals the drive, from 0, the oldest
     * @param planUntil until when that plan is in force; empty for the plan of today
     */
    record Facts(String unit, double position, List<Share> shares, int plan, Optional<Instant> planUntil) {
        public Facts {
            shares = List.copyOf(shares);
        }
    }

    /**
     * The range of positions that belongs to a split.
     *
     * @param low inclusive
     * @param high exclusive
     */
    record Share(Split split, double low, double high) {}
}
