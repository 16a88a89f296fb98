package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.SampleStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One batch of train, with the classes in turn and no image twice, so that it can be learnt by heart.
 *
 * @param inputs as the patient's input step gives them
 * @param labels as its label step gives them
 */
record Probe(INDArray[] inputs, INDArray labels) {
    private static final int FEWEST = 16;
    private static final int MOST = 32;

    /**
     * Drawn from the samples of a scan.
     *
     * @param most samples
     */
    static Probe of(SplitScan scan, int classes, int most) {
        int wanted = Math.min(most, Math.max(FEWEST, Math.min(MOST, 2 * classes)));
        List<List<Integer>> byClass = new ArrayList<>();
        for (int k = 0; k < classes; k++) {
            byClass.add(new ArrayList<>());
        }
        Set<Integer> seen = new HashSet<>();
        for (int row = 0; row < scan.size(); row++) {
            if (seen.add(Arrays.hashCode(scan.bytes(row)))) {
                byClass.get(scan.given(row)).add(scan.index(row));
            }
        }
        List<Integer> chosen = new ArrayList<>();
        for (int turn = 0; turn < wanted && chosen.size() < wanted; turn++) {
            for (List<Integer> ofClass : byClass) {
                if (turn < ofClass.size() && chosen.size() < wanted) {
                    chosen.add(ofClass.get(turn));
                }
            }
        }
        SampleStore samples = scan.source().samples();
        int[] indices = chosen.stream().mapToInt(Integer::intValue).toArray();
        return new Probe(
                scan.source().inputs().read(samples, indices),
                scan.source().labels().encode(samples, indices));
    }

    int size() {
        return (int) labels.size(0);
    }

    /** Mean cross-entropy of probabilities against the labels, in nats. */
    double crossEntropy(INDArray probabilities) {
        return crossEntropy(probabilities, Optional.empty());
    }

    /** The same with a weight for each class. */
    double crossEntropy(INDArray probabilities, Optional<float[]> weights) {
        float[][] p = Arrays2d.rows(probabilities);
        float[][] y = Arrays2d.rows(labels);
        double sum = 0;
        for (int row = 0; row < y.length; row++) {
            for (int k = 0; k < y[row].length; k++) {
                if (y[row][k] > 0) {
                    // A NaN must come through; Math.max passes it on.
                    double weight = weights.isPresent() ? weights.get()[k] : 1;
                    sum -= weight * y[row][k] * Math.log(Math.max(1e-12, p[row][k]));
                }
            }
        }
        return sum / y.length;
    }

    /** Mean entropy of the labels, which no loss comes below; 0 where they are one-hot. */
    double entropyOfLabels() {
        return crossEntropy(labels);
    }

    /** The inputs with the first example replaced by the second. */
    INDArray[] withFirstReplaced() {
        INDArray[] changed = new INDArray[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            changed[i] = inputs[i].dup();
            float[][] rows = Arrays2d.rows(inputs[i]);
            float[] first = new float[rows[0].length];
            for (int v = 0; v < first.length; v++) {
                // Another example, and not a copy of it: a mean over the batch would hide an exchange. Larger than all
                // others, so that a maximum over the batch shows, too.
                first[v] = 4 * rows[rows.length - 1][v] + 2 * rows[rows.length / 2][v];
            }
            long[] shape = inputs[i].shape().clone();
            shape[0] = 1;
            changed[i]
                    .get(org.nd4j.linalg.indexing.NDArrayIndex.interval(0, 1))
                    .assign(org.nd4j.linalg.factory.Nd4j.create(first, shape, 'c'));
        }
        return changed;
    }
}
