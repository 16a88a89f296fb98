package io.drivetrain.infra.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.Transfer;
import io.drivetrain.infra.cli.read.KafkaClients;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.local.KeeperProcess;
import io.drivetrain.infra.local.LocalStack;
import io.drivetrain.infra.local.Role;
import io.drivetrain.infra.local.StackException;
import io.drivetrain.infra.local.StackListener;
import io.drivetrain.infra.local.StackSettings;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import java.io.IOException;
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
 * turns, never at the same time: each yardstick is taken before and after the job, and its mean counts.
 *
 * <p>A streaming job runs for weeks, so all rates are those of a warm JVM. The job's is taken between the first checkpoint
 * behind the warm-up and the last one with a twentieth of the images still to come, with the rate of the whole run, start
 * included, beside it; the yardsticks' in a second round. A run counts only if nothing was rejected and the table has a row
 * for each image.
 */
public final class CurationBench {
    private static final Duration JOB_DEADLINE = Duration.ofMinutes(30);
    private static final Duration CHECKPOINTS = Duration.ofSeconds(10);
    private static final int QUIET_MILLIS = 400;
    private static final int DECODE_SECONDS = 8;
    private static final int SMALL_WIDTH = 64;
    private static final int TENTHS = 10;
    private static final int CHANNELS = 3;
    private static final int PATIENCE_FOR_TABLE_SECONDS = 60;

    /** A copy loop copies twice, before and after the job, and the broker deletes with a delay of a minute. */
    private static final int COPIES = 4;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BROKER = "the broker, a process of its own";

    private CurationBench() {}

