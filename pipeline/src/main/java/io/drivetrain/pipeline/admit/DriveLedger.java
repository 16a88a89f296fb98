package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.pipeline.split.Assignment;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Split;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * What is remembered of one drive for ever: its domain and its split, both bound by its first sample, and the order of
 * its frames.
 *
 * @param split null if the drive is embargoed
 * @param testDevGeneration null unless the split is test-dev
 * @param embargo why the drive is embargoed; null if it is not
 */
record DriveLedger(Domain domain, Split split, Integer testDevGeneration, String embargo, FrameOrder order) {

    /** The ledger of a drive after its first sample. */
    static DriveLedger opened(Domain domain, Assignment assignment, FrameOrder order) {
        if (assignment instanceof Assignment.Assigned assigned) {
            return new DriveLedger(domain, assigned.split(), assigned.testDevGeneration(), null, order);
        }
        return new DriveLedger(domain, null, null, assignment.reason(), order);
    }

    DriveLedger ordered(FrameOrder newOrder) {
        return new DriveLedger(domain, split, testDevGeneration, embargo, newOrder);
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
                    FrameOrder.read(in));
        }
    }
}
