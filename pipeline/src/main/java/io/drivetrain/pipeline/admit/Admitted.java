package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A sample that was admitted, with its original bytes for the table.
 *
 * @param image the encoded JPEG or PNG, backed by an array
 * @param path where the image came from: the URI of a reference, or drive and sample id of an inline image
 */
public record Admitted(CuratedSample sample, ByteBuffer image, String path) {

    /** The record for the topic of its split, keyed by drive. */
    public Outgoing outgoing() {
        return Outgoing.at(
                Topic.of(sample.getSplit()),
                sample.getDriveId(),
                sample,
                sample.getOrigin().getTimestamp().toEpochMilli());
    }

    /** For the case that a user's cluster does not chain the table's writer to admission. */
    public enum Form implements BinaryForm<Admitted> {
        ADMITTED;

        @Override
        public Class<Admitted> type() {
            return Admitted.class;
        }

        @Override
        public void write(Admitted value, DataOutput out) throws IOException {
            BinaryForm.writeBytes(Wire.encode(value.sample), out);
            out.writeInt(value.image.remaining());
            out.write(value.image.array(), value.image.arrayOffset() + value.image.position(), value.image.remaining());
            BinaryForm.writeText(value.path, out);
        }

        @Override
        public Admitted read(DataInput in) throws IOException {
            try {
                CuratedSample sample = Wire.decode(BinaryForm.readBytes(in), CuratedSample.class);
                return new Admitted(sample, ByteBuffer.wrap(BinaryForm.readBytes(in)), BinaryForm.readText(in));
            } catch (UndecodableRecordException e) {
                throw new IOException("An operator of this job wrote a sample that cannot be read", e);
            }
        }
    }
}
