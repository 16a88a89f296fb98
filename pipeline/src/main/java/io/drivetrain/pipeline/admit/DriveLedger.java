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
 * decided by, and the order of its frames. A drive that an embargo holds out has no sample in any split, so its split is
 * asked for again: when the embargo is shortened, it can be sent again.
 *
 * @param split null if the drive is embargoed
 * @param testDevGeneration null unless the split is test-dev
 * @param embargo why the drive is embargoed; null if it is not
 * @param start when the drive began, milliseconds since the epoch
 * @param place where it began, empty if that is not known
 * @param rule that decided
 * @param plan which plan dealt the drive, from 0, the oldest at that time
 */
record DriveLedger(
        Domain domain,
        Split split,
        Integer testDevGeneration,
        String embargo,
        long start,
        String place,
        Assignment.Rule rule,
        int plan,
        FrameOrder order) {

    /** The ledger of a drive after its first sample. */
    static DriveLedger opened(DriveFacts facts, Assignment assignment, FrameOrder order) {
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
                order);
    }

    /** Returns what the policy says now of a drive that is held out; a drive with a split keeps it. */
    DriveLedger askedAgain(String driveId, SplitPolicy policy) {
        if (split != null) {
            return this;
        }
        DriveFacts facts = new DriveFacts(driveId, domain, Instant.ofEpochMilli(start), place);
        return opened(facts, policy.assign(facts), order);
    }

    DriveLedger ordered(FrameOrder newOrder) {
        return new DriveLedger(domain, split, testDevGeneration, embargo, start, place, rule, plan, newOrder);
    }

    /** In state. */
    enum Form implements BinaryForm<DriveLedger> {
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
            value.order.write(out);
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
                    FrameOrder.read(in));
        }
    }
}
