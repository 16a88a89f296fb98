package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.ReleasedClaim;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** A content that was reserved at a place whose record was refused afterwards. */
public record Release(String contentKey, String sha256, String place) {

    static Release of(ReleasedClaim claim) {
        return new Release(claim.getContentKey(), claim.getImageSha256(), claim.getPlace());
    }

    /** On its way to the content stage. */
    public enum Form implements BinaryForm<Release> {
        RELEASE;

        @Override
        public Class<Release> type() {
            return Release.class;
        }

        @Override
        public void write(Release value, DataOutput out) throws IOException {
            BinaryForm.writeText(value.contentKey, out);
            BinaryForm.writeText(value.sha256, out);
            BinaryForm.writeText(value.place, out);
        }

        @Override
        public Release read(DataInput in) throws IOException {
            return new Release(BinaryForm.readText(in), BinaryForm.readText(in), BinaryForm.readText(in));
        }
    }
}
