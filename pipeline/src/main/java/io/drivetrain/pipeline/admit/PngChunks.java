package io.drivetrain.pipeline.admit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * What the chunks of a PNG say about its pixels, without inflating any.
 *
 * <p>Source: PNG specification (third edition), sections 5.3 and 11.2.
 *
 * @param rawBytes bytes of pixels that the header declares, filter bytes included, of one pass
 * @param dataBytes compressed bytes in all IDAT chunks
 * @param compressedTexts zTXt and iTXt chunks
 * @param damage the first chunk whose checksum is wrong, if there is one
 */
record PngChunks(long rawBytes, long dataBytes, int compressedTexts, Optional<String> damage) {
    /** libpng inflates up to 8 MB of each, which takes 7 ms; editors write two or three. */
    static final int MOST_COMPRESSED_TEXTS = 32;

    private static final int IDAT = 0x49444154;
    private static final int ITXT = 0x69545874;
    private static final int ZTXT = 0x7A545874;
    private static final int IEND = 0x49454E44;
    private static final int OVERHEAD = 12;
    private static final int HEADER_END = 33;

    /** Deflate makes at most 1,032 bytes of one (RFC 1951: a match of 258 bytes from two bits). */
    private static final long MOST_INFLATED_PER_BYTE = 1032;

    /** Reads the chunks of a PNG that has a header and an end. */
    static PngChunks read(ByteBuffer image) {
        ByteBuffer bytes = image.slice();
        long rawBytes = rawBytes(bytes);
        long dataBytes = 0;
        int compressedTexts = 0;
        CRC32 crc = new CRC32();
        int position = Long.BYTES;
        while (position + OVERHEAD <= bytes.limit()) {
            int length = bytes.getInt(position);
            int type = bytes.getInt(position + 4);
            if (length < 0 || length > bytes.limit() - position - OVERHEAD) {
                break;
            }
            crc.reset();
            crc.update(bytes.slice(position + 4, 4 + length));
            if ((int) crc.getValue() != bytes.getInt(position + 8 + length)) {
                return new PngChunks(
                        rawBytes,
                        dataBytes,
                        compressedTexts,
                        Optional.of("the checksum of chunk %s at byte %d is wrong"
                                .formatted(name(bytes, position), position)));
            }
            if (type == IEND) {
                break;
            }
            dataBytes += type == IDAT ? length : 0;
            compressedTexts += type == ITXT || type == ZTXT ? 1 : 0;
            position += OVERHEAD + length;
        }
        return new PngChunks(rawBytes, dataBytes, compressedTexts, Optional.empty());
    }

    /** Whether the compressed bytes could not hold the declared pixels even if all of them were equal. */
    boolean impossible() {
        return rawBytes > (dataBytes + 1) * MOST_INFLATED_PER_BYTE;
    }

    private static long rawBytes(ByteBuffer bytes) {
        if (bytes.limit() < HEADER_END) {
            return 0;
        }
        long width = bytes.getInt(16);
        long height = bytes.getInt(20);
        int channels = switch (bytes.get(25)) {
            case 2 -> 3;
            case 4 -> 2;
            case 6 -> 4;
            default -> 1;
        };
        long bits = width * channels * (bytes.get(24) & 0xFF);
        return height * (1 + (bits + 7) / 8);
    }

    private static String name(ByteBuffer bytes, int position) {
        byte[] type = new byte[4];
        bytes.get(position + 4, type);
        return Findings.shown(new String(type, StandardCharsets.ISO_8859_1));
    }
}
