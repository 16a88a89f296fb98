package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.BinaryForm;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** The bytes of an image, reserved for one sample, which may be sent several times. */
public record Reserved(Seen seen, Holders holders) {

    static Reserved by(Claim claim) {
        return new Reserved(Seen.of(claim, null), Holders.of(claim.holder()));
    }

    /**
     * For one more claim of the same sample.
     *
     * @param admitsCorrections whether the label is that of the highest revision, and not of the first claim
     */
    Reserved with(Claim claim, boolean admitsCorrections) {
        boolean corrects = admitsCorrections && seen.sameFrame(claim) && claim.labelRevision() > seen.labelRevision();
        return new Reserved(corrects ? Seen.of(claim, null) : seen, holders.with(claim.holder()));
    }

    Reserved without(long holder) {
        return new Reserved(seen, holders.without(holder));
    }

    /** In state. */
    public enum Form implements BinaryForm<Reserved> {
        RESERVED;

        @Override
        public Class<Reserved> type() {
            return Reserved.class;
        }

        @Override
        public void write(Reserved value, DataOutput out) throws IOException {
            Seen.Form.SEEN.write(value.seen, out);
            value.holders.write(out);
        }

        @Override
        public Reserved read(DataInput in) throws IOException {
            return new Reserved(Seen.Form.SEEN.read(in), Holders.read(in));
        }
    }
}
