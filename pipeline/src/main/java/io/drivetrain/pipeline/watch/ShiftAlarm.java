package io.drivetrain.pipeline.watch;

import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.AlertKind;
import io.drivetrain.schemas.AlertState;
import io.drivetrain.schemas.ShiftFinding;
import io.drivetrain.schemas.ShiftReport;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Turns window reports into alerts with hysteresis: raised after several drifted windows in a row, cleared after several
 * stable ones. Windows without enough data change nothing.
 *
 * @param raiseAfter drifted windows in a row, 1 or more
 * @param clearAfter stable windows in a row, 1 or more
 */
public record ShiftAlarm(int raiseAfter, int clearAfter) {
    public static final State CALM = new Calm(0, 0);

    private static final String KIND = AlertKind.COVARIATE_SHIFT.label();

    /** Where the alarm stands. */
    public sealed interface State {}

    /**
     * No alert.
     *
     * @param since capture time at which the first of the drifted windows begins, milliseconds since the epoch
     */
    public record Calm(int driftedInARow, long since) implements State {}

    /**
     * An alert has been raised and not been cleared.
     *
     * @param since capture time at which the first drifted window begins, milliseconds since the epoch
     */
    public record Raised(String alertId, long since, int stableInARow) implements State {}

    /** The next state and what is to be said on the way there. */
    public record Step(State state, Optional<Alert> alert) {
        static Step silent(State state) {
            return new Step(state, Optional.empty());
        }
    }

    /** Takes in one window. */
    public Step next(State state, ShiftReport report) {
        return switch (report.getVerdict()) {
            case NOT_ENOUGH_DATA -> Step.silent(state);
            case DRIFTED -> drifted(state, report);
            case STABLE -> stable(state, report);
        };
    }

    private Step drifted(State state, ShiftReport report) {
        if (state instanceof Raised raised) {
            return Step.silent(new Raised(raised.alertId, raised.since, 0));
        }
        Calm calm = (Calm) state;
        long since = calm.driftedInARow == 0 ? report.getWindowStart().toEpochMilli() : calm.since;
        if (calm.driftedInARow + 1 < raiseAfter) {
            return Step.silent(new Calm(calm.driftedInARow + 1, since));
        }
        String alertId = "%s/%s/%s".formatted(KIND, Instant.ofEpochMilli(since), report.getWindowId());
        return new Step(
                new Raised(alertId, since, 0),
                Optional.of(alert(alertId, AlertState.RAISED, since, report, raisedMessage(since, report))));
    }

    private Step stable(State state, ShiftReport report) {
        if (!(state instanceof Raised raised)) {
            return Step.silent(CALM);
        }
        if (raised.stableInARow + 1 < clearAfter) {
            return Step.silent(new Raised(raised.alertId, raised.since, raised.stableInARow + 1));
        }
        String message = "The last %d windows of TARGET drives, up to %s, look like the training set again."
                .formatted(clearAfter, report.getWindowEnd());
        return new Step(CALM, Optional.of(alert(raised.alertId, AlertState.CLEARED, raised.since, report, message)));
    }

    private static Alert alert(String id, AlertState state, long since, ShiftReport report, String message) {
        return new Alert(
                id,
                KIND,
                state,
                report.getFindings(),
                Instant.ofEpochMilli(since),
                report.getReferenceDrives(),
                report.getWindowDrives(),
                message,
                report.getAt(),
                null,
                Map.of());
    }

    private static String raisedMessage(long since, ShiftReport report) {
        List<ShiftFinding> drifted =
                report.getFindings().stream().filter(ShiftFinding::getDrifted).toList();
        ShiftFinding strongest = drifted.get(0);
        String others =
                drifted.size() == 1 ? "" : "; %d more measurements have moved too".formatted(drifted.size() - 1);
        return String.format(
                Locale.ROOT,
                "The %s of TARGET drives has moved since %s: median %.3g against %.3g in the training set (distance %.2f, adjusted p %.2g, %d drives against %d)%s.",
                strongest.getMeasurement(),
                Instant.ofEpochMilli(since),
                strongest.getWindowMedian(),
                strongest.getReferenceMedian(),
                strongest.getStatistic(),
                strongest.getAdjustedPValue(),
                report.getWindowDrives(),
                report.getReferenceDrives(),
                others);
    }
}
