package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.measure.JpegHuffmanTable;
import io.drivetrain.pipeline.measure.JpegScanData;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Walks the Huffman codes of a sequential JPEG scan without computing a coefficient, and finds data that is too short,
 * too long or holds impossible codes for its blocks: what libjpeg only warns of. A bit that is flipped inside the
 * amplitude of a coefficient leaves a valid picture and is not found.
 *
 * <p>Source: ISO/IEC 10918-1 annexes C and F.2. Keeps tables between images; not safe for use by several threads.
 */
final class JpegEntropy {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int COEFFICIENTS = 64;

    /** Some encoders pad the last byte with more than one byte. */
    private static final int PADDING_BITS = 32;

    private final JpegHuffmanTable.Cache tables = new JpegHuffmanTable.Cache();
    private final JpegScanData data = new JpegScanData();

    /**
     * One scan of a sequential JPEG.
     *
     * @param from offset of its first byte of data
     * @param to offset behind its last byte
     * @param units MCUs in it
     * @param restartInterval MCUs between restart markers, 0 for none
     * @param dc for each block of a unit, where the lengths of its DC codes are in the image
     * @param ac for each block of a unit, where the lengths of its AC codes are
     */
    @SuppressWarnings("ArrayRecordComponent") // Made for one call, never compared.
    record Scan(int from, int to, long units, int restartInterval, int[] dc, int[] ac) {}

    /** Returns what is wrong with the data of a scan, or null. */
    String verify(ByteBuffer image, Scan scan) {
        JpegHuffmanTable[] dc = new JpegHuffmanTable[scan.dc.length];
        JpegHuffmanTable[] ac = new JpegHuffmanTable[scan.ac.length];
        for (int i = 0; i < dc.length; i++) {
            dc[i] = tables.at(image, scan.dc[i], JpegHuffmanTable.Kind.DC);
            ac[i] = tables.at(image, scan.ac[i], JpegHuffmanTable.Kind.AC);
            if (dc[i] == null || ac[i] == null) {
                return "its data needs a Huffman table that it does not have";
            }
        }
        int from = scan.from;
        for (long unit = 0; unit < scan.units; ) {
            from = data.read(image, from, scan.to);
            long last = scan.restartInterval == 0 ? scan.units : Math.min(scan.units, unit + scan.restartInterval);
            String problem = segment(dc, ac, last - unit);
            if (problem != null) {
                return "%s between MCU %d and %d of %d".formatted(problem, unit, last, scan.units);
            }
            unit = last;
        }
        return null;
    }

    // One method with local variables only: in fields, every shift of the window would be a store.
    private String segment(JpegHuffmanTable[] dc, JpegHuffmanTable[] ac, long units) {
        byte[] bytes = data.bytes();
        long window = 0;
        int valid = 0;
        int position = 0;
        long lastBit = 8L * data.length();
        for (long unit = 0; unit < units; unit++) {
            for (int i = 0; i < dc.length; i++) {
                char[] several = ac[i].several();
                window |= (long) LONGS.get(bytes, position) >>> valid;
                position += (63 - valid) >>> 3;
                valid |= 56;
                int symbol = dc[i].symbol(window);
                if (symbol < 0) {
                    return "there is no DC code";
                }
                int bits = (symbol >> 8) + (symbol & 15);
                window <<= bits;
                valid -= bits;
                int k = 1;
                while (k < COEFFICIENTS) {
                    if (valid < 32) {
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
                    symbol = ac[i].symbol(window);
                    if (symbol < 0) {
                        return "there is no AC code";
                    }
                    bits = (symbol >> 8) + (symbol & 15);
                    window <<= bits;
                    valid -= bits;
                    int coefficients = JpegHuffmanTable.coefficients(symbol);
                    if (coefficients == 0) {
                        break;
                    }
                    k += coefficients;
                    if (k > COEFFICIENTS) {
                        return "there are codes for more than 64 coefficients of a block";
                    }
                }
                if (8L * position - valid > lastBit) {
                    return "the data ends";
                }
            }
        }
        long left = lastBit - (8L * position - valid);
        return left >= PADDING_BITS ? "%d bytes belong to no block".formatted(left / 8) : null;
    }
}