    /**
     * How much is measured.
     *
     * @param images camera images; the first half warms the job up; 0 to leave them out
     * @param small images of 64x36; the first half warms the job up; 0 to leave them out
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
        if (extent.images > 0) {
            progress.accept("drawing images of 1280x720");
            camera(directory.resolve("camera"), extent, document, progress);
            Folders.delete(directory.resolve("camera"));
        }
        if (extent.small > 0) {
            progress.accept("drawing images of %dx%d".formatted(SMALL_WIDTH, SMALL_WIDTH * 9 / 16));
            small(directory.resolve("small"), extent, document, progress);
        }
        return document;
    }

    private static void camera(Path directory, Extent extent, ObjectNode document, Consumer<String> progress)
            throws Exception {
        BenchImages images = BenchImages.camera(extent.seed);
        Path files = directory.resolve("images");
        images.write(files);
        try (LocalStack stack = launch(directory, extent.threads, images, extent.images, 0)) {
            double kilobytes = preload(stack, images, extent.images, progress);
            DrivetrainConfig.Image size = stack.config().image();
            progress.accept("the bare decode loop");
            JsonNode before = PipelineBench.decodeLoop(files, extent.threads, DECODE_SECONDS, size);
            progress.accept("the curation job");
            JobRun run = job(stack, extent.images, extent.images / 2);
            stack.end(Role.FLINK);
            progress.accept("the bare decode loop again");
            JsonNode after = PipelineBench.decodeLoop(files, extent.threads, DECODE_SECONDS, size);
            // The yardstick is libjpeg-turbo's loop; our own decoder, which the job uses, is faster and stands beside
            // it.
            double decode = mean(before, after, "openCv");
            double eighth = mean(before, after, "eighth");
            document.put("job", run.warm());
            document.put("jobIsWarm", run.hasWarmStretch());
            document.put("decodeLoop", decode);
            document.put("decodeLoopBy", "libjpeg-turbo's reduced decode, through OpenCV");
            document.put("ratioToDecode", run.warm() / decode);
            document.put("decodeLoopBefore", before.path("openCv").asDouble());
            document.put("decodeLoopAfter", after.path("openCv").asDouble());
            document.put("decodeLoopOfJpegEighth", eighth);
            document.put("ratioToJpegEighth", run.warm() / eighth);
            document.put("decodeLoopOfJpegEighthBefore", before.path("eighth").asDouble());
            document.put("decodeLoopOfJpegEighthAfter", after.path("eighth").asDouble());
            document.put("images", extent.images);
            document.put("kilobytesPerImage", kilobytes);
            document.put("megabytesPerSecond", run.warm() * kilobytes / 1000);
            document.put("jobWithStart", run.whole());
            document.put("rejected", 0);
            document.put("rowsInTable", extent.images);
            document.set("checkpoints", checkpoints(run));
            document.set("profile", profile(run, extent.threads, eighth));
        }
    }

    private static void small(Path directory, Extent extent, ObjectNode document, Consumer<String> progress)
            throws Exception {
        BenchImages images = BenchImages.small(extent.seed, SMALL_WIDTH);
        try (LocalStack stack = launch(directory, extent.threads, images, extent.small, COPIES)) {
            double kilobytes = preload(stack, images, extent.small, progress);
            progress.accept("the bare copy loop");
            JsonNode before = PipelineBench.copyLoop(stack.config(), extent.threads);
            progress.accept("the curation job");
            JobRun run = job(stack, extent.small, extent.small / 2);
            stack.end(Role.FLINK);
            progress.accept("the bare copy loop again");
            JsonNode after = PipelineBench.copyLoop(stack.config(), extent.threads);
            double copy = mean(before, after, "imagesPerSecond");
            document.put("smallJob", run.warm());
            document.put("smallJobIsWarm", run.hasWarmStretch());
            document.put("copyLoop", copy);
            document.put("ratioToCopy", run.warm() / copy);
            document.put("copyLoopBefore", before.path("imagesPerSecond").asDouble());
            document.put("copyLoopAfter", after.path("imagesPerSecond").asDouble());
            document.put("smallImages", extent.small);
            document.put("kilobytesPerSmallImage", kilobytes);
            document.put("smallJobWithStart", run.whole());
            document.put("smallRejected", 0);
            document.put("smallRowsInTable", extent.small);
            document.set("smallCheckpoints", checkpoints(run));
            document.set("smallProfile", profile(run, extent.threads, 0));
        }
    }

    private static double mean(JsonNode before, JsonNode after, String field) {
        return (before.path(field).asDouble() + after.path(field).asDouble()) / 2;
    }

    /**
     * Measures whether an image costs more after many have come: rate and memory over the last tenth of a run that ends
     * with a busy job against those over the first tenth behind the warm-up, which is a tenth, too.
     *
     * @param images of 64x36, at least 1000
     * @return the document of {@code bench curation --history N --json}
     * @throws StackException if the run is too short for two tenths between checkpoints
     */
    public static ObjectNode history(Path directory, long images, int threads, long seed, Consumer<String> progress)
            throws Exception {
        BenchImages drawn = BenchImages.small(seed, SMALL_WIDTH);
        try (LocalStack stack = launch(directory, threads, drawn, images, 0)) {
            preload(stack, drawn, images, progress);
            progress.accept("the curation job");
            JobRun run = job(stack, images, images / TENTHS);
            if (!run.longEnough()) {
                throw new StackException(
                        "%,d images are curated within %d checkpoints, too few for tenths of them; give --history more"
                                .formatted(images, run.marks().size() - 1));
            }
            ObjectNode document = JSON.createObjectNode();
            document.put("benchmark", "curation-history");
            document.put("unit", "images/s");
            document.put("images", images);
            document.put("threads", threads);
            document.put("rejected", 0);
            document.put("rowsInTable", images);
            document.put("ratioLastToFirst", run.ratioLastToFirst());
            document.put("memoryGrows", run.memoryGrows());
            document.put("flat", run.flat());
            document.set("firstTenth", stretch(run.firstTenth()));
            document.set("lastTenth", stretch(run.lastTenth()));
            document.put("jobWithStart", run.whole());
            ArrayNode tenths = document.putArray("tenths");
            run.tenths().forEach(tenth -> tenths.add(stretch(tenth)));
            return document;
        }
    }

    private static ObjectNode stretch(JobRun.Stretch stretch) {
        return JSON.createObjectNode()
                .put("from", stretch.from())
                .put("to", stretch.to())
                .put("imagesPerSecond", stretch.imagesPerSecond())
                .put("residentMegabytes", stretch.megabytes());
    }

