package io.drivetrain.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.ImageFiles;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabelRule;
import io.drivetrain.schemas.LabeledSample;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecoderTest {
    private static final Box SMALL = new Box("Person", 0.0, 0.0, 4.0, 10.0);
    private static final Box LARGE = new Box("car", 0.0, 0.0, 50.0, 20.0);
    private static final Optional<ImageFiles.Size> SIZE = Optional.of(new ImageFiles.Size(100, 100));

    @TempDir
    private Path root;

    private static String label(String rule, boolean complete, List<Box> boxes) {
        return BoxLabels.decide(LabelRule.parse(rule), boxes, complete, SIZE, Map.of("timeofday", "night"))
                        instanceof BoxLabels.Verdict.Decided decided
                ? decided.label().orElse("none")
                : "undecided";
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    walker if person|rider else free,               true,  walker
                    walker if person min-height=11 else free,       true,  free
                    walker if person min-area=0.004 else free,      true,  walker
                    walker if person min-area=0.0041 else free,     true,  free
                    walker if tram else free,                       true,  free
                    walker if person else free,                     false, walker
                    walker if tram else free,                       false, undecided
                    largest,                                        true,  car
                    largest min-height=30,                          true,  none
                    largest min-height=30 else free,                true,  free
                    largest,                                        false, undecided
                    attribute timeofday,                            false, night
                    attribute weather,                              true,  none
                    """)
    void rulesGiveAClassOrSayThatTheyCannot(String rule, boolean complete, String expected) {
        assertThat(label(rule, complete, List.of(SMALL, LARGE))).isEqualTo(expected);
    }

    @Test
    void boxesThatAreInvertedOrNotFiniteDecideNothing() {
        List<Box> broken = List.of(new Box("person", 9.0, 9.0, 1.0, 1.0), new Box("person", Double.NaN, 0.0, 5.0, 5.0));
        assertThat(label("walker if person else free", true, broken)).isEqualTo("free");
        assertThat(label("largest else free", true, broken)).isEqualTo("free");
    }

    @Test
    void aLargeImageGoesByReferenceWithItsLengthAndHash() throws Exception {
        byte[] bytes = new byte[5000];
        java.util.Arrays.fill(bytes, (byte) 7);
        Files.createDirectories(root.resolve("car"));
        Path file = Files.write(root.resolve("car/a b.png"), bytes);
        Dataset dataset = Dataset.open(DatasetOptions.of(root, DatasetFormat.FOLDER));
        try (DatasetReader reader = dataset.read()) {
            Entry entry = reader.next();
            LabeledSample large =
                    sample(dataset.decoder(new LabelRule.None(), 4999).decode(entry));
            assertThat(large.getImageBytes()).isNull();
            assertThat(Path.of(URI.create(large.getImageReference().getUri()))).isEqualTo(file.toAbsolutePath());
            assertThat(large.getImageReference().getLength()).isEqualTo(5000);
            assertThat(large.getImageReference().getSha256())
                    .isEqualTo(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
            LabeledSample inline =
                    sample(dataset.decoder(new LabelRule.None(), 5000).decode(entry));
            assertThat(inline.getImageReference()).isNull();
            assertThat(inline.getImageSha256())
                    .isEqualTo(large.getImageReference().getSha256());
        }
    }

    private static LabeledSample sample(Collected collected) {
        return ((Collected.Sample) collected).sample();
    }

    private Entry.Image entry(Optional<String> drive, Map<String, String> attributes) throws Exception {
        Files.write(root.resolve("1.png"), new byte[] {1});
        return new Entry.Image(
                "labels.json",
                "$[0]",
                "1.png",
                List.of("1.png"),
                new Entry.Labels(Optional.empty(), Optional.empty(), attributes, Optional.empty()),
                new Entry.Recording(
                        drive,
                        OptionalInt.of(0),
                        Optional.of(Instant.EPOCH),
                        OptionalLong.empty(),
                        Optional.of(Domain.SOURCE)));
    }

    @Test
    void theAttributeRuleNeedsNoBoxesAndTheOthersDo() throws Exception {
        Entry.Image entry = entry(Optional.of("d"), Map.of("timeofday", "night"));
        ImageFiles images = ImageFiles.exactly(root);
        assertThat(sample(new Decoder(images, LabelRule.parse("attribute timeofday"), 9).decode(entry))
                        .getLabel())
                .isEqualTo("night");
        assertThat(sample(new Decoder(images, LabelRule.parse("largest else free"), 9).decode(entry))
                        .getLabel())
                .isNull();
    }

    @Test
    void anEntryOfWhichNoSampleCanBeMadeIsMalformedAndEndsNothing() throws Exception {
        Collected collected = new Decoder(ImageFiles.exactly(root), new LabelRule.None(), 9)
                .decode(entry(Optional.empty(), Map.of()));
        assertThat(((Collected.Malformed) collected).kind()).isEqualTo(Collected.Kind.WRONG_VALUE);
        assertThat(((Collected.Malformed) collected).sentence())
                .startsWith("labels.json $[0]: no sample can be made of '1.png' (java.util.NoSuchElementException");
    }
}
