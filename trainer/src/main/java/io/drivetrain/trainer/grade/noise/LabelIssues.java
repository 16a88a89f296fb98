package io.drivetrain.trainer.grade.noise;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Finds the samples whose labels are probably wrong. */
public final class LabelIssues {
    /** Each class keeps so many of its labels. */
    private static final int KEPT_OF_A_CLASS = 1;

    /** Which samples are taken. */
    public enum Filter {
        /**
         * For each pair of classes, as many as the calibrated counts have: those with the greatest margin of the other
         * class over the given one.
         */
        PRUNE_BY_NOISE_RATE,
        /** For each class, as many as the calibrated counts have off the diagonal: those least probably of it. */
        PRUNE_BY_CLASS,
        /** What both of the above take. */
        BOTH,
        /** Those confidently of another class. */
        CONFIDENT_LEARNING,
        /** Those whose most probable class is another one. */
        PREDICTED_NEQ_GIVEN,
        /** The lowest self-confidence of all, as many as {@link ConfidentJoint#issues()}. */
        LOW_SELF_CONFIDENCE,
        /** The lowest margin of all, as many as {@link ConfidentJoint#issues()}. */
        LOW_NORMALIZED_MARGIN
    }

    private LabelIssues() {}

    /** Indices of samples, ascending; none whose given class is also the most probable one, but by the last two filters. */
    public static int[] find(NoisyLabels data, Filter filter) {
        ConfidentJoint joint = ConfidentJoint.of(data);
        boolean[] taken = switch (filter) {
            case PRUNE_BY_NOISE_RATE -> byNoiseRate(data, joint);
            case PRUNE_BY_CLASS -> byClass(data, joint);
            case BOTH -> both(byNoiseRate(data, joint), byClass(data, joint));
            case CONFIDENT_LEARNING -> marked(data, joint.offDiagonal());
            case PREDICTED_NEQ_GIVEN ->
                marked(data, IntStream.range(0, data.size()).toArray());
            case LOW_SELF_CONFIDENCE -> lowest(data, LabelQuality.SELF_CONFIDENCE, joint.issues());
            case LOW_NORMALIZED_MARGIN -> lowest(data, LabelQuality.NORMALIZED_MARGIN, joint.issues());
        };
        boolean byScore = filter == Filter.LOW_SELF_CONFIDENCE || filter == Filter.LOW_NORMALIZED_MARGIN;
        return IntStream.range(0, taken.length)
                .filter(i -> taken[i] && (byScore || !data.agrees(i)))
                .toArray();
    }

    /** The same, lowest score first; by index among equals. */
    public static int[] ranked(NoisyLabels data, Filter filter, LabelQuality score) {
        double[] scores = score.scores(data);
        return IntStream.of(find(data, filter))
                .boxed()
                .sorted(Comparator.comparingDouble(i -> scores[i]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static boolean[] byNoiseRate(NoisyLabels data, ConfidentJoint joint) {
        int[][] prune = toPrune(joint.calibrated());
        boolean[] taken = new boolean[data.size()];
        for (int given = 0; given < data.classes(); given++) {
            int[] samples = labelled(data, given);
            if (samples.length <= KEPT_OF_A_CLASS) {
                continue;
            }
            for (int other = 0; other < data.classes(); other++) {
                if (other != given && prune[other][given] > 0) {
                    double[] keys = new double[samples.length];
                    for (int i = 0; i < keys.length; i++) {
                        double[] row = data.probabilities()[samples[i]];
                        keys[i] = -(row[other] - row[given]);
                    }
                    mark(taken, samples, keys, prune[other][given]);
                }
            }
        }
        return taken;
    }

    private static boolean[] byClass(NoisyLabels data, ConfidentJoint joint) {
        int[][] prune = toPrune(joint.calibrated());
        boolean[] taken = new boolean[data.size()];
        for (int given = 0; given < data.classes(); given++) {
            int[] samples = labelled(data, given);
            if (samples.length > KEPT_OF_A_CLASS) {
                double[] keys = IntStream.of(samples).mapToDouble(data::ofGiven).toArray();
                mark(taken, samples, keys, samples.length - prune[given][given]);
            }
        }
        return taken;
    }

    /**
     * Counts by true class (rows) and given class (columns), each class left with a right label at least: what its
     * diagonal is raised by, the other counts of its column lose in equal parts.
     */
    static int[][] toPrune(int[][] calibrated) {
        int classes = calibrated.length;
        int[][] counts = new int[classes][classes];
        for (int given = 0; given < classes; given++) {
            int diagonal = Math.max(KEPT_OF_A_CLASS, calibrated[given][given]);
            double raised = diagonal - calibrated[given][given];
            long nonZero = Arrays.stream(calibrated[given]).filter(c -> c != 0).count();
            double loss = raised / Math.max(1, nonZero - 1);
            for (int real = 0; real < classes; real++) {
                // Whole numbers: a part of a sample cannot be pruned.
                counts[real][given] = real == given ? diagonal : (int) Math.max(0, calibrated[given][real] - loss);
            }
        }
        return counts;
    }

    private static boolean[] lowest(NoisyLabels data, LabelQuality quality, int number) {
        boolean[] taken = new boolean[data.size()];
        mark(taken, IntStream.range(0, data.size()).toArray(), quality.scores(data), number);
        return taken;
    }

    private static boolean[] both(boolean[] one, boolean[] other) {
        boolean[] taken = new boolean[one.length];
        for (int i = 0; i < taken.length; i++) {
            taken[i] = one[i] && other[i];
        }
        return taken;
    }

    private static boolean[] marked(NoisyLabels data, int[] samples) {
        boolean[] taken = new boolean[data.size()];
        for (int sample : samples) {
            taken[sample] = true;
        }
        return taken;
    }

    private static int[] labelled(NoisyLabels data, int given) {
        return IntStream.range(0, data.size())
                .filter(i -> data.labels()[i] == given)
                .toArray();
    }

    /** Marks the samples with the lowest keys; what is not a number comes last. */
    private static void mark(boolean[] taken, int[] samples, double[] keys, int number) {
        IntStream.range(0, samples.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> keys[i]))
                .limit(Math.max(0, number))
                .forEach(i -> taken[samples[i]] = true);
    }
}
