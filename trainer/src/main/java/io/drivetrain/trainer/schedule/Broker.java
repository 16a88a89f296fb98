package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import io.drivetrain.trainer.assemble.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/** The Kafka cluster that is served. */
final class Broker {
    private static final Duration POLL = Duration.ofMillis(200);

    /** Of whoever waits at a terminal. */
    static final Duration ASKED = Duration.ofSeconds(15);

    /** Of a service, whose broker may be starting beside it on a busy machine; Kafka's client gives up then, too. */
    static final Duration SERVING = Duration.ofSeconds(60);

    private Broker() {}

    /**
     * Waits for the broker and the topics, and returns the cluster's id.
     *
     * @throws TrainerException with one sentence, if there is no such broker or topic in time
     */
    static String await(DrivetrainConfig.Kafka kafka, List<Topic> topics, Duration patience) throws TrainerException {
        long deadline = System.nanoTime() + patience.toNanos();
        Admin admin = Admin.create(KafkaSettings.client(kafka));
        try {
            while (true) {
                Set<String> missing = new TreeSet<>();
                topics.forEach(topic -> missing.add(topic.topicName()));
                long left = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
                missing.removeAll(admin.listTopics().names().get(left, TimeUnit.MILLISECONDS));
                if (missing.isEmpty()) {
                    return admin.describeCluster().clusterId().get(left, TimeUnit.MILLISECONDS);
                }
                if (System.nanoTime() >= deadline) {
                    throw new TrainerException(
                            "Kafka at %s has no topic %s; create the topics with './drivetrain topics'"
                                    .formatted(kafka.bootstrap(), String.join(", ", missing)));
                }
                TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new TrainerException(
                    "No Kafka broker answers at %s; start it with './drivetrain up' or correct kafka.bootstrap"
                            .formatted(kafka.bootstrap()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TrainerException("Stopped while waiting for Kafka", e);
        } finally {
            // Without a limit it would wait for the answers of a broker that is not there.
            admin.close(Duration.ZERO);
        }
    }
}
