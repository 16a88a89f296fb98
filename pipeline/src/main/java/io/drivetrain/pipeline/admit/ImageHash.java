package io.drivetrain.pipeline.admit;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The identity of image bytes. */
final class ImageHash {
    private ImageHash() {}

    /** Returns the SHA-256 of the bytes between position and limit in lower-case hex; the position stays. */
    static String sha256(ByteBuffer bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes.duplicate());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256, this one does not; use another JDK", e);
        }
    }
}
