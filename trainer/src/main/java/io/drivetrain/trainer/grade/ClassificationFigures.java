package io.drivetrain.trainer.grade;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The figures of a confusion matrix. Those that have no value, such as the precision of a class that was never predicted,
 * are not a number; means over classes say which classes they are over.
 *
 * @param confusion counts by given class (rows) and predicted class (columns), square
 */
@SuppressWarnings("ArrayRecordComponent")
public record ClassificationFigures(long[][] confusion) {
    /** How much a disagreement counts, by how far apart the two classes' indices are. */
    public enum Weights {
        EQUAL,
        LINEAR,
        QUADRATIC;

        private double of(int given, int predicted) {
            int distance = Math.abs(given - predicted);
            return switch (this) {
                case EQUAL -> Math.min(1, distance);
                case LINEAR -> distance;
                case QUADRATIC -> (double) distance * distance;
            };
        }
    }

    public int classes() {
        return confusion.length;
    }

    /** Samples of the given class. */
    public long given(int index) {
        return Arrays.stream(confusion[index]).sum();
    }

    /** Samples predicted as the class. */
    public long predicted(int index) {
        return Arrays.stream(confusion).mapToLong(row -> row[index]).sum();
    }

    public long samples() {
        return Arrays.stream(confusion).flatMapToLong(Arrays::stream).sum();
    }

    /** 0..1. */
    public double accuracy() {
        return hits() / (double) samples();
    }

    /** Share of those predicted as the class that are of it, 0..1. */
    public double precision(int index) {
        return confusion[index][index] / (double) predicted(index);
    }

    /** Share of the class that is predicted as it, 0..1. */
    public double recall(int index) {
        return confusion[index][index] / (double) given(index);
    }

    /** Harmonic mean of precision and recall, 0..1; not a number for a class neither given nor predicted. */
    public double f1(int index) {
        return f1(confusion[index][index], given(index), predicted(index));
    }

    static double f1(double hits, double given, double predicted) {
        return 2 * hits / (given + predicted);
    }

    /** Mean F1 of the classes that are given or predicted, 0..1. */
    public double macroF1() {
        return mean(IntStream.range(0, classes()).mapToDouble(this::f1).toArray());
    }

    /** Mean F1 of all classes, those neither given nor predicted counting as 0. */
    public double macroF1OfAllClasses() {
        return IntStream.range(0, classes())
                .mapToDouble(this::f1)
                .map(f1 -> Double.isNaN(f1) ? 0 : f1)
                .average()
                .orElse(Double.NaN);
    }

    /** Mean F1, each class counting by its samples. */
    public double weightedF1() {
        return IntStream.range(0, classes())
                        .filter(index -> given(index) > 0)
                        .mapToDouble(index -> given(index) * f1(index))
                        .sum()
                / samples();
    }

    /** Mean recall of the classes that are given, 0..1. */
    public double balancedAccuracy() {
        return mean(IntStream.range(0, classes()).mapToDouble(this::recall).toArray());
    }

    /** Balanced accuracy, so scaled that guessing has 0 and perfection 1; not a number for a single class. */
    public double adjustedBalancedAccuracy() {
        double chance = 1.0
                / IntStream.range(0, classes())
                        .filter(index -> given(index) > 0)
                        .count();
        return (balancedAccuracy() - chance) / (1 - chance);
    }

    /** Cohen's kappa, agreement beyond chance (1960; weighted: 1968); not a number for a single class. */
    public double kappa(Weights weights) {
        double seen = 0;
        double byChance = 0;
        for (int i = 0; i < classes(); i++) {
            for (int j = 0; j < classes(); j++) {
                double weight = weights.of(i, j);
                seen += weight * confusion[i][j];
                byChance += weight * given(i) * predicted(j) / samples();
            }
        }
        return 1 - seen / byChance;
    }

    /** Correlation of given and predicted classes (Matthews 1975; Gorodkin 2004), −1..1; 0 where either is constant. */
    public double matthewsCorrelation() {
        double samples = samples();
        double agreement = hits() * samples;
        double givenSquares = samples * samples;
        double predictedSquares = samples * samples;
        for (int index = 0; index < classes(); index++) {
            agreement -= (double) given(index) * predicted(index);
            givenSquares -= Math.pow(given(index), 2);
            predictedSquares -= Math.pow(predicted(index), 2);
        }
        double scale = Math.sqrt(givenSquares * predictedSquares);
        return scale == 0 ? 0 : agreement / scale;
    }

    private long hits() {
        return IntStream.range(0, classes()).mapToLong(i -> confusion[i][i]).sum();
    }

    /** Of those that are numbers. */
    private static double mean(double[] values) {
        return Arrays.stream(values)
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN);
    }
}
