package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.Split;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** One admitted sample, as far as the class balance is concerned. */
public record Counted(Split split, String label) {

    /** Between admission and counting. */
    public enum Form implements BinaryForm<Counted> {
        COUNTED;

        @Override
        public Class<Counted> type() {
            return Counted.class;
        }

        @Override
        public void write(Counted value, DataOutput out) throws IOException {
            out.writeByte(value.split.ordinal());
            BinaryForm.writeText(value.label, out);
        }

        @Override
        public Counted read(DataInput in) throws IOException {
            return new Counted(Split.values()[in.readByte()], BinaryForm.readText(in));
        }
    }
}
