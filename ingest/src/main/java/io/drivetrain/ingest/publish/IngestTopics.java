package io.drivetrain.ingest.publish;

import io.drivetrain.ingest.publish.OncePublisher.PublishException;
import io.drivetrain.schemas.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The topics that an ingest writes to, on a broker that may be anyone's. */
final class IngestTopics {
    private static final List<Topic> WRITTEN =
            List.of(Topic.SAMPLES_RAW, Topic.SCHEMAS_ANNOUNCED, Topic.INGEST_PROGRESS);

    private final Admin admin;
    private final Consumer<String> say;

    /**
     * Prepares to ask a broker.
     *
     * @param say told, as sentences, what the broker did not allow and the ingest can do without
     */
    IngestTopics(Admin admin, Consumer<String> say) {
        this.admin = admin;
        this.say = say;
    }

    /**
     * Creates what is missing and checks what is there.
     *
     * @return the largest record that samples.raw takes, in bytes; empty if the broker does not say
     * @throws PublishException if a topic is missing and may not be created, or if progress would be forgotten
     * @throws KafkaException if the broker cannot be spoken to
     */
    OptionalInt prepare() throws PublishException {
        for (Topic topic : WRITTEN) {
            if (isMissing(topic)) {
                create(topic);
            }
        }
        if (isForgetful(Topic.SCHEMAS_ANNOUNCED)) {
            say.accept(
                    "Topic %s is not compacted, so schemas are forgotten after a while; set its cleanup.policy=compact"
                            .formatted(Topic.SCHEMAS_ANNOUNCED.topicName()));
        }
        if (isForgetful(Topic.INGEST_PROGRESS)) {
            throw new PublishException(
                    "Topic %s is not compacted: after its retention images would be sent twice; set its cleanup.policy=compact (kafka-configs.sh --alter --topic %s --add-config cleanup.policy=compact)"
                            .formatted(Topic.INGEST_PROGRESS.topicName(), Topic.INGEST_PROGRESS.topicName()),
                    null);
        }
        Optional<String> limit = setting(Topic.SAMPLES_RAW, TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
        return limit.isPresent() ? OptionalInt.of(Integer.parseInt(limit.get())) : OptionalInt.empty();
    }

    private boolean isMissing(Topic topic) {
        try {
            get(admin.describeTopics(List.of(topic.topicName()))
                    .topicNameValues()
                    .get(topic.topicName()));
            return false;
        } catch (UnknownTopicOrPartitionException e) {
            return true;
        } catch (AuthenticationException | TimeoutException | InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            say.accept("Whether topic %s exists may not be asked (%s); allow DESCRIBE, or see that it does"
                    .formatted(topic.topicName(), e.getMessage()));
            return false;
        }
    }

    private void create(Topic topic) throws PublishException {
        Map<String, String> settings = new HashMap<>();
        settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, topic.compacted() ? "compact" : "delete");
        settings.put(
                TopicConfig.RETENTION_MS_CONFIG,
                Long.toString(topic.retention().map(Duration::toMillis).orElse(-1L)));
        settings.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(topic.maxRecordBytes()));
        NewTopic definition =
                new NewTopic(topic.topicName(), Optional.of(topic.partitions()), Optional.empty()).configs(settings);
        try {
            get(admin.createTopics(List.of(definition)).all());
            say.accept("Created topic %s.".formatted(topic.topicName()));
        } catch (TopicExistsException e) {
            // Another ingest was faster.
        } catch (AuthenticationException | TimeoutException | InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            throw new PublishException(
                    "There is no topic %s, and it could not be created (%s); create it: kafka-topics.sh --create --topic %s --partitions %d --config cleanup.policy=%s --config max.message.bytes=%d"
                            .formatted(
                                    topic.topicName(),
                                    e.getMessage(),
                                    topic.topicName(),
                                    topic.partitions(),
                                    settings.get(TopicConfig.CLEANUP_POLICY_CONFIG),
                                    topic.maxRecordBytes()),
                    e);
        }
    }

    private boolean isForgetful(Topic topic) {
        return setting(topic, TopicConfig.CLEANUP_POLICY_CONFIG)
                .filter(policy -> !policy.equals(TopicConfig.CLEANUP_POLICY_COMPACT))
                .isPresent();
    }

    private Optional<String> setting(Topic topic, String name) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName());
        try {
            Config config =
                    get(admin.describeConfigs(List.of(resource)).values().get(resource));
            return Optional.ofNullable(config.get(name)).map(entry -> entry.value());
        } catch (AuthenticationException | TimeoutException | InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            say.accept("The %s of topic %s may not be read (%s); allow DESCRIBE_CONFIGS, or see that it is %s"
                    .formatted(
                            name,
                            topic.topicName(),
                            e.getMessage(),
                            name.equals(TopicConfig.CLEANUP_POLICY_CONFIG)
                                    ? TopicConfig.CLEANUP_POLICY_COMPACT
                                    : Integer.toString(topic.maxRecordBytes())));
            return Optional.empty();
        }
    }

    /** Returns a broker's answer. */
    static <T> T get(KafkaFuture<T> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
