package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.Header;
import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.RawHeader;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A reject as a record of samples.rejected: key, timestamp and headers of the original, and headers that name the
 * failure as Kafka Connect does, so that tools for its dead letter queues can read them.
 */
final class DeadLetter {
    private static final String PREFIX = "__connect.errors.";

    private DeadLetter() {}

    /**
     * The reject of a record.
     *
     * @param subject null if the record could not be read
     */
    static Outgoing of(RawRecord raw, Inspected.Subject subject, List<Violation> violations, Instant now) {
        List<RawHeader> originals = raw.headers().stream()
                .map(header -> new RawHeader(header.name(), wrap(header.value())))
                .toList();
        RejectedSample rejected = new RejectedSample(
                new Origin(raw.topic(), raw.partition(), raw.offset(), Instant.ofEpochMilli(raw.timestamp())),
                wrap(raw.key()),
                wrap(raw.value()),
                originals,
                subject == null ? null : subject.sampleId(),
                subject == null ? null : subject.driveId(),
                violations,
                now);
        List<Header> headers = new ArrayList<>(raw.headers());
        headers.add(header("topic", raw.topic()));
        headers.add(header("partition", Integer.toString(raw.partition())));
        headers.add(header("offset", Long.toString(raw.offset())));
        headers.add(header("stage", "TRANSFORMATION"));
        headers.add(header("class.name", AdmissionRules.class.getName()));
        headers.add(header(
                "exception.class.name",
                violations.stream().map(Violation::getCode).collect(Collectors.joining(","))));
        headers.add(header(
                "exception.message",
                violations.stream().map(Violation::getMessage).collect(Collectors.joining("; "))));
        return new Outgoing(Topic.SAMPLES_REJECTED, raw.key(), Wire.encode(rejected), headers, raw.timestamp());
    }

    private static ByteBuffer wrap(byte[] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    private static Header header(String name, String value) {
        return new Header(PREFIX + name, value.getBytes(StandardCharsets.UTF_8));
    }
}
