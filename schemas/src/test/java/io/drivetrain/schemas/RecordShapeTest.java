package io.drivetrain.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Claims of hostile records, as {@link Wire#decode} meets them. */
class RecordShapeTest {
    private static final byte[] HEADER = Arrays.copyOf(Wire.encode(sample(Map.of())), 10);

    private static LabeledSample sample(Map<String, String> attributes) {
        return LabeledSample.newBuilder()
                .setSampleId("s")
                .setDriveId("d")
                .setFrameIndex(3)
                .setCapturedAt(Instant.ofEpochMilli(1_700_000_000_000L))
                .setDomain(Domain.SOURCE)
                .setAttributes(attributes)
                .setBoxes(List.of(new Box("car", 1.0, 2.0, 3.0, 4.0)))
                .setImageBytes(ByteBuffer.wrap(new byte[] {1, 2, 3}))
                .build();
    }

    private interface Writer {
        void write(BinaryEncoder out) throws IOException;
    }

    /** A record that is good up to its label, then goes on as told. */
    private static byte[] record(Writer rest) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(HEADER);
        BinaryEncoder out = EncoderFactory.get().directBinaryEncoder(bytes, null);
        out.writeString("s");
        out.writeString("d");
        out.writeInt(3);
        out.writeLong(1_700_000_000_000L);
        out.writeEnum(0);
        rest.write(out);
        out.flush();
        return bytes.toByteArray();
    }

    private static void refused(byte[] bytes, String problem) {
        assertThatThrownBy(() -> Wire.decode(bytes, LabeledSample.class))
                .isInstanceOf(UndecodableRecordException.class)
                .hasMessageContaining("The bytes of a LabeledSample are damaged: " + problem)
                .hasMessageEndingWith("; send the record again");
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 100_000_000, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void aLengthThatTheBytesDoNotHoldIsRefusedBeforeAnythingIsAllocated(long claimed) throws IOException {
        refused(
                record(out -> {
                    out.writeInt(1);
                    out.writeLong(claimed);
                    out.writeFixed("four".getBytes(UTF_8));
                }),
                "label claims %d bytes, 4 are left".formatted(claimed));
        refused(
                record(out -> {
                    out.writeInt(0);
                    out.writeLong(0);
                    out.writeLong(0);
                    out.writeInt(0);
                    out.writeInt(1);
                    out.writeLong(claimed);
                }),
                "imageBytes claims %d bytes, 0 are left".formatted(claimed));
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000_000, Integer.MAX_VALUE, Long.MAX_VALUE, -1_000_000, Long.MIN_VALUE})
    void aCountOfItemsBeyondAnyRecordIsRefused(long claimed) throws IOException {
        String problem = " claims a block of %d items, a record has at most 200000".formatted(Math.abs(claimed));
        refused(
                record(out -> {
                    out.writeInt(0);
                    out.writeLong(claimed);
                    out.writeLong(7);
                }),
                "boxes" + problem);
        refused(
                record(out -> {
                    out.writeInt(0);
                    out.writeLong(0);
                    out.writeLong(claimed);
                    out.writeLong(7);
                }),
                "attributes" + problem);
    }

    @Test
    void manySmallBlocksAddUp() throws IOException {
        refused(
                record(out -> {
                    out.writeInt(0);
                    out.writeLong(0);
                    for (int i = 0; i < 100_001; i++) {
                        out.writeLong(2);
                        out.writeFixed(new byte[4]);
                    }
                }),
                "attributes claims a block of 2 items");
    }

    @Test
    void blocksWithNegativeCountsAndSizesAreRead() throws Exception {
        byte[] bytes = record(out -> {
            out.writeInt(0);
            out.writeLong(-1);
            out.writeLong(36);
            out.writeString("car");
            for (int i = 1; i <= 4; i++) {
                out.writeDouble(i);
            }
            out.writeLong(0);
            out.writeLong(0);
            for (int i = 0; i < 4; i++) {
                out.writeInt(0);
            }
            out.writeLong(0);
            out.writeInt(0);
        });
        assertThat(Wire.decode(bytes, LabeledSample.class).getBoxes())
                .containsExactly(new Box("car", 1.0, 2.0, 3.0, 4.0));
    }

    @Test
    void theFieldIsNamedByItsPath() throws IOException {
        refused(
                record(out -> {
                    out.writeInt(0);
                    out.writeLong(2);
                    out.writeString("car");
                    out.writeFixed(new byte[32]);
                    out.writeLong(99);
                }),
                "boxes[1].category claims 99 bytes, 0 are left");
    }

    @Test
    void branchesSymbolsAndOverlongNumbersAreChecked() throws IOException {
        refused(record(out -> out.writeInt(7)), "label claims number 7 of 2 branches");
        refused(record(out -> out.writeInt(-1)), "label claims number -1 of 2 branches");
        refused(
                record(out -> out.writeFixed(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0})),
                "label is a number of more than 5 bytes");
    }

    @Test
    void everyPrefixOfARecordIsDamagedAndNamesAField() {
        byte[] whole = Wire.encode(sample(Map.of("weather", "clear")));
        for (int length = HEADER.length; length < whole.length; length++) {
            refused(Arrays.copyOf(whole, length), "");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"FF", "C0AF", "C3", "E08080", "EDA080", "F08080AF", "F4908080", "41E282"})
    void textThatIsNoUtf8IsRefused(String hex) throws IOException {
        byte[] text = java.util.HexFormat.of().parseHex(hex);
        refused(
                record(out -> {
                    out.writeInt(1);
                    out.writeBytes(text);
                    out.writeFixed(new byte[10]);
                }),
                "label is no UTF-8 at byte");
    }

    @Test
    void anyTextOfUnicodeComesBack() throws Exception {
        Map<String, String> attributes = new HashMap<>();
        attributes.put("", "");
        attributes.put("größe", "日本語");
        attributes.put("\uD83D\uDE97", "\uFFFF\uD7FF\uE000\uDBFF\uDFFF\u0000\u0080\u0800");
        LabeledSample sample = sample(attributes);
        assertThat(Wire.decode(Wire.encode(sample), LabeledSample.class)).isEqualTo(sample);
    }

    @Test
    void everyRecordTypeOfOursHasAShape() {
        assertThatCode(() -> Wire.decode(
                        Wire.encode(RetrainingRequest.newBuilder()
                                .setRequestId("r")
                                .setReason(RetrainingReason.MANUAL)
                                .setUpTo(List.of(new TopicOffset("t", 1, 2L)))
                                .setRequestedAt(Instant.EPOCH)
                                .build()),
                        RetrainingRequest.class))
                .doesNotThrowAnyException();
    }
}
