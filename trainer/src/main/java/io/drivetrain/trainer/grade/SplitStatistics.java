package io.drivetrain.trainer.grade;

import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * All that figures of one split are computed from, as sums over the samples of each drive: samples by given class, by
 * predicted class and rightly predicted, losses, and the bins of {@link Calibration}. Sums of several drives are the sums of
 * these, so that resampling never looks at a sample again.
 *
 * @param classes number of classes
 * @param byDrive sums of each drive that has samples, in the order of the drives
 * @param withProbabilities whether losses and bins are known
 */
@SuppressWarnings("ArrayRecordComponent")
record SplitStatistics(int classes, double[][] byDrive, boolean withProbabilities) {
    private static final int SAMPLES = 0;
    private static final int LOG_LOSS = 1;
    private static final int BRIER = 2;

    /** After a mean loss of all samples, its part of errors, and what it would be if the predicted class were wrong. */
    private static final int OF_ERRORS = 2;

    private static final int IF_WRONG = 4;
    private static final int BY_CLASS = 7;
    private static final int SUMS_BY_CLASS = 3;
    private static final int SUMS_BY_BIN = 3;

    /** So that an error may be of a class that none was taken for yet. */
    private static final double HALF_AN_ERROR = 0.5;

    static SplitStatistics of(SplitPredictions split, int classes) {
        boolean withProbabilities = split.probabilities() != null;
        int width = BY_CLASS + SUMS_BY_CLASS * classes + (withProbabilities ? SUMS_BY_BIN * Calibration.BINS : 0);
        double[][] byDrive = new double[split.drives()][];
        int kept = 0;
        double[] row = new double[classes];
        for (int i = 0; i < split.labels().length; i++) {
            int drive = split.driveOf()[i];
            if (byDrive[drive] == null) {
                byDrive[drive] = new double[width];
                kept++;
            }
            double[] sums = byDrive[drive];
            int label = split.labels()[i];
            int predicted = split.predicted()[i];
            sums[SAMPLES]++;
            sums[BY_CLASS + SUMS_BY_CLASS * label]++;
            sums[BY_CLASS + SUMS_BY_CLASS * predicted + 1]++;
            sums[BY_CLASS + SUMS_BY_CLASS * label + 2] += label == predicted ? 1 : 0;
            if (withProbabilities) {
                for (int k = 0; k < classes; k++) {
                    row[k] = split.probabilities()[i][k];
                }
                double[] likely = ifWrong(row, predicted);
                add(
                        sums,
                        LOG_LOSS,
                        Calibration.logLoss(row, label),
                        label != predicted,
                        Calibration.logLoss(likely, 0));
                add(sums, BRIER, Calibration.brier(row, label), label != predicted, Calibration.brier(likely, 0));
                int bin = BY_CLASS
                        + SUMS_BY_CLASS * classes
                        + SUMS_BY_BIN * Calibration.bin(row[predicted], Calibration.BINS);
                sums[bin]++;
                sums[bin + 1] += row[predicted];
                sums[bin + 2] += label == predicted ? 1 : 0;
            }
        }
        double[][] dense = new double[kept][];
        int next = 0;
        for (double[] sums : byDrive) {
            if (sums != null) {
                dense[next++] = sums;
            }
        }
        return new SplitStatistics(classes, dense, withProbabilities);
    }

    private static void add(double[] sums, int loss, double value, boolean wrong, double ifWrong) {
        sums[loss] += value;
        sums[loss + OF_ERRORS] += wrong ? value : 0;
        sums[loss + IF_WRONG] += ifWrong;
    }

    /** The probabilities as those of a sample of class 0: the predicted class, moved, is wrong, and the others share the rest. */
    private static double[] ifWrong(double[] row, int predicted) {
        double[] others = new double[row.length];
        Arrays.fill(others, (1 - row[predicted]) / Math.max(1, row.length - 1));
        others[row.length - 1] = row.length == 1 ? 0 : row[predicted];
        return others;
    }

    int drives() {
        return byDrive.length;
    }

    /** Samples and errors of a class, in the drives that have it. */
    SplitErrors ofClass(int index) {
        LongStream.Builder samples = LongStream.builder();
        LongStream.Builder errors = LongStream.builder();
        for (double[] drive : byDrive) {
            Sums of = new Sums(classes, drive);
            if (of.given(index) > 0) {
                samples.add(Math.round(of.given(index)));
                errors.add(Math.round(of.given(index) - of.hits(index)));
            }
        }
        return new SplitErrors(samples.build().toArray(), errors.build().toArray());
    }

    Sums total() {
        return new Sums(classes, DriveResamples.total(byDrive));
    }

    /**
     * The sums of some drives, each as often as it was drawn.
     *
     * @param counted by class, whether averages over classes count it
     */
    record Sums(int classes, double[] values, boolean[] counted) {
        /** With every class counted. */
        Sums(int classes, double[] values) {
            this(classes, values, every(classes));
        }

        private static boolean[] every(int classes) {
            boolean[] every = new boolean[classes];
            Arrays.fill(every, true);
            return every;
        }

