package io.drivetrain.pipeline.measure;

/**
 * The bits of a perceptual hash.
 *
 * @param bits the first one is the highest of {@link #hex}
 */
public record HashBits(boolean[] bits) {

    /** All bits as a hexadecimal number, with leading zeros. */
    public String hex() {
        int digits = (bits.length + 3) / 4;
        StringBuilder hex = new StringBuilder(digits);
        int bit = bits.length - 4 * digits;
        for (int digit = 0; digit < digits; digit++) {
            int value = 0;
            for (int end = bit + 4; bit < end; bit++) {
                value = value << 1 | (bit >= 0 && bits[bit] ? 1 : 0);
            }
            hex.append(Character.forDigit(value, 16));
        }
        return hex.toString();
    }

    /**
     * Bits that differ.
     *
     * @throws IllegalArgumentException if the other hash has another length
     */
    public int distance(HashBits other) {
        if (bits.length != other.bits.length) {
            throw new IllegalArgumentException("Cannot compare a hash of %d bits with one of %d; take the same kind"
                    .formatted(bits.length, other.bits.length));
        }
        int distance = 0;
        for (int i = 0; i < bits.length; i++) {
            distance += bits[i] == other.bits[i] ? 0 : 1;
        }
        return distance;
    }
}
