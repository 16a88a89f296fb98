package io.drivetrain.trainer.grade.slice;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What resamples of few drives do not know of the shares of slices: that the next drive may be of any of them.
 *
 * <p>Where every drive is of one slice, and all that were seen are of the same, each resample says that the slice is all
 * there is. So half a drive is added to each that is of a slice by chance (the prior of a Dirichlet process: Ferguson 1973,
 * <i>A Bayesian Analysis of Some Nonparametric Problems</i>), as far as drives are of one slice: of those that have a bit
 * of each, another one tells nothing new.
 */
final class SliceShares {
    private final int drives;
    private final double alike;

    /** @param slices of one split, which has at least one sample */
    SliceShares(List<SliceCounts> slices) {
        this.drives = slices.get(0).samples().length;
        this.alike = alike(slices);
    }

    /** How much more two frames of a drive are of one slice than two of different drives: 0, as those, to 1, always. */
    private static double alike(List<SliceCounts> slices) {
        double all = 0;
        double squares = 0;
        double pairs = 0;
        double equal = 0;
        double[] ofDrives = new double[slices.get(0).samples().length];
        for (SliceCounts slice : slices) {
            all += slice.sampleCount();
            squares += Math.pow(slice.sampleCount(), 2);
            for (int drive = 0; drive < ofDrives.length; drive++) {
                ofDrives[drive] += slice.samples()[drive];
            }
        }
        double chance = squares / (all * all);
        for (int drive = 0; drive < ofDrives.length; drive++) {
            if (ofDrives[drive] > 1) {
                pairs += ofDrives[drive];
                for (SliceCounts slice : slices) {
                    double samples = slice.samples()[drive];
                    equal += samples * (samples - 1) / (ofDrives[drive] - 1);
                }
            }
        }
        return pairs == 0 || chance == 1 ? 1 : Math.max(0, (equal / pairs - chance) / (1 - chance));
    }

    /**
     * With a drive more, of half a drive's weight on average.
     *
     * @param samples by slice, of a resample
     */
    double[] withAnother(double[] samples, RandomGenerator random) {
        double all = Arrays.stream(samples).sum();
        // Gamma distributed, with shape ½.
        double weight = Math.pow(random.nextGaussian(), 2) / 2 * all / drives;
        double[] with = Arrays.stream(samples)
                .map(of -> of + weight * (1 - alike) * of / all)
                .toArray();
        with[random.nextInt(with.length)] += weight * alike;
        return with;
    }
}
