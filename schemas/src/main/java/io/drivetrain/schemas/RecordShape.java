package io.drivetrain.schemas;

import java.util.List;
import org.apache.avro.Schema;

/**
 * Walks an Avro binary record by its writer's schema and finds every claim that its bytes cannot keep, before Avro
 * allocates memory by such a claim: lengths, counts, union branches, enum positions, text that is no UTF-8, missing and
 * left-over bytes. Allocates nothing but the message of a failure.
 *
 * <p>Source: Avro 1.12 specification, "Binary encoding".
 */
final class RecordShape {
    /** More than any record of ours has; a map of this many entries takes about 20 MB. */
    static final int MAX_ITEMS = 200_000;

    /** Types without bytes (null, empty records) can be walked for ever on no bytes; this many take about 20 ms. */
    static final int MAX_STEPS = 4_000_000;

    private static final int MAX_DEPTH = 64;

    private final byte[] bytes;
    private int position;
    private int items;
    private int steps;

    private RecordShape(byte[] bytes, int position) {
        this.bytes = bytes;
        this.position = position;
    }

    /** A claim that the bytes do not keep; the path of its field grows while the walk unwinds. */
    static final class Broken extends Exception {
        private static final long serialVersionUID = 1L;

        private final StringBuilder path = new StringBuilder();

        Broken(String message) {
            super(message, null, false, false);
        }

        private Broken in(String step) {
            String dot = path.isEmpty() || path.charAt(0) == '[' ? "" : ".";
            path.insert(0, step + dot);
            return this;
        }

        @Override
        public String getMessage() {
            return path.isEmpty() ? super.getMessage() : path + " " + super.getMessage();
        }
    }

    /**
     * Checks the record that begins at an offset.
     *
     * @return the offset behind the record
     * @throws Broken with the field and what is wrong with it
     */
    static int end(byte[] bytes, int offset, Schema writer) throws Broken {
        RecordShape shape = new RecordShape(bytes, offset);
        shape.walk(writer, 0);
        return shape.position;
    }

    private void walk(Schema schema, int depth) throws Broken {
        if (depth > MAX_DEPTH) {
            throw new Broken("is nested deeper than %d levels".formatted(MAX_DEPTH));
        }
        if (++steps > MAX_STEPS) {
            throw new Broken("makes a record of more than %d parts".formatted(MAX_STEPS));
        }
        switch (schema.getType()) {
            case NULL -> {}
            case BOOLEAN -> skip(1);
            case INT -> varint(5);
            case LONG -> varint(10);
            case FLOAT -> skip(Float.BYTES);
            case DOUBLE -> skip(Double.BYTES);
            case FIXED -> skip(schema.getFixedSize());
            case BYTES -> skip(length());
            case STRING -> text();
            case ENUM -> choice(schema.getEnumSymbols().size(), "symbols");
            case UNION -> {
                List<Schema> branches = schema.getTypes();
                walk(branches.get(choice(branches.size(), "branches")), depth + 1);
            }
            case ARRAY -> items(schema.getElementType(), false, depth);
            case MAP -> items(schema.getValueType(), true, depth);
            case RECORD -> fields(schema, depth);
        }
    }

    private void fields(Schema record, int depth) throws Broken {
        for (Schema.Field field : record.getFields()) {
            try {
                walk(field.schema(), depth + 1);
            } catch (Broken e) {
                throw e.in(field.name());
            }
        }
    }

    private void items(Schema item, boolean keyed, int depth) throws Broken {
        int index = 0;
        for (long count = varint(10); count != 0; count = varint(10)) {
            if (count < 0) {
                // A negative count is followed by the block's size in bytes, for readers that skip it.
                varint(10);
                count = -count;
            }
            if (count < 0 || count > MAX_ITEMS - items) {
                throw new Broken("claims a block of %d items, a record has at most %d".formatted(count, MAX_ITEMS));
            }
            items += (int) count;
            for (long i = 0; i < count; i++, index++) {
                try {
                    if (keyed) {
                        text();
                    }
                    walk(item, depth + 1);
                } catch (Broken e) {
                    throw e.in("[" + index + "]");
                }
            }
        }
    }

    private int choice(int choices, String what) throws Broken {
        long chosen = varint(5);
        if (chosen < 0 || chosen >= choices) {
            throw new Broken("claims number %d of %d %s".formatted(chosen, choices, what));
        }
        return (int) chosen;
    }

    private int length() throws Broken {
        long length = varint(10);
        if (length < 0 || length > bytes.length - position) {
            throw new Broken("claims %d bytes, %d are left".formatted(length, bytes.length - position));
        }
        return (int) length;
    }

    private void skip(int length) throws Broken {
        if (length > bytes.length - position) {
            throw new Broken("needs %d bytes, %d are left".formatted(length, bytes.length - position));
        }
        position += length;
    }

    private long varint(int most) throws Broken {
        long value = 0;
        for (int i = 0; i < most; i++) {
            if (position >= bytes.length) {
                throw new Broken("is cut off after %d bytes of the record".formatted(bytes.length));
            }
            byte next = bytes[position++];
            value |= (next & 0x7FL) << (7 * i);
            if (next >= 0) {
                return value >>> 1 ^ -(value & 1);
            }
        }
        throw new Broken("is a number of more than %d bytes".formatted(most));
    }

    private void text() throws Broken {
        int end = length() + position;
        while (position < end) {
            int first = bytes[position];
            if (first >= 0) {
                position++;
                continue;
            }
            int size = sequence(first & 0xFF, end);
            if (size == 0) {
                throw new Broken("is no UTF-8 at byte %d of the record".formatted(position));
            }
            position += size;
        }
    }

    // Returns the length of the multi-byte character here, 0 if it is none (Unicode 15, table 3-7).
    private int sequence(int first, int end) {
        int size = first >= 0xC2 && first <= 0xDF
                ? 2
                : first >= 0xE0 && first <= 0xEF ? 3 : first >= 0xF0 && first <= 0xF4 ? 4 : 0;
        if (size == 0 || size > end - position) {
            return 0;
        }
        int second = bytes[position + 1] & 0xFF;
        int low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (second < low || second > high) {
            return 0;
        }
        for (int i = 2; i < size; i++) {
            if ((bytes[position + i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return size;
    }
}
