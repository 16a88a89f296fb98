package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.route.BinaryForm;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hipparchus.special.Gamma;

/**
 * Notices that a class has stopped coming, in any split.
 *
 * <p>Time is that of arrival: a backfill of old drives is no starvation, and one that is complete ends it. A silence lasts
 * until the newest sample of another class: a stream that stands still, or a job that is down, starves nobody. Of a class
 * that never came, nothing is known before enough drives have. And a rare class may be absent for long: the silence must
 * be longer than chance explains at the share of drives that had the class before it fell silent, the last
 * {@value #RECENT} or so of them, because a class that has become rare is not missing.
 */
final class Starvation {
    /** Drives over which the weight of a drive falls to 1/e. */
    static final double RECENT = 1000;

    private static final long NEVER = Long.MIN_VALUE;

    private final Map<String, Silence> silences = new LinkedHashMap<>();

    /**
     * One class.
     *
     * @param startedAt arrival of the first sample of any class since this one is configured, milliseconds since the
     *     epoch; {@link Long#MIN_VALUE} before
     * @param lastSeen time of arrival, milliseconds since the epoch; {@link Long#MIN_VALUE} if never
     * @param drivesWith drives with the class
     * @param drivesSince drives that have begun since it was seen
     * @param drivesBack drives with the class that have begun since it was last called starved
     * @param recent drives until it was seen, the older the less
     * @param recentWith those of them with the class
     */
    record Silence(
            long startedAt,
            long lastSeen,
            long drivesWith,
            long drivesSince,
            long drivesBack,
            double recent,
            double recentWith) {
        private static final Silence UNKNOWN = new Silence(NEVER, NEVER, 0, 0, 0, 0, 0);

        private Silence started(long now) {
            return startedAt == NEVER
                    ? new Silence(now, lastSeen, drivesWith, drivesSince, drivesBack, recent, recentWith)
                    : this;
        }

        private Silence longer(boolean newDrive) {
            return newDrive
                    ? new Silence(startedAt, lastSeen, drivesWith, drivesSince + 1, drivesBack, recent, recentWith)
                    : this;
        }

        private Silence ended(boolean firstOfDrive, long now) {
            int more = firstOfDrive ? 1 : 0;
            double left = Math.exp(-drivesSince / RECENT);
            // The drives of the silence, each with the weight that it has by now.
            double silent = (1 - left) / (1 - Math.exp(-1 / RECENT));
            return new Silence(
                    startedAt,
                    now,
                    drivesWith + more,
                    0,
                    drivesBack + more,
                    recent * left + silent,
                    recentWith * left + more);
        }

        private Silence awaited() {
            return new Silence(startedAt, lastSeen, drivesWith, drivesSince, 0, recent, recentWith);
        }
    }

    Starvation(List<String> classes) {
        classes.forEach(label -> silences.put(label, Silence.UNKNOWN));
    }

    /**
     * Takes in samples of one drive.
     *
     * @param newDrive whether none of its samples was seen before
     * @param before classes of the drive that were seen before
     * @param added classes that came now
     */
    void add(boolean newDrive, Set<String> before, Set<String> added, long now) {
        silences.replaceAll((label, silence) -> {
            Silence longer = silence.started(now).longer(newDrive);
            return added.contains(label) ? longer.ended(!before.contains(label), now) : longer;
        });
    }

    /** What is known of a class; classes that are not configured are unknown. */
    Silence of(String label) {
        return silences.getOrDefault(label, Silence.UNKNOWN);
    }

    /** When the silence began, milliseconds since the epoch: with the last sample, or else with the stream. */
    long since(String label) {
        Silence silence = of(label);
        return silence.lastSeen == NEVER ? silence.startedAt : silence.lastSeen;
    }

    /**
     * How likely such a silence is by chance, 0..1; 0 for a class that never came.
     *
     * <p>The share of drives with the class is itself an estimate, so this is the predictive chance given the drives
     * until the class was last seen. That last one was chosen for having the class and says nothing about its share.
     */
    double chance(String label) {
        Silence silence = of(label);
        if (silence.drivesWith == 0) {
            return 0;
        }
        double without = Math.max(0, silence.recent - silence.recentWith) + 1;
        double all = without + Math.max(silence.recentWith, 1);
        return Math.exp(Gamma.logGamma(without + silence.drivesSince)
                - Gamma.logGamma(without)
                + Gamma.logGamma(all)
                - Gamma.logGamma(all + silence.drivesSince));
    }

    /** How long others have come without the class, until the newest sample. */
    Duration silent(String label) {
        long newest =
                silences.values().stream().mapToLong(Silence::lastSeen).max().orElse(NEVER);
        return newest == NEVER || of(label).startedAt == NEVER
                ? Duration.ZERO
                : Duration.ofMillis(newest - since(label));
    }

    /**
     * Whether the class is missing for longer than that, while others came, and not by chance.
     *
     * @param enough drives without a class that never came
     */
    boolean starved(String label, Duration after, double significance, int enough) {
        Silence silence = of(label);
        return silent(label).compareTo(after) >= 0
                && silence.drivesSince >= (silence.drivesWith == 0 ? enough : 1)
                && chance(label) < significance;
    }

    /** Begins to count the drives in which a starved class comes back. */
    void awaitReturn(String label) {
        silences.computeIfPresent(label, (same, silence) -> silence.awaited());
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(silences.size());
        for (Map.Entry<String, Silence> entry : silences.entrySet()) {
            BinaryForm.writeText(entry.getKey(), out);
            Silence silence = entry.getValue();
            out.writeLong(silence.startedAt);
            out.writeLong(silence.lastSeen);
            out.writeLong(silence.drivesWith);
            out.writeLong(silence.drivesSince);
            out.writeLong(silence.drivesBack);
            out.writeDouble(silence.recent);
            out.writeDouble(silence.recentWith);
        }
    }

    /** Classes that were added to the configuration begin with the next sample; those that were removed are forgotten. */
    static Starvation read(List<String> classes, DataInput in) throws IOException {
        Starvation starvation = new Starvation(classes);
        for (int left = in.readInt(); left > 0; left--) {
            String label = BinaryForm.readText(in);
            Silence silence = new Silence(
                    in.readLong(),
                    in.readLong(),
                    in.readLong(),
                    in.readLong(),
                    in.readLong(),
                    in.readDouble(),
                    in.readDouble());
            starvation.silences.computeIfPresent(label, (same, none) -> silence);
        }
        return starvation;
    }
}
