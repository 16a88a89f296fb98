package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What came of a change: how much each error rate and each term of the decomposition is above that of the model before,
 * negative being better. Paired where both models were asked the same samples, so that hard drives cancel; else as the
 * difference of two independent sets of drives. Drives of different splits are independent.
 */
public final class Outcome {
    private Outcome() {}

    /** One split of both models. */
    public sealed interface Both {
        /** Both models were asked the same samples. */
        record Paired(PairedErrors errors) implements Both {}

        /** The samples are others, as after new drives came or validation was rotated. */
        record Apart(SplitErrors now, SplitErrors before) implements Both {}
    }

    /** The change of one error rate, and what it may be by resample; no resamples where there are too few drives. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Change(double value, double[] possible) {
        Change minus(Change lower) {
            boolean known = possible.length > 0 && lower.possible.length > 0;
            double[] differences = new double[known ? possible.length : 0];
            Arrays.setAll(differences, i -> possible[i] - lower.possible[i]);
            return new Change(value - lower.value, differences);
        }

        Estimate estimate(double most) {
            if (possible.length == 0) {
                return Estimates.of(value, Optional.empty());
            }
            Interval interval = DriveResamples.percentiles(possible.clone()).clippedTo(-most, most);
            return Estimates.of(
                    value,
                    Optional.of(new Interval(Math.min(value, interval.low()), Math.max(value, interval.high()))));
        }
    }

    /**
     * The changes, by train, train-dev, test-dev, test and by the terms' labels, in this order; those that need a split
     * which is missing or empty are left out. The irreducible error is the same for both.
     *
     * @param splits of both models
     */
    public static Map<String, Estimate> of(Map<Split, Both> splits, ClusterBootstrap.Settings settings) {
        Map<Split, Change> changes = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            if (splits.containsKey(split)) {
                SplittableRandom random = new SplittableRandom(
                        settings.seed() * 31 + Splits.label(split).hashCode());
                change(splits.get(split), settings, random).ifPresent(change -> changes.put(split, change));
            }
        }
        Map<String, Estimate> outcome = new LinkedHashMap<>();
        changes.forEach((split, change) -> outcome.put(Splits.label(split), change.estimate(1)));
        for (Term term : Term.values()) {
            Change upper = changes.get(term.upper());
            if (upper == null) {
                continue;
            }
            if (term.lower().isEmpty()) {
                outcome.put(term.label(), upper.estimate(1));
            } else if (changes.containsKey(term.lower().get())) {
                outcome.put(
                        term.label(),
                        upper.minus(changes.get(term.lower().get())).estimate(2));
            }
        }
        return outcome;
    }

    private static Optional<Change> change(Both both, ClusterBootstrap.Settings settings, SplittableRandom random) {
        if (both instanceof Both.Paired paired) {
            return paired.errors().isEmpty()
                    ? Optional.empty()
                    : Optional.of(paired(paired.errors(), settings, random));
        }
        Both.Apart apart = (Both.Apart) both;
        return apart.now().isEmpty() || apart.before().isEmpty()
                ? Optional.empty()
                : Optional.of(rate(apart.now(), settings, random).minus(rate(apart.before(), settings, random)));
    }

    private static Change paired(PairedErrors errors, ClusterBootstrap.Settings settings, SplittableRandom random) {
        return new Change(
                errors.difference(),
                enough(errors.drives(), settings)
                        ? stretched(
                                PairedBootstrap.resampled(errors, settings.replicates(), random),
                                errors.difference(),
                                errors.drives())
                        : new double[0]);
    }

    private static Change rate(SplitErrors errors, ClusterBootstrap.Settings settings, SplittableRandom random) {
        if (!enough(errors.drives(), settings)) {
            return new Change(errors.rate(), new double[0]);
        }
        double[][] byDrive = new double[errors.drives()][];
        for (int drive = 0; drive < byDrive.length; drive++) {
            byDrive[drive] = new double[] {errors.samples()[drive], errors.errors()[drive]};
        }
        double[] rates = Arrays.stream(DriveResamples.sums(byDrive, settings.replicates(), random))
                .mapToDouble(sums -> sums[1] / sums[0])
                .toArray();
        return new Change(errors.rate(), stretched(rates, errors.rate(), errors.drives()));
    }

    private static boolean enough(int drives, ClusterBootstrap.Settings settings) {
        return drives >= Math.max(2, settings.minDrives());
    }

    private static double[] stretched(double[] resampled, double value, int drives) {
        double stretch = DriveResamples.stretch(drives);
        return Arrays.stream(resampled)
                .map(one -> value + stretch * (one - value))
                .toArray();
    }
}
