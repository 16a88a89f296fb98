package io.drivetrain.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.message.BinaryMessageEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireTest {
    private static LabeledSample sample() {
        return LabeledSample.newBuilder()
                .setSampleId("drive-1/000003")
                .setDriveId("drive-1")
                .setFrameIndex(3)
                .setCapturedAt(Instant.ofEpochMilli(1_700_000_000_000L))
                .setDomain(Domain.SOURCE)
                .setLabel("pedestrian")
                .setAttributes(Map.of("timeofday", "night"))
                .setImageBytes(ByteBuffer.wrap(new byte[] {1, 2, 3}))
                .build();
    }

    @Test
    void recordComesBackAsItWas() throws Exception {
        assertThat(Wire.decode(Wire.encode(sample()), LabeledSample.class)).isEqualTo(sample());
    }

    @Test
    void encodingIsAvrosOwnSingleObjectEncoding() throws Exception {
        byte[] reference = toArray(LabeledSample.getEncoder().encode(sample()));
        assertThat(Wire.encode(sample())).isEqualTo(reference);
    }

    @Test
    void noBytesAreUndecodable() {
        assertThatThrownBy(() -> Wire.decode(null, LabeledSample.class))
                .isInstanceOf(UndecodableRecordException.class)
                .hasMessage("Expected a LabeledSample, got no bytes; send the record again");
    }

    @Test
    void textIsUndecodable() {
        assertThatThrownBy(() -> Wire.decode("{\"label\":1}".getBytes(), LabeledSample.class))
                .isInstanceOf(UndecodableRecordException.class)
                .hasMessageContaining("11 bytes that do not begin with C3 01");
    }

    @Test
    void anotherRecordOfOursIsNamed() {
        byte[] bytes = Wire.encode(RetrainingRequest.newBuilder()
                .setRequestId("r")
                .setReason(RetrainingReason.MANUAL)
                .setRequestedAt(Instant.EPOCH)
                .build());
        assertThatThrownBy(() -> Wire.decode(bytes, LabeledSample.class))
                .hasMessage("Expected a LabeledSample, got a RetrainingRequest; check the topic that the producer"
                        + " writes to");
    }

    @Test
    void unknownFingerprintIsNamed() {
        byte[] bytes = Wire.encode(sample());
        Arrays.fill(bytes, 2, 10, (byte) 0x11);
        assertThatThrownBy(() -> Wire.decode(bytes, LabeledSample.class))
                .hasMessageContaining("unknown schema fingerprint 1111111111111111");
    }

    @Test
    void trailingBytesAreRefused() {
        byte[] bytes = Wire.encode(sample());
        assertThatThrownBy(() -> Wire.decode(Arrays.copyOf(bytes, bytes.length + 1), LabeledSample.class))
                .hasMessageContaining("followed by 1 bytes");
    }

    @Test
    void recordOfANewerSchemaIsReadOnceItsSchemaIsAnnounced() throws Exception {
        Schema newer = addField(LabeledSample.getClassSchema());
        GenericData.Record record = new GenericData.Record(newer);
        for (Schema.Field field : LabeledSample.getClassSchema().getFields()) {
            Object value = sample().get(field.pos());
            record.put(field.name(), value instanceof Instant at ? (Object) at.toEpochMilli() : value);
        }
        record.put("domain", new GenericData.EnumSymbol(newer.getField("domain").schema(), "SOURCE"));
        record.put("tyrePressure", 2.4);
        byte[] bytes = toArray(new BinaryMessageEncoder<GenericData.Record>(new GenericData(), newer).encode(record));

        assertThatThrownBy(() -> Wire.decode(bytes, LabeledSample.class)).hasMessageContaining("unknown schema");
        assertThat(Wire.unknownSchema(bytes)).hasValue(SchemaNormalization.parsingFingerprint64(newer));
        assertThat(Wire.learn(SchemaBookTest.announced(newer.toString())).outcome())
                .isEqualTo(SchemaBook.Outcome.LEARNED);
        assertThat(Wire.unknownSchema(bytes)).isEmpty();
        assertThat(Wire.decode(bytes, LabeledSample.class)).isEqualTo(sample());
        // What the new schema allows, the bytes have to keep: the check before Avro goes by it.
        assertThatThrownBy(() -> Wire.decode(Arrays.copyOf(bytes, bytes.length - 4), LabeledSample.class))
                .hasMessageContaining("tyrePressure needs 8 bytes, 4 are left");
    }

    @Test
    void recordsOfEveryReleaseAreRead() throws Exception {
        for (Schema released : ReleasedSchemas.read()) {
            if (!released.getName().equals("LabeledSample")) {
                continue;
            }
            GenericData.Record record = new GenericData.Record(released);
            for (Schema.Field field : released.getFields()) {
                Object value = sample().get(field.name());
                record.put(field.pos(), value instanceof Instant at ? (Object) at.toEpochMilli() : value);
            }
            record.put(
                    "domain",
                    new GenericData.EnumSymbol(released.getField("domain").schema(), "SOURCE"));
            byte[] bytes =
                    toArray(new BinaryMessageEncoder<GenericData.Record>(new GenericData(), released).encode(record));
            assertThat(Wire.decode(bytes, LabeledSample.class)).isEqualTo(sample());
        }
    }

    @Test
    void bytesThatAreNoRecordHaveNoUnknownSchema() {
        assertThat(Wire.unknownSchema(null)).isEmpty();
        assertThat(Wire.unknownSchema("plain text".getBytes())).isEmpty();
        assertThat(Wire.unknownSchema(Wire.encode(sample()))).isEmpty();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void damagedBytesAreNeverAnythingButUndecodableOrARecord(long seed) {
        Random random = new Random(seed);
        byte[] whole = Wire.encode(sample());
        for (int i = 0; i < 5_000; i++) {
            byte[] damaged =
                    Arrays.copyOf(whole, random.nextInt(10) == 0 ? random.nextInt(whole.length) : whole.length);
            for (int flips = 1 + random.nextInt(4); flips > 0 && damaged.length > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                assertThat(Wire.decode(damaged, LabeledSample.class)).isNotNull();
            } catch (UndecodableRecordException e) {
                assertThat(e).hasMessageContaining("LabeledSample");
            }
        }
    }

    private static Schema addField(Schema schema) {
        Schema copy = Schema.createRecord(schema.getName(), schema.getDoc(), schema.getNamespace(), false);
        var fields = new java.util.ArrayList<Schema.Field>();
        for (Schema.Field field : schema.getFields()) {
            fields.add(new Schema.Field(field, field.schema()));
        }
        fields.add(new Schema.Field("tyrePressure", SchemaBuilder.builder().doubleType(), "Bar.", 0.0));
        copy.setFields(fields);
        return copy;
    }

    private static byte[] toArray(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
