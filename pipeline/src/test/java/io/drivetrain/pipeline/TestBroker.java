package io.drivetrain.pipeline;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Predicate;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** One real Kafka broker in this JVM, on free loopback ports, with the topics of Drivetrain. */
public final class TestBroker implements AutoCloseable {
    private final KafkaRaftServer server;
    private final String bootstrap;

    private TestBroker(KafkaRaftServer server, String bootstrap) {
        this.server = server;
        this.bootstrap = bootstrap;
    }

    /** Starts a broker on an empty folder and creates every topic. */
    public static TestBroker start(Path directory) throws Exception {
        int clientPort = freePort();
        int controllerPort = freePort();
        Map<String, String> settings = new HashMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        settings.put(
                "listeners", "CLIENT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(clientPort, controllerPort));
        settings.put("advertised.listeners", "CLIENT://127.0.0.1:" + clientPort);
        settings.put("listener.security.protocol.map", "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("inter.broker.listener.name", "CLIENT");
        settings.put("log.dirs", directory.toString());
        settings.put("message.max.bytes", Integer.toString(16 << 20));
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("auto.create.topics.enable", "false");
        // Tests send records of long ago, which a broker that is half a minute old would begin to delete.
        settings.put("log.retention.ms", "-1");
        for (String topic : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            settings.put(topic + ".replication.factor", "1");
        }
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setClusterId(Uuid.randomUuid().toString())
                .setNodeId(1)
                .setDirectories(List.of(directory.toString()))
                .setMetadataLogDirectory(directory.toString())
                .setControllerListenerName("CONTROLLER")
                .setIgnoreFormatted(true)
                .run();
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
        server.startup();
        TestBroker broker = new TestBroker(server, "127.0.0.1:" + clientPort);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap))) {
            admin.createTopics(Stream.of(Topic.values())
                            .map(topic -> new NewTopic(topic.topicName(), topic.partitions(), (short) 1)
                                    .configs(Map.of("max.message.bytes", Integer.toString(topic.maxRecordBytes()))))
                            .toList())
                    .all()
                    .get();
        }
        return broker;
    }

    public String bootstrap() {
        return bootstrap;
    }

    /** The defaults with this broker, a table and checkpoints of every second in a folder, and these keys changed. */
    public DrivetrainConfig config(Path directory, Map<String, String> overrides) {
        Map<String, String> keys = new HashMap<>();
        keys.put("kafka.bootstrap", bootstrap);
        keys.put("store.warehouse", directory.resolve("warehouse").toString());
        keys.put("flink.checkpoint-directory", directory.resolve("checkpoints").toString());
        keys.put("flink.checkpoint-interval", "PT1S");
        keys.putAll(overrides);
        return TestSamples.config(keys);
    }

    public KafkaProducer<byte[], byte[]> producer() {
        // A broker that was just started may refuse the first batch of a partition and take the second.
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "max.request.size",
                        16 << 20,
                        "linger.ms",
                        5,
                        "max.in.flight.requests.per.connection",
                        1),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Returns all committed records of these topics as they stand now. */
    public List<ConsumerRecord<byte[], byte[]>> committed(Topic... topics) {
        return committedUntil(records -> true, Duration.ofSeconds(30), topics);
    }

    /**
     * Reads committed records until they satisfy the condition and all that was committed has been read.
     *
     * @throws AssertionError with what was there if the condition does not hold in time
     */
    public List<ConsumerRecord<byte[], byte[]>> committedUntil(
            Predicate<List<ConsumerRecord<byte[], byte[]>>> enough, Duration deadline, Topic... topics) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("isolation.level", "read_committed");
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = Stream.of(topics)
                    .flatMap(topic -> consumer.partitionsFor(topic.topicName()).stream())
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long end = System.nanoTime() + deadline.toNanos();
            while (true) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
                boolean caughtUp =
                        partitions.stream().allMatch(partition -> consumer.position(partition) >= ends.get(partition));
                if (caughtUp && enough.test(records)) {
                    return records;
                }
                if (System.nanoTime() > end) {
                    throw new AssertionError(
                            "After %s there are %d committed records on %s, and that is not what was awaited"
                                    .formatted(deadline, records.size(), List.of(topics)));
                }
            }
        }
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
