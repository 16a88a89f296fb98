package io.drivetrain.pipeline.admit;

/**
 * What a picture looks like: its perceptual hash, or its bytes if it is too flat to have one.
 *
 * <p>The bits of the hash are dealt to {@value #BANDS} bands in turn, so that each has coarse and fine frequencies: two
 * hashes that differ in fewer bits than there are bands agree in one band at least.
 *
 * @param flat the SHA-256 of the bytes; null if the picture has a hash
 * @param hash 0 if flat
 */
public record Look(String flat, long hash) {
    public static final int BANDS = 3;

    private static final long EVERY_THIRD_BIT = 0x9249249249249249L;
    private static final char FLAT = '=';
    private static final char HASHED = '~';
    private static final int HEXADECIMAL = 16;

    /**
     * Returns the look of a picture.
     *
     * @param perceptualHash 16 hex digits; null for a flat picture
     */
    static Look of(String perceptualHash, String sha256) {
        return perceptualHash == null
                ? new Look(sha256, 0)
                : new Look(null, Long.parseUnsignedLong(perceptualHash, HEXADECIMAL));
    }

    /**
     * Reads {@link #text}.
     *
     * @throws IllegalArgumentException if it is not one
     */
    static Look parse(String text) {
        if (text.isEmpty() || text.charAt(0) != FLAT && text.charAt(0) != HASHED) {
            throw new IllegalArgumentException("Cannot read '%s' as a look; it begins with = or ~".formatted(text));
        }
        String rest = text.substring(1);
        return text.charAt(0) == FLAT ? of(null, rest) : of(rest, null);
    }

    String text() {
        return flat == null ? "%c%016x".formatted(HASHED, hash) : FLAT + flat;
    }

    /** What looks that may be near each other have in common in a band. */
    public String key(int band) {
        return flat == null ? Long.toHexString(hash & EVERY_THIRD_BIT << band) : FLAT + flat;
    }

    /** Whether the band has to be asked to find looks within so many bits; flat pictures are the same or are not. */
    boolean askedIn(int band, int bits) {
        return band <= (flat == null ? bits : 0);
    }
}
