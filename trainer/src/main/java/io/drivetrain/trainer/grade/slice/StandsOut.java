package io.drivetrain.trainer.grade.slice;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Whether slices have a higher error rate than the rest of their split, corrected for having looked at many: the
 * step-down of Westfall and Young 1993 (<i>Resampling-Based Multiple Testing</i>, algorithm 2.8), which is Holm's with the
 * dependence of the slices taken into account. So a threshold may be searched for: every threshold tried is a member of
 * the family.
 *
 * <p>With N samples, n of them in the slice, the statistic of a slice is {@code Σ_d (E_ds − (n/N)·E_d)} over drives d,
 * E_ds being the drive's errors in the slice and E_d all its errors: the difference of the two error rates times
 * {@code n(N−n)/N}. It is the sum of two parts, and each is compared with what chance alone makes of it:
 *
 * <ul>
 *   <li>between drives, {@code Σ_d (N_ds − (n/N)·N_d)·e_d}: error rates e_d of the drives are dealt to the drives anew;
 *   <li>within drives, {@code Σ_d (E_ds − e_d·N_ds)}: signs are drawn, one for a whole drive, because frames of a drive
 *       are near-copies.
 * </ul>
 */
final class StandsOut {
    private StandsOut() {}

    /**
     * What was found for one slice.
     *
     * @param statistic in standard deviations of chance; comparable between slices of one family
     * @param pValue of "the slice's error rate is not higher than the rest's", corrected for the whole family
     */
    record Outcome(double statistic, double pValue) {}

    /** One member of the family, by drive. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Score(double[] between, double[] within, double deviation) {
        double of(double[] rates, double[] signs) {
            double sum = 0;
            for (int d = 0; d < between.length; d++) {
                sum += between[d] * rates[d] + within[d] * signs[d];
            }
            return deviation > 0 ? sum / deviation : 0;
        }
    }

    /**
     * Judges slices, in their order.
     *
     * @param all counts of the split
     * @param slices parts of it; together the family
     * @param rounds how often chance is tried; p-values are not below {@code 1/(rounds + 1)}
     */
    static List<Outcome> judge(SliceCounts all, List<SliceCounts> slices, int rounds, long seed) {
        int[] drives = IntStream.range(0, all.samples().length)
                .filter(d -> all.samples()[d] > 0)
                .toArray();
        double[] rates = Arrays.stream(drives)
                .mapToDouble(d -> all.errors()[d] / (double) all.samples()[d])
                .toArray();
        List<Score> scores =
                slices.stream().map(slice -> score(all, slice, drives, rates)).toList();
        double[] signs = new double[drives.length];
        Arrays.fill(signs, 1);
        double[] observed = scores.stream().mapToDouble(s -> s.of(rates, signs)).toArray();
        int[] lowestFirst = IntStream.range(0, observed.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> observed[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        int[] asHigh = new int[observed.length];
        double[] dealt = rates.clone();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < rounds; round++) {
            shuffle(dealt, random);
            for (int d = 0; d < signs.length; d++) {
                signs[d] = random.nextInt(2) == 0 ? -1 : 1;
            }
            double highest = Double.NEGATIVE_INFINITY;
            for (int i : lowestFirst) {
                highest = Math.max(highest, scores.get(i).of(dealt, signs));
                asHigh[i] += highest >= observed[i] - 1e-12 ? 1 : 0;
            }
        }
        Outcome[] outcomes = new Outcome[observed.length];
        double atLeast = 0;
        for (int rank = observed.length - 1; rank >= 0; rank--) {
            int i = lowestFirst[rank];
            // A slice that stands out less cannot have the lower p-value.
            atLeast = Math.max(atLeast, (asHigh[i] + 1.0) / (rounds + 1.0));
            outcomes[i] = new Outcome(observed[i], atLeast);
        }
        return List.of(outcomes);
    }

    private static Score score(SliceCounts all, SliceCounts slice, int[] drives, double[] rates) {
        double share = slice.sampleCount() / (double) all.sampleCount();
        double[] between = new double[drives.length];
        double[] within = new double[drives.length];
        double mean = Arrays.stream(rates).average().orElse(0);
        double rateSquares = 0;
        double betweenSquares = 0;
        double withinSquares = 0;
        for (int i = 0; i < drives.length; i++) {
            int d = drives[i];
            between[i] = slice.samples()[d] - share * all.samples()[d];
            within[i] = slice.errors()[d] - rates[i] * slice.samples()[d];
            rateSquares += (rates[i] - mean) * (rates[i] - mean);
            betweenSquares += between[i] * between[i];
            withinSquares += within[i] * within[i];
        }
        double variance = withinSquares + betweenSquares * rateSquares / Math.max(1, drives.length - 1);
        return new Score(between, within, Math.sqrt(variance));
    }

    /** Fisher and Yates. */
    private static void shuffle(double[] values, SplittableRandom random) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            double swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }
}
