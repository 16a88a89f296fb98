package io.drivetrain.pipeline.watch;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.Split;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Comparator;

/**
 * The measurements of one drive, averaged over its frames: the unit of the comparison, because the frames of a drive are
 * near-copies of each other and would make every difference significant.
 *
 * @param frames 1 or more
 * @param sums over the frames, in the order of {@link Measurement}
 * @param first capture time of the earliest frame, milliseconds since the epoch
 * @param last capture time of the latest frame, milliseconds since the epoch
 */
@SuppressWarnings("ArrayRecordComponent") // Means are carried, never compared.
public record DriveMeans(String driveId, Split split, long frames, double[] sums, long first, long last) {
    /** By capture time; the id decides between drives that began in the same millisecond. */
    public static final Comparator<DriveMeans> BY_CAPTURE =
            Comparator.comparingLong(DriveMeans::first).thenComparing(DriveMeans::driveId);

    /** A drive of which one frame has been seen. */
    public static DriveMeans of(Frame frame) {
        return new DriveMeans(
                frame.driveId(), frame.split(), 1, frame.values().clone(), frame.capturedAt(), frame.capturedAt());
    }

    /** The frames of both, which are of the same drive. */
    public DriveMeans plus(DriveMeans other) {
        double[] total = sums.clone();
        for (int i = 0; i < total.length; i++) {
            total[i] += other.sums[i];
        }
        return new DriveMeans(
                driveId, split, frames + other.frames, total, Math.min(first, other.first), Math.max(last, other.last));
    }

    /** The mean of one measurement over the frames. */
    public double mean(Measurement measurement) {
        return sums[measurement.ordinal()] / frames;
    }

    /** In state and between operators. */
    public enum Form implements BinaryForm<DriveMeans> {
        DRIVE_MEANS;

        @Override
        public Class<DriveMeans> type() {
            return DriveMeans.class;
        }

        @Override
        public void write(DriveMeans value, DataOutput out) throws IOException {
            BinaryForm.writeText(value.driveId, out);
            out.writeByte(value.split.ordinal());
            out.writeLong(value.frames);
            BinaryForm.writeDoubles(value.sums, out);
            out.writeLong(value.first);
            out.writeLong(value.last);
        }

        @Override
        public DriveMeans read(DataInput in) throws IOException {
            return new DriveMeans(
                    BinaryForm.readText(in),
                    Split.values()[in.readByte()],
                    in.readLong(),
                    BinaryForm.readDoubles(in),
                    in.readLong(),
                    in.readLong());
        }
    }
}
