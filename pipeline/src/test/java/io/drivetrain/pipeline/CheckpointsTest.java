package io.drivetrain.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
    @TempDir
    Path directory;

    @Test
    void withoutAFolderOrACompleteCheckpointThereIsNone() throws Exception {
        assertThat(Checkpoints.newest(directory.resolve("nothing"))).isEmpty();
        Files.createDirectories(directory.resolve("job/chk-1"));
        assertThat(Checkpoints.newest(directory)).isEmpty();
    }

    @Test
    void theNewestCompleteOneCountsWhateverJobWroteIt() throws Exception {
        complete("curation/aaaa/chk-9", 1000);
        Path newest = complete("curation/bbbb/chk-2", 2000);
        Files.createDirectories(directory.resolve("curation/bbbb/chk-3"));
        assertThat(Checkpoints.newest(directory.resolve("curation"))).contains(newest);
    }

    @Test
    void aJobResumesFromItsOwnNewestCheckpointOnly() throws Exception {
        Path newest = complete("curation/aaaa/chk-9", 1000);
        var config = TestSamples.config(Map.of("flink.checkpoint-directory", directory.toString()));
        assertThat(JobSettings.configure(config, "curation").get(StateRecoveryOptions.SAVEPOINT_PATH))
                .isEqualTo(newest.toUri().toString());
        assertThat(JobSettings.configure(config, "shift").get(StateRecoveryOptions.SAVEPOINT_PATH))
                .isNull();
    }

    private Path complete(String name, long millis) throws Exception {
        Path checkpoint = Files.createDirectories(directory.resolve(name));
        Path metadata = Files.createFile(checkpoint.resolve("_metadata"));
        Files.setLastModifiedTime(metadata, FileTime.fromMillis(millis));
        return checkpoint;
    }
}
