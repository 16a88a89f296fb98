package io.drivetrain.infra.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.Transfer;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.local.Installation;
import io.drivetrain.infra.local.LocalStack;
import io.drivetrain.infra.local.Role;
import io.drivetrain.infra.local.StackException;
import io.drivetrain.infra.local.StackListener;
import io.drivetrain.infra.local.StackSettings;
import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.ingest.synthesize.FaultShares;
import io.drivetrain.ingest.synthesize.StreamPlan;
import io.drivetrain.ingest.synthesize.SyntheticScenes;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The real curation job on a real broker, against a bare decode loop and a bare copy loop over the same images.
 *
 * <p>The job's time runs from the moment its tasks run to the moment the last of its output is committed, a cold JVM
 * included. The three take turns, never at the same time.
 */
public final class CurationBench {
    private static final Duration JOB_DEADLINE = Duration.ofMinutes(10);
    private static final int FRAMES = 20;
    private static final int DECODE_FILES = 400;
    private static final int DECODE_SECONDS = 8;
    private static final long FREE_BYTES = 4_000_000_000L;
    private static final ObjectMapper JSON = new ObjectMapper();

    private CurationBench() {}

    /**
     * Measures.
     *
     * @param directory empty or not there; broker, table and images go there
     * @param images how many of 1280x720
     * @param progress hears what happens
     * @return the document of {@code bench curation --json}
     */
    public static ObjectNode run(Path directory, int images, int threads, long seed, Consumer<String> progress)
            throws Exception {
        Duration interval = Duration.ofSeconds(5);
        Map<String, String> overrides = new LinkedHashMap<>();
        overrides.put("flink.parallelism", Integer.toString(threads));
        overrides.put("flink.checkpoint-interval", interval.toString());
        StackSettings settings = new StackSettings(
                directory, Optional.empty(), overrides, Optional.empty(), Optional.empty(), FREE_BYTES);
        StreamPlan plan = StreamPlan.nightSource(seed, Math.max(1, images / FRAMES))
                .withSize(1280, 720)
                .withFramesPerDrive(FRAMES)
                .withFaults(FaultShares.NONE);
        try (LocalStack stack = LocalStack.launch(settings, EnumSet.of(Role.BROKER), quiet())) {
            progress.accept("drawing %,d images of 1280x720 and sending them".formatted(plan.records()));
            Path files = Files.createDirectories(directory.resolve("images"));
            AtomicLong bytes = new AtomicLong();
            long records = preload(stack, plan, files, bytes);
            DrivetrainConfig config = stack.config();

            progress.accept("the bare decode loop");
            double decode = decodeLoop(files, threads, config);

            progress.accept("the bare copy loop");
            double copy = records / CopyLoop.seconds(config, threads, interval);

            progress.accept("the curation job");
            double job = records / jobSeconds(stack, config, records);

            double megabytes = bytes.get() / 1e6;
            ObjectNode document = JSON.createObjectNode();
            document.put("benchmark", "curation");
            document.put("unit", "images/s");
            document.put("job", job);
            document.put("decodeLoop", decode);
            document.put("copyLoop", copy);
            document.put("ratioToDecode", job / decode);
            document.put("ratioToCopy", job / copy);
            document.put("megabytesPerSecond", job * megabytes / records);
            document.put("images", records);
            document.put("kilobytesPerImage", 1000 * megabytes / records);
            document.put("threads", threads);
            return document;
        }
    }

    private static StackListener quiet() {
        return new StackListener() {
            @Override
            public void ready(Role role, double seconds) {}

            @Override
            public void restarted(Role role, String why) {
                System.err.println(why);
            }

            @Override
            public void failed(String sentence) {
                System.err.println(sentence);
            }
        };
    }

    private static long preload(LocalStack stack, StreamPlan plan, Path files, AtomicLong bytes) throws Exception {
        SampleSource drawn = SyntheticScenes.source(plan, Runtime.getRuntime().availableProcessors());
        return Transfer.all(
                        new Tapped(drawn, files, bytes),
                        () -> {
                            stack.await(Role.BROKER);
                            return stack.config();
                        },
                        sent -> {})
                .sent();
    }

    /** Counts the bytes of what passes and keeps the first images as files for the decode loop. */
    private record Tapped(SampleSource source, Path files, AtomicLong bytes) implements SampleSource {
        @Override
        public java.util.OptionalLong expectedCount() {
            return source.expectedCount();
        }

        @Override
        public java.util.Iterator<Collected> iterator() {
            java.util.Iterator<Collected> entries = source.iterator();
            AtomicLong kept = new AtomicLong();
            return new java.util.Iterator<>() {
                @Override
                public boolean hasNext() {
                    return entries.hasNext();
                }

                @Override
                public Collected next() {
                    Collected entry = entries.next();
                    if (entry instanceof Collected.Sample sample) {
                        byte[] image = new byte[sample.sample().getImageBytes().remaining()];
                        sample.sample().getImageBytes().duplicate().get(image);
                        bytes.addAndGet(image.length);
                        long number = kept.getAndIncrement();
                        if (number < DECODE_FILES) {
                            write(files.resolve("%05d.jpg".formatted(number)), image);
                        }
                    }
                    return entry;
                }
            };
        }

        private static void write(Path file, byte[] image) {
            try {
                Files.write(file, image);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException("Cannot write " + file, e);
            }
        }

        @Override
        public void close() {
            source.close();
        }
    }

    private static double decodeLoop(Path files, int threads, DrivetrainConfig config)
            throws StackException, IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Installation.java().toString(),
                "-XX:+UseSerialGC",
                "-cp",
                Installation.find().classPath("pipeline"),
                "io.drivetrain.pipeline.measure.DecodeLoop"));
        command.addAll(List.of("--images", files.toString(), "--threads", Integer.toString(threads)));
        command.addAll(List.of("--seconds", Integer.toString(DECODE_SECONDS)));
        command.addAll(List.of("--width", Integer.toString(config.image().width())));
        command.addAll(List.of("--height", Integer.toString(config.image().height())));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new StackException("The decode loop ended with code %d".formatted(process.exitValue()));
        }
        JsonNode result =
                JSON.readTree(output.strip().lines().reduce((a, b) -> b).orElse("{}"));
        return result.path("imagesPerSecond").asDouble();
    }

    private static double jobSeconds(LocalStack stack, DrivetrainConfig config, long records) throws Exception {
        AtomicLong committed = new AtomicLong();
        List<Topic> outputs = new ArrayList<>(List.of(Topic.SAMPLES_REJECTED));
        for (Split split : Split.values()) {
            outputs.add(Topic.of(split));
        }
        stack.begin(Role.FLINK);
        stack.await(Role.FLINK);
        long started = System.nanoTime();
        try (TopicFollower follower =
                new TopicFollower(config, outputs, (topic, record) -> committed.incrementAndGet())) {
            while (committed.get() < records) {
                if (stack.failure().isPresent()) {
                    throw new StackException(stack.failure().get());
                }
                if (follower.failure().isPresent()) {
                    throw follower.failure().get();
                }
                if (System.nanoTime() - started > JOB_DEADLINE.toNanos()) {
                    throw new StackException("The curation job has not committed all after %d min; see %s"
                            .formatted(JOB_DEADLINE.toMinutes(), stack.log(Role.FLINK)));
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
        return (System.nanoTime() - started) / 1e9;
    }
}
