package io.drivetrain.pipeline.admit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Walks the Huffman codes of a sequential JPEG scan without computing a coefficient, and finds data that is too short,
 * too long or holds impossible codes for its blocks: what libjpeg only warns of. A bit that is flipped inside the
 * amplitude of a coefficient leaves a valid picture and is not found.
 *
 * <p>Source: ISO/IEC 10918-1 annexes C and F.2. Keeps tables between images; not safe for use by several threads.
 */
final class JpegEntropy {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final int LOOKAHEAD = 12;
    private static final int COEFFICIENTS = 64;

    /** Some encoders pad the last byte with more than one byte. */
    private static final int PADDING_BITS = 32;

    /** A block takes at most 64 codes of 27 bits, so the walk of one may go so far behind the end before it is seen. */
    private static final int BEHIND_END = 256;

    private final Table[] tables = new Table[8];
    private byte[] data = new byte[1 << 18];

    private int end;

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
        Table[] dc = new Table[scan.dc.length];
        Table[] ac = new Table[scan.ac.length];
        for (int i = 0; i < dc.length; i++) {
            dc[i] = table(image, scan.dc[i], 0);
            ac[i] = table(image, scan.ac[i], 1);
            if (dc[i] == null || ac[i] == null) {
                return "its data needs a Huffman table that it does not have";
            }
        }
        int from = scan.from;
        for (long unit = 0; unit < scan.units; ) {
            from = unstuff(image, from, scan.to);
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
    private String segment(Table[] dc, Table[] ac, long units) {
        byte[] bytes = data;
        long window = 0;
        int valid = 0;
        int position = 0;
        long lastBit = 8L * end;
        for (long unit = 0; unit < units; unit++) {
            for (int i = 0; i < dc.length; i++) {
                int[] several = ac[i].several;
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
                    int some = several[(int) (window >>> (Long.SIZE - LOOKAHEAD))];
                    int next = k + (some >> 8 & 0xFF);
                    if (some != 0 && next < COEFFICIENTS) {
                        window <<= some;
                        valid -= some & 0xFF;
                        if (some >= Table.END) {
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
                    int coefficients = coefficients(symbol);
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

    /** How many coefficients an AC symbol stands for: 0 ends the block, 65 is no symbol of sequential data. */
    private static int coefficients(int symbol) {
        int run = symbol >> 4 & 15;
        if ((symbol & 15) > 0 || run == 15) {
            return run + 1;
        }
        return run == 0 ? 0 : COEFFICIENTS + 1;
    }

    // Copies the data up to the next marker without the 00 behind each FF; returns the offset behind the marker.
    private int unstuff(ByteBuffer image, int from, int to) {
        byte[] bytes = image.array();
        int base = image.arrayOffset();
        if (data.length < to - from + BEHIND_END) {
            data = new byte[to - from + (to - from) / 2 + BEHIND_END];
        }
        int out = 0;
        int i = from;
        boolean more = true;
        while (more && i < to) {
            if (i + Long.BYTES <= to) {
                long word = (long) LONGS.get(bytes, base + i);
                if ((~word - ONES & word & HIGHS) == 0) {
                    LONGS.set(data, out, word);
                    out += Long.BYTES;
                    i += Long.BYTES;
                    continue;
                }
            }
            byte next = bytes[base + i++];
            if (next != -1) {
                data[out++] = next;
            } else if (i < to && bytes[base + i] == 0) {
                data[out++] = next;
                i++;
            } else {
                while (i < to && bytes[base + i] == -1) {
                    i++;
                }
                i++;
                more = false;
            }
        }
        end = out;
        Arrays.fill(data, end, end + BEHIND_END, (byte) 0);
        return i;
    }

    private Table table(ByteBuffer image, int offset, int kind) {
        if (offset <= 0 || offset + 16 > image.limit()) {
            return null;
        }
        for (Table table : tables) {
            if (table != null && table.kind == kind && table.isAt(image, offset)) {
                return table;
            }
        }
        Table made = Table.read(image, offset, kind);
        System.arraycopy(tables, 0, tables, 1, tables.length - 1);
        tables[0] = made;
        return made;
    }

    /** Huffman codes; a symbol is its code's length above eight bits, and its value. */
    private static final class Table {
        static final int END = 1 << 16;

        private final int kind;
        private final byte[] definition;
        /** By the next 12 bits: the symbol, or 0 if its code is longer. */
        private final int[] single = new int[1 << LOOKAHEAD];
        /** By the next 12 bits: all whole AC symbols in them: bits, coefficients << 8, END if the block ends; or 0. */
        private final int[] several = new int[1 << LOOKAHEAD];
        /** By code length: the code behind the last one, left-aligned to 16 bits, and where its symbols begin. */
        private final int[] limits = new int[17];

        private final int[] first = new int[17];
        private final int[] codes = new int[17];

        private Table(int kind, byte[] definition) {
            this.kind = kind;
            this.definition = definition;
            int code = 0;
            int index = 0;
            for (int length = 1; length <= 16; length++) {
                codes[length] = code;
                first[length] = 16 + index;
                for (int i = definition[length - 1] & 0xFF; i > 0; i--, code++, index++) {
                    fill(code, length, definition[16 + index] & 0xFF);
                }
                limits[length] = code << (16 - length);
                code <<= 1;
            }
            for (int bits = 0; bits < several.length; bits++) {
                several[bits] = severalOf(bits);
            }
        }

        static Table read(ByteBuffer image, int offset, int kind) {
            int symbols = 0;
            for (int i = 0; i < 16; i++) {
                symbols += image.get(offset + i) & 0xFF;
            }
            if (symbols > 256 || offset + 16 + symbols > image.limit()) {
                return null;
            }
            byte[] definition = new byte[16 + symbols];
            image.get(offset, definition);
            return new Table(kind, definition);
        }

        boolean isAt(ByteBuffer image, int offset) {
            int at = image.arrayOffset() + offset;
            return offset + definition.length <= image.limit()
                    && Arrays.equals(definition, 0, definition.length, image.array(), at, at + definition.length);
        }

        private void fill(int code, int length, int value) {
            if (length > LOOKAHEAD) {
                return;
            }
            int from = code << (LOOKAHEAD - length);
            int to = Math.min(single.length, code + 1 << (LOOKAHEAD - length));
            if (from < to) {
                Arrays.fill(single, from, to, length << 8 | value);
            }
        }

        private int severalOf(int bits) {
            int used = 0;
            int coefficients = 0;
            while (used < LOOKAHEAD) {
                int symbol = single[bits << used & single.length - 1];
                int length = symbol >> 8;
                int size = symbol & 15;
                int run = symbol >> 4 & 15;
                if (symbol == 0 || used + length > LOOKAHEAD || size == 0 && run > 0 && run < 15) {
                    break;
                }
                used += length + size;
                if (size == 0 && run == 0) {
                    return END | coefficients << 8 | used;
                }
                coefficients += run + 1;
            }
            return coefficients << 8 | used;
        }

        /** The first symbol in the bits, or -1 if there is none. */
        int symbol(long window) {
            int symbol = single[(int) (window >>> (Long.SIZE - LOOKAHEAD))];
            if (symbol != 0) {
                return symbol;
            }
            int bits = (int) (window >>> 48);
            for (int length = 1; length <= 16; length++) {
                if (bits < limits[length]) {
                    int index = first[length] + (bits >> (16 - length)) - codes[length];
                    return index < definition.length ? length << 8 | definition[index] & 0xFF : -1;
                }
            }
            return -1;
        }
    }
}
