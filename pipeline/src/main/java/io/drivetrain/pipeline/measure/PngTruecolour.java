package io.drivetrain.pipeline.measure;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decodes PNGs of 8-bit red, green and blue in one pass, as most tools write them, in half of the time that OpenCV takes
 * around libpng. All else, and data with anything wrong in it, it leaves to a decoder that knows more.
 *
 * <p>Source: PNG specification (third edition), sections 5, 9 and 11. Keeps its work space between images; not safe for
 * use by several threads; holds native memory until closed.
 */
final class PngTruecolour implements AutoCloseable {
    /** Larger images are libpng's, which needs the memory of a line only. */
    private static final int MOST_BYTES = 1 << 22;

    private static final int LARGEST_WINDOW = 1 << 15;

    private static final int SIGNATURE_BYTES = 8;
    private static final int IHDR = 0x49484452;
    private static final int IDAT = 0x49444154;
    private static final int IEND = 0x49454E44;
    private static final int TEXT = 0x74455874;
    private static final int TIME = 0x74494D45;
    private static final int SCALE = 0x70485973;
    private static final int OVERHEAD = 12;
    private static final int IHDR_BYTES = 13;

    /** 8 bits a sample, red, green and blue, deflated, filtered by line, in one pass. */
    private static final long EIGHT_BIT_RGB = 0x0802000000L;

    private static final int BYTES_A_PIXEL = 3;

    private final Inflater inflater = new Inflater();
    private final CRC32 crc = new CRC32();
    private byte[] data = new byte[0];
    private int length;
    private byte[] lines = new byte[0];
    private byte[] above = new byte[0];
    private byte[] line = new byte[0];
    private byte[] rgb = new byte[0];

    /**
     * Decodes the bytes between position and limit.
     *
     * @return false if it is not of this kind, or something about it is wrong; there are no pixels then
     */
    boolean decode(ByteBuffer image, ImageHeader.Readable header) {
        long lineBytes = (long) BYTES_A_PIXEL * header.width();
        long bytes = (1 + lineBytes) * header.height();
        if (bytes > MOST_BYTES || !collect(image)) {
            return false;
        }
        if (lines.length <= bytes) {
            lines = new byte[(int) bytes + 1];
            rgb = new byte[(int) bytes];
        }
        return inflate((int) bytes) && unfilter(header.height(), (int) lineBytes);
    }

    /** Whether the data is right to its last byte, and just as much as the header promises. */
    private boolean inflate(int bytes) {
        // A match from beyond the window is wrong, which zlib does not notice while it has all that it wrote in one
        // piece.
        if (length == 0 || 1 << ((data[0] & 0xFF) >> 4) + 8 < Math.min(bytes, LARGEST_WINDOW)) {
            return false;
        }
        try {
            inflater.reset();
            inflater.setInput(data, 0, length);
            // One byte more than there should be, so that the end is reached with it.
            int inflated = inflater.inflate(lines, 0, bytes + 1);
            return inflated == bytes && inflater.finished() && inflater.getRemaining() == 0;
        } catch (DataFormatException e) {
            return false;
        }
    }

    /** Red, green and blue of every pixel of the last image, rows from the top; the next image overwrites them. */
    byte[] rgb() {
        return rgb;
    }

    /** Puts together what is deflated; false if a chunk is damaged, or may say more about the pixels. */
    private boolean collect(ByteBuffer image) {
        length = 0;
        int end = image.remaining();
        if (data.length < end) {
            data = new byte[end];
        }
        byte[] bytes = image.array();
        int start = image.arrayOffset() + image.position();
        ByteBuffer numbers = image.slice();
        boolean begun = false;
        boolean over = false;
        for (int at = SIGNATURE_BYTES; at + OVERHEAD <= end; ) {
            int size = numbers.getInt(at);
            int type = numbers.getInt(at + 4);
            if (size < 0 || size > end - at - OVERHEAD) {
                return false;
            }
            crc.reset();
            crc.update(bytes, start + at + 4, 4 + size);
            boolean expected = switch (type) {
                case IHDR -> at == SIGNATURE_BYTES && size == IHDR_BYTES && kind(numbers, at) == EIGHT_BIT_RGB;
                case IDAT -> !over && at != SIGNATURE_BYTES;
                case TEXT, TIME, SCALE -> at != SIGNATURE_BYTES;
                case IEND -> begun && size == 0;
                default -> false;
            };
            if (!expected || (int) crc.getValue() != numbers.getInt(at + 8 + size)) {
                return false;
            }
            if (type == IEND) {
                return true;
            }
            if (type == IDAT) {
                begun = true;
                System.arraycopy(bytes, start + at + 8, data, length, size);
                length += size;
            } else {
                over = begun;
            }
            at += OVERHEAD + size;
        }
        return false;
    }

