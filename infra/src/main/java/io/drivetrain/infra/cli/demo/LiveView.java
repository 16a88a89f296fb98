package io.drivetrain.infra.cli.demo;

import io.drivetrain.infra.cli.train.Answer;
import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.ShiftReport;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What the topics have said so far, counted record by record; safe for use by several threads. */
final class LiveView {
    private final Map<Topic, Long> counts = new EnumMap<>(Topic.class);
    private final Map<String, Long> rejectedByViolation = new TreeMap<>();
    private final Map<Split, Map<String, Integer>> samplesByDrive = new EnumMap<>(Split.class);
    private final List<Alert> alerts = new ArrayList<>();
    private final List<RetrainingRequest> requests = new ArrayList<>();
    private final List<TrainingProgress> progress = new ArrayList<>();
    private final List<TrainingReport> reports = new ArrayList<>();
    private final List<ModelPublished> models = new ArrayList<>();
    private final List<ShiftReport> shiftReports = new ArrayList<>();
    private final List<String> unreadable = new ArrayList<>();

    synchronized void take(Topic topic, ConsumerRecord<byte[], byte[]> record) {
        counts.merge(topic, 1L, Long::sum);
        try {
            switch (topic) {
                case SAMPLES_RAW, CLASS_BALANCE, LABEL_SOURCES -> {}
                case SAMPLES_TRAIN, SAMPLES_TRAIN_DEV, SAMPLES_TEST_DEV, SAMPLES_TEST ->
                    samplesByDrive
                            .computeIfAbsent(splitOf(topic), split -> new HashMap<>())
                            .merge(new String(record.key(), StandardCharsets.UTF_8), 1, Integer::sum);
                case SAMPLES_REJECTED -> {
                    for (Violation violation :
                            decode(record, RejectedSample.class).getViolations()) {
                        rejectedByViolation.merge(violation.getCode(), 1L, Long::sum);
                    }
                }
                case TRAINING_PROGRESS -> progress.add(decode(record, TrainingProgress.class));
                case TRAINING_REPORT -> reports.add(decode(record, TrainingReport.class));
                case MODELS_PUBLISHED -> models.add(decode(record, ModelPublished.class));
                case SHIFT_REPORT -> shiftReports.add(decode(record, ShiftReport.class));
                case ALERTS -> alerts.add(decode(record, Alert.class));
                case RETRAINING_REQUESTS -> requests.add(decode(record, RetrainingRequest.class));
            }
        } catch (UndecodableRecordException e) {
            unreadable.add("%s, partition %d, offset %d: %s"
                    .formatted(topic.topicName(), record.partition(), record.offset(), e.getMessage()));
        }
    }

    private static <T extends SpecificRecordBase> T decode(ConsumerRecord<byte[], byte[]> record, Class<T> type)
            throws UndecodableRecordException {
        return Wire.decode(record.value(), type);
    }

    private static Split splitOf(Topic topic) {
        for (Split split : Split.values()) {
            if (Topic.of(split) == topic) {
                return split;
            }
        }
        throw new IllegalArgumentException(topic.topicName() + " is no split topic");
    }

    synchronized long count(Topic topic) {
        return counts.getOrDefault(topic, 0L);
    }

    /** Samples in all splits. */
    synchronized long admitted() {
        long sum = 0;
        for (Split split : Split.values()) {
            sum += count(Topic.of(split));
        }
        return sum;
    }

    /** Admitted and rejected. */
    synchronized long settled() {
        return admitted() + count(Topic.SAMPLES_REJECTED);
    }

    synchronized int drives(Split split) {
        return samplesByDrive.getOrDefault(split, Map.of()).size();
    }

    /** Drives that are in more than one split; there must be none. */
    synchronized List<String> drivesInTwoSplits() {
        Map<String, Integer> seen = new TreeMap<>();
        samplesByDrive.values().forEach(drives -> drives.keySet().forEach(id -> seen.merge(id, 1, Integer::sum)));
        return seen.entrySet().stream()
                .filter(entry -> entry.getValue() > 1)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** raw, rejected and the splits, by the names of the JSON document. */
    synchronized Map<String, Long> documentCounts() {
        Map<String, Long> named = new LinkedHashMap<>();
        named.put("raw", count(Topic.SAMPLES_RAW));
        named.put("rejected", count(Topic.SAMPLES_REJECTED));
        for (Split split : Split.values()) {
            named.put(Splits.label(split), count(Topic.of(split)));
        }
        return named;
    }

    synchronized Map<String, Long> rejectedByViolation() {
        return new TreeMap<>(rejectedByViolation);
    }

    synchronized List<Alert> alerts() {
        return List.copyOf(alerts);
    }

    synchronized List<ShiftReport> shiftReports() {
        return List.copyOf(shiftReports);
    }

    synchronized Optional<RetrainingRequest> requestOf(Alert alert) {
        return requests.stream()
                .filter(request -> alert.getAlertId().equals(request.getAlertId()))
                .findFirst();
    }

    synchronized List<TrainingProgress> progressOf(String requestId) {
        return answer(requestId).steps();
    }

    synchronized Optional<TrainingReport> reportOf(String requestId) {
        return answer(requestId).report();
    }

    private Answer answer(String requestId) {
        Answer answer = new Answer(requestId);
        progress.forEach(answer::hear);
        reports.forEach(answer::hear);
        return answer;
    }

    synchronized Optional<ModelPublished> model(String modelId) {
        return models.stream()
                .filter(model -> model.getModelId().equals(modelId))
                .reduce((earlier, later) -> later);
    }

    /** Records that could not be read, with the reason. */
    synchronized List<String> unreadable() {
        return List.copyOf(unreadable);
    }
}
