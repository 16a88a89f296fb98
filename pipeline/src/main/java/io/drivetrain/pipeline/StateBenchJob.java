package io.drivetrain.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.pipeline.admit.Claim;
import io.drivetrain.pipeline.admit.Release;
import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.state.rocksdb.RocksDBOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * What it costs to remember: the stages that find duplicates, with RocksDB and checkpoints as in the job, on claims of
 * samples that exist only as numbers. One in a hundred is sent twice, and each of these must be found.
 *
 * <p>Arguments: {@code --ids N --managed-mb N --dir DIR}. Prints progress on stderr and one JSON document on stdout.
 */
public final class StateBenchJob {
    private static final int REPEATED = 100;
    private static final int FRAMES = 1000;
    private static final int TENTHS = 10;
    private static final String RUN = "00000000-0000-4000-8000-000000000000";
    private static final long START = 1_700_000_000_000L;
    private static final AtomicLong JUDGED = new AtomicLong();
    private static final AtomicLong DUPLICATES = new AtomicLong();
    private static final AtomicLong OTHERS = new AtomicLong();

    private StateBenchJob() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> arguments = new HashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            arguments.put(args[i], args[i + 1]);
        }
        ObjectNode document = run(
                Long.parseLong(arguments.get("--ids")),
                Integer.parseInt(arguments.get("--managed-mb")),
                Path.of(arguments.get("--dir")));
        System.out.println(document);
        System.exit(0);
    }

    private static ObjectNode run(long ids, int managedMb, Path directory) throws Exception {
        DrivetrainConfig config = ConfigReader.read(
                Optional.empty(),
                Map.of(),
                Map.of(
                        "flink.checkpoint-directory",
                        directory.resolve("checkpoints").toString(),
                        "flink.parallelism",
                        "2"));
        Path local = Files.createDirectories(directory.resolve("rocksdb"));
        Configuration settings = JobSettings.configure(config, "state-bench");
        settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(managedMb));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
        settings.set(RocksDBOptions.LOCAL_DIRECTORIES, local.toString());
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2, settings);
        long total = ids + ids / REPEATED;
        DataStream<Claim> claims = env.fromSequence(0, total - 1)
                .uid("numbers")
                .map(new ToClaim(ids), SourceToSinkType.of(Claim.Form.CLAIM))
                .uid("claims");
        DataStream<Release> none = env.fromSequence(0, 0)
                .uid("no-number")
                .filter(new Never())
                .uid("nothing")
                .map(new ToRelease(), SourceToSinkType.of(Release.Form.RELEASE))
                .uid("releases");
        CurationJob.judged(claims, none, config)
                .filter(new Count())
                .uid("count")
                .sinkTo(new DiscardingSink<>())
                .uid("sink");
        JobClient job = env.executeAsync("state bench");
        ObjectNode document = new ObjectMapper().createObjectNode();
        document.put("benchmark", "state");
        document.put("ids", ids);
        document.put("managedMegabytes", managedMb);
        document.put("heapMegabytes", Runtime.getRuntime().maxMemory() >> 20);
        watch(job, total, local, document);
        document.put("repeated", ids / REPEATED);
        document.put("duplicatesFound", DUPLICATES.get());
        document.put("otherRefusals", OTHERS.get());
        return document;
    }

    private static void watch(JobClient job, long total, Path local, ObjectNode document) throws Exception {
        var result = job.getJobExecutionResult();
        ArrayNode tenths = document.putArray("tenths");
        long began = System.nanoTime();
        long tenthBegan = 0;
        long tenthNanos = 0;
        long state = 0;
        double firstRate = 0;
        double lastRate = 0;
        while (JUDGED.get() < total && !result.isDone()) {
            TimeUnit.MILLISECONDS.sleep(200);
            long done = JUDGED.get();
            // The numbers of the source are dealt in two halves, so the first half second has only warm-up.
            if (done > 0 && tenthNanos == 0) {
                tenthNanos = System.nanoTime();
                tenthBegan = done;
            }
            if (done - tenthBegan >= total / TENTHS || done == total && done > tenthBegan) {
                long now = System.nanoTime();
                double rate = (done - tenthBegan) / ((now - tenthNanos) / 1e9);
                state = size(local);
                tenths.addObject()
                        .put("judged", done)
                        .put("perSecond", Math.round(rate))
                        .put("residentMegabytes", memory("VmRSS") >> 20)
                        .put("stateMegabytes", state >> 20);
                System.err.printf(
                        "  %,d of %,d judged, %,.0f/s, resident %,d MB, state %,d MB%n",
                        done, total, rate, memory("VmRSS") >> 20, state >> 20);
                // The first tenth warms up compilers and caches.
                firstRate = tenths.size() == 2 ? rate : firstRate;
                lastRate = rate;
                tenthBegan = done;
                tenthNanos = now;
            }
        }
        result.get();
        document.put("seconds", (System.nanoTime() - began) / 1e9);
        document.put("peakResidentMegabytes", memory("VmHWM") >> 20);
        document.put("stateMegabytes", state >> 20);
        document.put("stateBytesPerId", (double) state / total);
        document.put("lastToSecondTenth", lastRate / firstRate);
    }

    /**
     * Bytes of this process in memory; RocksDB's are among them, which no figure of the JVM says.
     *
     * @param field {@code VmRSS} for now, {@code VmHWM} for the most that it ever was
     */
    private static long memory(String field) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(field + ":")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new IOException("/proc/self/status does not name " + field);
    }

    private static long size(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            long bytes = 0;
            for (Path file : (Iterable<Path>) files::iterator) {
                try {
                    bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
                } catch (NoSuchFileException e) {
                    // RocksDB removes files while it compacts.
                }
            }
            return bytes;
        } catch (java.io.UncheckedIOException e) {
            return 0;
        }
    }

    /** A number as the claim of a sample; the last hundredth says again what every hundredth said. */
    private static final class ToClaim implements MapFunction<Long, Claim> {
        private static final long serialVersionUID = 1L;
        private final long ids;

        ToClaim(long ids) {
            this.ids = ids;
        }

        @Override
        public Claim map(Long number) {
            long id = number < ids ? number : (number - ids) * REPEATED;
            long drive = id / FRAMES;
            int frame = (int) (id % FRAMES);
            // Odd multipliers permute 64-bit numbers, so no two ids share content or look.
            String look = HexFormat.of().toHexDigits(id * 0x9E3779B97F4A7C15L);
            String sha256 = look
                    + HexFormat.of().toHexDigits(id * 0xBF58476D1CE4E5B9L)
                    + HexFormat.of().toHexDigits(id * 0x94D049BB133111EBL)
                    + HexFormat.of().toHexDigits(id * 0xD6E8FEB86659FD93L);
            return new Claim(
                    0,
                    RUN,
                    "samples.raw-%d@%d".formatted(number % 4, number),
                    "drive-%07d/%06d".formatted(drive, frame),
                    "drive-%07d".formatted(drive),
                    frame,
                    START + drive * 600_000 + frame * 100L,
                    Domain.SOURCE,
                    id % 3 == 0 ? "pedestrian" : "no-pedestrian",
                    "annotator-" + id % 7,
                    0,
                    Map.of("weather", "clear", "timeofday", "daytime"),
                    sha256,
                    id,
                    look,
                    null,
                    null,
                    List.of(),
                    List.of(),
                    null,
                    null,
                    false);
        }
    }

    private static final class Never implements FilterFunction<Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public boolean filter(Long number) {
            return false;
        }
    }

    private static final class ToRelease implements MapFunction<Long, Release> {
        private static final long serialVersionUID = 1L;

        @Override
        public Release map(Long number) {
            throw new IllegalStateException("Nothing is released here");
        }
    }

    private static final class Count implements FilterFunction<Claim> {
        private static final long serialVersionUID = 1L;

        @Override
        public boolean filter(Claim claim) {
            if (!claim.clean()) {
                boolean duplicate = claim.violations().get(0).getCode().equals("duplicate-sample-id");
                (duplicate ? DUPLICATES : OTHERS).incrementAndGet();
            }
            JUDGED.incrementAndGet();
            return false;
        }
    }
}
