package io.drivetrain.infra.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {
    @TempDir
    private Path folder;

    private final BlockingQueue<String> notices = new LinkedBlockingQueue<>();

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

    @Test
    void whatAProcessTellsWhileItGoesOnIsHeardAndStaysInItsLog() throws Exception {
        JobNotice notice = new JobNotice("curation", false, "Curation failed:\n No space left");
        end("echo 'NOTICE " + notice.line().replace("\n", " ") + "'; echo 'NOTICE nothing'; echo noticed");
        assertThat(notices.poll(30, TimeUnit.SECONDS)).isEqualTo("curation - Curation failed: No space left");
        assertThat(JobNotice.parse("curation - Curation failed: No space left"))
                .contains(new JobNotice("curation", false, "Curation failed: No space left"));
        assertThat(notices.poll(30, TimeUnit.SECONDS)).isEqualTo("nothing");
        assertThat(JobNotice.parse("nothing")).isEmpty();
    }

    private String end(String script) throws Exception {
        Path log = Files.createFile(folder.resolve("log"));
        ChildProcess child = ChildProcess.start(List.of("/bin/sh", "-c", script), Map.of(), log, notices::add);
        int code = child.exit().get(Duration.ofSeconds(30).toSeconds(), TimeUnit.SECONDS);
        return ChildProcess.end(code, log);
    }
}
