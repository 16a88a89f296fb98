package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StarvationTest {
    private static final Duration SIX_HOURS = Duration.ofHours(6);
    private static final long HOUR = Duration.ofHours(1).toMillis();

    private static void drive(Starvation starvation, long now, String... labels) {
        starvation.add(true, Set.of(), Set.of(labels), now);
    }

    private static Starvation restored(Starvation starvation, List<String> classes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        starvation.write(new DataOutputStream(bytes));
        return Starvation.read(classes, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    }

    @Test
    void aClassThatIsAddedToTheConfigurationHasItsOwnSixHours() throws IOException {
        Starvation old = new Starvation(List.of("car", "tram"));
        drive(old, 0, "car");
        Starvation starvation = restored(old, List.of("car", "tram", "cyclist"));
        drive(starvation, 100 * HOUR, "car");
        assertThat(starvation.starved("tram", SIX_HOURS, 0.01, 100 * HOUR)).isTrue();
        assertThat(starvation.starved("cyclist", SIX_HOURS, 0.01, 100 * HOUR)).isFalse();
        drive(starvation, 105 * HOUR, "car");
        assertThat(starvation.starved("cyclist", SIX_HOURS, 0.01, 105 * HOUR)).isFalse();
        assertThat(starvation.starved("cyclist", SIX_HOURS, 0.01, 106 * HOUR)).isTrue();
        assertThat(starvation.since("cyclist")).isEqualTo(100 * HOUR);
    }

    /** By hand: after one drive with the class, (1 + i) / (2 + i) for each drive without. */
    @Test
    void aClassThatWasSeenOnceMayBeAbsentByChanceForLong() {
        Starvation starvation = new Starvation(List.of("tram"));
        drive(starvation, 0, "tram");
        for (int drives = 1; drives <= 120; drives++) {
            drive(starvation, HOUR);
            assertThat(starvation.chance("tram")).isCloseTo(1.0 / (drives + 1), within(1e-9));
            assertThat(starvation.starved("tram", SIX_HOURS, 0.01, 10 * HOUR)).isEqualTo(drives >= 100);
        }
    }

    @Test
    void aClassThatWasCommonLongAgoAndIsRareNowIsNotMissing() {
        Starvation starvation = new Starvation(List.of("tram"));
        for (int drive = 0; drive < 20_000; drive++) {
            drive(starvation, 0, "tram");
        }
        for (int drive = 0; drive < 10_000; drive++) {
            if (drive % 200 == 199) {
                drive(starvation, 0, "tram");
            } else {
                drive(starvation, 0);
            }
        }
        for (int drive = 0; drive < 150; drive++) {
            drive(starvation, HOUR);
        }
        assertThat(starvation.chance("tram")).isBetween(0.3, 0.6);
        assertThat(starvation.starved("tram", SIX_HOURS, 0.01, 10 * HOUR)).isFalse();
        for (int drive = 0; drive < 2_000; drive++) {
            drive(starvation, HOUR);
        }
        assertThat(starvation.starved("tram", SIX_HOURS, 0.01, 10 * HOUR)).isTrue();
    }

    @Test
    void whatIsKnownOfAClassOutlivesARestore() throws IOException {
        Starvation starvation = new Starvation(List.of("car", "tram"));
        drive(starvation, 5, "car", "tram");
        drive(starvation, 9, "car");
        starvation.awaitReturn("tram");
        drive(starvation, 11, "tram");
        Starvation again = restored(starvation, List.of("tram", "car"));
        assertThat(again.of("car")).isEqualTo(starvation.of("car"));
        assertThat(again.of("tram")).isEqualTo(starvation.of("tram"));
        assertThat(again.of("tram").drivesBack()).isEqualTo(1);
    }
}
