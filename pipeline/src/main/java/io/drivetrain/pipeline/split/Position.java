package io.drivetrain.pipeline.split;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Uniform numbers in [0, 1) by salted hashes: the first 53 bits of SHA-256. */
final class Position {
    private static final double UNIT = 0x1p-53;

    private Position() {}

    /** Hashes salt, NUL and the drive id in UTF-8; drive ids hold no control characters. */
    static double ofDrive(String salt, String driveId) {
        return of(salt + '\0' + driveId);
    }

    static double ofBlock(String salt, String unit) {
        return of(salt + "\0\1" + unit);
    }

    /** A second number for the TARGET drives of a block, independent of the first. */
    static double ofTarget(String salt, String unit) {
        return of(salt + "\0\2" + unit);
    }

    private static double of(String text) {
        byte[] hash = sha256().digest(text.getBytes(StandardCharsets.UTF_8));
        long bits = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            bits = bits << Byte.SIZE | hash[i] & 0xFF;
        }
        return (bits >>> 11) * UNIT;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256, this one does not; use another JDK", e);
        }
    }
}
