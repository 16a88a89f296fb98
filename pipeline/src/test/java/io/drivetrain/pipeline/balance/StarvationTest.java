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

    private static boolean starved(Starvation starvation, String label, int enough) {
        return starvation.starved(label, SIX_HOURS, 0.01, enough);
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
        assertThat(starved(starvation, "tram", 2)).isTrue();
        assertThat(starved(starvation, "cyclist", 1)).isFalse();
        drive(starvation, 105 * HOUR, "car");
        assertThat(starved(starvation, "cyclist", 2)).isFalse();
        drive(starvation, 106 * HOUR, "car");
        assertThat(starved(starvation, "cyclist", 3)).isTrue();
        assertThat(starvation.since("cyclist")).isEqualTo(100 * HOUR);
    }

    @Test
    void aClassThatNeverCameIsMissingOnlyOnceEnoughDrivesHaveCome() {
        Starvation starvation = new Starvation(List.of("car", "tram"));
        drive(starvation, 0, "car");
        for (int drives = 2; drives <= 20; drives++) {
            drive(starvation, 7 * HOUR, "car");
            assertThat(starved(starvation, "tram", 15)).isEqualTo(drives >= 15);
        }
    }

    @Test
    void aStreamThatStandsStillStarvesNobodyHoweverLong() throws IOException {
        Starvation starvation = new Starvation(List.of("car", "tram"));
        drive(starvation, 0, "car", "tram");
        for (int drive = 0; drive < 500; drive++) {
            drive(starvation, HOUR, "car");
        }
        // Nothing comes for a night, or the job is down.
        Starvation morning = restored(starvation, List.of("car", "tram"));
        assertThat(morning.chance("tram")).isLessThan(0.01);
        assertThat(morning.silent("tram")).isEqualTo(Duration.ofHours(1));
        assertThat(starved(morning, "tram", 15)).isFalse();
        drive(morning, 10 * HOUR, "car");
        assertThat(starved(morning, "tram", 15)).isTrue();
    }

    /** By hand: after one drive with the class, (1 + i) / (2 + i) for each drive without. */
    @Test
    void aClassThatWasSeenOnceMayBeAbsentByChanceForLong() {
        Starvation starvation = new Starvation(List.of("tram", "car"));
        drive(starvation, 0, "tram");
        for (int drives = 1; drives <= 120; drives++) {
            drive(starvation, 10 * HOUR, "car");
            assertThat(starvation.chance("tram")).isCloseTo(1.0 / (drives + 1), within(1e-9));
            assertThat(starved(starvation, "tram", 15)).isEqualTo(drives >= 100);
        }
    }

    @Test
    void aClassThatWasCommonLongAgoAndIsRareNowIsNotMissing() {
        Starvation starvation = new Starvation(List.of("tram", "car"));
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
            drive(starvation, 10 * HOUR, "car");
        }
        assertThat(starvation.chance("tram")).isBetween(0.3, 0.6);
        assertThat(starved(starvation, "tram", 15)).isFalse();
        for (int drive = 0; drive < 2_000; drive++) {
            drive(starvation, 10 * HOUR, "car");
        }
        assertThat(starved(starvation, "tram", 15)).isTrue();
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
