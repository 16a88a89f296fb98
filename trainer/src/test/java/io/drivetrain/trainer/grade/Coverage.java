package io.drivetrain.trainer.grade;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts how many intervals of simulated worlds hold the truth.
 *
 * <p>The worlds that tests assert have the seeds {@link #JUDGED} + 0, 1, 2, …; methods are tuned on others, below it. Whoever
 * tunes after having seen a judged figure raises {@link #JUDGED} by 100,000, once, and takes what comes.
 */
public final class Coverage {
    public static final long JUDGED = 100_000;

    /** Intervals of one kind, and those that hold the truth. */
    public record Held(int cases, int held) {
        public double share() {
            return held / (double) cases;
        }
    }

    private final Map<String, Held> table = new TreeMap<>();

    public void count(String name, boolean held) {
        table.merge(name, new Held(1, held ? 1 : 0), (a, b) -> new Held(a.cases + 1, a.held + b.held));
    }

    public double share(String name) {
        return table.get(name).share();
    }

    public Map<String, Held> table() {
        return table;
    }

    public void print() {
        table.forEach((name, held) ->
                System.out.printf(Locale.ROOT, "%-55s %6d  %.1f %%%n", name, held.cases(), 100 * held.share()));
    }
}
