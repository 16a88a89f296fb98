package io.drivetrain.pipeline.measure;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The entropy-coded bits of a JPEG scan up to its next marker, without the 00 that stands behind each FF (ISO/IEC 10918-1,
 * F.1.2.3), and with zeros behind them. Keeps its buffer between scans; not safe for use by several threads.
 */
public final class JpegScanData {
    /** A block takes at most 64 codes of 27 bits, so a reader may go so far behind the end before it looks. */
    private static final int BEHIND_END = 256;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    private byte[] bytes = new byte[1 << 18];
    private int length;

    /** The bits, the first in the highest of the first byte; more bytes than {@link #length} may be read. */
    public byte[] bytes() {
        return bytes;
    }

    /** Bytes up to the marker. */
    public int length() {
        return length;
    }

    /**
     * Copies the data up to the next marker.
     *
     * @param image with an array
     * @param from offset of the first byte of data
     * @param to offset behind the last that may be read
     * @return the offset behind the marker, or more than {@code to} if there is none
     */
    public int read(ByteBuffer image, int from, int to) {
        byte[] source = image.array();
        int base = image.arrayOffset();
        if (bytes.length < to - from + BEHIND_END) {
            bytes = new byte[to - from + (to - from) / 2 + BEHIND_END];
        }
        byte[] target = bytes;
        int out = 0;
        int i = from;
        boolean more = true;
        while (more && i < to) {
            if (i + Long.BYTES <= to) {
                // Copied whole: the next word replaces what stands behind an FF.
                long word = (long) LONGS.get(source, base + i);
                LONGS.set(target, out, word);
                long isFf = ~word - ONES & word & HIGHS;
                if (isFf == 0) {
                    i += Long.BYTES;
                    out += Long.BYTES;
                    continue;
                }
                int before = Long.numberOfTrailingZeros(isFf) / Byte.SIZE;
                i += before;
                out += before;
            }
            byte next = source[base + i++];
            if (next != -1) {
                target[out++] = next;
            } else if (i < to && source[base + i] == 0) {
                target[out++] = next;
                i++;
            } else {
                while (i < to && source[base + i] == -1) {
                    i++;
                }
                i++;
                more = false;
            }
        }
        length = out;
        Arrays.fill(target, length, length + BEHIND_END, (byte) 0);
        return more ? to + 1 : i;
    }
}
