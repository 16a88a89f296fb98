package io.drivetrain.infra.cli.demo;

import io.drivetrain.infra.cli.CommandException;
import io.drivetrain.infra.cli.ExitCode;
import io.drivetrain.infra.cli.Transfer;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.cli.show.ProgressBar;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.local.LocalStack;
import io.drivetrain.infra.local.Role;
import io.drivetrain.infra.local.StackException;
import io.drivetrain.infra.local.StackListener;
import io.drivetrain.infra.local.StackSettings;
import io.drivetrain.ingest.synthesize.FaultShares;
import io.drivetrain.ingest.synthesize.StreamPlan;
import io.drivetrain.ingest.synthesize.SyntheticScenes;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A stack of its own whose topics hold drawn driving scenes and nothing else, so that a training on simple data with a
 * known answer touches nobody's samples, reports and champion. Its folder is kept: the next one has the scenes already.
 */
public final class SyntheticStack implements AutoCloseable {
    private static final int SOURCE_DRIVES = 100;
    private static final int TARGET_DRIVES = 60;
    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;
    private static final long SEED = 42;
    private static final long FREE_BYTES = 1_000_000_000L;
    private static final Duration SILENCE = Duration.ofSeconds(120);
    private static final Duration REDRAW = Duration.ofMillis(200);

    private final LocalStack stack;
    private final Path directory;
    private final Terminal terminal;

    private SyntheticStack(LocalStack stack, Path directory, Terminal terminal) {
        this.stack = stack;
        this.directory = directory;
        this.terminal = terminal;
    }

    /**
     * Starts the stack, and sends the scenes where it does not have them yet.
     *
     * @param directory of its state; resumed if it was used before
     * @throws CommandException with one sentence if curation stands still
     * @throws StackException with one sentence if the stack cannot be started or fails
     */
    public static SyntheticStack open(Path directory, Terminal terminal) throws Exception {
        StackSettings settings = new StackSettings(
                directory, Optional.empty(), settings(), Optional.empty(), Optional.empty(), FREE_BYTES);
        SyntheticStack opened =
                new SyntheticStack(LocalStack.start(settings, new Telling(terminal)), directory, terminal);
        try {
            opened.fill();
            return opened;
        } catch (Exception e) {
            opened.close();
            throw e;
        }
    }

    /** Of the stack, to be spoken to as any other. */
    public DrivetrainConfig config() {
        return stack.config();
    }

    @Override
    public void close() {
        stack.close();
    }

    private static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("classes", String.join(",", SyntheticScenes.CLASSES));
        settings.put("image.width", "64");
        settings.put("image.height", "64");
        settings.put("flink.checkpoint-interval", "PT2S");
        settings.put("training.irreducible-error", Double.toString(FaultShares.DEFAULT.wrongLabels()));
        return settings;
    }

    private void fill() throws Exception {
        StreamPlan plan = StreamPlan.first(SEED, SOURCE_DRIVES, TARGET_DRIVES).withSize(WIDTH, HEIGHT);
        long records = plan.records();
        LiveView before = new LiveView();
        TopicFollower.readAll(config(), List.of(Topic.SAMPLES_RAW), before::take);
        if (before.count(Topic.SAMPLES_RAW) < records) {
            terminal.line("  Drawing %,d scenes of %d drives; they stay in %s for the next time"
                    .formatted(records, SOURCE_DRIVES + TARGET_DRIVES, directory));
            // After a kill in the middle all of it is sent again, and curation rejects what it has by its id.
            ProgressBar bar = new ProgressBar("samples.raw", "samples", records, 0);
            long begin = System.nanoTime();
            Transfer.all(
                    SyntheticScenes.source(plan, Runtime.getRuntime().availableProcessors()),
                    this::config,
                    sent -> terminal.progress(bar.text(terminal, sent, secondsSince(begin))));
            terminal.endProgress();
        }
        awaitCurated(records);
    }

    private static double secondsSince(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    private void awaitCurated(long records) throws Exception {
        LiveView view = new LiveView();
        try (TopicFollower follower = new TopicFollower(config(), List.of(Topic.values()), view::take)) {
            ProgressBar bar = new ProgressBar("curated", "samples", records, view.settled());
            long begin = System.nanoTime();
            long last = -1;
            long moved = System.nanoTime();
            while (view.count(Topic.SAMPLES_RAW) < records || view.settled() < view.count(Topic.SAMPLES_RAW)) {
                if (stack.failure().isPresent()) {
                    throw new CommandException(ExitCode.FAILED, stack.failure().get());
                }
                if (follower.failure().isPresent()) {
                    throw follower.failure().get();
                }
                if (view.settled() != last) {
                    last = view.settled();
                    moved = System.nanoTime();
                } else if (System.nanoTime() - moved > SILENCE.toNanos()) {
                    throw new CommandException(
                            ExitCode.FAILED,
                            "Curation has settled %,d of %,d scenes and nothing for %d s; the logs in %s say why"
                                    .formatted(last, records, SILENCE.toSeconds(), directory.resolve("logs")));
                }
                terminal.progress(bar.text(terminal, last, secondsSince(begin)));
                TimeUnit.MILLISECONDS.sleep(REDRAW.toMillis());
            }
            terminal.endProgress();
        }
    }

    private record Telling(Terminal terminal) implements StackListener {
        @Override
        public void ready(Role role, double seconds) {
            terminal.progress("  %s is up after %.1f s".formatted(role.title(), seconds));
        }

        @Override
        public void restarted(Role role, String why) {
            terminal.line("  %s %s; starting it again".formatted(terminal.mark(false), why));
        }

        @Override
        public void failed(String sentence) {
            terminal.line("  %s %s".formatted(terminal.mark(false), sentence));
        }
    }
}
