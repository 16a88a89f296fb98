package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.route.BinaryForm;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Samples of a population by class, and how much their drives add to the variance of the shares.
 *
 * <p>Frames of a drive are near-copies, so a share of n samples is as uncertain as one of n / design effect independent
 * samples (Kish 1965). The variance is that of a ratio over drives, by linearisation (Cochran 1977, 6.3): drives / (drives
 * - 1) × Σ (n_dc - p_c n_d)² / n². Its sums change by what a drive had before and what it has gained, so that a drive may
 * come in many pieces and need not be remembered here. Mutable, because it is changed for every drive of every second.
 */
public final class ClusteredCounts {
    private final SortedMap<String, OfClass> classes = new TreeMap<>();
    private long samples;
    private long drives;
    private double squares;

    private static final class OfClass {
        private long samples;
        private long drives;
        private double squares;
        private double withAll;
    }

    /**
     * Adds samples of one drive, or takes them away where their class was corrected.
     *
     * @param before samples of the drive by class that have been added already
     * @param more samples by class; below 0 for a class that has fewer now, of which before has as many at least
     */
    public void grow(Map<String, Long> before, Map<String, Long> more) {
        if (more.values().stream().allMatch(count -> count == 0)) {
            return;
        }
        long had = sum(before);
        long has = had + sum(more);
        drives += present(has) - present(had);
        samples += has - had;
        squares += square(has) - square(had);
        more.forEach((label, count) -> {
            if (count != 0) {
                change(label, before.getOrDefault(label, 0L), count, had, has);
            }
        });
        before.forEach((label, count) -> {
            if (more.getOrDefault(label, 0L) == 0) {
                change(label, count, 0, had, has);
            }
        });
    }

    private void change(String label, long before, long more, long had, long has) {
        OfClass counts = classes.computeIfAbsent(label, name -> new OfClass());
        counts.drives += present(before + more) - present(before);
        counts.samples += more;
        counts.squares += square(before + more) - square(before);
        counts.withAll += (double) (before + more) * has - (double) before * had;
        if (counts.samples == 0) {
            classes.remove(label);
        }
    }

    private static int present(long samples) {
        return samples > 0 ? 1 : 0;
    }

    private static double square(long value) {
        return (double) value * value;
    }

    private static long sum(Map<String, Long> counts) {
        long sum = 0;
        for (long count : counts.values()) {
            sum += count;
        }
        return sum;
    }

    public long samples() {
        return samples;
    }

    public long drives() {
        return drives;
    }

    /** Samples of one class. */
    public long samples(String label) {
        OfClass counts = classes.get(label);
        return counts == null ? 0 : counts.samples;
    }

    /** Drives with one class. */
    public long drives(String label) {
        OfClass counts = classes.get(label);
        return counts == null ? 0 : counts.drives;
    }

    /** Samples by class; classes that have not been seen are left out. */
    public SortedMap<String, Long> byClass() {
        SortedMap<String, Long> counts = new TreeMap<>();
        classes.forEach((label, of) -> counts.put(label, of.samples));
        return counts;
    }

    /**
     * Largest of these classes over the smallest, 1 or more; infinite if some have no sample, empty if all have none.
     *
     * @param among one or more
     */
    public OptionalDouble imbalanceRatio(Collection<String> among) {
        LongSummaryStatistics sizes = among.stream().mapToLong(this::samples).summaryStatistics();
        return sizes.getMax() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((double) sizes.getMax() / sizes.getMin());
    }

    /** Those of these classes that have no sample. */
    public List<String> missing(Collection<String> among) {
        return among.stream().filter(label -> samples(label) == 0).toList();
    }

    /** Share of one class, 0..1; 0 without samples. */
    public double share(String label) {
        return samples == 0 ? 0 : (double) samples(label) / samples;
    }

