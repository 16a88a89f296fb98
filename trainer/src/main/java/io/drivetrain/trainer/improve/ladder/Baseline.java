package io.drivetrain.trainer.improve.ladder;

import io.drivetrain.schemas.Changes;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.TrainingReport;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The run that the next one builds on: the newest, unless what it changed made things worse; then the one before. */
public final class Baseline {
    /** Keys that decide which samples are read and how: with them, other data is what was tried. */
    private static final List<String> DATA = List.of("classes", "image.", "training.limit", "training.telemetry");

    private Baseline() {}

    /**
     * Walks back from the newest report over all whose change raised the error of test-dev beyond chance.
     *
     * @param reports without reproductions, oldest first
     * @return empty where there is no report
     */
    public static Optional<TrainingReport> of(List<TrainingReport> reports) {
        int at = reports.size() - 1;
        while (at >= 0) {
            TrainingReport report = reports.get(at);
            Optional<Integer> before =
                    madeWorse(report.getChanges()) ? latest(reports.subList(0, at), report) : Optional.empty();
            if (before.isEmpty()) {
                return Optional.of(report);
            }
            at = before.get();
        }
        return Optional.empty();
    }

    private static Optional<Integer> latest(List<TrainingReport> earlier, TrainingReport report) {
        for (int i = earlier.size() - 1; i >= 0; i--) {
            if (earlier.get(i).getModelId().equals(report.getChanges().getComparedWith())) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }

    /** Whether keys were changed, on the same data, and the error of test-dev rose beyond chance. */
    static boolean madeWorse(Changes changes) {
        if (changes == null || changes.getKeys().isEmpty() || onOtherData(changes)) {
            return false;
        }
        Estimate testDev = changes.getOutcome().get(Splits.label(Split.TEST_DEV));
        return testDev != null && testDev.getLow() != null && testDev.getLow() > 0;
    }

    /** Whether the data changed by itself and not by the keys, so that the outcome is not that of the keys. */
    static boolean onOtherData(Changes changes) {
        return changes.getDataChanged() && !decideData(changes.getKeys().keySet());
    }

    private static boolean decideData(Set<String> keys) {
        return keys.stream().anyMatch(key -> DATA.stream().anyMatch(key::startsWith));
    }
}
