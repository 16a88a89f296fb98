package io.drivetrain.trainer.improve;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Which samples an epoch sees, and in what order. */
public enum Resampling {
    /** Each sample once. */
    NONE {
        @Override
        int[] draw(int[] labels, SplittableRandom random) {
            return IntStream.range(0, labels.length).toArray();
        }
    },
    /** As many samples as there are, all classes that occur equally often. */
    BALANCED {
        @Override
        int[] draw(int[] labels, SplittableRandom random) {
            int[] present = IntStream.of(labels).distinct().sorted().toArray();
            int[] drawn = new int[labels.length];
            for (int k = 0; k < present.length; k++) {
                int label = present[k];
                int[] members = IntStream.range(0, labels.length)
                        .filter(i -> labels[i] == label)
                        .toArray();
                int begin = (int) ((long) labels.length * k / present.length);
                int end = (int) ((long) labels.length * (k + 1) / present.length);
                fill(drawn, begin, end, members, random);
            }
            return drawn;
        }
    };

    /** Reads {@code improve.resample}. */
    public static Resampling parse(String text) {
        return switch (text) {
            case "none" -> NONE;
            case "balanced" -> BALANCED;
            default ->
                throw new IllegalArgumentException("Unknown improve.resample '%s'; it must be one of %s"
                        .formatted(text, List.of("none", "balanced")));
        };
    }

    /**
     * Indices of the samples of one epoch, shuffled; as many as there are labels.
     *
     * @param labels of all samples, by index
     */
    public int[] epoch(int[] labels, SplittableRandom random) {
        int[] order = draw(labels, random);
        shuffle(order, random);
        return order;
    }

    abstract int[] draw(int[] labels, SplittableRandom random);

    /** Whole shuffled rounds of the members, so that none is drawn twice before each was drawn once. */
    private static void fill(int[] drawn, int begin, int end, int[] members, SplittableRandom random) {
        for (int from = begin; from < end; from += members.length) {
            int[] round = Arrays.copyOf(members, members.length);
            shuffle(round, random);
            System.arraycopy(round, 0, drawn, from, Math.min(round.length, end - from));
        }
    }

    /** Fisher-Yates. */
    private static void shuffle(int[] order, SplittableRandom random) {
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
    }
}