    private static LocalStack launch(Path directory, int threads, BenchImages images, long count, int copies)
            throws StackException {
        Map<String, String> overrides = new LinkedHashMap<>();
        overrides.put("flink.parallelism", Integer.toString(threads));
        overrides.put("flink.checkpoint-interval", CHECKPOINTS.toString());
        // The same pictures come again and again: in training and evaluation both they would be rejected, and rightly.
        overrides.put("split.train-dev-fraction", "0");
        overrides.put("split.test-fraction", "1");
        DrivetrainConfig.Image size =
                ConfigReader.read(Optional.empty(), System.getenv(), overrides).image();
        long pixels = (long) CHANNELS * size.width() * size.height();
        StackSettings settings = new StackSettings(
                directory,
                Optional.empty(),
                overrides,
                Optional.empty(),
                Optional.empty(),
                DiskNeed.bytes(count, images.meanBytes(), pixels, copies));
        return LocalStack.launch(settings, EnumSet.of(Role.BROKER), StackListener.ofTrouble());
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

    private static JobRun job(LocalStack stack, long records, long warmUp) throws Exception {
        stack.begin(Role.FLINK, "--jobs", "curation");
        stack.await(Role.FLINK);
        long pid = stack.state().pids().get(Role.FLINK.id());
        long brokerPid = stack.state().pids().get(Role.BROKER.id());
        List<JobRun.Mark> marks = new ArrayList<>(List.of(new JobRun.Mark(0, System.nanoTime(), megabytes(pid))));
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
                if (System.nanoTime() - marks.get(0).nanos() > JOB_DEADLINE.toNanos()) {
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
                    marks.add(new JobRun.Mark(committed, seen, megabytes));
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
        requireAll(records, rejected(stack.config(), records), rows(stack.config(), records));
        return new JobRun(marks, warmUp, spent, measuredTo - measuredFrom);
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

    /**
     * Refuses the rate of a job that did not do all of its work.
     *
     * @throws StackException if something was rejected, or the table has not one row for each image
     */
    static void requireAll(long images, long rejected, long rows) throws StackException {
        if (rejected != 0) {
            throw new StackException(
                    "Of %,d images %,d were rejected, which costs less than to admit them, so the run does not count; see whether a variable DRIVETRAIN_* in the environment changes what is admitted"
                            .formatted(images, rejected));
        }
        if (rows != images) {
            throw new StackException(
                    "Of %,d images the table has %,d rows; the run does not count, and something is wrong"
                            .formatted(images, rows));
        }
    }

    /** Rows of the table's current snapshot, waiting for the commit of the last checkpoint. */
    private static long rows(DrivetrainConfig config, long expected) throws StackException, InterruptedException {
        long started = System.nanoTime();
        while (true) {
            KeeperProcess.Outcome outcome =
                    KeeperProcess.run(config, List.of("list"), (label, unit, done, total) -> {});
            if (outcome.exitCode() != 0) {
                throw new StackException(outcome.error());
            }
            long rows = 0;
            for (JsonNode snapshot : outcome.document().path("snapshots")) {
                rows = snapshot.path("current").asBoolean()
                        ? snapshot.path("samples").asLong()
                        : rows;
            }
            boolean patient = System.nanoTime() - started < TimeUnit.SECONDS.toNanos(PATIENCE_FOR_TABLE_SECONDS);
            if (rows >= expected || !patient) {
                return rows;
            }
        }
    }

    /** Counts what the job has put out, all of which must be there, and returns how many it has rejected. */
    private static long rejected(DrivetrainConfig config, long records) throws Exception {
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
    private static ArrayNode profile(JobRun run, int threads, double decodeLoop) {
        ArrayNode profile = JSON.createArrayNode();
        double total =
                run.cpu().values().stream().mapToDouble(Double::doubleValue).sum();
        if (run.measured() == 0 || total == 0) {
            return profile;
        }
        run.cpu().entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(part -> profile.addObject()
                        .put("part", part.getKey())
                        .put("cpuMillisecondsPerImage", part.getValue() / run.measured())
                        .put("share", part.getValue() / total));
        if (decodeLoop > 0) {
            profile.addObject()
                    .put("part", "for comparison: the bare loop of our own decoder")
                    .put("cpuMillisecondsPerImage", 1000.0 * threads / decodeLoop)
                    .putNull("share");
        }
        return profile;
    }

    private static ArrayNode checkpoints(JobRun run) {
        ArrayNode checkpoints = JSON.createArrayNode();
        for (JobRun.Mark mark : run.marks()) {
            checkpoints
                    .addObject()
                    .put("seconds", (mark.nanos() - run.marks().get(0).nanos()) / 1e9)
                    .put("images", mark.images());
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
