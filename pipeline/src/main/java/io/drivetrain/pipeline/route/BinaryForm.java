package io.drivetrain.pipeline.route;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a record is written between two operators that do not share a thread. Implementations are enums with one
 * constant, so that a checkpoint can name them.
 */
public interface BinaryForm<T> extends Serializable {
    int MOST_HEX_BYTES = 255;

    Class<T> type();

    void write(T value, DataOutput out) throws IOException;

    T read(DataInput in) throws IOException;

    /** Writes bytes with their length; null is allowed. */
    static void writeBytes(byte[] bytes, DataOutput out) throws IOException {
        out.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            out.write(bytes);
        }
    }

    static byte[] readBytes(DataInput in) throws IOException {
        int length = in.readInt();
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    /** Writes text of any length, unlike {@link DataOutput#writeUTF}; null is allowed. */
    static void writeText(String text, DataOutput out) throws IOException {
        writeBytes(text == null ? null : text.getBytes(StandardCharsets.UTF_8), out);
    }

    static String readText(DataInput in) throws IOException {
        byte[] bytes = readBytes(in);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    /** Writes lower-case hexadecimal digits, an even number of them, in half of their size; other text is allowed, too. */
    static void writeHex(String text, DataOutput out) throws IOException {
        byte[] bytes = hex(text);
        out.writeBoolean(bytes != null);
        if (bytes == null) {
            writeText(text, out);
        } else {
            out.writeByte(bytes.length);
            out.write(bytes);
        }
    }

    static String readHex(DataInput in) throws IOException {
        if (!in.readBoolean()) {
            return readText(in);
        }
        byte[] bytes = new byte[in.readUnsignedByte()];
        in.readFully(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] hex(String text) {
        if (text.length() % 2 != 0 || text.length() > 2 * MOST_HEX_BYTES) {
            return null;
        }
        byte[] bytes = new byte[text.length() / 2];
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            int value =
                    digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
            if (value < 0) {
                return null;
            }
            bytes[i / 2] = (byte) (bytes[i / 2] << 4 | value);
        }
        return bytes;
    }

    /** Writes texts by name; null texts are allowed, names are not null. */
    static void writeTexts(Map<String, String> texts, DataOutput out) throws IOException {
        out.writeInt(texts.size());
        for (Map.Entry<String, String> text : texts.entrySet()) {
            writeText(text.getKey(), out);
            writeText(text.getValue(), out);
        }
    }

    static Map<String, String> readTexts(DataInput in) throws IOException {
        int left = in.readInt();
        if (left == 0) {
            return Map.of();
        }
        Map<String, String> texts = new TreeMap<>();
        for (; left > 0; left--) {
            texts.put(readText(in), readText(in));
        }
        return texts;
    }

    static void writeDoubles(double[] values, DataOutput out) throws IOException {
        out.writeInt(values.length);
        for (double value : values) {
            out.writeDouble(value);
        }
    }

    static double[] readDoubles(DataInput in) throws IOException {
        double[] values = new double[in.readInt()];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readDouble();
        }
        return values;
    }

    static <T> void writeList(List<T> values, BinaryForm<T> form, DataOutput out) throws IOException {
        out.writeInt(values.size());
        for (T value : values) {
            form.write(value, out);
        }
    }

    static <T> List<T> readList(BinaryForm<T> form, DataInput in) throws IOException {
        int count = in.readInt();
        List<T> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(form.read(in));
        }
        return values;
    }

    static void writeHeaders(List<Header> headers, DataOutput out) throws IOException {
        out.writeInt(headers.size());
        for (Header header : headers) {
            writeText(header.name(), out);
            writeBytes(header.value(), out);
        }
    }

    static List<Header> readHeaders(DataInput in) throws IOException {
        int count = in.readInt();
        List<Header> headers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            headers.add(new Header(readText(in), readBytes(in)));
        }
        return headers;
    }
}
