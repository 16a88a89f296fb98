package io.drivetrain.infra.cli.demo;

import io.drivetrain.infra.cli.CommandException;
import io.drivetrain.infra.cli.ExitCode;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.local.Preflight;
import io.drivetrain.infra.local.StackException;
import io.drivetrain.infra.local.StackLock;
import io.drivetrain.infra.local.StackSettings;
import io.drivetrain.ingest.collect.DatasetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Prepares the demo's folder, data and settings, and tells the story. */
public final class Demo {
    private static final String MARKER = "drivetrain-demo";
    private static final long FREE_BYTES = 2_000_000_000L;
    private static final long FREE_BYTES_SMALL = 1_000_000_000L;

    private Demo() {}

    /**
     * What the user chose.
     *
     * @param width of drawn images, in pixels
     * @param height of drawn images, in pixels
     */
    public record Options(
            Path directory,
            boolean small,
            Optional<Path> json,
            boolean keep,
            Optional<Path> data,
            Optional<Path> manifest,
            Optional<Path> later,
            long seed,
            int width,
            int height) {}

    /**
     * Runs the demo.
     *
     * @throws CommandException with one sentence if an option cannot be followed
     * @throws StackException with one sentence if the stack cannot be started or fails
     */
    public static void tell(Options options) throws Exception {
        Terminal terminal = Terminal.detect();
        if (options.json().isPresent()) {
            requireWritable(options.json().get());
        }
        DemoData data = data(options);
        long freeBytes = options.small() ? FREE_BYTES_SMALL : FREE_BYTES;
        Preflight.check(options.directory(), freeBytes);
        empty(options.directory());
        Map<String, String> overrides = new LinkedHashMap<>(common(options));
        overrides.putAll(data.settings());
        overrides.put("classes", String.join(",", data.classes()));
        StackSettings settings = new StackSettings(
                options.directory(), Optional.empty(), overrides, Optional.empty(), Optional.empty(), freeBytes);
        Runtime.getRuntime().addShutdownHook(new Thread(terminal::mute, "quiet"));
        new DemoStory(terminal, data, settings, Clock.systemUTC()).tell(options.json(), options.keep());
    }

    /** Four minutes later would be late to say so. */
    private static void requireWritable(Path file) throws CommandException, IOException {
        Path parent = file.toAbsolutePath().getParent();
        Files.createDirectories(parent);
        if (Files.isDirectory(file) || !Files.isWritable(Files.exists(file) ? file : parent)) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE, "Cannot write to %s; name another file with --json".formatted(file));
        }
    }

    private static DemoData data(Options options) throws DatasetException {
        return options.data().isPresent()
                ? FolderData.open(options.data().get(), options.manifest(), options.later())
                : new SceneData(options.seed(), options.width(), options.height(), options.small());
    }

    private static Map<String, String> common(Options options) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("flink.checkpoint-interval", "PT2S");
        settings.put("retraining.settle", "PT6S");
        settings.put("training.seed", Long.toString(options.seed()));
        if (options.small()) {
            settings.put("training.max-epochs", "20");
            settings.put("training.patience", "8");
            settings.put("training.bootstrap-replicates", "1000");
            settings.put("shift.reference-min-drives", "12");
            settings.put("shift.window-drives", "10");
            settings.put("shift.slide-drives", "5");
            settings.put("retraining.min-new-source-drives", "5");
        } else {
            settings.put("training.max-epochs", "20");
            settings.put("training.patience", "6");
        }
        return settings;
    }

    /** Empties the folder, but only one that an earlier demo made. */
    private static void empty(Path directory) throws CommandException, StackException {
        Path marker = directory.resolve(MARKER);
        try (StackLock lock = StackLock.take(directory)) {
            List<Path> entries;
            try (Stream<Path> listed = Files.list(directory)) {
                entries = listed.filter(entry -> !entry.endsWith("lock")).toList();
            }
            if (!entries.isEmpty() && !Files.exists(marker)) {
                throw new CommandException(
                        ExitCode.FAILED,
                        "%s is not empty and no demo made it, so it is not touched; choose another folder with --dir"
                                .formatted(directory));
            }
            for (Path entry : entries) {
                try (Stream<Path> tree = Files.walk(entry)) {
                    for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(path);
                    }
                }
            }
            Files.writeString(marker, "Made by './drivetrain demo', which empties this folder when it starts.\n");
        } catch (IOException e) {
            throw new CommandException(
                    ExitCode.FAILED,
                    "Cannot empty %s (%s); choose another folder with --dir".formatted(directory, e.getMessage()),
                    e);
        }
    }
}