    /** Depth, colour type, compression, filter and passes, a byte each. */
    private static long kind(ByteBuffer numbers, int header) {
        return (numbers.getInt(header + 16) & 0xFFFFFFFFL) << 8 | numbers.get(header + 20) & 0xFF;
    }

    private boolean unfilter(int height, int lineBytes) {
        if (line.length != BYTES_A_PIXEL + lineBytes) {
            // Before the first pixel of a line is one that is 0.
            line = new byte[BYTES_A_PIXEL + lineBytes];
            above = new byte[BYTES_A_PIXEL + lineBytes];
        }
        Arrays.fill(above, (byte) 0);
        for (int y = 0, from = 0; y < height; y++, from += lineBytes) {
            int filter = lines[from++];
            System.arraycopy(lines, from, line, BYTES_A_PIXEL, lineBytes);
            switch (filter) {
                case 0 -> {}
                case 1 -> addLeft(line);
                case 2 -> addAbove(line, above);
                case 3 -> addMean(line, above);
                case 4 -> addPaeth(line, above);
                default -> {
                    return false;
                }
            }
            System.arraycopy(line, BYTES_A_PIXEL, rgb, from - y - 1, lineBytes);
            byte[] done = line;
            line = above;
            above = done;
        }
        return true;
    }

    private static void addLeft(byte[] line) {
        for (int i = BYTES_A_PIXEL; i < line.length; i++) {
            line[i] += line[i - BYTES_A_PIXEL];
        }
    }

    private static void addAbove(byte[] line, byte[] above) {
        for (int i = 0; i < line.length; i++) {
            line[i] += above[i];
        }
    }

    private static void addMean(byte[] line, byte[] above) {
        for (int i = BYTES_A_PIXEL; i < line.length; i++) {
            line[i] += (byte) ((line[i - BYTES_A_PIXEL] & 0xFF) + (above[i] & 0xFF) >> 1);
        }
    }

    // The three colours side by side, because each waits for its own left neighbour only.
    private static void addPaeth(byte[] line, byte[] above) {
        int left1 = 0;
        int left2 = 0;
        int left3 = 0;
        int corner1 = 0;
        int corner2 = 0;
        int corner3 = 0;
        for (int i = BYTES_A_PIXEL; i + 2 < line.length; i += BYTES_A_PIXEL) {
            int above1 = above[i] & 0xFF;
            int above2 = above[i + 1] & 0xFF;
            int above3 = above[i + 2] & 0xFF;
            left1 = line[i] + paeth(left1, above1, corner1) & 0xFF;
            left2 = line[i + 1] + paeth(left2, above2, corner2) & 0xFF;
            left3 = line[i + 2] + paeth(left3, above3, corner3) & 0xFF;
            line[i] = (byte) left1;
            line[i + 1] = (byte) left2;
            line[i + 2] = (byte) left3;
            corner1 = above1;
            corner2 = above2;
            corner3 = above3;
        }
    }

    private static int paeth(int left, int above, int corner) {
        int toLeft = Math.abs(above - corner);
        int toAbove = Math.abs(left - corner);
        int toCorner = Math.abs(left + above - 2 * corner);
        int nearer = toAbove <= toCorner ? above : corner;
        return toLeft <= Math.min(toAbove, toCorner) ? left : nearer;
    }

    @Override
    public void close() {
        inflater.end();
    }
}
