package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.pipeline.route.Header;
import io.drivetrain.schemas.Domain;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A record of samples.raw as it was read, before anything in it is believed.
 *
 * @param timestamp the Kafka record's own, milliseconds since the epoch
 * @param key may be null
 * @param value may be null
 * @param identity null if the value cannot be read that far
 * @param driveDomain the domain that the drive belongs to; null until {@link BindDriveOperator} has said so
 */
@SuppressWarnings("ArrayRecordComponent") // Raw records are carried, never compared.
public record RawRecord(
        String topic,
        int partition,
        long offset,
        long timestamp,
        byte[] key,
        byte[] value,
        List<Header> headers,
        RawIdentity identity,
        Domain driveDomain) {

    /** A record as it comes from Kafka. */
    public static RawRecord read(
            String topic, int partition, long offset, long timestamp, byte[] key, byte[] value, List<Header> headers) {
        RawIdentity identity = RawIdentity.of(value).orElse(null);
        return new RawRecord(topic, partition, offset, timestamp, key, value, headers, identity, null);
    }

    /** Where the record is on Kafka; unique, and the same when it is read again after a failure. */
    public String place() {
        return topic + "-" + partition + "@" + offset;
    }

    /** Equal for all records that claim the same sample id; unreadable records share it with none. */
    public String sampleKey() {
        return identity == null ? "?" + place() : "=" + identity.sampleId();
    }

    /** Equal for all records of one drive; unreadable records share it with none. */
    public String driveKey() {
        return identity == null ? "?" + place() : "=" + identity.driveId();
    }

    /** The domain that the record claims for its drive. */
    public Optional<Domain> claimedDomain() {
        return Optional.ofNullable(identity).map(RawIdentity::domain);
    }

    RawRecord withDriveDomain(Domain domain) {
        return new RawRecord(topic, partition, offset, timestamp, key, value, headers, identity, domain);
    }

    /** Between source, drive binding and admission. */
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
            out.writeBoolean(raw.identity != null);
            if (raw.identity != null) {
                BinaryForm.writeText(raw.identity.sampleId(), out);
                BinaryForm.writeText(raw.identity.driveId(), out);
                out.writeUTF(raw.identity.domain().name());
            }
            out.writeUTF(raw.driveDomain == null ? "" : raw.driveDomain.name());
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
                    BinaryForm.readHeaders(in),
                    in.readBoolean() ? readIdentity(in) : null,
                    domain(in.readUTF()));
        }

        private static RawIdentity readIdentity(DataInput in) throws IOException {
            return new RawIdentity(BinaryForm.readText(in), BinaryForm.readText(in), Domain.valueOf(in.readUTF()));
        }

        private static Domain domain(String name) {
            return name.isEmpty() ? null : Domain.valueOf(name);
        }
    }
}
