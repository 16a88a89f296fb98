package io.drivetrain.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.trainer.assemble.Samples;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trainer as a process of its own, ended in every way in the middle of an epoch. */
@Tag("kill")
class TrainerKillIT {
    private static final int SIGTERM_EXIT_SECONDS = 5;

    @TempDir
    static Path brokerDirectory;

    private static TestBroker broker;

    @TempDir
    Path directory;

    @BeforeAll
    static void startBroker() throws Exception {
        broker = TestBroker.start(brokerDirectory);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void sendSamples() throws Exception {
        broker.resetTopics();
        List<CuratedSample> samples = new ArrayList<>();
        Split[] splits = Split.values();
        for (int drive = 0; drive < 48; drive++) {
            for (int frame = 0; frame < 40; frame++) {
                samples.add(Samples.sample(splits[drive % splits.length], "drive-" + drive, frame));
            }
        }
        broker.sendSamples(samples);
        broker.sendRequest(RetrainingRequest.newBuilder()
                .setRequestId("one")
                .setReason(RetrainingReason.MANUAL)
                .setRequestedAt(Instant.EPOCH)
                .build());
    }

    private Process start(Path folder, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx512m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Trainer.class.getName()));
        for (String setting : List.of(
                "kafka.bootstrap=" + broker.bootstrap(),
                "classes=bright,dark",
                "image.width=16",
                "image.height=16",
                "training.directory=" + folder,
                "training.max-epochs=40",
                "training.patience=40",
                "training.bootstrap-replicates=200")) {
            command.add("--set");
            command.add(setting);
        }
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("stderr.log").toFile()))
                .start();
    }

    private static JsonNode awaitReady(Process process) throws IOException {
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        assertThat(line).startsWith("READY {");
        return new ObjectMapper().readTree(line.substring("READY ".length()));
    }

    private static void awaitEpoch(int epoch) throws Exception {
        broker.await(Topic.TRAINING_PROGRESS, TrainingProgress.class, p -> p.getEpoch() >= epoch);
    }

    private static String awaitWeights() throws Exception {
        return broker.await(Topic.MODELS_PUBLISHED, ModelPublished.class, m -> true)
                .get(0)
                .getWeightsSha256();
    }

    @Test
    void aKilledRunIsRepeatedPublishedOnceAndGivesTheSameModel() throws Exception {
        Process whole = start(directory.resolve("whole"));
        awaitReady(whole);
        String expected = awaitWeights();
        whole.destroy();
        assertThat(whole.waitFor(SIGTERM_EXIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(whole.exitValue()).isZero();

        sendSamples();
        Process killed = start(directory.resolve("killed"));
        awaitReady(killed);
        awaitEpoch(3);
        killed.destroyForcibly();
        killed.waitFor();
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class)).isEmpty();

        Process again = start(directory.resolve("killed"));
        awaitReady(again);
        assertThat(awaitWeights()).isEqualTo(expected);
        again.destroy();
        assertThat(again.waitFor(SIGTERM_EXIT_SECONDS, TimeUnit.SECONDS)).isTrue();

        Process third = start(directory.resolve("killed"));
        awaitReady(third);
        third.destroy();
        third.waitFor();
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class)).hasSize(1);
        assertThat(broker.all(Topic.MODELS_PUBLISHED, ModelPublished.class)).hasSize(1);
        assertThat(broker.all(Topic.TRAINING_PROGRESS, TrainingProgress.class))
                .filteredOn(p -> p.getPhase() == TrainingPhase.PUBLISHED)
                .hasSize(1);
    }

    @Test
    void sigtermDuringAnEpochEndsTheProcessInTimeWithExitCodeZero() throws Exception {
        Process process = start(directory.resolve("stopped"));
        JsonNode ready = awaitReady(process);
        assertThat(ready.path("pid").asLong()).isEqualTo(process.pid());
        assertThat(ready.path("directory").asText())
                .isEqualTo(directory.resolve("stopped").toString());
        assertThat(ready.path("backend").asText()).isEqualTo("cpu");
        assertThat(ready.path("threads").asInt()).isPositive();
        awaitEpoch(2);
        long began = System.nanoTime();
        process.destroy();
        assertThat(process.waitFor(SIGTERM_EXIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(SIGTERM_EXIT_SECONDS));
        assertThat(process.exitValue()).isZero();
        assertThat(Files.readString(directory.resolve("stderr.log"))).doesNotContain("	at ");
    }

    @Test
    void aProcessWhoseParentIsGoneEndsByItself() throws Exception {
        Process parent = new ProcessBuilder("sleep", "600").start();
        Process process = start(directory.resolve("orphan"), "--parent-pid", Long.toString(parent.pid()));
        awaitReady(process);
        awaitEpoch(1);
        parent.destroyForcibly();
        assertThat(process.waitFor(2 * SIGTERM_EXIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
