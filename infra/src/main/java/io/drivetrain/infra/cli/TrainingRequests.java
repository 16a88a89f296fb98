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
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.TopicPartition;

/** Asks the trainer for runs. */
public final class TrainingRequests {
    private TrainingRequests() {}

    /**
     * Posts a request for a training on exactly what is committed now.
     *
     * @param id of the request; the run is then {@code run-ID}
     */
    public static RetrainingRequest post(DrivetrainConfig config, String id, String note, Instant now)
            throws InterruptedException, ExecutionException {
        List<Topic> splits = Arrays.stream(Split.values()).map(Topic::of).toList();
        List<TopicOffset> upTo = new ArrayList<>();
        for (Map.Entry<TopicPartition, Long> end :
                KafkaClients.endOffsets(config, splits).entrySet()) {
            upTo.add(new TopicOffset(end.getKey().topic(), end.getKey().partition(), end.getValue()));
        }
        upTo.sort(Comparator.comparing(TopicOffset::getTopic).thenComparing(TopicOffset::getPartition));
        RetrainingRequest request =
                new RetrainingRequest(id, RetrainingReason.MANUAL, null, note, upTo, Map.of(), "", null, now);
        KafkaClients.send(config, Topic.RETRAINING_REQUESTS, id, request);
        return request;
    }
}
