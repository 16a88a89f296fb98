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
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * The real curation job on a real broker, against a bare decode loop and a bare copy loop over the same images.
 *
 * <p>The job's time runs from the moment its tasks run to the moment the last of its output is committed, a cold JVM
 * included. The three take turns, never at the same time.
 */
public final class CurationBench {
    private static final Duration JOB_DEADLINE = Duration.ofMinutes(10);
    private static final int FRAMES = 20;
    private static final int DRAWN = 400;
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
        StreamPlan plan = StreamPlan.first(seed, DRAWN / FRAMES / 2, DRAWN / FRAMES / 2)
                .withSize(1280, 720)
                .withFramesPerDrive(FRAMES)
                .withFaults(FaultShares.NONE);
        try (LocalStack stack = LocalStack.launch(settings, EnumSet.of(Role.BROKER), quiet())) {
            progress.accept("drawing %,d images of 1280x720, sending %,d".formatted(plan.records(), images));
            Path files = Files.createDirectories(directory.resolve("images"));
            AtomicLong bytes = new AtomicLong();
            long records = preload(stack, plan, images, files, bytes);
            DrivetrainConfig config = stack.config();

            progress.accept("the bare decode loop");
            double decode = decodeLoop(files, threads, config);

            progress.accept("the bare copy loop");
            double copy = records / CopyLoop.seconds(config, threads, interval);

            progress.accept("the curation job");
            JobTime time = jobTime(stack, config, records);
            double job = records / time.seconds();

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
            document.put("jobAfterFirstCommit", time.rateAfterFirstCommit());
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

    private static long preload(LocalStack stack, StreamPlan plan, long records, Path files, AtomicLong bytes)
            throws Exception {
        List<LabeledSample> drawn = draw(plan, files);
        return Transfer.all(
                        new Repeated(drawn, records, bytes),
                        () -> {
                            stack.await(Role.BROKER);
                            return stack.config();
                        },
                        sent -> {})
                .sent();
    }

    /** Draws the images, keeps them, and writes the first as files for the decode loop. */
    private static List<LabeledSample> draw(StreamPlan plan, Path files) throws IOException {
        List<LabeledSample> drawn = new ArrayList<>();
        try (SampleSource source =
                SyntheticScenes.source(plan, Runtime.getRuntime().availableProcessors())) {
            for (Collected entry : source) {
                if (entry instanceof Collected.Sample sample) {
                    if (drawn.size() < DECODE_FILES) {
                        byte[] image = new byte[sample.sample().getImageBytes().remaining()];
                        sample.sample().getImageBytes().duplicate().get(image);
                        Files.write(files.resolve("%05d.jpg".formatted(drawn.size())), image);
                    }
                    drawn.add(sample.sample());
                }
            }
        }
        return drawn;
    }

    /** The drawn images again and again, each time as samples and drives of their own. */
    private record Repeated(List<LabeledSample> drawn, long records, AtomicLong bytes) implements SampleSource {
        @Override
        public OptionalLong expectedCount() {
            return OptionalLong.of(records);
        }

        @Override
        public Iterator<Collected> iterator() {
            return LongStream.range(0, records).mapToObj(this::copy).iterator();
        }

        private Collected copy(long number) {
            LabeledSample sample = drawn.get((int) (number % drawn.size()));
            long round = number / drawn.size();
            bytes.addAndGet(sample.getImageBytes().remaining());
            return new Collected.Sample(LabeledSample.newBuilder(sample)
                    .setSampleId(sample.getSampleId() + "/" + round)
                    .setDriveId(sample.getDriveId() + "/" + round)
                    .build());
        }

        @Override
        public void close() {}
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

    /** How long the job took, and its rate once the JVM is warm. */
    private record JobTime(double seconds, double rateAfterFirstCommit) {}

    private static JobTime jobTime(LocalStack stack, DrivetrainConfig config, long records) throws Exception {
        AtomicLong committed = new AtomicLong();
        List<Topic> outputs = new ArrayList<>(List.of(Topic.SAMPLES_REJECTED));
        for (Split split : Split.values()) {
            outputs.add(Topic.of(split));
        }
        stack.begin(Role.FLINK);
        stack.await(Role.FLINK);
        long started = System.nanoTime();
        long firstAt = 0;
        long firstCount = 0;
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
                if (firstAt == 0 && committed.get() > 0) {
                    firstAt = System.nanoTime();
                    firstCount = committed.get();
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
        long ended = System.nanoTime();
        return new JobTime(
                (ended - started) / 1e9, firstAt == 0 ? 0 : (records - firstCount) / ((ended - firstAt) / 1e9));
    }
}
