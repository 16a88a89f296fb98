package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.hipparchus.distribution.discrete.BinomialDistribution;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The same recipe on a fixed synthetic set whose answer is known: noise with an offset in the region that the class
 * determines. Its error on samples that it did not see stands beside those of always guessing one class and of a linear
 * model, which are known, too.
 */
final class ReferenceRun {
    /** A few are learned in the updates that there is time for, however many the recipe is for. */
    private static final int MOST_CLASSES = 4;

    private static final int BATCHES = 4;
    private static final int UNSEEN_BATCHES = 3;
    private static final double SHARE_OF_UPDATES = 0.5;
    private static final int FEWEST_UPDATES = 16;
    private static final int ROUNDS = 4;
    /** Of the test against guessing, of which there is one after each round. */
    private static final double LEVEL = 0.01 / ROUNDS;

    private static final double OFFSET = 1.5;
    private static final double ELSEWHERE = -0.3;
    private static final double NOISE = 0.5;

    private ReferenceRun() {}

    static void examine(
            ComputationGraph original, Probe like, Work work, Patient patient, Settings settings, Findings findings)
            throws InterruptedException {
        int classes = patient.declared().classes();
        int shown = Math.min(Math.min(MOST_CLASSES, classes), Math.max(2, largest(like)));
        // Not the settings' seed: what is compared with known results is the same set for everybody.
        Random random = new Random(2017);
        Probe[] seen = new Probe[BATCHES];
        for (int i = 0; i < seen.length; i++) {
            seen[i] = batch(like, classes, shown, random);
        }
        Probe[] unseen = new Probe[UNSEEN_BATCHES];
        for (int i = 0; i < unseen.length; i++) {
            unseen[i] = batch(like, classes, shown, random);
        }
        int updates = Math.max(FEWEST_UPDATES, (int) (SHARE_OF_UPDATES * work.updates(like.size())));
        double constant = 1 - 1.0 / shown;
        ComputationGraph graph = original.clone();
        Nd4j.getRandom().setSeed(settings.seed());
        int done = 0;
        Outcome outcome;
        try {
            do {
                for (int update = 0; update < updates; update++) {
                    Interruption.check();
                    Probe batch = seen[done++ % BATCHES];
                    patient.trainStep().update(graph, batch.inputs(), batch.labels());
                }
                outcome = Outcome.of(graph, unseen);
                // A loss that overshoots at first takes longer.
            } while (!outcome.betterThan(constant) && done < ROUNDS * updates);
        } finally {
            graph.close();
        }
        double error = (double) outcome.wrong() / outcome.samples();
        String evidence =
                "On a fixed synthetic set of %d classes the recipe has an error of %.1f %% on %d samples that it did not see, after %d updates; always guessing one class has %.1f %%, a linear model %.1f %%."
                        .formatted(
                                shown,
                                100 * error,
                                outcome.samples(),
                                done,
                                100 * constant,
                                100 * linear(seen, unseen, shown));
        if (outcome.betterThan(constant)) {
            findings.passed(Ailment.FAILS_ON_REFERENCE_SET, "", 1 - error / 2, "%s", evidence);
        } else {
            findings.failed(Ailment.FAILS_ON_REFERENCE_SET, "", outcome.finite() ? 1 - error : 0, "%s", evidence);
        }
    }

    /** What a network makes of samples that it did not see. */
    private record Outcome(int wrong, int samples, boolean finite) {
        static Outcome of(ComputationGraph graph, Probe[] unseen) {
            int wrong = 0;
            int samples = 0;
            boolean finite = true;
            for (Probe batch : unseen) {
                // The running statistics of batch-norm lag behind after so few updates.
                float[][] probabilities = Arrays2d.rows(
                        Layers.hasBatchNorm(graph)
                                ? Layers.outputInTraining(graph, batch.inputs())
                                : graph.outputSingle(false, batch.inputs()));
                float[][] labels = Arrays2d.rows(batch.labels());
                for (int row = 0; row < labels.length; row++) {
                    samples++;
                    finite &= Arrays2d.firstNotFinite(probabilities[row]) < 0;
                    wrong += Arrays2d.largest(probabilities[row]) == Arrays2d.largest(labels[row]) ? 0 : 1;
                }
            }
            return new Outcome(wrong, samples, finite);
        }

        boolean betterThan(double constantError) {
            return finite && new BinomialDistribution(samples, constantError).cumulativeProbability(wrong) <= LEVEL;
        }
    }

    /** A batch of the set in the shape of a probe, with all classes in turn. */
    static Probe batchLike(Probe like, int classes, Settings settings) {
        return batch(like, classes, classes, new Random(settings.seed()));
    }

    private static Probe batch(Probe like, int classes, int shown, Random random) {
        int size = like.size();
        INDArray labels = Nd4j.zeros(DataType.FLOAT, size, classes);
        INDArray[] inputs = new INDArray[like.inputs().length];
        for (int row = 0; row < size; row++) {
            labels.putScalar(row, row % shown, 1);
        }
        for (int i = 0; i < inputs.length; i++) {
            int perRow = (int) (like.inputs()[i].length() / size);
            float[] values = new float[size * perRow];
            for (int at = 0; at < values.length; at++) {
                int label = at / perRow % shown;
                int region = (int) ((long) (at % perRow) * shown / perRow);
                values[at] = (float) (NOISE * random.nextGaussian() + (region == label ? OFFSET : ELSEWHERE));
            }
            inputs[i] = Nd4j.create(values, like.inputs()[i].shape(), 'c');
        }
        return new Probe(inputs, labels);
    }

    /** Numbers of a sample in the largest input, as each class needs a place of its own. */
    private static int largest(Probe like) {
        return (int) Arrays.stream(like.inputs())
                .mapToLong(input -> input.length() / like.size())
                .max()
                .orElse(1);
    }

    private static double linear(Probe[] seen, Probe[] unseen, int classes) {
        LinearModel model = LinearModel.fit(features(seen), labels(seen), classes);
        double[][] scores = model.scores(features(unseen));
        int[] labels = labels(unseen);
        int wrong = 0;
        for (int row = 0; row < labels.length; row++) {
            int best = 0;
            for (int k = 1; k < classes; k++) {
                best = scores[row][k] > scores[row][best] ? k : best;
            }
            wrong += best == labels[row] ? 0 : 1;
        }
        return (double) wrong / labels.length;
    }

    private static double[][] features(Probe[] batches) {
        return Arrays.stream(batches)
                .flatMap(batch -> Arrays.stream(Arrays2d.rows(batch.inputs()[0])))
                .map(Features::ofOther)
                .toArray(double[][]::new);
    }

    private static int[] labels(Probe[] batches) {
        return Arrays.stream(batches)
                .flatMap(batch -> Arrays.stream(Arrays2d.rows(batch.labels())))
                .mapToInt(Arrays2d::largest)
                .toArray();
    }
}
