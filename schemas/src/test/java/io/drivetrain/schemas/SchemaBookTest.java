package io.drivetrain.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SchemaBookTest {
    private static final Schema READER = LabeledSample.getClassSchema();

    private final SchemaBook book = new SchemaBook(READER);

    static AnnouncedSchema announced(String definition) {
        Schema schema = new Schema.Parser().parse(definition);
        return announced(definition, "%016x".formatted(SchemaNormalization.parsingFingerprint64(schema)));
    }

    private static AnnouncedSchema announced(String definition, String fingerprint) {
        return new AnnouncedSchema(fingerprint, READER.getFullName(), definition, Instant.EPOCH);
    }

    /** The schema of today with more fields in front of its first. */
    private static String with(String fields) {
        return READER.toString().replaceFirst("\"fields\":\\[", "\"fields\":[" + fields + ",");
    }

    private static String field(String name, String type) {
        return "{\"name\":\"" + name + "\",\"type\":" + type + "}";
    }

    @Test
    void aSchemaWithMoreFieldsIsLearnedOnce() {
        String newer =
                with(field("rain", "[\"null\",{\"type\":\"enum\",\"name\":\"Rain\",\"symbols\":[\"DRY\",\"WET\"]}]"));
        AnnouncedSchema announced = announced(newer);
        assertThat(book.enter(announced)).isEqualTo(new SchemaBook.Entry(SchemaBook.Outcome.LEARNED, ""));
        assertThat(book.enter(announced)).isEqualTo(new SchemaBook.Entry(SchemaBook.Outcome.KNOWN, ""));
        long fingerprint = Long.parseUnsignedLong(announced.getFingerprint(), 16);
        assertThat(book.find(fingerprint).getField("rain")).isNotNull();
        assertThat(book.find(fingerprint + 1)).isNull();
    }

    @Test
    void propertiesThatAvroActsUponAreForgotten() {
        AnnouncedSchema announced = announced(with(field(
                "rain", "{\"type\":\"string\",\"java-class\":\"java.io.File\",\"avro.java.string\":\"String\"}")));
        assertThat(book.enter(announced).outcome()).isEqualTo(SchemaBook.Outcome.LEARNED);
        Schema learned = book.find(Long.parseUnsignedLong(announced.getFingerprint(), 16));
        assertThat(learned.getField("rain").schema().getObjectProps()).isEmpty();
        assertThat(learned.toString()).doesNotContain("java");
    }

    static Stream<Arguments> hostile() {
        String lie = "0123456789abcdef";
        String laughs = IntStream.rangeClosed(1, 20)
                .mapToObj(i -> field(
                        "f" + i,
                        "{\"type\":\"record\",\"name\":\"L" + i + "\",\"fields\":["
                                + (i == 1
                                        ? field("a", "\"null\"")
                                        : field("a", "\"L" + (i - 1) + "\"") + "," + field("b", "\"L" + (i - 1) + "\""))
                                + "]}"))
                .collect(Collectors.joining(","));
        String manyFields = IntStream.range(0, 2_000)
                .mapToObj(i -> field("f" + i, "\"null\""))
                .collect(Collectors.joining(","));
        String symbols =
                IntStream.range(0, 3_000).mapToObj(i -> "\"S" + i + "\"").collect(Collectors.joining(","));
        return Stream.of(
                Arguments.of("no schema", announced("hello", lie), "is no Avro schema"),
                Arguments.of("empty", announced("", lie), "is no Avro schema"),
                Arguments.of("too long", announced(" ".repeat(300_000), lie), "more than 262144 bytes"),
                Arguments.of("deep JSON", announced("[".repeat(100_000), lie), "nested deeper than 128"),
                Arguments.of(
                        "deep types",
                        announced(with(field("x", nested(40, "\"int\"")))),
                        "types are nested deeper than 32"),
                Arguments.of("names that multiply", announced(with(laughs)), "more than 2000 parts"),
                Arguments.of("many fields", announced(with(manyFields)), "more than 2000 parts"),
                Arguments.of(
                        "many symbols",
                        announced(with(field("x", "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[" + symbols + "]}"))),
                        "more than 2000 parts"),
                Arguments.of(
                        "recursive",
                        announced(with(field(
                                "x",
                                "{\"type\":\"record\",\"name\":\"N\",\"fields\":[" + field("l", "\"N\"") + ","
                                        + field("r", "\"N\"") + "]}"))),
                        "N contains itself"),
                Arguments.of(
                        "another record",
                        announced(Alert.getClassSchema().toString()),
                        "only LabeledSample is announced"),
                Arguments.of("no record", announced("\"string\""), "only LabeledSample is announced"),
                Arguments.of(
                        "not compatible",
                        announced(changed(json -> json.replace(
                                "\"frameIndex\",\"type\":\"int\"", "\"frameIndex\",\"type\":\"boolean\""))),
                        "cannot be read as the LabeledSample of this version: TYPE_MISMATCH"),
                Arguments.of(
                        "an unknown domain",
                        announced(changed(json -> json.replace("\"SOURCE\",", "\"SOURCE\",\"MOON\","))),
                        "MISSING_ENUM_SYMBOLS"),
                Arguments.of(
                        "another's fingerprint",
                        announced(with(field("x", "\"int\"")), lie),
                        "announced is 0123456789abcdef"));
    }

    private static String changed(UnaryOperator<String> change) {
        String json = READER.toString();
        String changed = change.apply(json);
        assertThat(changed).isNotEqualTo(json);
        return changed;
    }

    private static String nested(int levels, String type) {
        return "{\"type\":\"array\",\"items\":".repeat(levels) + type + "}".repeat(levels);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    @Timeout(10)
    void whatIsNotSafeToReadIsIgnoredWithItsReason(String name, AnnouncedSchema announced, String reason) {
        SchemaBook.Entry entry = book.enter(announced);
        assertThat(entry.outcome()).isEqualTo(SchemaBook.Outcome.IGNORED);
        assertThat(entry.reason()).contains(reason);
        assertThat(entry.reason().length()).isLessThan(400);
    }

    @Test
    void theBookHasAnEnd() {
        for (int i = 0; i < SchemaBook.MAX_SCHEMAS; i++) {
            assertThat(book.enter(announced(with(field("x" + i, "\"int\"")))).outcome())
                    .isEqualTo(SchemaBook.Outcome.LEARNED);
        }
        assertThat(book.enter(announced(with(field("more", "\"int\"")))).reason())
                .startsWith("100 schemas are known already");
        assertThat(book.enter(announced(with(field("x0", "\"int\"")))).outcome())
                .isEqualTo(SchemaBook.Outcome.KNOWN);
    }

    @Test
    void aRecordOfPartsWithoutBytesEndsAfterAWhile() throws Exception {
        // 200,000 items of 1,900 nulls each would be 380 million steps on a handful of bytes.
        String nulls = IntStream.range(0, 1_900)
                .mapToObj(i -> field("n" + i, "\"null\""))
                .collect(Collectors.joining(","));
        String bomb = with(field(
                "bomb",
                "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"Nulls\",\"fields\":[" + nulls + "]}}"));
        AnnouncedSchema announced = announced(bomb);
        assertThat(book.enter(announced).outcome()).isEqualTo(SchemaBook.Outcome.LEARNED);
        Schema schema = book.find(Long.parseUnsignedLong(announced.getFingerprint(), 16));
        // The zigzag count 200,000, then the block's end.
        byte[] bytes = {(byte) 0x80, (byte) 0xb5, 0x18, 0};
        long start = System.nanoTime();
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> RecordShape.end(bytes, 0, schema)))
                .hasMessageContaining("more than 4000000 parts");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
}
