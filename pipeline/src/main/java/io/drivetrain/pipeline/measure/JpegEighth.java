package io.drivetrain.pipeline.measure;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decodes the JPEGs that cameras write, at an eighth of their size, faster than libjpeg-turbo and with the same pixels: at
 * that scale a block of brightness needs its mean only, so the other codes are passed over, several at a time.
 *
 * <p>Takes 8-bit sequential Huffman-coded images in one scan: grey, or YCbCr with the colours at full size, at half the
 * width, or at half of both. All else, and data with anything wrong in it, it leaves to a decoder that knows more.
 *
 * <p>Source: ISO/IEC 10918-1; the arithmetic is libjpeg's ({@code jidctred.c}, {@code jdcolor.c}, {@code jdmaster.c}).
 * Keeps its work space between images; not safe for use by several threads.
 */
final class JpegEighth {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int SOF0 = 0xC0;
    private static final int SOF1 = 0xC1;
    private static final int DHT = 0xC4;
    private static final int RST0 = 0xD0;
    private static final int EOI = 0xD9;
    private static final int SOS = 0xDA;
    private static final int DQT = 0xDB;
    private static final int DRI = 0xDD;
    private static final int APP0 = 0xE0;
    private static final int APP2 = 0xE2;
    private static final int APP13 = 0xED;
    private static final int COMMENT = 0xFE;

    private static final int COEFFICIENTS = 64;
    private static final int LAST_REAL_SHIFT = 32;

    // Encoders pad the last byte of a scan; more than that is data which belongs to no block.
    private static final int PADDING_BITS = 32;

    private static final int CONST_BITS = 13;
    private static final int PASS1_BITS = 2;
    private static final int FIX_0_720959822 = 5906;
    private static final int FIX_0_850430095 = 6967;
    private static final int FIX_1_272758580 = 10426;
    private static final int FIX_3_624509785 = 29692;

    private static final int[] NATURAL = {
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14,
        21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60,
        61, 54, 47, 55, 62, 63
    };

    private static final int[] RED_OF_CR = new int[256];
    private static final int[] BLUE_OF_CB = new int[256];
    private static final int[] GREEN_OF_CR = new int[256];
    private static final int[] GREEN_OF_CB = new int[256];

    static {
        int half = 1 << 15;
        for (int i = 0; i < 256; i++) {
            int x = i - 128;
            RED_OF_CR[i] = 91881 * x + half >> 16;
            BLUE_OF_CB[i] = 116130 * x + half >> 16;
            GREEN_OF_CR[i] = -46802 * x;
            GREEN_OF_CB[i] = -22554 * x + half;
        }
    }

    private final JpegHuffmanTable.Cache tables = new JpegHuffmanTable.Cache();
    private final JpegScanData data = new JpegScanData();
    private final int[][] quantization = new int[4][];
    private final int[] huffman = new int[8];
    private final int[] coefficients = new int[COEFFICIENTS];
    private final int[] columns = new int[16];
    private final Plane[] planes = {new Plane(), new Plane(), new Plane()};
    private Block[] blocks = {};
    private byte[] bgr = new byte[0];

    private int width;
    private int height;
    private int components;
    private int restartInterval;
    private int unitsAcross;
    private int unitsDown;

    /** One component: its sampling, its tables, and its samples at an eighth of the image's size. */
    private static final class Plane {
        private int id;
        private int h;
        private int v;
        private int[] quantizer;
        private int which;
        private JpegHuffmanTable dc;
        private JpegHuffmanTable ac;
        /** Samples a side of one block. */
        private int side;

        private int stride;
        private byte[] samples = new byte[0];
        private int previous;

        void fit(int across, int down) {
            stride = across * h * side;
            int size = stride * down * v * side;
            if (samples.length < size) {
                samples = new byte[size];
            }
        }
    }

    /**
     * One block of a unit.
     *
     * @param across columns of blocks of its component before it in the unit
     * @param down rows of them
     */
    private record Block(Plane plane, int across, int down) {}

