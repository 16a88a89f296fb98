package io.drivetrain.schemas;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Avro single-object encoding: two marker bytes (C3 01), the little-endian CRC-64-AVRO fingerprint of the writer's
 * schema, then the binary record (Avro 1.12 specification, "Single-object encoding").
 *
 * <p>Known are the current schemas, those of every release, and those that {@link #learn} has taken from an
 * announcement. All methods are safe for use by several threads.
 */
public final class Wire {
    private static final byte MARKER_0 = (byte) 0xC3;
    private static final byte MARKER_1 = (byte) 0x01;
    private static final int HEADER_LENGTH = 10;
    private static final int MOST_EXPECTED_BYTES = 1 << 16;

    private static final ConcurrentMap<Long, Schema> WRITER_SCHEMAS = new ConcurrentHashMap<>();
    private static final ConcurrentMap<Class<?>, Type> TYPES = new ConcurrentHashMap<>();

    static {
        for (Topic topic : Topic.values()) {
            type(topic.recordType());
        }
        ReleasedSchemas.read().forEach(Wire::register);
    }

    /** Only what producers of another version write is announced. */
    private static final SchemaBook ANNOUNCED = new SchemaBook(type(LabeledSample.class).schema);

    private Wire() {}

    /** A reader resolves the writer's schema against its own, which takes as long as reading; it belongs to one thread. */
    private static final ThreadLocal<Map<Schema, SpecificDatumReader<?>>> READERS =
            ThreadLocal.withInitial(IdentityHashMap::new);

    /** A type of record, with how many bytes its records take at most, so far as is known. */
    private static final class Type {
        private final Schema schema;
        private final long fingerprint;
        // Written by several threads; whichever wins, it is only where a buffer begins.
        private volatile int expectedBytes = 512;

        Type(Schema schema, long fingerprint) {
            this.schema = schema;
            this.fingerprint = fingerprint;
        }
    }

    /** {@link java.io.ByteArrayOutputStream} takes a lock for each field. */
    private static final class Bytes extends OutputStream {
        private byte[] bytes;
        private int length;

        Bytes(int expected) {
            bytes = new byte[expected];
        }

        private void require(int more) {
            if (bytes.length - length < more) {
                bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(length, more)));
            }
        }

        @Override
        public void write(int value) {
            require(1);
            bytes[length++] = (byte) value;
        }

        @Override
        public void write(byte[] from, int offset, int count) {
            require(count);
            System.arraycopy(from, offset, bytes, length, count);
            length += count;
        }
    }

    private static void register(Schema writerSchema) {
        // A fingerprint has 64 bits and can be forged: what is known first stays.
        WRITER_SCHEMAS.putIfAbsent(SchemaNormalization.parsingFingerprint64(writerSchema), writerSchema);
    }

    /** Makes records of an announced schema readable, unless the announcement is none to be trusted. */
    public static SchemaBook.Entry learn(AnnouncedSchema announced) {
        return ANNOUNCED.enter(announced);
    }

    /** Returns what a producer of these records announces before it sends the first one. */
    public static AnnouncedSchema announcement(Class<? extends SpecificRecordBase> recordType, Instant now) {
        Type type = type(recordType);
        return new AnnouncedSchema(
                "%016x".formatted(type.fingerprint), type.schema.getFullName(), type.schema.toString(), now);
    }

    /** Returns the fingerprint of the writer's schema if the bytes begin as a record and the schema is not known here. */
    public static OptionalLong unknownSchema(byte[] bytes) {
        if (!hasHeader(bytes)) {
            return OptionalLong.empty();
        }
        long fingerprint = fingerprint(bytes);
        return writer(fingerprint) == null ? OptionalLong.of(fingerprint) : OptionalLong.empty();
    }

    private static boolean hasHeader(byte[] bytes) {
        return bytes != null && bytes.length >= HEADER_LENGTH && bytes[0] == MARKER_0 && bytes[1] == MARKER_1;
    }

    private static long fingerprint(byte[] bytes) {
        return ByteBuffer.wrap(bytes, 2, Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
    }

    private static Schema writer(long fingerprint) {
        Schema known = WRITER_SCHEMAS.get(fingerprint);
        return known == null ? ANNOUNCED.find(fingerprint) : known;
    }

    /**
     * Encodes a record.
     *
     * @throws AvroRuntimeException if a field that may not be null is
     */
    public static byte[] encode(SpecificRecordBase record) {
        Type type = type(record.getClass());
        Bytes out = new Bytes(type.expectedBytes);
        out.write(MARKER_0);
        out.write(MARKER_1);
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            out.write((int) (type.fingerprint >>> shift));
        }
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        try {
            new SpecificDatumWriter<SpecificRecordBase>(type.schema, record.getSpecificData()).write(record, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory failed", e);
        }
        if (out.length > type.expectedBytes && out.length <= MOST_EXPECTED_BYTES) {
            type.expectedBytes = out.length;
        }
        return Arrays.copyOf(out.bytes, out.length);
    }

    /**
     * Decodes a record of the given type.
     *
     * @param bytes the whole value of a Kafka record; null is undecodable
     * @throws UndecodableRecordException if the bytes are not such a record, say which part of them, and what to do
     */
    public static <T extends SpecificRecordBase> T decode(byte[] bytes, Class<T> recordType)
            throws UndecodableRecordException {
        String name = recordType.getSimpleName();
        if (bytes == null || bytes.length == 0) {
            throw new UndecodableRecordException("Expected a %s, got no bytes; send the record again".formatted(name));
        }
        if (!hasHeader(bytes)) {
            throw new UndecodableRecordException(
                    ("Expected a %s in Avro single-object encoding, got %d bytes that do not begin with C3 01;"
                                    + " check the producer's serializer")
                            .formatted(name, bytes.length));
        }
        Type type = type(recordType);
        long fingerprint = fingerprint(bytes);
        Schema writer = writer(fingerprint);
        if (writer == null) {
            throw new UndecodableRecordException(
                    UndecodableRecordException.Kind.UNKNOWN_SCHEMA,
                    ("Expected a %s, got a record with the unknown schema fingerprint %016x; announce the"
                                    + " schema on schemas.announced before the first record, or upgrade the reader")
                            .formatted(name, fingerprint),
                    null);
        }
        if (!writer.getFullName().equals(type.schema.getFullName())) {
            throw new UndecodableRecordException("Expected a %s, got a %s; check the topic that the producer writes to"
                    .formatted(name, writer.getName()));
        }
        checkShape(bytes, writer, name);
        BinaryDecoder decoder =
                DecoderFactory.get().binaryDecoder(bytes, HEADER_LENGTH, bytes.length - HEADER_LENGTH, null);
        try {
            return recordType.cast(reader(writer, type, recordType).read(null, decoder));
        } catch (IOException | RuntimeException e) {
            // What is left after the check, such as an enum symbol unknown here, Avro signals by many unchecked types.
            throw new UndecodableRecordException(
                    "The bytes of a %s are damaged (%s); send the record again".formatted(name, reason(e)), e);
        }
    }

    private static SpecificDatumReader<?> reader(Schema writer, Type type, Class<?> recordType) {
        return READERS.get()
                .computeIfAbsent(
                        writer,
                        schema -> new SpecificDatumReader<>(schema, type.schema, SpecificData.getForClass(recordType)));
    }

    // Avro itself allocates by the lengths that a record claims, so they are checked first.
    private static void checkShape(byte[] bytes, Schema writer, String name) throws UndecodableRecordException {
        try {
            int end = RecordShape.end(bytes, HEADER_LENGTH, writer);
            if (end != bytes.length) {
                throw new UndecodableRecordException(
                        "A %s is followed by %d bytes that do not belong to it; check the producer's serializer"
                                .formatted(name, bytes.length - end));
            }
        } catch (RecordShape.Broken e) {
            throw new UndecodableRecordException(
                    "The bytes of a %s are damaged: %s; send the record again".formatted(name, e.getMessage()), e);
        }
    }

    private static String reason(Throwable e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    private static Type type(Class<?> recordType) {
        return TYPES.computeIfAbsent(recordType, c -> {
            Schema schema = SpecificData.getForClass(c).getSchema(c);
            register(schema);
            return new Type(schema, SchemaNormalization.parsingFingerprint64(schema));
        });
    }
}
