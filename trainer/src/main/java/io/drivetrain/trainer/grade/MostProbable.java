package io.drivetrain.trainer.grade;

import java.util.Arrays;

/** The class that a network names: that of the highest probability, the lowest index among equals. */
public final class MostProbable {
    private MostProbable() {}

    /** @param probabilities of the classes, one or more */
    public static int of(float[] probabilities) {
        int best = 0;
        for (int i = 1; i < probabilities.length; i++) {
            if (probabilities[i] > probabilities[best]) {
                best = i;
            }
        }
        return best;
    }

    /** One class for each row. */
    public static int[] of(float[][] probabilities) {
        return Arrays.stream(probabilities).mapToInt(MostProbable::of).toArray();
    }
}
