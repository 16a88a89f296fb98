package io.drivetrain.trainer.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestReadsTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("reads.json");
    }

    @Test
    void eachRunThatReadsTheTestDrivesCountsThroughRestarts() throws IOException {
        assertThat(new TestReads(file).note(List.of("a", "b"), "run-1")).isEqualTo(1);
        assertThat(new TestReads(file).note(List.of("a", "b"), "run-2")).isEqualTo(2);
        assertThat(new TestReads(file).note(List.of("c"), "run-3")).isEqualTo(1);
        assertThat(new TestReads(file).note(List.of("a", "b"), "run-4")).isEqualTo(3);
    }

    @Test
    void aTestSetThatGrowsDoesNotStartAgain() throws IOException {
        List<String> drives = new ArrayList<>();
        for (int run = 1; run <= 5; run++) {
            drives.add("drive-" + run);
            assertThat(new TestReads(file).note(drives, "run-" + run)).isEqualTo(run);
        }
        assertThat(new TestReads(file).note(List.of("drive-5"), "run-6"))
                .as("the newest drive was read by runs 5 and 6 alone")
                .isEqualTo(2);
    }

    @Test
    void aRunThatIsRepeatedCountsOnce() throws IOException {
        TestReads reads = new TestReads(file);
        reads.note(List.of("a"), "run-1");
        reads.note(List.of("a"), "run-2");
        assertThat(reads.note(List.of("a"), "run-1")).isEqualTo(1);
        assertThat(reads.note(List.of("a"), "run-3")).isEqualTo(3);
    }

    @Test
    void aFileOfAnEarlierVersionIsGoneOnFrom() throws IOException {
        Files.writeString(file, "{\"0a1b\": [\"run-1\", \"run-2\", \"run-3\"], \"2c3d\": [\"run-4\"]}");
        assertThat(new TestReads(file).note(List.of("a", "b"), "run-5")).isEqualTo(4);
        assertThat(new TestReads(file).note(List.of("a", "c"), "run-6")).isEqualTo(5);
    }

    @Test
    void theFileForgetsTheLeastReadDrivesAndTheOldestRuns() throws IOException {
        TestReads reads = new TestReads(file);
        reads.note(List.of("zebra"), "run-1");
        reads.note(List.of("zebra"), "run-2");
        List<String> many = IntStream.range(0, TestReads.MOST_DRIVES)
                .mapToObj(i -> "drive-" + i)
                .toList();
        reads.note(many, "run-3");
        assertThat(Files.size(file)).isLessThan(4_000_000);
        assertThat(reads.note(List.of("zebra"), "run-4")).isEqualTo(3);
    }
}
