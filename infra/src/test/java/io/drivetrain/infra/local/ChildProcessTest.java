package io.drivetrain.infra.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {
    @TempDir
    private Path folder;

    @Test
    void aProcessThatFailsIsQuoted() throws Exception {
        assertThat(end("echo 'Port 9092 is taken' >&2; exit 1")).isEqualTo("ended with code 1: Port 9092 is taken");
    }

    @Test
    void whatAKilledProcessWroteLastIsNotGivenAsTheReason() throws Exception {
        assertThat(end("echo 'Invalid sequence number' >&2; kill -KILL $$"))
                .isEqualTo("was killed from outside (SIGKILL), by somebody or for want of memory");
    }

    @Test
    void aProcessThatEndsWhenToldToIsNotQuotedEither() throws Exception {
        assertThat(end("echo 'Saved 3 transactions' >&2; kill -TERM $$"))
                .isEqualTo("was told from outside to end (SIGTERM)");
    }

    private String end(String script) throws Exception {
        Path log = Files.createFile(folder.resolve("log"));
        ChildProcess child = ChildProcess.start(List.of("/bin/sh", "-c", script), Map.of(), log);
        int code = child.exit().get(Duration.ofSeconds(30).toSeconds(), TimeUnit.SECONDS);
        return ChildProcess.end(code, log);
    }
}
