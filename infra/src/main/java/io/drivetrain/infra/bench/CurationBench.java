package io.drivetrain.infra.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.Transfer;
import io.drivetrain.infra.cli.read.KafkaClients;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.local.Installation;
import io.drivetrain.infra.local.LocalStack;
import io.drivetrain.infra.local.Role;
import io.drivetrain.infra.local.StackException;
import io.drivetrain.infra.local.StackListener;
import io.drivetrain.infra.local.StackSettings;
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
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * The real curation job on a real broker against its yardsticks on the same images: for camera images a bare decode loop,
 * for small ones, where decoding costs next to nothing, a bare loop that consumes and produces in transactions. They take
 * turns, never at the same time.
 *
 * <p>A streaming job runs for weeks, so its rate is taken when its JVM is warm: between the first checkpoint behind the
 * warm-up and the last one with a twentieth of the images still to come. The rate of the whole run, start included, stands beside it.
 */
public final class CurationBench {
    private static final Duration JOB_DEADLINE = Duration.ofMinutes(30);
    private static final Duration CHECKPOINTS = Duration.ofSeconds(10);
    private static final double BUSY_SHARE = 0.95;
    private static final int QUIET_MILLIS = 400;
    private static final int DECODE_SECONDS = 8;
    private static final int SMALL_WIDTH = 64;
    private static final int TENTHS = 10;
    private static final long FREE_BYTES = 8_000_000_000L;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BROKER = "the broker, a process of its own";

    private CurationBench() {}

    /**
     * How much is measured.
     *
     * @param images camera images; the first half warms the job up
     * @param small images of 64x36; the first half warms the job up
     * @param threads of the job and of each yardstick
     */
    public record Extent(int images, int small, int threads, long seed) {}

    /**
     * Measures.
     *
     * @param directory empty or not there; broker, table and images go there
     * @param progress hears what happens
     * @return the document of {@code bench curation --json}
     */
    public static ObjectNode run(Path directory, Extent extent, Consumer<String> progress) throws Exception {
        ObjectNode document = JSON.createObjectNode();
        document.put("benchmark", "curation");
        document.put("unit", "images/s");
        document.put("threads", extent.threads);
        progress.accept("drawing images of 1280x720");
        camera(directory.resolve("camera"), extent, document, progress);
        progress.accept("drawing images of %dx%d".formatted(SMALL_WIDTH, SMALL_WIDTH * 9 / 16));
        small(directory.resolve("small"), extent, document, progress);
        return document;
    }

    private static void camera(Path directory, Extent extent, ObjectNode document, Consumer<String> progress)
            throws Exception {
        BenchImages images = BenchImages.camera(extent.seed);
        images.write(directory.resolve("images"));
        try (LocalStack stack = launch(directory, extent.threads)) {
            double kilobytes = preload(stack, images, extent.images, progress);
            progress.accept("the bare decode loop");
            double decode = decodeLoop(directory.resolve("images"), extent.threads, stack.config());
            progress.accept("the bare copy loop");
            double copy = extent.images / CopyLoop.seconds(stack.config(), extent.threads, CHECKPOINTS);
            progress.accept("the curation job");
            Run run = job(stack, extent.images, extent.images / 2);
            document.put("job", run.warm());
            document.put("decodeLoop", decode);
            document.put("ratioToDecode", run.warm() / decode);
            document.put("images", extent.images);
            document.put("kilobytesPerImage", kilobytes);
            document.put("megabytesPerSecond", run.warm() * kilobytes / 1000);
            document.put("jobWithStart", run.whole());
            document.put("cameraCopyLoop", copy);
            document.put("rejected", run.rejected());
            document.set("checkpoints", checkpoints(run));
            document.set("profile", profile(run, extent.threads, decode));
        }
    }