    /**
     * Decodes an image.
     *
     * @param image with an array, from its first byte at position to its limit
     * @return whether it could; {@link #bgr} then holds the pixels
     */
    boolean decode(ByteBuffer image) {
        ByteBuffer bytes = image.slice();
        width = 0;
        restartInterval = 0;
        Arrays.fill(huffman, 0);
        Arrays.fill(quantization, null);
        int scan = header(bytes);
        return scan > 0 && scan(bytes, scan);
    }

    /** Columns of the decoded image: an eighth of the width, rounded up. */
    int columns() {
        return (width + 7) / 8;
    }

    /** Rows of the decoded image: an eighth of the height, rounded up. */
    int rows() {
        return (height + 7) / 8;
    }

    /** Blue, green and red of each pixel, rows from the top; the next image overwrites them. */
    byte[] bgr() {
        return bgr;
    }

    /** Returns where the data of the scan begins, or 0 if this is no image for this decoder. */
    private int header(ByteBuffer bytes) {
        int position = 2;
        while (position + 4 <= bytes.limit() && at(bytes, position) == 0xFF) {
            int marker = at(bytes, position + 1);
            if (marker == 0xFF) {
                position++;
                continue;
            }
            int length = at(bytes, position + 2) << 8 | at(bytes, position + 3);
            int from = position + 4;
            int to = position + 2 + length;
            if (length < 2 || to > bytes.limit()) {
                return 0;
            }
            boolean known = switch (marker) {
                case DQT -> quantizers(bytes, from, to);
                case DHT -> huffmanTables(bytes, from, to);
                case SOF0, SOF1 -> frame(bytes, from, to);
                case SOS -> scanHeader(bytes, from, to);
                case DRI -> {
                    restartInterval = length == 4 ? at(bytes, from) << 8 | at(bytes, from + 1) : -1;
                    yield length == 4;
                }
                // Exif (APP1) may turn the image and Adobe's APP14 change its colours: not for this decoder.
                default -> marker == APP0 || marker >= APP2 && marker <= APP13 || marker == COMMENT;
            };
            if (!known) {
                return 0;
            }
            if (marker == SOS) {
                return to;
            }
            position = to;
        }
        return 0;
    }

    private boolean quantizers(ByteBuffer bytes, int from, int to) {
        int position = from;
        while (position < to) {
            int precision = at(bytes, position) >> 4;
            int which = at(bytes, position) & 15;
            int size = precision == 0 ? 1 : 2;
            if (precision > 1 || which > 3 || position + 1 + COEFFICIENTS * size > to) {
                return false;
            }
            int[] table = new int[COEFFICIENTS];
            for (int k = 0; k < COEFFICIENTS; k++) {
                int place = position + 1 + k * size;
                table[NATURAL[k]] = size == 1 ? at(bytes, place) : at(bytes, place) << 8 | at(bytes, place + 1);
            }
            quantization[which] = table;
            position += 1 + COEFFICIENTS * size;
        }
        return true;
    }

    private boolean huffmanTables(ByteBuffer bytes, int from, int to) {
        int position = from;
        while (position + 17 <= to) {
            int which = at(bytes, position);
            if ((which & 0xEC) != 0) {
                return false;
            }
            huffman[(which >> 4) * 4 + (which & 3)] = position + 1;
            int symbols = 0;
            for (int i = 1; i <= 16; i++) {
                symbols += at(bytes, position + i);
            }
            position += 17 + symbols;
        }
        return position == to;
    }

