package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.grade.MostProbable;
import java.util.function.IntToDoubleFunction;

/**
 * Result of a model on labelled samples, in evaluation mode.
 *
 * @param loss mean cross-entropy in nats
 * @param error share of wrong predictions, 0 to 1
 */
record Evaluation(double loss, double error) {
    /** A confident mistake costs at most this probability, so that one sample cannot make the mean infinite. */
    private static final double SMALLEST_PROBABILITY = 1e-7;

    /** Compares the rows of probabilities with the labels of the samples {@code indices[row]}. */
    static Evaluation of(float[][] probabilities, SampleStore store, int[] indices) {
        return of(probabilities, store, indices, label -> 1);
    }

    /** The same with samples that count as much as their class weighs. */
    static Evaluation of(float[][] probabilities, SampleStore store, int[] indices, IntToDoubleFunction classWeight) {
        double loss = 0;
        double wrong = 0;
        double total = 0;
        for (int row = 0; row < indices.length; row++) {
            int label = store.label(indices[row]);
            double weight = classWeight.applyAsDouble(label);
            loss -= weight * Math.log(Math.max(SMALLEST_PROBABILITY, probabilities[row][label]));
            wrong += MostProbable.of(probabilities[row]) == label ? 0 : weight;
            total += weight;
        }
        return new Evaluation(loss / total, wrong / total);
    }

    /** Lower error, or the same error at a lower loss. */
    boolean isBetterThan(Evaluation other) {
        return error < other.error || (error == other.error && loss < other.loss);
    }
}