    private static void small(Path directory, Extent extent, ObjectNode document, Consumer<String> progress)
            throws Exception {
        BenchImages images = BenchImages.small(extent.seed, SMALL_WIDTH);
        try (LocalStack stack = launch(directory, extent.threads)) {
            double kilobytes = preload(stack, images, extent.small, progress);
            progress.accept("the bare copy loop");
            double copy = extent.small / CopyLoop.seconds(stack.config(), extent.threads, CHECKPOINTS);
            progress.accept("the curation job");
            Run run = job(stack, extent.small, extent.small / 2);
            document.put("smallJob", run.warm());
            document.put("copyLoop", copy);
            document.put("ratioToCopy", run.warm() / copy);
            document.put("smallImages", extent.small);
            document.put("kilobytesPerSmallImage", kilobytes);
            document.put("smallJobWithStart", run.whole());
            document.put("smallRejected", run.rejected());
            document.set("smallCheckpoints", checkpoints(run));
            document.set("smallProfile", profile(run, extent.threads, 0));
        }
    }

    /**
     * Measures whether an image costs more after many have come: the rate over the last tenth of a run against that over
     * its second, as the first warms the JVM up, and the memory at both.
     *
     * @param images of 64x36, at least 1000
     * @return the document of {@code bench curation --history N --json}
     */
    public static ObjectNode history(Path directory, long images, int threads, long seed, Consumer<String> progress)
            throws Exception {
        BenchImages drawn = BenchImages.small(seed, SMALL_WIDTH);
        try (LocalStack stack = launch(directory, threads)) {
            preload(stack, drawn, images, progress);
            progress.accept("the curation job");
            Run run = job(stack, images, images / TENTHS);
            ObjectNode document = JSON.createObjectNode();
            document.put("benchmark", "curation-history");
            document.put("unit", "images/s");
            document.put("images", images);
            document.put("threads", threads);
            document.put("rejected", run.rejected());
            double first = run.rate(images / TENTHS, 2 * images / TENTHS);
            double last = run.rate(images - images / TENTHS, images);
            document.put("secondTenth", first);
            document.put("lastTenth", last);
            document.put("ratioLastToSecond", last / first);
            document.put("firstTenthWithStart", run.rate(0, images / TENTHS));
            document.put("residentMegabytesAfterSecondTenth", run.megabytes(2 * images / TENTHS));
            document.put("residentMegabytesAtEnd", run.megabytes(images));
            return document;
        }
    }

