package io.drivetrain.infra.cli.replay;

import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.RawHeader;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** One rejected sample as the commands speak of it. */
public record Rejection(RejectedSample sample) {
    /** Names the raw record that a record was sent again for, as {@code topic-partition@offset}. */
    public static final String REPLAY_OF = "drivetrain.replay-of";

    /** Where the record was on Kafka when it was rejected. */
    public String place() {
        return place(sample.getOrigin());
    }

    /** A place on Kafka, as {@code topic-partition@offset}. */
    public static String place(Origin origin) {
        return place(origin.getTopic(), origin.getPartition(), origin.getOffset());
    }

    static String place(String topic, int partition, long offset) {
        return topic + "-" + partition + "@" + offset;
    }

    public List<String> codes() {
        return sample.getViolations().stream()
                .map(Violation::getCode)
                .distinct()
                .toList();
    }

    /** The place of the record that this one repeats, if it has been sent again before. */
    public Optional<String> replayOf() {
        return sample.getHeaders().stream()
                .filter(header -> header.getName().equals(REPLAY_OF) && header.getValue() != null)
                .map(RawHeader::getValue)
                .map(value -> new String(bytes(value), StandardCharsets.UTF_8))
                .findFirst();
    }

    /** The place of the first record, which one that is sent a third time still names. */
    static String firstPlace(Rejection rejection) {
        return rejection.replayOf().orElse(rejection.place());
    }

    /** The sample itself, where the record can be read as one. */
    public Optional<LabeledSample> labeled() {
        if (sample.getValue() == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Wire.decode(bytes(sample.getValue()), LabeledSample.class));
        } catch (UndecodableRecordException e) {
            // That is why it was rejected; the caller says so.
            return Optional.empty();
        }
    }

    /** All that is to be said of it, without the record that was rejected, which may be many megabytes. */
    Rejection withoutRecord() {
        return new Rejection(new RejectedSample(
                sample.getOrigin(),
                null,
                null,
                sample.getHeaders(),
                sample.getSampleId(),
                sample.getDriveId(),
                sample.getViolations(),
                sample.getRejectedAt()));
    }

    static byte[] bytes(ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
