package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.pipeline.route.Header;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/**
 * A record of samples.raw as it was read, before anything in it is believed.
 *
 * @param timestamp the Kafka record's own, milliseconds since the epoch
 * @param key may be null
 * @param value may be null
 */
@SuppressWarnings("ArrayRecordComponent") // Raw records are carried, never compared.
public record RawRecord(
        String topic, int partition, long offset, long timestamp, byte[] key, byte[] value, List<Header> headers) {

    /** Where the record is on Kafka; unique, and the same when it is read again after a failure. */
    public String place() {
        return topic + "-" + partition + "@" + offset;
    }

    RawRecord withValue(byte[] other) {
        return new RawRecord(topic, partition, offset, timestamp, key, other, headers);
    }

    /** Inside {@link Inspected}, and in case the source is not chained to inspection. */
    public enum Form implements BinaryForm<RawRecord> {
        RAW_RECORD;

        @Override
        public Class<RawRecord> type() {
            return RawRecord.class;
        }

        @Override
        public void write(RawRecord raw, DataOutput out) throws IOException {
            out.writeUTF(raw.topic);
            out.writeInt(raw.partition);
            out.writeLong(raw.offset);
            out.writeLong(raw.timestamp);
            BinaryForm.writeBytes(raw.key, out);
            BinaryForm.writeBytes(raw.value, out);
            BinaryForm.writeHeaders(raw.headers, out);
        }

        @Override
        public RawRecord read(DataInput in) throws IOException {
            return new RawRecord(
                    in.readUTF(),
                    in.readInt(),
                    in.readLong(),
                    in.readLong(),
                    BinaryForm.readBytes(in),
                    BinaryForm.readBytes(in),
                    BinaryForm.readHeaders(in));
        }
    }
}
