package io.drivetrain.trainer.grade;

import static org.assertj.core.api.Assertions.assertThat;

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
    public static final long JUDGED = 300_000;

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

    /** Asserts that 93 to 97 % do, give or take 1.96 standard errors of so many independent worlds. */
    public void holdsAsItSays(String name, int worlds) {
        double chance = 1.96 * Math.sqrt(0.93 * 0.07 / worlds);
        assertThat(share(name)).as(name).isBetween(0.93 - chance, 0.97 + chance);
    }

    /** Asserts that at least 93 % do, with the same chance, where ADR 17 says why it cannot be fewer than 97 %. */
    public void holdsAtLeastAsItSays(String name, int worlds) {
        assertThat(share(name)).as(name).isGreaterThan(0.93 - 1.96 * Math.sqrt(0.93 * 0.07 / worlds));
    }

    /** Asserts that at most 5 % do, with the same chance: of zeros that are called distinguishable from zero. */
    public void isRare(String name, int worlds) {
        assertThat(share(name)).as(name).isLessThan(0.05 + 1.96 * Math.sqrt(0.05 * 0.95 / worlds));
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