    private boolean frame(ByteBuffer bytes, int from, int to) {
        if (width > 0 || to - from < 6 || at(bytes, from) != 8) {
            return false;
        }
        height = at(bytes, from + 1) << 8 | at(bytes, from + 2);
        width = at(bytes, from + 3) << 8 | at(bytes, from + 4);
        components = at(bytes, from + 5);
        if (width == 0 || height == 0 || components != 1 && components != 3 || to - from != 6 + 3 * components) {
            return false;
        }
        for (int i = 0; i < components; i++) {
            Plane plane = planes[i];
            int at = from + 6 + 3 * i;
            plane.id = at(bytes, at);
            plane.h = at(bytes, at + 1) >> 4;
            plane.v = at(bytes, at + 1) & 15;
            plane.which = at(bytes, at + 2);
            plane.side = 1;
            // RGB goes by its letters where no other marker says so.
            if (plane.which > 3 || components == 3 && plane.id != i + 1) {
                return false;
            }
        }
        return components == 1 ? grey() : coloured();
    }

    private boolean grey() {
        // The blocks of a single component are not interleaved, whatever its sampling factors.
        planes[0].h = 1;
        planes[0].v = 1;
        unitsAcross = (width + 7) / 8;
        unitsDown = (height + 7) / 8;
        return true;
    }

    private boolean coloured() {
        int h = planes[0].h;
        int v = planes[0].v;
        boolean full = planes[1].h == 1 && planes[1].v == 1 && planes[2].h == 1 && planes[2].v == 1;
        boolean taken = h == 1 && v == 1 || h == 2 && v == 1 || h == 2 && v == 2;
        if (!full || !taken) {
            return false;
        }
        unitsAcross = (width + 8 * h - 1) / (8 * h);
        unitsDown = (height + 8 * v - 1) / (8 * v);
        // Where both sides are halved, libjpeg takes twice the detail of the colours rather than stretch them.
        planes[1].side = h == 2 && v == 2 ? 2 : 1;
        planes[2].side = planes[1].side;
        return true;
    }

    private boolean scanHeader(ByteBuffer bytes, int from, int to) {
        if (width == 0 || to - from != 4 + 2 * components || at(bytes, from) != components) {
            return false;
        }
        for (int i = 0; i < components; i++) {
            Plane plane = planes[i];
            int which = at(bytes, from + 2 + 2 * i);
            plane.quantizer = quantization[plane.which];
            plane.dc = tables.at(bytes, huffman[which >> 4 & 3], JpegHuffmanTable.Kind.DC);
            plane.ac = tables.at(bytes, huffman[4 + (which & 3)], JpegHuffmanTable.Kind.AC);
            if (at(bytes, from + 1 + 2 * i) != plane.id
                    || (which & 0xCC) != 0
                    || plane.quantizer == null
                    || plane.dc == null
                    || plane.ac == null) {
                return false;
            }
            plane.fit(unitsAcross, unitsDown);
        }
        List<Block> unit = new ArrayList<>();
        for (int i = 0; i < components; i++) {
            for (int block = 0; block < planes[i].h * planes[i].v; block++) {
                unit.add(new Block(planes[i], block % planes[i].h, block / planes[i].h));
            }
        }
        blocks = unit.toArray(Block[]::new);
        int spectral = from + 1 + 2 * components;
        return at(bytes, spectral) == 0 && at(bytes, spectral + 1) == 63 && at(bytes, spectral + 2) == 0;
    }

    private boolean scan(ByteBuffer bytes, int begin) {
        int units = unitsAcross * unitsDown;
        int interval = restartInterval == 0 ? units : restartInterval;
        int position = begin;
        for (int unit = 0, restarts = 0; unit < units; unit += interval, restarts++) {
            position = data.read(bytes, position, bytes.limit());
            int last = Math.min(units, unit + interval);
            int expected = last == units ? EOI : RST0 + (restarts & 7);
            if (position > bytes.limit() || at(bytes, position - 1) != expected || !segment(unit, last)) {
                return false;
            }
        }
        paint();
        return true;
    }

