package io.drivetrain.pipeline.balance;

import java.util.Arrays;
import java.util.Comparator;

/** P-values adjusted for how many there are; one below the level is then a discovery. */
public final class MultipleTesting {
    private MultipleTesting() {}

    /**
     * Controls the chance of any false discovery, however the tests depend on each other (Holm 1979, "A simple
     * sequentially rejective multiple test procedure").
     *
     * @return in the order of the argument
     */
    public static double[] holm(double[] pValues) {
        Integer[] order = ascending(pValues);
        double[] adjusted = new double[pValues.length];
        double highest = 0;
        for (int rank = 0; rank < order.length; rank++) {
            highest = Math.max(highest, Math.min(1, pValues[order[rank]] * (order.length - rank)));
            adjusted[order[rank]] = highest;
        }
        return adjusted;
    }

    /**
     * Controls the expected share of false discoveries among independent or positively dependent tests (Benjamini and
     * Hochberg 1995, "Controlling the false discovery rate").
     *
     * @return in the order of the argument
     */
    public static double[] benjaminiHochberg(double[] pValues) {
        Integer[] order = ascending(pValues);
        double[] adjusted = new double[pValues.length];
        double lowest = 1;
        for (int rank = order.length - 1; rank >= 0; rank--) {
            lowest = Math.min(lowest, pValues[order[rank]] * order.length / (rank + 1));
            adjusted[order[rank]] = lowest;
        }
        return adjusted;
    }

    private static Integer[] ascending(double[] pValues) {
        Integer[] order = new Integer[pValues.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> pValues[i]));
        return order;
    }
}
