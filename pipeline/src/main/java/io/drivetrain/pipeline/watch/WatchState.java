package io.drivetrain.pipeline.watch;

import io.drivetrain.pipeline.route.BinaryForm;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/**
 * What the watch remembers: means of drives, never frames.
 *
 * @param reference drives of the training set, at most {@link WindowedShift#REFERENCE_CAPACITY}
 * @param window the latest TARGET drives by capture time, at most shift.window-drives
 * @param sinceCut TARGET drives since the last window was cut
 * @param windows how many windows have been cut
 */
public record WatchState(
        List<DriveMeans> reference, List<DriveMeans> window, int sinceCut, long windows, ShiftAlarm.State alarm) {

    public WatchState {
        reference = List.copyOf(reference);
        window = List.copyOf(window);
    }

    /** Nothing seen yet. */
    public static WatchState empty() {
        return new WatchState(List.of(), List.of(), 0, 0, ShiftAlarm.CALM);
    }

    /** In state. */
    public enum Form implements BinaryForm<WatchState> {
        WATCH_STATE;

        @Override
        public Class<WatchState> type() {
            return WatchState.class;
        }

        @Override
        public void write(WatchState value, DataOutput out) throws IOException {
            BinaryForm.writeList(value.reference, DriveMeans.Form.DRIVE_MEANS, out);
            BinaryForm.writeList(value.window, DriveMeans.Form.DRIVE_MEANS, out);
            out.writeInt(value.sinceCut);
            out.writeLong(value.windows);
            if (value.alarm instanceof ShiftAlarm.Raised raised) {
                out.writeBoolean(true);
                BinaryForm.writeText(raised.alertId(), out);
                out.writeLong(raised.since());
                out.writeInt(raised.stableInARow());
            } else if (value.alarm instanceof ShiftAlarm.Calm calm) {
                out.writeBoolean(false);
                out.writeInt(calm.driftedInARow());
                out.writeLong(calm.since());
            }
        }

        @Override
        public WatchState read(DataInput in) throws IOException {
            return new WatchState(
                    BinaryForm.readList(DriveMeans.Form.DRIVE_MEANS, in),
                    BinaryForm.readList(DriveMeans.Form.DRIVE_MEANS, in),
                    in.readInt(),
                    in.readLong(),
                    in.readBoolean()
                            ? new ShiftAlarm.Raised(BinaryForm.readText(in), in.readLong(), in.readInt())
                            : new ShiftAlarm.Calm(in.readInt(), in.readLong()));
        }
    }
}