    // One method with local variables only: in fields, every shift of the window would be a store.
    private boolean segment(int firstUnit, int lastUnit) {
        byte[] bytes = data.bytes();
        Block[] unitBlocks = blocks;
        long lastBit = 8L * data.length();
        long window = 0;
        int valid = 0;
        int position = 0;
        for (Block block : unitBlocks) {
            block.plane.previous = 0;
        }
        int across = firstUnit % unitsAcross;
        int down = firstUnit / unitsAcross;
        for (int unit = firstUnit; unit < lastUnit; unit++) {
            for (Block block : unitBlocks) {
                Plane plane = block.plane;
                JpegHuffmanTable acTable = plane.ac;
                char[] several = acTable.several();
                window |= (long) LONGS.get(bytes, position) >>> valid;
                position += (63 - valid) >>> 3;
                valid |= 56;
                int symbol = plane.dc.symbol(window);
                if (symbol < 0) {
                    return false;
                }
                window <<= symbol >> 8;
                int size = symbol & 15;
                int mean = plane.previous + JpegHuffmanTable.amplitude(window, size);
                plane.previous = mean;
                window <<= size;
                valid -= (symbol >> 8) + size;
                int at = (down * plane.v + block.down) * plane.side * plane.stride
                        + (across * plane.h + block.across) * plane.side;
                int k = 1;
                if (plane.side == 1) {
                    while (k < COEFFICIENTS) {
                        if (valid < LAST_REAL_SHIFT) {
                            window |= (long) LONGS.get(bytes, position) >>> valid;
                            position += (63 - valid) >>> 3;
                            valid |= 56;
                        }
                        int some = several[(int) (window >>> (Long.SIZE - JpegHuffmanTable.LOOKAHEAD))];
                        int next = k + JpegHuffmanTable.coefficientsOf(some);
                        if (some != 0 && next < COEFFICIENTS) {
                            window <<= JpegHuffmanTable.bitsOf(some);
                            valid -= JpegHuffmanTable.bitsOf(some);
                            if (JpegHuffmanTable.endsBlock(some)) {
                                break;
                            }
                            k = next;
                            continue;
                        }
                        symbol = acTable.symbol(window);
                        if (symbol < 0) {
                            return false;
                        }
                        int bits = (symbol >> 8) + (symbol & 15);
                        window <<= bits;
                        valid -= bits;
                        int stands = JpegHuffmanTable.coefficients(symbol);
                        if (stands == 0) {
                            break;
                        }
                        k += stands;
                        if (k > COEFFICIENTS) {
                            return false;
                        }
                    }
                    plane.samples[at] = sample(mean * plane.quantizer[0] + 4 >> 3);
                } else {
                    int[] valued = acTable.valued();
                    boolean detailed = false;
                    while (k < COEFFICIENTS) {
                        if (valid < LAST_REAL_SHIFT) {
                            window |= (long) LONGS.get(bytes, position) >>> valid;
                            position += (63 - valid) >>> 3;
                            valid |= 56;
                        }
                        int one = valued[(int) (window >>> (Long.SIZE - JpegHuffmanTable.LOOKAHEAD))];
                        if (one != 0) {
                            window <<= one;
                            valid -= one & 0xFF;
                            int stands = one >> 8 & 0xFF;
                            if (stands == 0) {
                                break;
                            }
                            k += stands;
                            if (k > COEFFICIENTS) {
                                return false;
                            }
                            coefficients[NATURAL[k - 1]] = one >> 16;
                            detailed = true;
                            continue;
                        }
                        symbol = acTable.symbol(window);
                        if (symbol < 0) {
                            return false;
                        }
                        int stands = JpegHuffmanTable.coefficients(symbol);
                        size = symbol & 15;
                        window <<= symbol >> 8;
                        valid -= (symbol >> 8) + size;
                        if (stands == 0) {
                            break;
                        }
                        k += stands;
                        if (k > COEFFICIENTS) {
                            return false;
                        }
                        coefficients[NATURAL[k - 1]] = JpegHuffmanTable.amplitude(window, size);
                        detailed = true;
                        window <<= size;
                    }
                    four(plane, at, mean, detailed);
                }
                if (8L * position - valid > lastBit) {
                    return false;
                }
            }
            across++;
            if (across == unitsAcross) {
                across = 0;
                down++;
            }
        }
        return lastBit - (8L * position - valid) < PADDING_BITS;
    }

