package io.drivetrain.trainer.check.doctor;

import java.util.ArrayList;
import java.util.List;

/** Orders of a few things. */
final class Permutations {
    private Permutations() {}

    /** All orders of {@code size} things, the identity first. */
    static List<int[]> of(int size) {
        List<int[]> all = new ArrayList<>();
        extend(new int[size], 0, new boolean[size], all);
        return all;
    }

    private static void extend(int[] order, int filled, boolean[] used, List<int[]> all) {
        if (filled == order.length) {
            all.add(order.clone());
            return;
        }
        for (int next = 0; next < order.length; next++) {
            if (!used[next]) {
                used[next] = true;
                order[filled] = next;
                extend(order, filled + 1, used, all);
                used[next] = false;
            }
        }
    }

    static boolean isIdentity(int[] order) {
        for (int i = 0; i < order.length; i++) {
            if (order[i] != i) {
                return false;
            }
        }
        return true;
    }
}
