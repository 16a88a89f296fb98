package io.drivetrain.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.ingest.collect.WatchedFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CameraLogTest {
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final WatchedFolder.Whole FILE =
            new WatchedFolder.Whole(Path.of("d/c/1.png"), "d/c/1.png", "7@1", START);

    @Test
    void framesHaveTheOrderOfTheirTimesInWhateverOrderFilesCome() {
        CameraLog log = new CameraLog();
        Random random = new Random(3);
        Instant before = START;
        int frameBefore = log.frame("d", before);
        for (int i = 0; i < 1000; i++) {
            Instant time = START.plusMillis(random.nextInt(20) - 10 + (long) random.nextInt(3) * 86_400_000);
            int frame = log.frame("d", time);
            assertThat(frame).isNotNegative();
            assertThat(Integer.compare(frame, frameBefore)).isEqualTo(Integer.signum(time.compareTo(before)));
            before = time;
            frameBefore = frame;
        }
    }

    @Test
    void anotherRunGoesOnWithTheSameFrames() {
        CameraLog first = new CameraLog();
        int frame = first.frame("d", START);
        CameraLog second = new CameraLog();
        second.remember("d", first.line(FILE, "d", "ab"));
        assertThat(second.frame("d", START)).isEqualTo(frame);
        assertThat(second.frame("d", START.minus(Duration.ofHours(1)))).isLessThan(frame);
    }

    @Test
    void aLineTellsVersionAndContentOfWhatWasSent() {
        CameraLog log = new CameraLog();
        String line = log.line(FILE, "d", "ab");
        assertThat(CameraLog.isVersion(line, "7@1")).isTrue();
        assertThat(CameraLog.isVersion(line, "7@12")).isFalse();
        assertThat(CameraLog.isVersion("7@1", "7@1")).isTrue();
        assertThat(CameraLog.isContent(line, "ab")).isTrue();
        assertThat(CameraLog.isContent(line, "cd")).isFalse();
        assertThat(CameraLog.isContent("7@1", "ab")).isFalse();
    }
}
