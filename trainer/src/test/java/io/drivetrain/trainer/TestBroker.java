package io.drivetrain.trainer;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** A real broker in this JVM, with what tests send to it and wait for. */
final class TestBroker implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final KafkaRaftServer server;
    private final String bootstrap;
    private final Admin admin;
    private KafkaProducer<byte[], byte[]> producer;

    private TestBroker(KafkaRaftServer server, String bootstrap) {
        this.server = server;
        this.bootstrap = bootstrap;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
        this.producer = producer();
    }

    private KafkaProducer<byte[], byte[]> producer() {
        KafkaProducer<byte[], byte[]> fresh = new KafkaProducer<>(Map.of(
                "bootstrap.servers",
                bootstrap,
                "key.serializer",
                ByteArraySerializer.class.getName(),
                "value.serializer",
                ByteArraySerializer.class.getName(),
                "transactional.id",
                "test"));
        fresh.initTransactions();
        return fresh;
    }

    static TestBroker start(Path directory) throws Exception {
        int port = freePort();
        int controllerPort = freePort();
        Properties properties = new Properties();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", "1");
        properties.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        properties.put("listeners", "BROKER://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, controllerPort));
        properties.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.put("inter.broker.listener.name", "BROKER");
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put("log.dirs", directory.toString());
        properties.put("file.delete.delay.ms", "100");
        for (String topic : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            properties.put(topic + ".replication.factor", "1");
            properties.put(topic + ".num.partitions", "1");
        }
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");
        properties.put("auto.create.topics.enable", "false");
        properties.put("log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20));
        Formatter formatter = new Formatter();
        formatter.setClusterId(Uuid.randomUuid().toString());
        formatter.setNodeId(1);
        formatter.setDirectories(Set.of(directory.toString()));
        formatter.setMetadataLogDirectory(directory.toString());
        formatter.setControllerListenerName("CONTROLLER");
        formatter.setIgnoreFormatted(true);
        formatter.run();
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
        server.startup();
        return new TestBroker(server, "127.0.0.1:" + port);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    String bootstrap() {
        return bootstrap;
    }

    /** Makes all topics anew and empty. */
    void resetTopics() throws InterruptedException, ExecutionException {
        for (Topic topic : Topic.values()) {
            ignoring(
                    UnknownTopicOrPartitionException.class,
                    admin.deleteTopics(List.of(topic.topicName())).all());
        }
        // A producer remembers its sequence numbers by name of the topic, and the new topics know none.
        producer.close();
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        for (Topic topic : Topic.values()) {
            NewTopic fresh = new NewTopic(topic.topicName(), Optional.of(topic.partitions()), Optional.empty());
            // A deletion takes a moment; until then the topic still exists.
            while (!ignoring(
                    TopicExistsException.class,
                    admin.createTopics(List.of(fresh)).all())) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("Topic %s was not deleted in time".formatted(topic.topicName()));
                }
            }
        }
        producer = producer();
    }

    private static boolean ignoring(Class<? extends Exception> expected, KafkaFuture<Void> future)
            throws InterruptedException, ExecutionException {
        try {
            future.get();
            return true;
        } catch (ExecutionException e) {
            if (expected.isInstance(e.getCause())) {
                return false;
            }
            throw e;
        }
    }

    /** Sends samples in one transaction, as curation does. */
    void sendSamples(List<CuratedSample> samples) {
        producer.beginTransaction();
        for (CuratedSample sample : samples) {
            var unused = producer.send(new ProducerRecord<>(
                    Topic.of(sample.getSplit()).topicName(),
                    sample.getDriveId().getBytes(StandardCharsets.UTF_8),
                    Wire.encode(sample)));
        }
        producer.commitTransaction();
    }

    void sendRequest(RetrainingRequest request) {
        String key = request.getWithdraws() == null ? request.getRequestId() : request.getWithdraws();
        send(Topic.RETRAINING_REQUESTS, key, Wire.encode(request));
    }

    void send(Topic topic, String key, byte[] value) {
        producer.beginTransaction();
        var unused =
                producer.send(new ProducerRecord<>(topic.topicName(), key.getBytes(StandardCharsets.UTF_8), value));
        producer.commitTransaction();
    }

    private KafkaConsumer<byte[], byte[]> consumer(Topic topic) {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(Map.of(
                "bootstrap.servers",
                bootstrap,
                "key.deserializer",
                ByteArrayDeserializer.class.getName(),
                "value.deserializer",
                ByteArrayDeserializer.class.getName(),
                "isolation.level",
                "read_committed"));
        List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream()
                .map(p -> new TopicPartition(p.topic(), p.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }

    /** Reads a topic from its beginning until a record matches; returns all that came so far. */
    <T extends SpecificRecordBase> List<T> await(Topic topic, Class<T> type, Predicate<T> last)
            throws UndecodableRecordException {
        List<T> seen = new ArrayList<>();
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(topic)) {
            boolean found = false;
            while (!found) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("In %s on %s there is none as awaited, but %s"
                            .formatted(DEADLINE, topic.topicName(), seen));
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    T decoded = Wire.decode(record.value(), type);
                    seen.add(decoded);
                    found |= last.test(decoded);
                }
            }
        }
        return seen;
    }

    /** All committed records that are on a topic now. */
    <T extends SpecificRecordBase> List<T> all(Topic topic, Class<T> type) throws UndecodableRecordException {
        List<T> seen = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(topic)) {
            Map<TopicPartition, Long> end = consumer.endOffsets(consumer.assignment());
            while (end.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    seen.add(Wire.decode(record.value(), type));
                }
            }
        }
        return seen;
    }

    /** The offsets that the given topics end at. */
    Map<TopicPartition, Long> ends(Topic... topics) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(topics[0])) {
            List<TopicPartition> partitions = Arrays.stream(topics)
                    .flatMap(topic -> consumer.partitionsFor(topic.topicName()).stream())
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList();
            return consumer.endOffsets(partitions);
        }
    }

    @Override
    public void close() {
        producer.close();
        admin.close();
        server.shutdown();
    }
}
