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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The trainer as a process of its own, ended in every way in the middle of an epoch. */
@Tag("kill")
class TrainerKillIT extends TrainerOnBroker {
    private static final int SIGTERM_EXIT_SECONDS = 5;

    @BeforeEach
    void sendSamples() throws Exception {
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

    private static TrainingReport theReport() throws Exception {
        return broker.await(Topic.TRAINING_REPORT, TrainingReport.class, r -> true)
                .get(0);
    }

    /** Epochs that a process has run to their end, in its order. */
    private static List<Integer> epochsRun(List<TrainingProgress> progress) {
        return progress.stream()
                .filter(p -> p.getTrainError() != null)
                .map(TrainingProgress::getEpoch)
                .toList();
    }

    /** Epochs of the checkpoint that a process went on from. */
    private static int resumedAfter(List<TrainingProgress> progress) {
        Pattern sentence = Pattern.compile("Goes on from the checkpoint after epoch (\\d+), batch \\d+ of the next");
        List<Integer> resumed = progress.stream()
                .map(p -> sentence.matcher(p.getMessage()))
                .filter(Matcher::matches)
                .map(matcher -> Integer.parseInt(matcher.group(1)))
                .toList();
        assertThat(resumed).as("checkpoints gone on from").hasSize(1);
        return resumed.get(0);
    }

    @Test
    void aKilledRunGoesOnFromItsLastCheckpointIsPublishedOnceAndGivesTheSameModel() throws Exception {
        Process whole = start(directory.resolve("whole"));
        awaitReady(whole);
        String expected = awaitWeights();
        TrainingReport uninterrupted = theReport();
        whole.destroy();
        assertThat(whole.waitFor(SIGTERM_EXIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(whole.exitValue()).isZero();

        emptyTopics();
        sendSamples();
        Process killed = start(directory.resolve("killed"));
        awaitReady(killed);
        awaitEpoch(3);
        killed.destroyForcibly();
        killed.waitFor();
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class)).isEmpty();
        List<TrainingProgress> before = broker.all(Topic.TRAINING_PROGRESS, TrainingProgress.class);
        assertThat(epochsRun(before)).startsWith(1, 2).doesNotContain(40);

        Process again = start(directory.resolve("killed"));
        awaitReady(again);
        assertThat(awaitWeights()).isEqualTo(expected);
        List<TrainingProgress> all = broker.all(Topic.TRAINING_PROGRESS, TrainingProgress.class);
        List<TrainingProgress> after = all.subList(before.size(), all.size());
        int resumed = resumedAfter(after);
        // What is told of an epoch comes just before its checkpoint, so the last told may be lost, but none before.
        assertThat(resumed).isGreaterThanOrEqualTo(Math.max(2, epochsRun(before).size() - 1));
        assertThat(epochsRun(after))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(resumed + 1, 40).boxed().toList());
        assertThat(theReport().getEpochs()).hasSize(40).isEqualTo(uninterrupted.getEpochs());
        assertThat(theReport().getSplits()).isEqualTo(uninterrupted.getSplits());
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
