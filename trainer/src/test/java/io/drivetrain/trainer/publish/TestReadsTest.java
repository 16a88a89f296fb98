package io.drivetrain.trainer.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestReadsTest {
    @TempDir
    Path directory;

    @Test
    void eachRunThatReadsATestSetCountsThroughRestarts() throws IOException {
        Path file = directory.resolve("reads.json");
        assertThat(new TestReads(file).note("a", "run-1")).isEqualTo(1);
        assertThat(new TestReads(file).note("a", "run-2")).isEqualTo(2);
        assertThat(new TestReads(file).note("b", "run-3")).isEqualTo(1);
        assertThat(new TestReads(file).note("a", "run-4")).isEqualTo(3);
    }

    @Test
    void aRunThatIsRepeatedCountsOnce() throws IOException {
        TestReads reads = new TestReads(directory.resolve("reads.json"));
        reads.note("a", "run-1");
        reads.note("a", "run-2");
        assertThat(reads.note("a", "run-1")).isEqualTo(2);
    }
}
