package io.drivetrain.infra.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.infra.cli.Transfer;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.ingest.synthesize.SyntheticScenes;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.synthesize.StreamPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of the stack, killed by their own ids. */
@Tag("kill")
class SupervisorKillIT {
    private static final Duration DEADLINE = Duration.ofSeconds(150);

    @TempDir
    private Path folder;

    @Test
    void flinkKilledInTheMiddleOfTheStreamIsStartedAgainAndTheCountsAddUp() throws Exception {
        StreamPlan plan = StreamPlan.first(7, 40, 20).withFramesPerDrive(10).withSize(320, 180);
        AtomicInteger restarts = new AtomicInteger();
        StackSettings settings = new StackSettings(
                folder.resolve("stack"),
                Optional.empty(),
                Map.of("flink.checkpoint-interval", "PT1S", "flink.parallelism", "2"),
                Optional.empty(),
                Optional.empty(),
                0);
        Map<Topic, Long> counts = new EnumMap<>(Topic.class);
        try (LocalStack stack = LocalStack.launch(settings, EnumSet.of(Role.BROKER, Role.FLINK), counting(restarts))) {
            stack.await(Role.BROKER);
            stack.await(Role.FLINK);
            DrivetrainConfig config = stack.config();
            try (TopicFollower follower = new TopicFollower(config, List.of(Topic.values()), (topic, record) -> {
                synchronized (counts) {
                    counts.merge(topic, 1L, Long::sum);
                }
            })) {
                CompletableFuture<Transfer.Result> sending = CompletableFuture.supplyAsync(() -> send(plan, config));
                await(() -> settled(counts) > 0 || sending.isCompletedExceptionally());
                long killed = stack.state().pids().get("flink");
                ProcessHandle.of(killed).orElseThrow().destroyForcibly();
                long raw = sending.get().sent();
                await(() -> settled(counts) >= raw);
                assertThat(raw).isEqualTo(plan.records());
                assertThat(settled(counts)).isEqualTo(raw);
                assertThat(restarts).hasValue(1);
                assertThat(stack.state().pids().get("flink")).isNotEqualTo(killed);
                assertThat(follower.failure()).isEmpty();
            }
        }
    }

    private static Transfer.Result send(StreamPlan plan, DrivetrainConfig config) {
        try {
            return Transfer.all(SyntheticScenes.source(plan, 1), () -> config, sent -> {});
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static long settled(Map<Topic, Long> counts) {
        synchronized (counts) {
            long sum = counts.getOrDefault(Topic.SAMPLES_REJECTED, 0L);
            for (Split split : Split.values()) {
                sum += counts.getOrDefault(Topic.of(split), 0L);
            }
            return sum;
        }
    }

    @Test
    void aStackOfSeparateFlinkProcessesLeavesNoneBehindWhenItIsClosed() throws Exception {
        StackSettings settings = new StackSettings(
                folder.resolve("apart"), Optional.empty(), Map.of(), Optional.empty(), Optional.empty(), 0);
        List<Long> pids;
        try (LocalStack stack =
                LocalStack.launch(settings, EnumSet.noneOf(Role.class), counting(new AtomicInteger()))) {
            stack.begin(Role.BROKER);
            stack.begin(Role.JOB_MANAGER, "--jobs", "curation");
            stack.begin(Role.TASK_MANAGER);
            stack.await(Role.JOB_MANAGER);
            pids = List.copyOf(stack.state().pids().values());
            assertThat(pids).hasSize(3).allMatch(SupervisorKillIT::alive);
        }
        assertThat(pids).noneMatch(SupervisorKillIT::alive);
    }

    @Test
    void aKilledSupervisorLeavesNoProcessBehindAndTheNextOneGoesOn() throws Exception {
        Path state = folder.resolve("up");
        for (int round = 0; round < 2; round++) {
            Path output = folder.resolve("up-%d.out".formatted(round));
            Process supervisor = supervisor(state, output);
            try {
                await(() -> !supervisor.isAlive() || said(output).contains("Ctrl-C stops it"));
                assertThat(supervisor.isAlive()).as(said(output)).isTrue();
                List<Long> children = pids(state.resolve("stack.json"));
                assertThat(children).hasSize(3).allMatch(SupervisorKillIT::alive);
                supervisor.destroyForcibly().waitFor();
                await(() -> children.stream().noneMatch(SupervisorKillIT::alive));
            } finally {
                supervisor.destroyForcibly();
            }
        }
    }

    private static Process supervisor(Path state, Path output) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Installation.java().toString(),
                "-cp",
                Installation.find().classPath("infra"),
                "-Ddrivetrain.root=" + Installation.find().root(),
                "io.drivetrain.infra.cli.Main",
                "up",
                "--dir",
                state.toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private static String said(Path output) {
        try {
            return Files.readString(output);
        } catch (java.io.IOException e) {
            return "";
        }
    }

    private static List<Long> pids(Path file) {
        try {
            List<Long> pids = new ArrayList<>();
            new ObjectMapper().readTree(file.toFile()).path("pids").forEach(pid -> pids.add(pid.asLong()));
            return pids;
        } catch (java.io.IOException e) {
            return List.of();
        }
    }

    private static boolean alive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static StackListener counting(AtomicInteger restarts) {
        return new StackListener() {
            @Override
            public void ready(Role role, double seconds) {}

            @Override
            public void restarted(Role role, String why) {
                restarts.incrementAndGet();
            }

            @Override
            public void told(Role role, boolean good, String sentence) {}

            @Override
            public void failed(String sentence) {
                System.err.println(sentence);
            }
        };
    }
}
