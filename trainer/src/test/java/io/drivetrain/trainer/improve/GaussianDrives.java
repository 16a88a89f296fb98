package io.drivetrain.trainer.improve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Drives of frames with two features: classes lie on a circle, frames scatter around their class, and each drive is
 * off by its own. A small learner tells classes by the nearest centre.
 */
final class GaussianDrives {
    static final int CLASSES = 4;

    private final double[][] features;
    private final int[] real;
    private final int[] labels;
    private final int[] driveOf;
    private final List<String> drives;

    private GaussianDrives(double[][] features, int[] real, int[] labels, int[] driveOf, List<String> drives) {
        this.features = features;
        this.real = real;
        this.labels = labels;
        this.driveOf = driveOf;
        this.drives = drives;
    }

    /** Some labels are wrong: each frame's with the probability for its class, times a factor of its drive around 1. */
    static GaussianDrives of(int drives, int frames, double radius, double[] noise, boolean toNext, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int size = drives * frames;
        double[][] features = new double[size][];
        int[] real = new int[size];
        int[] labels = new int[size];
        int[] driveOf = new int[size];
        List<String> ids = new ArrayList<>();
        for (int drive = 0; drive < drives; drive++) {
            ids.add("drive-%04d".formatted(drive));
            double[] off = {0.3 * random.nextGaussian(), 0.3 * random.nextGaussian()};
            double factor = random.nextDouble(0.5, 1.5);
            for (int frame = 0; frame < frames; frame++) {
                int i = drive * frames + frame;
                driveOf[i] = drive;
                real[i] = random.nextInt(CLASSES);
                double angle = 2 * Math.PI * real[i] / CLASSES;
                features[i] = new double[] {
                    radius * Math.cos(angle) + off[0] + random.nextGaussian(),
                    radius * Math.sin(angle) + off[1] + random.nextGaussian()
                };
                int step = toNext ? 1 : random.nextInt(1, CLASSES);
                labels[i] = random.nextDouble() < factor * noise[real[i]] ? (real[i] + step) % CLASSES : real[i];
            }
        }
        return new GaussianDrives(features, real, labels, driveOf, ids);
    }

    DriveSamples samples() {
        return new DriveSamples(drives, labels, driveOf, CLASSES);
    }

    boolean isWrong(int sample) {
        return labels[sample] != real[sample];
    }

    int real(int sample) {
        return real[sample];
    }

    long wrong() {
        return IntStream.range(0, labels.length).filter(this::isWrong).count();
    }

    /** Softmax of the negative squared distances to the centres of the labels, in units of the pooled variance. */
    float[][] probabilities(int[] train, int[] predict) {
        double[][] centres = new double[CLASSES][2];
        int[] counts = new int[CLASSES];
        for (int i : train) {
            counts[labels[i]]++;
            centres[labels[i]][0] += features[i][0];
            centres[labels[i]][1] += features[i][1];
        }
        for (int k = 0; k < CLASSES; k++) {
            centres[k][0] /= Math.max(1, counts[k]);
            centres[k][1] /= Math.max(1, counts[k]);
        }
        double variance = Arrays.stream(train)
                        .mapToDouble(i -> squared(features[i], centres[labels[i]]))
                        .sum()
                / (2.0 * train.length);
        float[][] rows = new float[predict.length][CLASSES];
        for (int i = 0; i < predict.length; i++) {
            double[] logits = new double[CLASSES];
            for (int k = 0; k < CLASSES; k++) {
                logits[k] = counts[k] == 0
                        ? Double.NEGATIVE_INFINITY
                        : -squared(features[predict[i]], centres[k]) / (2 * variance);
            }
            double most = Arrays.stream(logits).max().orElseThrow();
            double sum = Arrays.stream(logits).map(z -> Math.exp(z - most)).sum();
            for (int k = 0; k < CLASSES; k++) {
                rows[i][k] = (float) (Math.exp(logits[k] - most) / sum);
            }
        }
        return rows;
    }

    private static double squared(double[] a, double[] b) {
        return (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]);
    }

    OutOfFold.Outcome.Predicted outOfFold(int folds) {
        try {
            return (OutOfFold.Outcome.Predicted) OutOfFold.predict(
                    samples(),
                    folds,
                    "salt",
                    (train, predict, fold) -> new OutOfFold.Learned.Predicted(probabilities(train, predict)),
                    (fold, all) -> {});
        } catch (InterruptedException e) {
            throw new IllegalStateException("Nobody interrupts this test", e);
        }
    }
}
