package io.drivetrain.infra.local;

import io.drivetrain.schemas.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A real Kafka broker (KRaft, broker and controller in one) on loopback, with all our topics.
 *
 * <p>Arguments: {@code --dir DIR --port N --controller-port N [--parent-pid N]}. Prints {@code READY {json}} when the
 * topics are there; ends on SIGTERM.
 */
public final class BrokerProcess {
    /** An image and its envelope; Kafka's default of 1 MB is too little for large JPEGs. */
    public static final int MAX_MESSAGE_BYTES = Topic.SAMPLES_RAW.maxRecordBytes();

    /** A stopped stack keeps the transactions of its last checkpoint; Kafka's limit is under 25 days. */
    static final Duration LONGEST_TRANSACTION = Duration.ofDays(20);

    private static final Duration TOPICS_DEADLINE = Duration.ofSeconds(60);

    private BrokerProcess() {}

    public static void main(String[] args) {
        try {
            ProcessArguments arguments = ProcessArguments.of(args);
            ParentWatch.start(arguments.parentPid());
            run(Path.of(arguments.text("dir")), arguments.port("port"), arguments.port("controller-port"));
        } catch (StackException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private static void run(Path directory, int port, int controllerPort) throws StackException {
        Properties properties = properties(directory, port, controllerPort);
        try {
            format(directory);
        } catch (Exception e) {
            throw new StackException(
                    "Cannot prepare the broker's folder %s (%s); check access rights and space"
                            .formatted(directory, e.getMessage()),
                    e);
        }
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "broker shutdown"));
        server.startup();
        createTopics("127.0.0.1:" + port);
        System.out.printf(
                "READY {\"pid\":%d,\"bootstrap\":\"127.0.0.1:%d\"}%n",
                ProcessHandle.current().pid(), port);
        server.awaitShutdown();
    }

    private static Properties properties(Path directory, int port, int controllerPort) {
        Properties properties = new Properties();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", "1");
        properties.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        properties.put("listeners", "BROKER://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, controllerPort));
        properties.put("advertised.listeners", "BROKER://127.0.0.1:" + port);
        properties.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.put("inter.broker.listener.name", "BROKER");
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put("log.dirs", directory.toString());
        properties.put("offsets.topic.replication.factor", "1");
        properties.put("offsets.topic.num.partitions", "1");
        properties.put("transaction.state.log.replication.factor", "1");
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("transaction.state.log.num.partitions", "1");
        properties.put("share.coordinator.state.topic.replication.factor", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");
        properties.put("share.coordinator.state.topic.num.partitions", "1");
        properties.put("default.replication.factor", "1");
        properties.put("min.insync.replicas", "1");
        properties.put("auto.create.topics.enable", "false");
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.put("message.max.bytes", Integer.toString(MAX_MESSAGE_BYTES));
        properties.put("replica.fetch.max.bytes", Integer.toString(MAX_MESSAGE_BYTES));
        properties.put("socket.request.max.bytes", Integer.toString(4 * MAX_MESSAGE_BYTES));
        properties.put("transaction.max.timeout.ms", Long.toString(LONGEST_TRANSACTION.toMillis()));
        properties.put("transactional.id.expiration.ms", Long.toString(LONGEST_TRANSACTION.toMillis()));
        properties.put(
                "offsets.retention.minutes", Long.toString(Duration.ofDays(30).toMinutes()));
        // Grown by the system as needed: an image is larger than Kafka's own defaults.
        properties.put("socket.send.buffer.bytes", "-1");
        properties.put("socket.receive.buffer.bytes", "-1");
        properties.put("num.network.threads", "2");
        properties.put("num.io.threads", "4");
        properties.put("num.recovery.threads.per.data.dir", "2");
        properties.put("log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20));
        return properties;
    }

    private static void format(Path directory) throws Exception {
        Files.createDirectories(directory);
        if (Files.exists(directory.resolve("meta.properties"))) {
            // Formatted before: its cluster id and data stay.
            return;
        }
        Formatter formatter = new Formatter();
        formatter.setClusterId(Uuid.randomUuid().toString());
        formatter.setNodeId(1);
        formatter.setDirectories(Set.of(directory.toString()));
        formatter.setMetadataLogDirectory(directory.toString());
        formatter.setControllerListenerName("CONTROLLER");
        formatter.run();
    }

    private static void createTopics(String bootstrap) throws StackException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            Set<String> existing = admin.listTopics().names().get(TOPICS_DEADLINE.toSeconds(), TimeUnit.SECONDS);
            List<NewTopic> missing = Arrays.stream(Topic.values())
                    .filter(topic -> !existing.contains(topic.topicName()))
                    .map(BrokerProcess::definition)
                    .collect(Collectors.toList());
            admin.createTopics(missing).all().get(TOPICS_DEADLINE.toSeconds(), TimeUnit.SECONDS);
            // A folder of an earlier version has this topic with a smaller limit.
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.TOPIC, Topic.SAMPLES_REJECTED.topicName()),
                            List.of(new AlterConfigOp(
                                    new ConfigEntry(
                                            "max.message.bytes",
                                            Integer.toString(Topic.SAMPLES_REJECTED.maxRecordBytes())),
                                    AlterConfigOp.OpType.SET))))
                    .all()
                    .get(TOPICS_DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new StackException(
                    "Cannot create the topics on %s: %s"
                            .formatted(bootstrap, e.getCause().getMessage()),
                    e);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new StackException(
                    "The broker on %s did not create the topics in %d s; see its log"
                            .formatted(bootstrap, TOPICS_DEADLINE.toSeconds()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StackException("Interrupted while the topics were created", e);
        }
    }

    /** Returns a topic as the broker is to create it. */
    static NewTopic definition(Topic topic) {
        Map<String, String> settings = new HashMap<>();
        settings.put("cleanup.policy", topic.compacted() ? "compact" : "delete");
        settings.put(
                "retention.ms",
                Long.toString(topic.retention().map(Duration::toMillis).orElse(-1L)));
        settings.put("max.message.bytes", Integer.toString(topic.maxRecordBytes()));
        return new NewTopic(topic.topicName(), Optional.of(topic.partitions()), Optional.of((short) 1))
                .configs(settings);
    }
}
