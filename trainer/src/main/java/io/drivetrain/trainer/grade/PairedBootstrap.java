package io.drivetrain.trainer.grade;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * How much two models differ on the same samples: a bootstrap over drives of the paired difference of their error rates.
 * Both models see each resample, so what makes its drives hard cancels, and the interval is that of the difference alone.
 *
 * <p>Percentiles of the resamples, with the small-sample correction of {@link DriveResamples}.
 */
public final class PairedBootstrap {
    private PairedBootstrap() {}

    /**
     * A paired difference: error rate of the candidate minus that of the other model.
     *
     * @param value −1..1; negative: the candidate errs less
     * @param interval 95 %; empty where there are too few drives
     * @param pValue two-sided, of no difference; empty where there are too few drives
     * @param standardError of the value, from the resamples; not a number where there are too few drives
     * @param shareAtOrBelowZero of the resamples, 0..1; not a number where there are too few drives
     */
    public record Difference(
            double value,
            Optional<Interval> interval,
            OptionalDouble pValue,
            double standardError,
            double shareAtOrBelowZero) {}

    /**
     * Compares two models.
     *
     * @param errors of both by drive, in a fixed order of drives, because it decides which is drawn; not empty
     */
    public static Difference difference(PairedErrors errors, ClusterBootstrap.Settings settings) {
        double value = errors.difference();
        int drives = errors.drives();
        if (drives < Math.max(2, settings.minDrives())) {
            return new Difference(value, Optional.empty(), OptionalDouble.empty(), Double.NaN, Double.NaN);
        }
        double[] resampled = resampled(errors, settings.replicates(), new SplittableRandom(settings.seed()));
        double squares = 0;
        int atOrBelow = 0;
        for (double one : resampled) {
            squares += (one - value) * (one - value);
            // Sums of whole numbers divided: zero is exact.
            atOrBelow += one <= 0 ? 1 : 0;
        }
        double standardError = Math.sqrt(squares / resampled.length * drives / (drives - 1.0));
        double stretch = DriveResamples.stretch(drives);
        Interval interval = DriveResamples.percentiles(Arrays.stream(resampled)
                        .map(one -> value + stretch * (one - value))
                        .toArray())
                .clippedTo(-1, 1);
        return new Difference(
                value,
                Optional.of(new Interval(Math.min(value, interval.low()), Math.max(value, interval.high()))),
                OptionalDouble.of(pValue(errors, value, standardError)),
                standardError,
                atOrBelow / (double) resampled.length);
    }

    /** By resample, the difference of the error rates. */
    static double[] resampled(PairedErrors errors, int replicates, SplittableRandom random) {
        return Arrays.stream(DriveResamples.sums(errors.statistics(), replicates, random))
                .mapToDouble(sums -> sums[1] / sums[0])
                .toArray();
    }

    /**
     * Student's t with one degree of freedom less than drives; never below 2^(1−d) for d drives that differ, the least that
     * any test can reach which swaps the models within a drive, so that few drives which agree by chance prove nothing.
     */
    private static double pValue(PairedErrors errors, double value, double standardError) {
        if (value == 0) {
            return 1;
        }
        double least = Math.min(1, Math.pow(2, 1.0 - errors.differingDrives()));
        double t = Math.abs(value) / standardError;
        double student =
                standardError == 0 ? 0 : 2 * new TDistribution(errors.drives() - 1.0).cumulativeProbability(-t);
        return Math.max(least, student);
    }
}