        /** The same with averages over these classes alone. */
        Sums only(boolean[] kept) {
            return new Sums(classes, values, kept);
        }

        double samples() {
            return values[SAMPLES];
        }

        double given(int index) {
            return values[BY_CLASS + SUMS_BY_CLASS * index];
        }

        double predicted(int index) {
            return values[BY_CLASS + SUMS_BY_CLASS * index + 1];
        }

        double hits(int index) {
            return values[BY_CLASS + SUMS_BY_CLASS * index + 2];
        }

        /** Share of samples misclassified, 0..1. */
        double errorRate() {
            double hits = 0;
            for (int index = 0; index < classes; index++) {
                hits += hits(index);
            }
            return (samples() - hits) / samples();
        }

        /** Mean error rate of the counted classes that are given, 0..1; NaN where none is. */
        double balancedError() {
            double sum = 0;
            int present = 0;
            for (int index = 0; index < classes; index++) {
                if (counted[index] && given(index) > 0) {
                    sum += (given(index) - hits(index)) / given(index);
                    present++;
                }
            }
            return sum / present;
        }

        /** One minus the mean F1 of the counted classes that are given or predicted, 0..1; NaN where none is. */
        double macroF1Error() {
            double sum = 0;
            int present = 0;
            for (int index = 0; index < classes; index++) {
                if (counted[index] && given(index) + predicted(index) > 0) {
                    sum += ClassificationFigures.f1(hits(index), given(index), predicted(index));
                    present++;
                }
            }
            return 1 - sum / present;
        }

        /** Mean, nats. */
        double logLoss() {
            return values[LOG_LOSS] / samples();
        }

        /** Mean, 0..2. */
        double brier() {
            return values[BRIER] / samples();
        }

        /** 0..1. */
        double calibrationError() {
            return Arrays.stream(calibrationGaps()).map(Math::abs).sum();
        }

        /** By bin, by how much confidence exceeds hits, as a share of all samples: −1..1. */
        double[] calibrationGaps() {
            double[] gaps = new double[Calibration.BINS];
            for (int bin = 0; bin < gaps.length; bin++) {
                gaps[bin] = (confidence(bin) - hitsOfBin(bin)) / samples();
            }
            return gaps;
        }

        /** By bin, the share of errors to be expected there, by those that are seen and those that the model awaits. */
        double[] errorsByBin() {
            double[] errors = new double[Calibration.BINS];
            double all = 0;
            for (int bin = 0; bin < errors.length; bin++) {
                double inBin = values[bins() + SUMS_BY_BIN * bin];
                errors[bin] = 2 * inBin - hitsOfBin(bin) - confidence(bin);
                all += errors[bin];
            }
            for (int bin = 0; bin < errors.length; bin++) {
                errors[bin] = all > 0 ? errors[bin] / all : values[bins() + SUMS_BY_BIN * bin] / samples();
            }
            return errors;
        }

        private double confidence(int bin) {
            return values[bins() + SUMS_BY_BIN * bin + 1];
        }

        private double hitsOfBin(int bin) {
            return values[bins() + SUMS_BY_BIN * bin + 2];
        }

        private int bins() {
            return BY_CLASS + SUMS_BY_CLASS * classes;
        }

        /**
         * What the sums would be, as expected, if these were the error rates.
         *
         * @param byClass error rate of each class, 0..1
         * @param ofAll error rate of the split, 0..1, for the loss
         * @param drawn a resample, which says how large the losses of errors and of other samples are
         */
        Sums expected(double[] byClass, double ofAll, Sums drawn) {
            double[] expected = values.clone();
            double errors = 0;
            double misses = 0;
            for (int index = 0; index < classes; index++) {
                errors += given(index) * byClass[index];
                misses += predicted(index) - hits(index) + HALF_AN_ERROR;
            }
            for (int index = 0; index < classes; index++) {
                double hits = given(index) * (1 - byClass[index]);
                double taken = (predicted(index) - hits(index) + HALF_AN_ERROR) / misses;
                expected[BY_CLASS + SUMS_BY_CLASS * index + 1] = hits + taken * errors;
                expected[BY_CLASS + SUMS_BY_CLASS * index + 2] = hits;
            }
            for (int loss : new int[] {LOG_LOSS, BRIER}) {
                expected[loss] =
                        samples() * (ofAll * drawn.lossOfAnError(loss) + (1 - ofAll) * drawn.lossOfAnother(loss));
            }
            return new Sums(classes, expected, counted);
        }

        /** Mean, with one error that is as bad as those would be that did not happen. */
        private double lossOfAnError(int loss) {
            double errors = errorRate() * samples();
            return (values[loss + OF_ERRORS] + values[loss + IF_WRONG] / samples()) / (errors + 1);
        }

        /** Mean over samples that are no errors; 0 where there is none. */
        private double lossOfAnother(int loss) {
            double others = (1 - errorRate()) * samples();
            return others < HALF_AN_ERROR ? 0 : (values[loss] - values[loss + OF_ERRORS]) / others;
        }
    }
}
