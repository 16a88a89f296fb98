package io.drivetrain.pipeline;

import io.drivetrain.pipeline.admit.RawSource;
import io.drivetrain.pipeline.route.OutgoingSink;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The yardstick of delivery: nothing but consuming samples.raw and producing the same records in transactions, with
 * clients that are set as the job's.
 *
 * <p>Arguments: {@code [--threads N] [--config FILE] [--set key=value]...}. Copies everything twice and prints one line
 * of JSON about the second time: connections, the start of transactions and the warming of the JVM belong to the first.
 */
public final class CopyLoop {
    private static final String TARGET = "bench.copy";
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int PASSES = 2;

    private CopyLoop() {}

    /**
     * What the second pass did.
     *
     * @param images copied, over all threads
     * @param seconds until the last transaction was committed
     */
    public record Result(long images, int threads, double seconds) {
        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"imagesPerSecond\":%.2f,\"images\":%d,\"threads\":%d,\"seconds\":%.3f}",
                    images / seconds,
                    images,
                    threads,
                    seconds);
        }
    }

    /** Measures, prints the result, and deletes what was copied. */
    public static void main(String[] arguments) throws Exception {
        int threads = Runtime.getRuntime().availableProcessors();
        for (int i = 0; i + 1 < arguments.length; i++) {
            if (arguments[i].equals("--threads")) {
                threads = Integer.parseInt(arguments[i + 1]);
            }
        }
        System.out.println(measure(ConfigReader.fromArguments(arguments, System.getenv()), threads)
                .json());
    }

    /**
     * Copies all of samples.raw twice.
     *
     * @param threads each with a consumer and a transactional producer of its own; no more than there are partitions
     * @throws ExecutionException if the broker refuses
     */
    public static Result measure(DrivetrainConfig config, int threads) throws InterruptedException, ExecutionException {
        int partitions = Topic.SAMPLES_RAW.partitions();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(config)) {
            partitions = consumer.partitionsFor(Topic.SAMPLES_RAW.topicName()).size();
        }
        Properties client = new Properties();
        client.putAll(config.kafka().properties());
        client.setProperty("bootstrap.servers", config.kafka().bootstrap());
        try (Admin admin = Admin.create(client)) {
            NewTopic target = new NewTopic(TARGET, Optional.of(partitions), Optional.of((short) 1))
                    .configs(Map.of("max.message.bytes", Integer.toString(Topic.SAMPLES_RAW.maxRecordBytes())));
            admin.createTopics(List.of(target)).all().get();
            try {
                return copy(config, Math.min(threads, partitions), partitions);
            } finally {
                admin.deleteTopics(List.of(TARGET)).all().get();
            }
        }
    }

    private static Result copy(DrivetrainConfig config, int threads, int partitions)
            throws InterruptedException, ExecutionException {
        List<Long> passed = new ArrayList<>();
        CyclicBarrier pass = new CyclicBarrier(threads, () -> passed.add(System.nanoTime()));
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Long>> copies = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                List<TopicPartition> own = new ArrayList<>();
                for (int i = thread; i < partitions; i += threads) {
                    own.add(new TopicPartition(Topic.SAMPLES_RAW.topicName(), i));
                }
                String id = TARGET + "-" + thread;
                copies.add(() -> copy(config, own, id, pass));
            }
            long images = 0;
            for (Future<Long> copy : pool.invokeAll(copies)) {
                images += copy.get();
            }
            return new Result(images, threads, (passed.get(PASSES) - passed.get(PASSES - 1)) / 1e9);
        } finally {
            pool.shutdownNow();
        }
    }

    /** Returns the records of the last pass. */
    private static long copy(DrivetrainConfig config, List<TopicPartition> own, String id, CyclicBarrier pass)
            throws InterruptedException, BrokenBarrierException {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(config);
                KafkaProducer<byte[], byte[]> producer = producer(config, id)) {
            producer.initTransactions();
            consumer.assign(own);
            Map<TopicPartition, Long> ends = consumer.endOffsets(own);
            long copied = 0;
            pass.await();
            for (int i = 0; i < PASSES; i++) {
                consumer.seekToBeginning(own);
                copied = copyOnce(consumer, producer, ends, config.flink().checkpointInterval());
                pass.await();
            }
            return copied;
        } finally {
            // Where one has failed, the others would wait for it.
            pass.reset();
        }
    }

    private static long copyOnce(
            KafkaConsumer<byte[], byte[]> consumer,
            KafkaProducer<byte[], byte[]> producer,
            Map<TopicPartition, Long> ends,
            Duration commitInterval) {
        long copied = 0;
        producer.beginTransaction();
        long begun = System.nanoTime();
        while (ends.keySet().stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                producer.send(new ProducerRecord<>(TARGET, record.partition(), record.key(), record.value()));
                copied++;
            }
            if (System.nanoTime() - begun > commitInterval.toNanos()) {
                producer.commitTransaction();
                producer.beginTransaction();
                begun = System.nanoTime();
            }
        }
        producer.commitTransaction();
        return copied;
    }

    private static KafkaConsumer<byte[], byte[]> consumer(DrivetrainConfig config) {
        Properties properties = RawSource.consumerProperties(config);
        properties.setProperty(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrap());
        properties.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static KafkaProducer<byte[], byte[]> producer(DrivetrainConfig config, String id) {
        Properties properties = OutgoingSink.producerProperties(config);
        properties.setProperty(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrap());
        properties.setProperty(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
