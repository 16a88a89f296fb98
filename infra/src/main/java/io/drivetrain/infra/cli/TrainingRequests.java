package io.drivetrain.infra.cli;

import io.drivetrain.infra.cli.read.KafkaClients;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TopicOffset;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.TopicPartition;

/** Asks the trainer for runs. */
public final class TrainingRequests {
    private TrainingRequests() {}

    /**
     * What a training is asked to do.
     *
     * @param overrides configuration keys for this run alone
     * @param step the step of a report that it tries; empty for none
     * @param reproduces the model that it trains again
     * @param data that it trains on; empty for all that is committed now
     */
    public record Wish(
            Map<String, String> overrides, String step, Optional<String> reproduces, Optional<List<TopicOffset>> data) {
        public static final Wish PLAIN = new Wish(Map.of(), "", Optional.empty(), Optional.empty());

        public Wish {
            overrides = Map.copyOf(overrides);
            data = data.map(List::copyOf);
        }
    }

    /**
     * Posts a request for a training on exactly what is committed now, as the trainer's configuration says.
     *
     * @param id of the request; the run is then {@code run-ID}
     */
    public static RetrainingRequest post(DrivetrainConfig config, String id, String note, Instant now)
            throws InterruptedException, ExecutionException {
        return post(config, id, note, Wish.PLAIN, now);
    }

    /**
     * Posts a request for a training.
     *
     * @param id of the request; the run is then {@code run-ID}
     */
    public static RetrainingRequest post(DrivetrainConfig config, String id, String note, Wish wish, Instant now)
            throws InterruptedException, ExecutionException {
        List<TopicOffset> upTo = wish.data().orElseGet(() -> committed(config));
        RetrainingRequest request = new RetrainingRequest(
                id,
                RetrainingReason.MANUAL,
                null,
                note,
                upTo,
                wish.overrides(),
                wish.step(),
                wish.reproduces().orElse(null),
                null,
                now);
        KafkaClients.send(config, Topic.RETRAINING_REQUESTS, id, request);
        return request;
    }

    /**
     * Takes a request back, whether it waits or runs.
     *
     * @param id of the withdrawal, under which the trainer answers where there is nothing to take back
     * @param withdrawn id of the request
     */
    public static RetrainingRequest withdraw(
            DrivetrainConfig config, String id, String withdrawn, String note, Instant now)
            throws InterruptedException, ExecutionException {
        RetrainingRequest request = RetrainingRequest.newBuilder()
                .setRequestId(id)
                .setReason(RetrainingReason.MANUAL)
                .setNote(note)
                .setWithdraws(withdrawn)
                .setRequestedAt(now)
                .build();
        // Its key, so that it comes after it on the same partition.
        KafkaClients.send(config, Topic.RETRAINING_REQUESTS, withdrawn, request);
        return request;
    }

    private static List<TopicOffset> committed(DrivetrainConfig config) {
        List<Topic> splits = Arrays.stream(Split.values()).map(Topic::of).toList();
        List<TopicOffset> upTo = new ArrayList<>();
        for (Map.Entry<TopicPartition, Long> end :
                KafkaClients.endOffsets(config, splits).entrySet()) {
            upTo.add(new TopicOffset(end.getKey().topic(), end.getKey().partition(), end.getValue()));
        }
        upTo.sort(Comparator.comparing(TopicOffset::getTopic).thenComparing(TopicOffset::getPartition));
        return upTo;
    }
}
