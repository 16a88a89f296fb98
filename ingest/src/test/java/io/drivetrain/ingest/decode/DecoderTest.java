package io.drivetrain.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.Feed;
import io.drivetrain.ingest.collect.ImageFiles;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ImageReference;
import io.drivetrain.schemas.LabelRule;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.objects.ObjectStoreException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
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

    @Test
    void aLargeImageIsCopiedToTheObjectStoreOnceAndABrokenStoreStopsTheIngest() throws Exception {
        byte[] bytes = new byte[5000];
        Path file = Files.write(root.resolve("a.png"), bytes);
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        Map<String, byte[]> objects = new ConcurrentHashMap<>();
        List<String> requests = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                String path = exchange.getRequestURI().getPath();
                requests.add(exchange.getRequestMethod() + " " + path);
                byte[] sent = exchange.getRequestBody().readAllBytes();
                if (exchange.getRequestMethod().equals("PUT")) {
                    objects.put(path, sent);
                } else if (objects.containsKey(path)) {
                    exchange.getResponseHeaders().set("Content-Length", Integer.toString(objects.get(path).length));
                }
                exchange.sendResponseHeaders(objects.containsKey(path) ? 200 : 404, -1);
            }
        });
        server.start();
        System.setProperty("aws.accessKeyId", "test-key");
        System.setProperty("aws.secretAccessKey", "test-secret");
        DrivetrainConfig config = ConfigReader.read(
                Optional.empty(),
                Map.of(),
                Map.of(
                        "ingest.large-images",
                        "s3://frames/raw",
                        "object-store.endpoint",
                        "http://127.0.0.1:" + server.getAddress().getPort()));
        try (LargeImages largeImages = LargeImages.of(config)) {
            ImageReference reference = largeImages.refer(file, bytes.length);
            assertThat(reference)
                    .isEqualTo(new ImageReference(
                            "s3://frames/raw/" + sha256.substring(0, 2) + "/" + sha256, 5000L, sha256));
            assertThat(largeImages.refer(file, bytes.length)).isEqualTo(reference);
            String path = "/frames/raw/" + sha256.substring(0, 2) + "/" + sha256;
            assertThat(objects.get(path)).isEqualTo(bytes);
            assertThat(requests).containsExactly("HEAD " + path, "PUT " + path, "HEAD " + path);

            server.stop(0);
            Files.createDirectories(root.resolve("car"));
            Files.move(file, root.resolve("car/a.png"));
            Dataset dataset = Dataset.open(DatasetOptions.of(root, DatasetFormat.FOLDER));
            try (Feed feed = dataset.feed(new LabelRule.None(), 4999, largeImages)) {
                assertThatThrownBy(() -> feed.next().collected().get()).isInstanceOf(ObjectStoreException.class);
            }
        } finally {
            server.stop(0);
            System.clearProperty("aws.accessKeyId");
            System.clearProperty("aws.secretAccessKey");
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
