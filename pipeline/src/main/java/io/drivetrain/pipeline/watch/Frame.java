package io.drivetrain.pipeline.watch;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Split;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Optional;

/**
 * One curated sample, as far as the watch is concerned.
 *
 * @param capturedAt milliseconds since the epoch
 * @param values in the order of {@link Measurement}
 */
@SuppressWarnings("ArrayRecordComponent") // Frames are carried, never compared.
public record Frame(String driveId, Split split, long capturedAt, double[] values) {

    /** Empty for a correction: its picture has come before. */
    static Optional<Frame> of(CuratedSample sample) {
        return sample.getCorrects()
                ? Optional.empty()
                : Optional.of(new Frame(
                        sample.getDriveId(),
                        sample.getSplit(),
                        sample.getCapturedAt().toEpochMilli(),
                        Measurement.values(sample.getMeasurements())));
    }

    /** Between the source and the means. */
    public enum Form implements BinaryForm<Frame> {
        FRAME;

        @Override
        public Class<Frame> type() {
            return Frame.class;
        }

        @Override
        public void write(Frame value, DataOutput out) throws IOException {
            BinaryForm.writeText(value.driveId, out);
            out.writeByte(value.split.ordinal());
            out.writeLong(value.capturedAt);
            BinaryForm.writeDoubles(value.values, out);
        }

        @Override
        public Frame read(DataInput in) throws IOException {
            return new Frame(
                    BinaryForm.readText(in), Split.values()[in.readByte()], in.readLong(), BinaryForm.readDoubles(in));
        }
    }
}
