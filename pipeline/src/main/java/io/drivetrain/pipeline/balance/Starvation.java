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

/**
 * Notices that a class has stopped coming, in any split.
 *
 * <p>Time is that of arrival: a backfill of old drives is no starvation, and one that is complete ends it. A stream that
 * stands still starves nobody: at least one drive must have come since. And a rare class may be absent for long: the
 * silence must be longer than chance explains, which is (1 - share of drives with the class) ^ drives since.
 */
final class Starvation {
    private final Map<String, Silence> silences = new LinkedHashMap<>();
    private long startedAt = Long.MIN_VALUE;
    private long drives;

    /**
     * One class.
     *
     * @param lastSeen time of arrival, milliseconds since the epoch; {@link Long#MIN_VALUE} if never
     * @param drivesWith drives with the class
     * @param drivesSince drives that have begun since it was seen
     */
    record Silence(long lastSeen, long drivesWith, long drivesSince) {}

    Starvation(List<String> classes) {
        classes.forEach(label -> silences.put(label, new Silence(Long.MIN_VALUE, 0, 0)));
    }

    /**
     * Takes in samples of one drive.
     *
     * @param newDrive whether none of its samples was seen before
     * @param before classes of the drive that were seen before
     * @param added classes that came now
     */
    void add(boolean newDrive, Set<String> before, Set<String> added, long now) {
        if (startedAt == Long.MIN_VALUE) {
            startedAt = now;
        }
        drives += newDrive ? 1 : 0;
        silences.replaceAll((label, silence) -> {
            if (added.contains(label)) {
                return new Silence(now, silence.drivesWith + (before.contains(label) ? 0 : 1), 0);
            }
            return newDrive ? new Silence(silence.lastSeen, silence.drivesWith, silence.drivesSince + 1) : silence;
        });
    }

    /** What is known of a class; classes that are not configured are unknown. */
    Silence of(String label) {
        return silences.getOrDefault(label, new Silence(Long.MIN_VALUE, 0, 0));
    }

    /** When the silence began, milliseconds since the epoch: with the last sample, or else with the stream. */
    long since(String label) {
        long lastSeen = of(label).lastSeen;
        return lastSeen == Long.MIN_VALUE ? startedAt : lastSeen;
    }

    /** How likely such a silence is by chance, 0..1; 0 for a class that never came. */
    double chance(String label) {
        Silence silence = of(label);
        double share = drives == 0 ? 0 : (double) silence.drivesWith / drives;
        return silence.drivesWith == 0 ? 0 : Math.pow(1 - share, silence.drivesSince);
    }

    /** Whether the class is missing for longer than that, while others came, and not by chance. */
    boolean starved(String label, Duration after, double significance, long now) {
        return startedAt != Long.MIN_VALUE
                && now - since(label) >= after.toMillis()
                && of(label).drivesSince > 0
                && chance(label) < significance;
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(startedAt);
        out.writeLong(drives);
        out.writeInt(silences.size());
        for (Map.Entry<String, Silence> entry : silences.entrySet()) {
            BinaryForm.writeText(entry.getKey(), out);
            out.writeLong(entry.getValue().lastSeen);
            out.writeLong(entry.getValue().drivesWith);
            out.writeLong(entry.getValue().drivesSince);
        }
    }

    /** Classes that were added to the configuration begin now; those that were removed are forgotten. */
    static Starvation read(List<String> classes, DataInput in) throws IOException {
        Starvation starvation = new Starvation(classes);
        starvation.startedAt = in.readLong();
        starvation.drives = in.readLong();
        for (int left = in.readInt(); left > 0; left--) {
            String label = BinaryForm.readText(in);
            Silence silence = new Silence(in.readLong(), in.readLong(), in.readLong());
            starvation.silences.computeIfPresent(label, (same, none) -> silence);
        }
        return starvation;
    }
}
