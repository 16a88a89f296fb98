package io.drivetrain.pipeline.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.AlertState;
import io.drivetrain.schemas.ShiftFinding;
import io.drivetrain.schemas.ShiftReport;
import io.drivetrain.schemas.ShiftVerdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShiftAlarmTest {
    private static final Instant START = Instant.parse("2026-11-01T20:00:00Z");

    private final ShiftAlarm alarm = new ShiftAlarm(2, 3);

    @Test
    void oneDriftedWindowIsNotEnough() {
        assertThat(alerts("DSDSDS")).isEmpty();
    }

    @Test
    void twoInARowRaiseOnceAndStabilityClearsOnce() {
        List<Alert> alerts = alerts("SDDDDSSDSSSSDD");
        assertThat(alerts.stream().map(Alert::getState))
                .containsExactly(AlertState.RAISED, AlertState.CLEARED, AlertState.RAISED);
        assertThat(alerts.get(1).getAlertId()).isEqualTo(alerts.get(0).getAlertId());
        assertThat(alerts.get(2).getAlertId()).isNotEqualTo(alerts.get(0).getAlertId());
    }

    @Test
    void sinceIsTheBeginningOfTheFirstDriftedWindow() {
        assertThat(alerts("SSDD").get(0).getSince()).isEqualTo(START.plusSeconds(2));
    }

    @Test
    void windowsWithoutEnoughDataNeitherBreakNorMakeARow() {
        assertThat(alerts("DNND")).hasSize(1);
        assertThat(alerts("DNNS")).isEmpty();
        assertThat(alerts("DDSNSNS").stream().map(Alert::getState))
                .containsExactly(AlertState.RAISED, AlertState.CLEARED);
    }

    @Test
    void theMessageSaysWhichMeasurementSinceWhenAndHowStrong() {
        assertThat(alerts("DD").get(0).getMessage())
                .isEqualTo("The brightness of TARGET drives has moved since 2026-11-01T20:00:00Z: median 0.120 against"
                        + " 0.480 in the training set (distance 0.97, adjusted p 8.0e-09, 15 drives against 40);"
                        + " 1 more measurements have moved too.");
    }

    private List<Alert> alerts(String verdicts) {
        List<Alert> alerts = new ArrayList<>();
        ShiftAlarm.State state = ShiftAlarm.CALM;
        for (int i = 0; i < verdicts.length(); i++) {
            ShiftAlarm.Step step = alarm.next(state, report(verdicts.charAt(i), i));
            step.alert().ifPresent(alerts::add);
            state = step.state();
        }
        return alerts;
    }

    private static ShiftReport report(char verdict, int number) {
        ShiftVerdict of = switch (verdict) {
            case 'D' -> ShiftVerdict.DRIFTED;
            case 'S' -> ShiftVerdict.STABLE;
            default -> ShiftVerdict.NOT_ENOUGH_DATA;
        };
        List<ShiftFinding> findings = of == ShiftVerdict.DRIFTED
                ? List.of(
                        new ShiftFinding("brightness", 0.97, 1e-9, 8e-9, 0.48, 0.12, true),
                        new ShiftFinding("darkShare", 0.9, 1e-8, 8e-8, 0.1, 0.8, true),
                        new ShiftFinding("warmth", 0.1, 0.9, 1.0, 0.5, 0.5, false))
                : List.of();
        Instant start = START.plusSeconds(number);
        return new ShiftReport(
                "window-" + number, 40, 15, 150L, start, start.plusSeconds(9), of, findings, 0.01, start);
    }
}