    /** Variance of the share of one class; NaN with fewer than two drives. */
    double variance(String label) {
        if (drives < 2) {
            return Double.NaN;
        }
        OfClass counts = classes.getOrDefault(label, new OfClass());
        double share = share(label);
        double residuals = counts.squares - 2 * share * counts.withAll + share * share * squares;
        return Math.max(0, residuals) * drives / (drives - 1.0) / square(samples);
    }

    /** How many samples tell as much about the share of one class as one independent sample; at least 1. */
    public double designEffect(String label) {
        double share = share(label);
        double independent = share * (1 - share) / samples;
        double variance = variance(label);
        // A class that is everything or nothing shows no variance, so the whole drive counts as one sample.
        return independent > 0 && !Double.isNaN(variance) ? Math.max(1, variance / independent) : wholeDrive();
    }

    /**
     * How many samples tell as much about all shares as one independent sample, at least 1: the mean of the generalised
     * design effects by which Rao and Scott (1981) divide Pearson's statistic.
     */
    public double designEffect() {
        if (drives < 2 || classes.size() < 2) {
            return wholeDrive();
        }
        double sum = 0;
        for (String label : classes.keySet()) {
            sum += variance(label) / share(label);
        }
        return Math.max(1, samples * sum / (classes.size() - 1));
    }

    /**
     * As {@link #designEffect()}, and at least what follows from the correlation of two frames of a drive, estimated
     * with the drives of another population as well. A rare class that a small population happens not to show would
     * otherwise hide its own variance.
     */
    public double designEffect(ClusteredCounts other) {
        double excess = excess() + other.excess();
        double pairs = pairs() + other.pairs();
        double correlation = pairs > 0 ? Math.max(0, Math.min(1, excess / pairs)) : 1;
        return Math.max(designEffect(), 1 + correlation * (wholeDrive() - 1));
    }

    /** Squared residuals of the drives beyond those of independent samples. */
    private double excess() {
        double sum = 0;
        for (String label : classes.keySet()) {
            double share = share(label);
            sum += drives < 2 ? 0 : variance(label) * square(samples) - share * (1 - share) * samples;
        }
        return sum;
    }

    /** What {@link #excess} would be if the frames of each drive were one picture. */
    private double pairs() {
        double sum = 0;
        for (String label : classes.keySet()) {
            double share = share(label);
            sum += drives < 2 ? 0 : share * (1 - share) * (squares - samples);
        }
        return sum;
    }

    /** The design effect if all frames of a drive were the same picture, 1 or more. */
    public double wholeDrive() {
        return samples == 0 ? 1 : Math.max(1, squares / samples);
    }

    /** A copy that does not change with this one. */
    public ClusteredCounts copy() {
        ClusteredCounts copy = new ClusteredCounts();
        copy.samples = samples;
        copy.drives = drives;
        copy.squares = squares;
        classes.forEach((label, counts) -> {
            OfClass same = new OfClass();
            same.samples = counts.samples;
            same.drives = counts.drives;
            same.squares = counts.squares;
            same.withAll = counts.withAll;
            copy.classes.put(label, same);
        });
        return copy;
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(samples);
        out.writeLong(drives);
        out.writeDouble(squares);
        out.writeInt(classes.size());
        for (Map.Entry<String, OfClass> entry : classes.entrySet()) {
            BinaryForm.writeText(entry.getKey(), out);
            out.writeLong(entry.getValue().samples);
            out.writeLong(entry.getValue().drives);
            out.writeDouble(entry.getValue().squares);
            out.writeDouble(entry.getValue().withAll);
        }
    }

    static ClusteredCounts read(DataInput in) throws IOException {
        ClusteredCounts counts = new ClusteredCounts();
        counts.samples = in.readLong();
        counts.drives = in.readLong();
        counts.squares = in.readDouble();
        for (int left = in.readInt(); left > 0; left--) {
            OfClass of = new OfClass();
            counts.classes.put(BinaryForm.readText(in), of);
            of.samples = in.readLong();
            of.drives = in.readLong();
            of.squares = in.readDouble();
            of.withAll = in.readDouble();
        }
        return counts;
    }
}
