package io.drivetrain.trainer.publish;

import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Wire;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * A record on its way to a topic, encoded.
 *
 * @param topic by its name on the broker
 */
// The bytes are written on as they are and never compared.
@SuppressWarnings("ArrayRecordComponent")
public record Outgoing(String topic, String key, byte[] value) {
    public static Outgoing of(Topic topic, String key, SpecificRecordBase record) {
        return new Outgoing(topic.topicName(), key, Wire.encode(record));
    }
}
