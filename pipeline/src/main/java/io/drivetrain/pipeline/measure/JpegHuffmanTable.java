package io.drivetrain.pipeline.measure;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The Huffman codes of a JPEG, made for speed: several whole AC symbols with their amplitudes are passed over in one look.
 * A symbol is its code's length above eight bits, and its value (ISO/IEC 10918-1, annexes C and F.2).
 */
public final class JpegHuffmanTable {
    /** What a table codes. */
    public enum Kind {
        DC,
        AC
    }

    /** Bits that one look takes in. */
    public static final int LOOKAHEAD = 12;

    private static final int COEFFICIENTS = 64;
    private static final int BITS_OF = 0x1F;
    private static final int COEFFICIENTS_AT = 5;
    private static final int END = 1 << 15;

    private final Kind kind;
    private final byte[] definition;
    /** By the next bits: the symbol, or 0 if its code is longer. */
    private final int[] single = new int[1 << LOOKAHEAD];
    /** By the next bits: all whole AC symbols in them: bits, coefficients, END if the block ends; or 0. */
    private final char[] several = new char[1 << LOOKAHEAD];
    /** By the next bits: one AC symbol with its amplitude: bits, coefficients << 8, amplitude << 16; or 0. */
    private final int[] valued = new int[1 << LOOKAHEAD];
    /** By code length: the code behind the last one, left-aligned to 16 bits, and where its symbols begin. */
    private final int[] limits = new int[17];

    private final int[] first = new int[17];
    private final int[] codes = new int[17];

    private JpegHuffmanTable(Kind kind, byte[] definition) {
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
            several[bits] = (char) severalOf(bits);
            valued[bits] = valuedOf(bits);
        }
    }

    /** Tables that came before, as cameras send the same ones with each image. */
    public static final class Cache {
        private final JpegHuffmanTable[] tables = new JpegHuffmanTable[8];

        /**
         * Returns the table that is defined at an offset: sixteen counts and then the values.
         *
         * @return null if it runs out of the image or has more than 256 codes
         */
        public JpegHuffmanTable at(ByteBuffer image, int offset, Kind kind) {
            if (offset <= 0 || offset + 16 > image.limit()) {
                return null;
            }
            for (JpegHuffmanTable table : tables) {
                if (table != null && table.kind == kind && table.isAt(image, offset)) {
                    return table;
                }
            }
            JpegHuffmanTable made = read(image, offset, kind);
            System.arraycopy(tables, 0, tables, 1, tables.length - 1);
            tables[0] = made;
            return made;
        }
    }

    private static JpegHuffmanTable read(ByteBuffer image, int offset, Kind kind) {
        int symbols = 0;
        for (int i = 0; i < 16; i++) {
            symbols += image.get(offset + i) & 0xFF;
        }
        if (symbols > 256 || offset + 16 + symbols > image.limit()) {
            return null;
        }
        byte[] definition = new byte[16 + symbols];
        image.get(offset, definition);
        return new JpegHuffmanTable(kind, definition);
    }

    private boolean isAt(ByteBuffer image, int offset) {
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
            boolean unknown = symbol == 0 || used + length > LOOKAHEAD || size == 0 && run > 0 && run < 15;
            if (unknown || used + length + size > BITS_OF || coefficients + run + 1 >= COEFFICIENTS) {
                break;
            }
            used += length + size;
            if (size == 0 && run == 0) {
                return END | coefficients << COEFFICIENTS_AT | used;
            }
            coefficients += run + 1;
        }
        return coefficients << COEFFICIENTS_AT | used;
    }

    private int valuedOf(int bits) {
        int symbol = single[bits];
        int length = symbol >> 8;
        int size = symbol & 15;
        int stands = coefficients(symbol);
        if (symbol == 0 || length + size > LOOKAHEAD || stands > COEFFICIENTS) {
            return 0;
        }
        return amplitude((long) bits << Long.SIZE - LOOKAHEAD + length, size) << 16 | stands << 8 | length + size;
    }

    /** The difference or coefficient in the first bits of a window (F.2.2.1, EXTEND). */
    static int amplitude(long window, int size) {
        if (size == 0) {
            return 0;
        }
        int bits = (int) (window >>> (Long.SIZE - size));
        return bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
    }

    /**
     * By the next {@link #LOOKAHEAD} bits, one AC symbol: the bits of it and its amplitude in the lowest byte, the
     * coefficients that it stands for in the next, and the amplitude above; 0 where they are longer.
     */
    int[] valued() {
        return valued;
    }

    /** By the next {@link #LOOKAHEAD} bits, what {@link #bitsOf} and its kin read; 0 where the first code is longer. */
    public char[] several() {
        return several;
    }

    /** How many bits some symbols and their amplitudes take. */
    public static int bitsOf(int several) {
        return several & BITS_OF;
    }

    /** How many coefficients some symbols stand for. */
    public static int coefficientsOf(int several) {
        return several >> COEFFICIENTS_AT & COEFFICIENTS - 1;
    }

    /** Whether the last of some symbols ends its block. */
    public static boolean endsBlock(int several) {
        return several >= END;
    }

    /** How many coefficients an AC symbol stands for: 0 ends the block, 65 is no symbol of sequential data. */
    public static int coefficients(int symbol) {
        int run = symbol >> 4 & 15;
        if ((symbol & 15) > 0 || run == 15) {
            return run + 1;
        }
        return run == 0 ? 0 : COEFFICIENTS + 1;
    }

    /** The first symbol in the bits, or -1 if there is none. */
    public int symbol(long window) {
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
