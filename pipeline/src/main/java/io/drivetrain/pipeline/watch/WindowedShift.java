package io.drivetrain.pipeline.watch;

import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ShiftFinding;
import io.drivetrain.schemas.ShiftReport;
import io.drivetrain.schemas.ShiftVerdict;
import io.drivetrain.schemas.Split;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Compares windows of TARGET drives with the drives of the training set.
 *
 * <p>A window is the last shift.window-drives TARGET drives by capture time, cut each time shift.slide-drives more have
 * come. Every measurement gets a Kolmogorov-Smirnov test over the drive means, corrected by Bonferroni. Drives that
 * arrive together are taken in the order of capture, so the outcome does not depend on how Kafka interleaves
 * partitions; frames of a drive that is known already are added to it.
 */
public record WindowedShift(DrivetrainConfig.Shift settings) {
    /** More reference drives do not sharpen the test noticeably; those kept are a fixed pseudo-random choice. */
    public static final int REFERENCE_CAPACITY = 5000;

    private static final Comparator<DriveMeans> BY_RANK = Comparator.comparingLong(
                    (DriveMeans drive) -> rank(drive.driveId()))
            .thenComparing(DriveMeans::driveId);

    /** One window that was cut, and the alert that it caused. */
    public record Cut(ShiftReport report, Optional<Alert> alert) {}

    /** The next state and the windows that were cut on the way there, in order. */
    public record Step(WatchState state, List<Cut> cuts) {}

    /**
     * Takes in drives that are complete.
     *
     * @param now stamped on reports and alerts
     */
    public Step next(WatchState before, Collection<DriveMeans> completed, Instant now) {
        WatchState state = new WatchState(
                reference(before.reference(), completed),
                before.window(),
                before.sinceCut(),
                before.windows(),
                before.alarm());
        List<Cut> cuts = new ArrayList<>();
        ShiftAlarm alarm = new ShiftAlarm(settings.raiseAfter(), settings.clearAfter());
        for (DriveMeans drive :
                merged(completed.stream().filter(WindowedShift::isTarget).toList())) {
            boolean known =
                    state.window().stream().anyMatch(other -> other.driveId().equals(drive.driveId()));
            List<DriveMeans> window = window(state.window(), drive);
            int sinceCut = state.sinceCut() + (known ? 0 : 1);
            if (sinceCut < settings.slideDrives()) {
                state = new WatchState(state.reference(), window, sinceCut, state.windows(), state.alarm());
                continue;
            }
            ShiftReport report = report(state.reference(), window, state.windows() + 1, now);
            ShiftAlarm.Step step = alarm.next(state.alarm(), report);
            cuts.add(new Cut(report, step.alert()));
            state = new WatchState(state.reference(), window, 0, state.windows() + 1, step.state());
        }
        return new Step(state, List.copyOf(cuts));
    }

    private static boolean isTarget(DriveMeans drive) {
        return drive.split() == Split.TEST_DEV || drive.split() == Split.TEST;
    }

    private static List<DriveMeans> reference(List<DriveMeans> before, Collection<DriveMeans> completed) {
        List<DriveMeans> all = new ArrayList<>(before);
        completed.stream().filter(drive -> drive.split() == Split.TRAIN).forEach(all::add);
        return all.size() == before.size()
                ? before
                : merged(all).stream().sorted(BY_RANK).limit(REFERENCE_CAPACITY).toList();
    }

    private List<DriveMeans> window(List<DriveMeans> before, DriveMeans drive) {
        List<DriveMeans> all = new ArrayList<>(before);
        all.add(drive);
        List<DriveMeans> ordered = merged(all);
        return ordered.subList(Math.max(0, ordered.size() - settings.windowDrives()), ordered.size());
    }

    /** Returns one entry per drive, in the order of capture. */
    private static List<DriveMeans> merged(List<DriveMeans> drives) {
        TreeMap<String, DriveMeans> byId = new TreeMap<>();
        drives.forEach(drive -> byId.merge(drive.driveId(), drive, DriveMeans::plus));
        return byId.values().stream().sorted(DriveMeans.BY_CAPTURE).toList();
    }

    private ShiftReport report(List<DriveMeans> reference, List<DriveMeans> window, long number, Instant now) {
        boolean enough = reference.size() >= settings.referenceMinDrives() && window.size() >= settings.windowDrives();
        List<ShiftFinding> findings = enough ? findings(reference, window) : List.of();
        boolean drifted = findings.stream().anyMatch(ShiftFinding::getDrifted);
        return new ShiftReport(
                String.format(Locale.ROOT, "window-%06d", number),
                reference.size(),
                window.size(),
                window.stream().mapToLong(DriveMeans::frames).sum(),
                Instant.ofEpochMilli(
                        window.stream().mapToLong(DriveMeans::first).min().orElse(0)),
                Instant.ofEpochMilli(
                        window.stream().mapToLong(DriveMeans::last).max().orElse(0)),
                enough ? drifted ? ShiftVerdict.DRIFTED : ShiftVerdict.STABLE : ShiftVerdict.NOT_ENOUGH_DATA,
                findings,
                settings.significance(),
                now);
    }

    private List<ShiftFinding> findings(List<DriveMeans> reference, List<DriveMeans> window) {
        Measurement[] measurements = Measurement.values();
        return Arrays.stream(measurements)
                .map(measurement -> {
                    double[] expected = means(reference, measurement);
                    double[] seen = means(window, measurement);
                    KolmogorovSmirnov.Result result = KolmogorovSmirnov.test(expected, seen);
                    double adjusted = Math.min(1, result.pValue() * measurements.length);
                    return new ShiftFinding(
                            measurement.label(),
                            result.statistic(),
                            result.pValue(),
                            adjusted,
                            median(expected),
                            median(seen),
                            adjusted < settings.significance());
                })
                .sorted(Comparator.comparingDouble(ShiftFinding::getPValue)
                        .thenComparing(Comparator.comparingDouble(ShiftFinding::getStatistic)
                                .reversed()))
                .toList();
    }

    private static double[] means(List<DriveMeans> drives, Measurement measurement) {
        return drives.stream().mapToDouble(drive -> drive.mean(measurement)).toArray();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** A fixed scramble of the id (FNV-1a, 64 bits), so that which drives are kept does not depend on their order. */
    private static long rank(String driveId) {
        long hash = 0xCBF29CE484222325L;
        for (int i = 0; i < driveId.length(); i++) {
            hash = (hash ^ driveId.charAt(i)) * 0x100000001B3L;
        }
        return hash ^ hash >>> 32;
    }
}
