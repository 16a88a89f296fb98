package io.drivetrain.schemas;

import java.time.Duration;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Every topic, with its key, partitioning and retention: the one place that says so.
 *
 * <p>Keys are UTF-8 text, values are the {@link #recordType()} in Avro single-object encoding ({@link Wire}).
 */
public enum Topic {
    SAMPLES_RAW("samples.raw", 4, Duration.ofDays(7), false, "drive id", LabeledSample.class),
    SCHEMAS_ANNOUNCED("schemas.announced", 1, null, true, "schema fingerprint", AnnouncedSchema.class),
    SAMPLES_REJECTED(
            "samples.rejected", 2, Duration.ofDays(30), false, "the original record's key", RejectedSample.class),
    SAMPLES_TRAIN("samples.train", 4, null, false, "drive id", CuratedSample.class),
    SAMPLES_TRAIN_DEV("samples.train-dev", 2, null, false, "drive id", CuratedSample.class),
    SAMPLES_TEST_DEV("samples.test-dev", 2, null, false, "drive id", CuratedSample.class),
    SAMPLES_TEST("samples.test", 2, null, false, "drive id", CuratedSample.class),
    CLASS_BALANCE("quality.class-balance", 1, Duration.ofDays(30), false, "window id", ClassBalanceReport.class),
    LABEL_SOURCES("quality.label-sources", 1, Duration.ofDays(30), false, "window id", LabelSourceReport.class),
    CURATION_RELEASED(
            "curation.released", 1, Duration.ofDays(7), false, "what similar pictures share", ReleasedClaim.class),
    INGEST_PROGRESS(
            "ingest.progress",
            1,
            null,
            true,
            "ingest id, and the file where a folder is watched",
            IngestProgress.class),
    SAMPLES_REPLAYED("samples.replayed", 1, null, true, "place of the rejected raw record", Origin.class),
    TRAINING_PROGRESS("training.progress", 1, Duration.ofDays(7), false, "run id", TrainingProgress.class),
    TRAINING_REPORT("training.report", 1, null, false, "run id", TrainingReport.class),
    MODELS_PUBLISHED("models.published", 1, null, true, "model id", ModelPublished.class),
    MODELS_ALIASES("models.aliases", 1, null, true, "alias", ModelAlias.class),
    LABELS_SUSPECT("labels.suspect", 1, Duration.ofDays(90), false, "sample id", LabelSuspect.class),
    COLLECTION_REQUESTS(
            "collection.requests", 1, Duration.ofDays(90), false, "run id and slice", CollectionRequest.class),
    SHIFT_REPORT("shift.report", 1, Duration.ofDays(30), false, "window id", ShiftReport.class),
    ALERTS("alerts", 1, Duration.ofDays(90), false, "alert id", Alert.class),
    RETRAINING_REQUESTS("retraining.requests", 1, Duration.ofDays(90), false, "request id", RetrainingRequest.class);

    private static final int MAX_RECORD_BYTES = 16 << 20;

    private final String topicName;
    private final int partitions;
    private final Duration retention;
    private final boolean compacted;
    private final String keyedBy;
    private final Class<? extends SpecificRecordBase> recordType;

    Topic(
            String topicName,
            int partitions,
            Duration retention,
            boolean compacted,
            String keyedBy,
            Class<? extends SpecificRecordBase> recordType) {
        this.topicName = topicName;
        this.partitions = partitions;
        this.retention = retention;
        this.compacted = compacted;
        this.keyedBy = keyedBy;
        this.recordType = recordType;
    }

    /** The name on the broker. */
    public String topicName() {
        return topicName;
    }

    /** How many partitions the topic is created with; a user's own cluster may have more. */
    public int partitions() {
        return partitions;
    }

    /** How long records are kept; empty means for ever, because a later training may need them. */
    public Optional<Duration> retention() {
        return Optional.ofNullable(retention);
    }

    /** Whether only the newest record of each key is kept. */
    public boolean compacted() {
        return compacted;
    }

    /**
     * Largest record (batch) that the local broker takes, in bytes. A reject holds a whole record of samples.raw, its
     * headers twice, and up to 50 violations, so samples.rejected takes more than twice as much: whatever came in can
     * be rejected. A user's own broker needs the same order, and more than admission.max-record-bytes.
     */
    public int maxRecordBytes() {
        return this == SAMPLES_REJECTED ? 2 * MAX_RECORD_BYTES + (1 << 20) : MAX_RECORD_BYTES;
    }

    /** What the record key is, in words. */
    public String keyedBy() {
        return keyedBy;
    }

    /** The one record type on this topic. */
    public Class<? extends SpecificRecordBase> recordType() {
        return recordType;
    }

    /** The topic that carries the curated samples of a split. */
    public static Topic of(Split split) {
        return switch (split) {
            case TRAIN -> SAMPLES_TRAIN;
            case TRAIN_DEV -> SAMPLES_TRAIN_DEV;
            case TEST_DEV -> SAMPLES_TEST_DEV;
            case TEST -> SAMPLES_TEST;
        };
    }

    /** Returns the topic of that name, or empty if it is none of ours. */
    public static Optional<Topic> named(String name) {
        for (Topic topic : values()) {
            if (topic.topicName.equals(name)) {
                return Optional.of(topic);
            }
        }
        return Optional.empty();
    }
}
