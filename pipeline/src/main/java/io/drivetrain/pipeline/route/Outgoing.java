package io.drivetrain.pipeline.route;

import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Wire;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * A record on its way to a topic.
 *
 * @param key may be null
 * @param timestamp milliseconds since the epoch of the record this one was made from; negative: the time of sending
 */
@SuppressWarnings("ArrayRecordComponent") // Outgoing records are carried, never compared.
public record Outgoing(Topic topic, byte[] key, byte[] value, List<Header> headers, long timestamp) {
    private static final long AT_SENDING = -1;

    /** A record that is stamped when it is sent. */
    public static Outgoing of(Topic topic, String key, SpecificRecordBase value) {
        return at(topic, key, value, AT_SENDING);
    }

    /** A record that keeps the timestamp of the one it was made from. */
    public static Outgoing at(Topic topic, String key, SpecificRecordBase value, long timestamp) {
        return new Outgoing(topic, key.getBytes(StandardCharsets.UTF_8), Wire.encode(value), List.of(), timestamp);
    }

    /** Between the operators that make records and the one sink. */
    public enum Form implements BinaryForm<Outgoing> {
        OUTGOING;

        @Override
        public Class<Outgoing> type() {
            return Outgoing.class;
        }

        @Override
        public void write(Outgoing value, DataOutput out) throws IOException {
            out.writeUTF(value.topic.name());
            BinaryForm.writeBytes(value.key, out);
            BinaryForm.writeBytes(value.value, out);
            BinaryForm.writeHeaders(value.headers, out);
            out.writeLong(value.timestamp);
        }

        @Override
        public Outgoing read(DataInput in) throws IOException {
            return new Outgoing(
                    Topic.valueOf(in.readUTF()),
                    BinaryForm.readBytes(in),
                    BinaryForm.readBytes(in),
                    BinaryForm.readHeaders(in),
                    in.readLong());
        }
    }
}
