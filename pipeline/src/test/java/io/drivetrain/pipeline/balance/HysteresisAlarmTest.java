package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HysteresisAlarmTest {

    @ParameterizedTest
    @CsvSource({
        "BGBGBGBGBGBG, ''",
        "BB,           R1",
        "BUB,          R2",
        "GBBGGBGGG,    R2 C8",
        "BBGGUGBB,     R1 C5 R7",
        "BBBBBBBB,     R1",
        "GGGG,         ''",
    })
    void itRaisesAfterTwoBadWindowsAndClearsAfterThreeGoodOnes(String windows, String expected) {
        HysteresisAlarm alarm = new HysteresisAlarm(2, 3);
        HysteresisAlarm.State state = HysteresisAlarm.State.CALM;
        StringBuilder changes = new StringBuilder();
        for (int i = 0; i < windows.length(); i++) {
            HysteresisAlarm.Signal signal = switch (windows.charAt(i)) {
                case 'B' -> HysteresisAlarm.Signal.BAD;
                case 'G' -> HysteresisAlarm.Signal.GOOD;
                default -> HysteresisAlarm.Signal.UNKNOWN;
            };
            HysteresisAlarm.Step step = alarm.next(state, signal, i);
            state = step.state();
            int at = i;
            step.change()
                    .ifPresent(change ->
                            changes.append(' ').append(change.name().charAt(0)).append(at));
        }
        assertThat(changes.toString().strip()).isEqualTo(expected);
    }
}
