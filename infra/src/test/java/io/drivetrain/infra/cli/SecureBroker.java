package io.drivetrain.infra.cli;

import io.drivetrain.schemas.Topic;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.metadata.storage.Formatter;

/** A real broker in this JVM that others reach over TLS with a user's name and password only. */
final class SecureBroker implements AutoCloseable {
    private final KafkaRaftServer server;
    private final String internal;
    private final Path clientProperties;
    private KafkaConsumer<byte[], byte[]> watcher;

    private SecureBroker(KafkaRaftServer server, String internal, Path clientProperties) {
        this.server = server;
        this.internal = internal;
        this.clientProperties = clientProperties;
    }

    static SecureBroker start(Path folder) throws Exception {
        Path keys = folder.resolve("broker.p12");
        Path certificate = folder.resolve("broker.pem");
        keytool(List.of("-genkeypair", "-keyalg", "EC", "-dname", "CN=broker", "-ext", "san=ip:127.0.0.1"), keys);
        keytool(List.of("-exportcert", "-rfc", "-file", certificate.toString()), keys);
        int secure = freePort();
        int internal = freePort();
        int controller = freePort();
        Path data = Files.createDirectories(folder.resolve("data"));
        Properties properties = new Properties();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", "1");
        properties.put("controller.quorum.voters", "1@127.0.0.1:" + controller);
        properties.put(
                "listeners",
                "SECURE://127.0.0.1:%d,INTERNAL://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
                        .formatted(secure, internal, controller));
        properties.put("listener.security.protocol.map", "SECURE:SASL_SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.put("inter.broker.listener.name", "INTERNAL");
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put("sasl.enabled.mechanisms", "PLAIN");
        properties.put(
                "listener.name.secure.plain.sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required user_camera=\"let-me-in\" user_guest=\"let-me-in\";");
        properties.put("authorizer.class.name", StandardAuthorizer.class.getName());
        properties.put("super.users", "User:ANONYMOUS;User:camera");
        properties.put("allow.everyone.if.no.acl.found", "true");
        properties.put("ssl.keystore.type", "PKCS12");
        properties.put("ssl.keystore.location", keys.toString());
        properties.put("ssl.keystore.password", "changeit");
        properties.put("ssl.key.password", "changeit");
        properties.put("log.dirs", data.toString());
        properties.put("auto.create.topics.enable", "false");
        properties.put("offsets.topic.replication.factor", "1");
        properties.put("offsets.topic.num.partitions", "1");
        properties.put("transaction.state.log.replication.factor", "1");
        properties.put("transaction.state.log.num.partitions", "1");
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500");
        properties.put("log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20));
        Formatter formatter = new Formatter();
        formatter.setClusterId(Uuid.randomUuid().toString());
        formatter.setNodeId(1);
        formatter.setDirectories(Set.of(data.toString()));
        formatter.setMetadataLogDirectory(data.toString());
        formatter.setControllerListenerName("CONTROLLER");
        formatter.setIgnoreFormatted(true);
        formatter.run();
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
        server.startup();
        Path client = Files.writeString(folder.resolve("client.properties"), """
                bootstrap.servers=127.0.0.1:%d
                security.protocol=SASL_SSL
                sasl.mechanism=PLAIN
                sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="camera" password="let-me-in";
                ssl.truststore.type=PEM
                ssl.truststore.location=%s
                """.formatted(secure, certificate));
        String bootstrap = "127.0.0.1:" + internal;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            List<NewTopic> topics = new ArrayList<>();
            for (Topic topic : Topic.values()) {
                topics.add(new NewTopic(topic.topicName(), Optional.of(topic.partitions()), Optional.empty())
                        .configs(Map.of("cleanup.policy", topic.compacted() ? "compact" : "delete")));
            }
            admin.createTopics(topics).all().get();
            // The guest may look at everything, and not write samples.
            admin.createAcls(List.of(new AclBinding(
                            new ResourcePattern(ResourceType.TOPIC, Topic.SAMPLES_RAW.topicName(), PatternType.LITERAL),
                            new AccessControlEntry("User:guest", "*", AclOperation.WRITE, AclPermissionType.DENY))))
                    .all()
                    .get();
        }
        return new SecureBroker(server, bootstrap, client);
    }

    private static void keytool(List<String> what, Path keys) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(what);
        command.addAll(List.of("-alias", "broker", "-keystore", keys.toString(), "-storetype", "PKCS12"));
        command.addAll(List.of("-storepass", "changeit"));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException(said);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** A file as Kafka's own tools take it. */
    Path clientProperties() {
        return clientProperties;
    }

    /** For changing the broker; to be closed. */
    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", internal));
    }

    /** Sum over partitions of how far a topic is committed. */
    long committedOffsets(Topic topic) {
        if (watcher == null) {
            watcher = consumer("read_committed");
        }
        return watcher.endOffsets(partitions(watcher, topic)).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /**
     * All committed records of a topic, once no transaction is open on it: a broker answers a commit before it has
     * marked the partitions, so that a reader who asks at once may not see what is committed.
     */
    List<ConsumerRecord<byte[], byte[]>> committed(Topic topic) {
        try (KafkaConsumer<byte[], byte[]> writers = consumer("read_uncommitted")) {
            return readTo(writers.endOffsets(partitions(writers, topic)));
        }
    }

    /** Records of a topic that are committed by now, whatever transaction is still open. */
    List<ConsumerRecord<byte[], byte[]>> committedByNow(Topic topic) {
        try (KafkaConsumer<byte[], byte[]> readers = consumer("read_committed")) {
            return readTo(readers.endOffsets(partitions(readers, topic)));
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> readTo(Map<TopicPartition, Long> ends) {
        List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("read_committed")) {
            consumer.assign(ends.keySet());
            consumer.seekToBeginning(ends.keySet());
            long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
            while (ends.keySet().stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("A transaction is still open on " + ends);
                }
                consumer.poll(Duration.ofMillis(100)).forEach(all::add);
            }
        }
        return all;
    }

    private KafkaConsumer<byte[], byte[]> consumer(String isolation) {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", internal, "isolation.level", isolation),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, Topic topic) {
        return consumer.partitionsFor(topic.topicName()).stream()
                .map(p -> new TopicPartition(p.topic(), p.partition()))
                .toList();
    }

    @Override
    public void close() {
        if (watcher != null) {
            watcher.close();
        }
        server.shutdown();
    }
}