    private static byte sample(int centred) {
        return (byte) Math.max(0, Math.min(255, centred + 128));
    }

    /** Two by two samples of a block, as jpeg_idct_2x2 makes them. */
    private void four(Plane plane, int at, int mean, boolean detailed) {
        if (!detailed) {
            byte flat = sample((mean * plane.quantizer[0] << PASS1_BITS) + (1 << PASS1_BITS + 2) >> PASS1_BITS + 3);
            plane.samples[at] = flat;
            plane.samples[at + 1] = flat;
            plane.samples[at + plane.stride] = flat;
            plane.samples[at + plane.stride + 1] = flat;
            return;
        }
        int[] block = coefficients;
        int[] quantizer = plane.quantizer;
        block[0] = mean;
        for (int c = 0; c < 8; c += c == 0 ? 1 : 2) {
            int odd = odd(
                    block[8 + c] * quantizer[8 + c],
                    block[24 + c] * quantizer[24 + c],
                    block[40 + c] * quantizer[40 + c],
                    block[56 + c] * quantizer[56 + c]);
            int even = block[c] * quantizer[c] << CONST_BITS + 2;
            int shift = CONST_BITS - PASS1_BITS + 2;
            columns[c] = even + odd + (1 << shift - 1) >> shift;
            columns[8 + c] = even - odd + (1 << shift - 1) >> shift;
        }
        for (int row = 0; row < 2; row++) {
            int from = 8 * row;
            int odd = odd(columns[from + 1], columns[from + 3], columns[from + 5], columns[from + 7]);
            int even = columns[from] << CONST_BITS + 2;
            int shift = CONST_BITS + PASS1_BITS + 3 + 2;
            int to = at + row * plane.stride;
            plane.samples[to] = sample(even + odd + (1 << shift - 1) >> shift);
            plane.samples[to + 1] = sample(even - odd + (1 << shift - 1) >> shift);
        }
        Arrays.fill(block, 0);
    }

    private static int odd(int first, int third, int fifth, int seventh) {
        return first * FIX_3_624509785 - third * FIX_1_272758580 + fifth * FIX_0_850430095 - seventh * FIX_0_720959822;
    }

    private void paint() {
        int across = columns();
        int down = rows();
        if (bgr.length < 3 * across * down) {
            bgr = new byte[3 * across * down];
        }
        Plane luma = planes[0];
        if (components == 1) {
            for (int y = 0, out = 0; y < down; y++) {
                for (int x = 0, i = y * luma.stride; x < across; x++, i++) {
                    bgr[out++] = luma.samples[i];
                    bgr[out++] = luma.samples[i];
                    bgr[out++] = luma.samples[i];
                }
            }
            return;
        }
        int halved = luma.h == 2 && luma.v == 1 ? 1 : 0;
        for (int y = 0; y < down; y++) {
            paint(y, across, halved);
        }
    }

    private void paint(int y, int across, int halved) {
        byte[] luma = planes[0].samples;
        byte[] blues = planes[1].samples;
        byte[] reds = planes[2].samples;
        int line = y * planes[0].stride;
        int colours = y * planes[1].stride;
        for (int x = 0, out = 3 * y * across; x < across; x++, out += 3) {
            int light = luma[line + x] & 0xFF;
            int cb = blues[colours + (x >> halved)] & 0xFF;
            int cr = reds[colours + (x >> halved)] & 0xFF;
            bgr[out] = (byte) Math.max(0, Math.min(255, light + BLUE_OF_CB[cb]));
            bgr[out + 1] = (byte) Math.max(0, Math.min(255, light + (GREEN_OF_CB[cb] + GREEN_OF_CR[cr] >> 16)));
            bgr[out + 2] = (byte) Math.max(0, Math.min(255, light + RED_OF_CR[cr]));
        }
    }

    private static int at(ByteBuffer bytes, int index) {
        return bytes.get(index) & 0xFF;
    }
}
