package io.drivetrain.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.drivetrain.pipeline.measure.DecodeLoop;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Wire;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * For a developer's own look at the speed of the curation, with broker and job in one JVM: folder of JPEGs, number of
 * samples, and {@code key=value} overrides. {@code bench curation} is the one to quote.
 */
public final class CurationSpeed {
    private CurationSpeed() {}

    public static void main(String[] arguments) throws Exception {
        List<byte[]> images = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of(arguments[0]))) {
            for (Path file : files.filter(path -> path.toString().matches(".*\\.(jpg|png)"))
                    .sorted()
                    .toList()) {
                images.add(Files.readAllBytes(file));
            }
        }
        int count = Integer.parseInt(arguments[1]);
        Path directory = Files.createTempDirectory("curation-speed");
        try (TestBroker broker = TestBroker.start(directory.resolve("kafka"));
                KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            Map<String, String> overrides = new HashMap<>(Map.of(
                    "kafka.bootstrap", broker.bootstrap(),
                    "store.warehouse", directory.resolve("warehouse").toString(),
                    "flink.checkpoint-directory",
                            directory.resolve("checkpoints").toString(),
                    "flink.checkpoint-interval", "PT5S"));
            Arrays.stream(arguments).skip(2).map(a -> a.split("=", 2)).forEach(kv -> overrides.put(kv[0], kv[1]));
            DrivetrainConfig config = TestSamples.config(overrides);
            for (int i = 0; i < count; i++) {
                // Each picture stays in one domain: the same look in training and evaluation would be rejected.
                int half = images.size() / 2;
                boolean source = i / 30 % 2 == 0;
                LabeledSample sample = TestSamples.sample(
                        "drive-" + i / 30,
                        i % 30,
                        source ? Domain.SOURCE : Domain.TARGET,
                        numbered(images.get(i % half + (source ? 0 : half)), i));
                producer.send(new ProducerRecord<>(
                        Topic.SAMPLES_RAW.topicName(), sample.getDriveId().getBytes(UTF_8), Wire.encode(sample)));
            }
            producer.flush();
            Configuration clusterConfig = new Configuration();
            clusterConfig.set(RestOptions.BIND_PORT, "0");
            clusterConfig.setString("taskmanager.memory.segment-size", System.getProperty("segment", "32kb"));
            try (MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                    .setConfiguration(clusterConfig)
                    .setNumTaskManagers(1)
                    .setNumSlotsPerTaskManager(config.flink().parallelism())
                    .build())) {
                cluster.start();
                JobID job = cluster.submitJob(CurationJob.plan(config)).get().getJobID();
                report(broker, count);
                cluster.cancelJob(job).get();
                cluster.requestJobResult(job).get();
            }
            DecodeLoop.measure(images, config.flink().parallelism(), Duration.ofSeconds(6), 64, 64)
                    .forEach((decoder, bare) -> System.out.printf(
                            "bare decode by %s: %.0f images/s on %d threads%n",
                            decoder, bare.imagesPerSecond(), bare.threads()));
        }
        System.exit(0);
    }

    /** The same picture as another file: a comment of JPEG, or a text of PNG, holds the number. */
    private static byte[] numbered(byte[] image, int number) {
        ByteBuffer out;
        if (image[0] == (byte) 0xFF) {
            out = ByteBuffer.allocate(image.length + 8).put(image, 0, 2).putShort((short) 0xFFFE);
            out.putShort((short) 6).putInt(number).put(image, 2, image.length - 2);
        } else {
            int head = 8 + 25;
            ByteBuffer chunk =
                    ByteBuffer.allocate(14).put("tEXtn".getBytes(UTF_8)).put((byte) 0);
            chunk.put("%08x".formatted(number).getBytes(UTF_8));
            CRC32 crc = new CRC32();
            crc.update(chunk.array());
            out = ByteBuffer.allocate(image.length + 22)
                    .put(image, 0, head)
                    .putInt(10)
                    .put(chunk.array());
            out.putInt((int) crc.getValue()).put(image, head, image.length - head);
        }
        return out.array();
    }

    /** CPU milliseconds by kind of thread, and of the whole process. */
    private static Map<String, Double> cpu() {
        ThreadMXBean beans = ManagementFactory.getThreadMXBean();
        Map<String, Double> cpu = new TreeMap<>();
        for (ThreadInfo info : beans.getThreadInfo(beans.getAllThreadIds())) {
            if (info != null) {
                cpu.merge(
                        info.getThreadName().replaceAll("[0-9a-f]{16,}|[0-9]+", "N"),
                        beans.getThreadCpuTime(info.getThreadId()) / 1e6,
                        Double::sum);
            }
        }
        cpu.put("(wall) compiling", (double)
                ManagementFactory.getCompilationMXBean().getTotalCompilationTime());
        cpu.put("(wall) collecting garbage", (double) ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                .sum());
        cpu.put(
                "whole process",
                ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                                .getProcessCpuTime()
                        / 1e6);
        return cpu;
    }

    /** Prints CPU milliseconds per image of the busiest kinds of thread since an earlier look. */
    private static void threads(Map<String, Double> since, long count) {
        Map<String, Double> now = cpu();
        now.replaceAll((name, milliseconds) -> (milliseconds - since.getOrDefault(name, 0.0)) / count);
        now.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(14)
                .forEach(entry -> System.out.printf("%6.2f ms %s%n", entry.getValue(), entry.getKey()));
    }

    /** Watches what is written, committed or not, and takes the rate of the second half, when the JVM is warm. */
    private static void report(TestBroker broker, int count) {
        Map<String, Object> properties = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                broker.bootstrap(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_uncommitted");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = Stream.of(
                            Topic.SAMPLES_TRAIN,
                            Topic.SAMPLES_TRAIN_DEV,
                            Topic.SAMPLES_TEST_DEV,
                            Topic.SAMPLES_TEST,
                            Topic.SAMPLES_REJECTED)
                    .flatMap(topic -> consumer.partitionsFor(topic.topicName()).stream())
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long seen = 0;
            long startSeen = 0;
            long start = 0;
            Map<String, Double> cpuAtStart = Map.of();
            long shown = System.nanoTime();
            long shownSeen = 0;
            while (seen < count) {
                seen += consumer.poll(Duration.ofMillis(50)).count();
                if (start == 0 && seen >= count / 2) {
                    cpuAtStart = cpu();
                    start = System.nanoTime();
                    startSeen = seen;
                }
                if (System.nanoTime() - shown > 2_000_000_000L) {
                    System.out.printf("%d (%.0f/s)%n", seen, (seen - shownSeen) / ((System.nanoTime() - shown) / 1e9));
                    shown = System.nanoTime();
                    shownSeen = seen;
                }
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf("job: %.0f images/s over %.1f s%n", (seen - startSeen) / seconds, seconds);
            threads(cpuAtStart, seen - startSeen);
        }
    }
}