    private static LocalStack launch(Path directory, int threads) throws StackException {
        Map<String, String> overrides = new LinkedHashMap<>();
        overrides.put("flink.parallelism", Integer.toString(threads));
        overrides.put("flink.checkpoint-interval", CHECKPOINTS.toString());
        // The same pictures come again and again: in training and evaluation both they would be rejected, and rightly.
        overrides.put("split.train-dev-fraction", "0");
        overrides.put("split.test-fraction", "1");
        StackSettings settings = new StackSettings(
                directory, Optional.empty(), overrides, Optional.empty(), Optional.empty(), FREE_BYTES);
        return LocalStack.launch(settings, EnumSet.of(Role.BROKER), quiet());
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

    /** Returns the mean size of an image in kilobytes. */
    private static double preload(LocalStack stack, BenchImages images, long records, Consumer<String> progress)
            throws Exception {
        progress.accept("sending %,d images".formatted(records));
        AtomicLong bytes = new AtomicLong();
        long sent = Transfer.all(
                        images.stream(records, bytes),
                        () -> {
                            stack.await(Role.BROKER);
                            return stack.config();
                        },
                        acknowledged -> {})
                .sent();
        if (sent != records) {
            throw new StackException("Of %d images the broker has %d; see its log".formatted(records, sent));
        }
        return bytes.get() / 1000.0 / records;
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

    /**
     * What has been committed at a moment.
     *
     * @param images that readers of committed records see
     * @param nanos of the clock
     * @param megabytes that the job's process holds, 0 if unknown
     */
    private record Mark(long images, long nanos, double megabytes) {}

    /**
     * A run of the job.
     *
     * @param marks one for each checkpoint, the first at the start, the last when all was committed
     * @param cpu milliseconds by part over the measured stretch
     * @param measured images of that stretch
     */
    private record Run(List<Mark> marks, long warmUp, long rejected, Map<String, Double> cpu, long measured) {
        double whole() {
            return rate(marks.get(0), marks.get(marks.size() - 1));
        }

        /** Up to the last commit before the end came near: there one subtask after the other runs out of images. */
        double warm() {
            Mark begin = at(warmUp);
            Mark end = stillBusy();
            return end.images > begin.images ? rate(begin, end) : whole();
        }

        /** Between checkpoints as if the rate were even; the wait for the last checkpoint says nothing, and is left out. */
        double rate(long from, long to) {
            long busyUntil = stillBusy().images;
            long end = busyUntil > from ? Math.min(to, busyUntil) : to;
            return (end - from) / (secondsAt(end) - secondsAt(from));
        }

        private Mark stillBusy() {
            double near = BUSY_SHARE * marks.get(marks.size() - 1).images;
            Mark last = marks.get(0);
            for (Mark mark : marks) {
                last = mark.images <= near ? mark : last;
            }
            return last;
        }

        private double secondsAt(long images) {
            Mark before = marks.get(0);
            for (Mark mark : marks) {
                if (mark.images >= images) {
                    double share = mark.images == before.images
                            ? 1
                            : (double) (images - before.images) / (mark.images - before.images);
                    return (before.nanos + share * (mark.nanos - before.nanos)) / 1e9;
                }
                before = mark;
            }
            return before.nanos / 1e9;
        }

        double megabytes(long images) {
            return at(images).megabytes;
        }

        private Mark at(long images) {
            return marks.stream()
                    .filter(mark -> mark.images >= images)
                    .findFirst()
                    .orElse(marks.get(marks.size() - 1));
        }

        private static double rate(Mark from, Mark to) {
            return (to.images - from.images) / ((to.nanos - from.nanos) / 1e9);
        }
    }

    private static Run job(LocalStack stack, long records, long warmUp) throws Exception {
        stack.begin(Role.FLINK, "--jobs", "curation");
        stack.await(Role.FLINK);
        long pid = stack.state().pids().get(Role.FLINK.id());
        long brokerPid = stack.state().pids().get(Role.BROKER.id());
        List<Mark> marks = new ArrayList<>(List.of(new Mark(0, System.nanoTime(), megabytes(pid))));
        Map<String, Double> cpuAtBegin = Map.of();
        Map<String, Double> cpuAtEnd = Map.of();
        long measuredFrom = 0;
        long measuredTo = 0;
        try (CommittedEnds ends = new CommittedEnds(stack.config())) {
            long committed = 0;
            while (committed < records) {
                if (stack.failure().isPresent()) {
                    throw new StackException(stack.failure().get());
                }
                if (System.nanoTime() - marks.get(0).nanos > JOB_DEADLINE.toNanos()) {
                    throw new StackException("The curation job has not committed all after %d min; see %s"
                            .formatted(JOB_DEADLINE.toMinutes(), stack.log(Role.FLINK)));
                }
                TimeUnit.MILLISECONDS.sleep(50);
                long now = Math.min(records, ends.images());
                if (now > committed) {
                    long seen = System.nanoTime();
                    double megabytes = megabytes(pid);
                    Map<String, Double> cpu = cpu(pid, brokerPid);
                    committed = Math.min(records, ends.whole());
                    marks.add(new Mark(committed, seen, megabytes));
                    if (committed >= warmUp && cpuAtBegin.isEmpty()) {
                        cpuAtBegin = cpu;
                        measuredFrom = committed;
                    }
                    if (committed < records || cpuAtEnd.isEmpty()) {
                        cpuAtEnd = cpu;
                        measuredTo = committed;
                    }
                }
            }
        }
        Map<String, Double> spent = new LinkedHashMap<>(cpuAtEnd);
        cpuAtBegin.forEach((part, milliseconds) -> spent.merge(part, -milliseconds, Double::sum));
        return new Run(marks, warmUp, counted(stack.config(), records), spent, measuredTo - measuredFrom);
    }

    /**
     * Follows how much the job has committed by the ends of its topics, which costs less than to read them. A transaction
     * ends with a marker of its own in each partition, so a few records may be counted too many until the end.
     */
    private static final class CommittedEnds implements AutoCloseable {
        private final KafkaConsumer<byte[], byte[]> consumer;
        private final List<TopicPartition> partitions;
        private Map<TopicPartition, Long> ends = Map.of();
        private long markers;

        CommittedEnds(DrivetrainConfig config) {
            consumer = KafkaClients.consumer(config);
            partitions = KafkaClients.partitions(consumer, outputs());
        }

        long images() {
            Map<TopicPartition, Long> now = consumer.endOffsets(partitions);
            markers += now.entrySet().stream()
                    .filter(end -> end.getValue() > ends.getOrDefault(end.getKey(), 0L))
                    .count();
            ends = now;
            return now.values().stream().mapToLong(Long::longValue).sum() - markers;
        }

        /** The same when all of a commit is to be seen: its subtasks end their transactions one after the other. */
        long whole() throws InterruptedException {
            long before = -1;
            long now = images();
            while (now != before) {
                TimeUnit.MILLISECONDS.sleep(QUIET_MILLIS);
                before = now;
                now = images();
            }
            return now;
        }

        @Override
        public void close() {
            consumer.close();
        }
    }

    private static List<Topic> outputs() {
        List<Topic> outputs = new ArrayList<>(List.of(Topic.SAMPLES_REJECTED));
        for (Split split : Split.values()) {
            outputs.add(Topic.of(split));
        }
        return outputs;
    }

    /** Counts what the job has put out, all of which must be there, and returns how many it has rejected. */
    private static long counted(DrivetrainConfig config, long records) throws Exception {
        AtomicLong committed = new AtomicLong();
        AtomicLong rejected = new AtomicLong();
        long started = System.nanoTime();
        try (TopicFollower follower = new TopicFollower(config, outputs(), (topic, record) -> {
            committed.incrementAndGet();
            rejected.addAndGet(topic == Topic.SAMPLES_REJECTED ? 1 : 0);
        })) {
            while (committed.get() < records) {
                if (follower.failure().isPresent()) {
                    throw follower.failure().get();
                }
                if (System.nanoTime() - started > JOB_DEADLINE.toNanos()) {
                    throw new StackException("Of %d records the job has put out %d; something is lost"
                            .formatted(records, committed.get()));
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
        return rejected.get();
    }

    private static Map<String, Double> cpu(long pid, long brokerPid) {
        Map<String, Double> all = ThreadCpu.ofJob(pid);
        all.putAll(ThreadCpu.ofProcess(brokerPid, BROKER));
        return all;
    }

    /** CPU time per image by part, the largest first; decoding, measured by the bare loop, is a part of inspecting. */
    private static ArrayNode profile(Run run, int threads, double decodeLoop) {
        ArrayNode profile = JSON.createArrayNode();
        double total =
                run.cpu.values().stream().mapToDouble(Double::doubleValue).sum();
        if (run.measured == 0 || total == 0) {
            return profile;
        }
        run.cpu.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(part -> profile.addObject()
                        .put("part", part.getKey())
                        .put("cpuMillisecondsPerImage", part.getValue() / run.measured)
                        .put("share", part.getValue() / total));
        if (decodeLoop > 0) {
            profile.addObject()
                    .put("part", "for comparison: the bare decode loop")
                    .put("cpuMillisecondsPerImage", 1000.0 * threads / decodeLoop)
                    .putNull("share");
        }
        return profile;
    }

    private static ArrayNode checkpoints(Run run) {
        ArrayNode checkpoints = JSON.createArrayNode();
        for (Mark mark : run.marks) {
            checkpoints
                    .addObject()
                    .put("seconds", (mark.nanos - run.marks.get(0).nanos) / 1e9)
                    .put("images", mark.images);
        }
        return checkpoints;
    }

    private static double megabytes(long pid) {
        try {
            String statm = Files.readString(Path.of("/proc", Long.toString(pid), "statm"));
            return Long.parseLong(statm.split(" ")[1]) * 4096 / 1e6;
        } catch (IOException e) {
            // Not Linux, or the process has just ended: its memory is unknown.
            return 0;
        }
    }
}
