package io.drivetrain.pipeline.admit;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the frames of a drive are numbered in the order in which they were captured. Frames may arrive in any order;
 * each is compared with all that are remembered: the last {@link #MOST} by index. A frame before these is compared with
 * the earliest of them only, and a second one of its index is not found.
 *
 * <p>One frame with a wrong time must not condemn all that follow, so the last refused frame is remembered as the
 * challenger: a frame that agrees with it, and not with the others, takes over together with it. A frame whose index is
 * taken is not listened to, or a second numbering of the drive could take over.
 *
 * @param frames remembered, by index; one at least
 * @param challenger the last frame that was refused for its time; null if there is none
 */
record FrameOrder(List<Frame> frames, Frame challenger) {
    /** Frames remembered of a drive, so that its state stays below 600 bytes. */
    static final int MOST = 32;

    FrameOrder {
        frames = List.copyOf(frames);
    }

    /**
     * One frame.
     *
     * @param time of capture, milliseconds since the epoch
     * @param sample digest of the sample id, which tells a frame that was sent twice from two of one index
     */
    record Frame(int index, long time, int sample) {
        static Frame of(String sampleId, int index, long time) {
            return new Frame(index, time, sampleId.hashCode());
        }

        private boolean agrees(Frame other) {
            return index == other.index
                    ? equals(other)
                    : Integer.compare(index, other.index) * Long.compare(time, other.time) >= 0;
        }
    }

    /**
     * What became of a frame.
     *
     * @param contradicted the frame that it contradicts; null if it is in order
     */
    record Entry(FrameOrder order, Frame contradicted) {}

    /** The order of a drive that begins with this frame. */
    static FrameOrder opened(Frame frame) {
        return new FrameOrder(List.of(frame), null);
    }

    /** Enters a frame. */
    Entry enter(Frame frame) {
        Frame contradicted = null;
        for (Frame known : frames) {
            if (known.index == frame.index && !known.equals(frame)) {
                return new Entry(this, known);
            }
            if (!known.agrees(frame)) {
                // The nearest before it, or else the nearest after it.
                contradicted = contradicted == null || known.index < frame.index ? known : contradicted;
            }
        }
        if (contradicted == null) {
            return new Entry(with(frame), null);
        }
        if (challenger != null && challenger.index != frame.index && challenger.agrees(frame)) {
            List<Frame> two = challenger.index < frame.index ? List.of(challenger, frame) : List.of(frame, challenger);
            return new Entry(new FrameOrder(two, null), null);
        }
        return new Entry(new FrameOrder(frames, frame), contradicted);
    }

    private FrameOrder with(Frame frame) {
        int place = frames.size();
        while (place > 0 && frames.get(place - 1).index >= frame.index) {
            place--;
        }
        boolean known = place < frames.size() && frames.get(place).index == frame.index;
        if (known || place == 0 && frames.size() == MOST) {
            return this;
        }
        List<Frame> more = new ArrayList<>(frames);
        more.add(place, frame);
        if (more.size() > MOST) {
            more.remove(0);
        }
        // A frame that is the newest shows that the drive goes on as it was; an earlier one shows nothing.
        return new FrameOrder(more, place == frames.size() ? null : challenger);
    }

    void write(DataOutput out) throws IOException {
        out.writeByte(frames.size());
        for (Frame frame : frames) {
            write(frame, out);
        }
        out.writeBoolean(challenger != null);
        if (challenger != null) {
            write(challenger, out);
        }
    }

    private static void write(Frame frame, DataOutput out) throws IOException {
        out.writeInt(frame.index);
        out.writeLong(frame.time);
        out.writeInt(frame.sample);
    }

    static FrameOrder read(DataInput in) throws IOException {
        List<Frame> frames = new ArrayList<>(MOST);
        for (int left = in.readByte(); left > 0; left--) {
            frames.add(readFrame(in));
        }
        return new FrameOrder(frames, in.readBoolean() ? readFrame(in) : null);
    }

    private static Frame readFrame(DataInput in) throws IOException {
        return new Frame(in.readInt(), in.readLong(), in.readInt());
    }
}
