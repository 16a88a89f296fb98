package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.ReleasedClaim;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Bytes and a look that were reserved for a record which was refused afterwards.
 *
 * @param holder see {@link Claim#holder}
 */
public record Release(Look look, String sha256, long holder) {

    static Release of(ReleasedClaim claim) {
        return new Release(
                Look.parse(claim.getContentKey()),
                claim.getImageSha256(),
                Claim.holder(claim.getRun(), claim.getPlace()));
    }

    static Release of(Claim claim) {
        return new Release(claim.look(), claim.sha256(), claim.holder());
    }

    /** On its way to the stages that reserve. */
    public enum Form implements BinaryForm<Release> {
        RELEASE;

        @Override
        public Class<Release> type() {
            return Release.class;
        }

        @Override
        public void write(Release value, DataOutput out) throws IOException {
            BinaryForm.writeText(value.look.text(), out);
            BinaryForm.writeText(value.sha256, out);
            out.writeLong(value.holder);
        }

        @Override
        public Release read(DataInput in) throws IOException {
            return new Release(Look.parse(BinaryForm.readText(in)), BinaryForm.readText(in), in.readLong());
        }
    }
}
