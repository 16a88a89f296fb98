package io.drivetrain.infra.bench;

import io.drivetrain.infra.cli.read.KafkaClients;
import io.drivetrain.infra.local.BrokerProcess;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The yardstick of delivery: nothing but consuming samples.raw and producing the same records, in transactions. */
final class CopyLoop {
    private static final String TARGET = "bench.copy";
    private static final Duration POLL = Duration.ofMillis(200);

    private CopyLoop() {}

    /**
     * Copies every record once.
     *
     * @param threads each with a consumer and a transactional producer of its own
     * @param commitInterval as the job's checkpoint interval
     * @return seconds from the first poll to the last commit
     */
    static double seconds(DrivetrainConfig config, int threads, Duration commitInterval)
            throws InterruptedException, ExecutionException {
        List<TopicPartition> partitions;
        try (KafkaConsumer<byte[], byte[]> consumer = KafkaClients.consumer(config)) {
            partitions = KafkaClients.partitions(consumer, List.of(Topic.SAMPLES_RAW));
        }
        try (Admin admin = Admin.create(KafkaClients.admin(config))) {
            admin.createTopics(List.of(new NewTopic(TARGET, Optional.of(partitions.size()), Optional.of((short) 1))
                            .configs(Map.of("max.message.bytes", Integer.toString(BrokerProcess.MAX_MESSAGE_BYTES)))))
                    .all()
                    .get();
        }
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            long started = System.nanoTime();
            List<Callable<Void>> copies = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                List<TopicPartition> own = new ArrayList<>();
                for (int i = thread; i < partitions.size(); i += threads) {
                    own.add(partitions.get(i));
                }
                String id = TARGET + "-" + thread;
                copies.add(() -> {
                    copy(config, own, id, commitInterval);
                    return null;
                });
            }
            for (Future<Void> copy : pool.invokeAll(copies)) {
                copy.get();
            }
            return (System.nanoTime() - started) / 1e9;
        } finally {
            pool.shutdownNow();
        }
    }

    private static void copy(DrivetrainConfig config, List<TopicPartition> own, String id, Duration commitInterval) {
        Properties properties = new Properties();
        properties.putAll(config.kafka().properties());
        properties.put("bootstrap.servers", config.kafka().bootstrap());
        properties.put("transactional.id", id);
        properties.put("max.request.size", Integer.toString(BrokerProcess.MAX_MESSAGE_BYTES));
        properties.put("batch.size", Integer.toString(512 << 10));
        properties.put("linger.ms", "20");
        try (KafkaConsumer<byte[], byte[]> consumer = KafkaClients.consumer(config);
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            consumer.assign(own);
            consumer.seekToBeginning(own);
            Map<TopicPartition, Long> ends = consumer.endOffsets(own);
            producer.beginTransaction();
            long begun = System.nanoTime();
            while (own.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    producer.send(new ProducerRecord<>(TARGET, record.partition(), record.key(), record.value()));
                }
                if (System.nanoTime() - begun > commitInterval.toNanos()) {
                    producer.commitTransaction();
                    producer.beginTransaction();
                    begun = System.nanoTime();
                }
            }
            producer.commitTransaction();
        }
    }
}
