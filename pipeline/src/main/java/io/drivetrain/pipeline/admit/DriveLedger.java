package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.pipeline.split.Assignment;
import io.drivetrain.pipeline.split.DriveFacts;
import io.drivetrain.pipeline.split.SplitPolicy;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Split;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;

/**
 * What is remembered of one drive for ever: its domain and its split, both bound by its first sample, what they were
 * decided by, and how far its frames have come. A drive that an embargo holds out has no sample in any split, so its
 * split is asked for again: when the embargo is shortened, it can be sent again.
 *
 * <p>The newest frame is the anchor: a later frame may not be older, an earlier one not younger. Frames may arrive in any
 * order. One frame with a wrong time must not condemn all that follow, so the last refused frame is remembered as the
 * challenger: a frame that agrees with it, and not with the anchor, takes over.
 *
 * @param split null if the drive is embargoed
 * @param testDevGeneration null unless the split is test-dev
 * @param embargo why the drive is embargoed; null if it is not
 * @param start when the drive began, milliseconds since the epoch
 * @param place where it began, empty if that is not known
 * @param rule that decided
 * @param plan which plan dealt the drive, from 0, the oldest at that time
 * @param frame the anchor's index
 * @param time the anchor's capture time, milliseconds since the epoch
 * @param challengerFrame -1 if there is none
 */
public record DriveLedger(
        Domain domain,
        Split split,
        Integer testDevGeneration,
        String embargo,
        long start,
        String place,
        Assignment.Rule rule,
        int plan,
        int frame,
        long time,
        int challengerFrame,
        long challengerTime) {

    /** The ledger of a drive after its first sample. */
    public static DriveLedger opened(DriveFacts facts, Assignment assignment, int frame, long time) {
        return decided(facts, assignment, frame, time, -1, 0);
    }

    private static DriveLedger decided(
            DriveFacts facts, Assignment assignment, int frame, long time, int challengerFrame, long challengerTime) {
        Assignment.Assigned assigned = assignment instanceof Assignment.Assigned split ? split : null;
        return new DriveLedger(
                facts.domain(),
                assigned == null ? null : assigned.split(),
                assigned == null ? null : assigned.testDevGeneration(),
                assigned == null ? assignment.reason() : null,
                facts.start().toEpochMilli(),
                facts.place(),
                assignment.rule(),
                assignment.facts().plan(),
                frame,
                time,
                challengerFrame,
                challengerTime);
    }

    /** Returns what the policy says now of a drive that is held out; a drive with a split keeps it. */
    DriveLedger askedAgain(String driveId, SplitPolicy policy) {
        if (split != null) {
            return this;
        }
        DriveFacts facts = new DriveFacts(driveId, domain, Instant.ofEpochMilli(start), place);
        return decided(facts, policy.assign(facts), frame, time, challengerFrame, challengerTime);
    }

    private DriveLedger anchored(int newFrame, long newTime) {
        return framed(newFrame, newTime, -1, 0);
    }

    private DriveLedger challenged(int newFrame, long newTime) {
        return framed(frame, time, newFrame, newTime);
    }

    private DriveLedger framed(int newFrame, long newTime, int newChallengerFrame, long newChallengerTime) {
        return new DriveLedger(
                domain,
                split,
                testDevGeneration,
                embargo,
                start,
                place,
                rule,
                plan,
                newFrame,
                newTime,
                newChallengerFrame,
                newChallengerTime);
    }

    /** What became of one frame. */
    public record Entry(DriveLedger ledger, boolean inOrder) {}

    /** Enters a frame. */
    public Entry enter(int newFrame, long newTime) {
        if (agree(frame, time, newFrame, newTime)) {
            DriveLedger moved = newFrame > frame ? anchored(newFrame, newTime) : this;
            return new Entry(moved, true);
        }
        if (challengerFrame >= 0
                && newFrame != challengerFrame
                && agree(challengerFrame, challengerTime, newFrame, newTime)) {
            boolean newer = newFrame > challengerFrame;
            return new Entry(anchored(newer ? newFrame : challengerFrame, newer ? newTime : challengerTime), true);
        }
        return new Entry(challenged(newFrame, newTime), false);
    }

    private static boolean agree(int oneFrame, long oneTime, int otherFrame, long otherTime) {
        return Integer.compare(oneFrame, otherFrame) * Long.compare(oneTime, otherTime) >= 0
                && (oneFrame != otherFrame || oneTime == otherTime);
    }

    /** In state. */
    public enum Form implements BinaryForm<DriveLedger> {
        DRIVE_LEDGER;

        @Override
        public Class<DriveLedger> type() {
            return DriveLedger.class;
        }

        @Override
        public void write(DriveLedger value, DataOutput out) throws IOException {
            out.writeUTF(value.domain.name());
            BinaryForm.writeText(value.split == null ? null : value.split.name(), out);
            out.writeInt(value.testDevGeneration == null ? -1 : value.testDevGeneration);
            BinaryForm.writeText(value.embargo, out);
            out.writeLong(value.start);
            BinaryForm.writeText(value.place, out);
            out.writeUTF(value.rule.name());
            out.writeInt(value.plan);
            out.writeInt(value.frame);
            out.writeLong(value.time);
            out.writeInt(value.challengerFrame);
            out.writeLong(value.challengerTime);
        }

        @Override
        public DriveLedger read(DataInput in) throws IOException {
            Domain domain = Domain.valueOf(in.readUTF());
            String split = BinaryForm.readText(in);
            int generation = in.readInt();
            return new DriveLedger(
                    domain,
                    split == null ? null : Split.valueOf(split),
                    generation < 0 ? null : generation,
                    BinaryForm.readText(in),
                    in.readLong(),
                    BinaryForm.readText(in),
                    Assignment.Rule.valueOf(in.readUTF()),
                    in.readInt(),
                    in.readInt(),
                    in.readLong(),
                    in.readInt(),
                    in.readLong());
        }
    }
}
