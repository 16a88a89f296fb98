package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.ingest.publish.OncePublisher;
import io.drivetrain.schemas.IngestProgress;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Wire;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Data sets and watched folders over TLS with a password, with processes that are killed and started again. */
class IngestIT {
    private static final Duration DEADLINE = Duration.ofSeconds(120);
    private static final int IMAGES = 20_000;
    private static final int KILLS = 3;

    @TempDir
    private static Path brokerFolder;

    @TempDir
    private Path folder;

    private static SecureBroker broker;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void start() throws Exception {
        broker = SecureBroker.start(brokerFolder);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static byte[] png() throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), "png", png);
        return png.toByteArray();
    }

    private List<String> arguments(String... given) {
        List<String> all = new ArrayList<>(Arrays.asList(given));
        all.addAll(List.of("--kafka-properties", broker.clientProperties().toString()));
        return all;
    }

    private int run(String... given) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(
                arguments(given).toArray(String[]::new), new PrintWriter(out, true), new PrintWriter(err, true));
    }

    private Process child(String... given) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        command.addAll(arguments(given));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("child.log").toFile()))
                .start();
    }

    private static void await(BooleanSupplier condition, String what) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    /** Ids on samples.raw that begin so, in a list, so that what is there twice is seen. */
    private static List<String> ids(String prefix) {
        return ids(broker.committed(Topic.SAMPLES_RAW), prefix);
    }

    private static List<String> ids(List<ConsumerRecord<byte[], byte[]>> records, String prefix) {
        List<String> ids = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            try {
                String id = Wire.decode(record.value(), LabeledSample.class).getSampleId();
                if (id.startsWith(prefix)) {
                    ids.add(id);
                }
            } catch (io.drivetrain.schemas.UndecodableRecordException e) {
                throw new AssertionError(e);
            }
        }
        return ids;
    }

    @Test
    void anIngestThatIsKilledThreeTimesSendsEachImageOnce() throws Exception {
        byte[] png = png();
        Set<String> expected = new HashSet<>();
        Path images = Files.createDirectories(folder.resolve("photos/killed"));
        for (int i = 0; i < IMAGES; i++) {
            Files.write(images.resolve("%05d.png".formatted(i)), png);
            expected.add("killed/%05d.png".formatted(i));
        }
        Random random = new Random(7);
        String photos = folder.resolve("photos").toString();
        for (int kill = 0; kill < KILLS; kill++) {
            long target = broker.committedOffsets(Topic.SAMPLES_RAW) + 1 + random.nextInt(IMAGES / (2 * KILLS));
            Process child = child("ingest", photos, "--to-raw");
            await(() -> broker.committedOffsets(Topic.SAMPLES_RAW) >= target || !child.isAlive(), "it sends");
            assertThat(child.isAlive())
                    .as(Files.readString(folder.resolve("child.log")))
                    .isTrue();
            child.destroyForcibly().waitFor();
        }
        // What the killed one had not committed stays open until the next one begins.
        int before = ids(broker.committedByNow(Topic.SAMPLES_RAW), "killed/").size();
        assertThat(before).isLessThan(IMAGES);
        assertThat(run("ingest", photos, "--json")).as(err::toString).isZero();
        JsonNode document = new ObjectMapper().readTree(out.toString());
        assertThat(document.get("sentBefore").asInt()).isGreaterThanOrEqualTo(before);
        assertThat(document.get("sent").asInt() + document.get("sentBefore").asInt())
                .isEqualTo(IMAGES);
        List<String> sent = ids("killed/");
        assertThat(sent).hasSize(IMAGES);
        assertThat(new HashSet<>(sent)).isEqualTo(expected);

        assertThat(run("ingest", photos, "--json")).isZero();
        assertThat(new ObjectMapper().readTree(out.toString()).get("sent").asInt())
                .isZero();
        Files.write(images.resolve("00000-first.png"), png);
        assertThat(run("ingest", photos)).isEqualTo(2);
        assertThat(err.toString())
                .contains("has changed since its first 20,000 entries")
                .contains("--again");
        assertThat(ids("killed/")).hasSize(IMAGES);
    }

    @Test
    void malformedEntriesAreReportedAndWhatIsAppendedToAManifestIsSentAlone() throws Exception {
        Path photos = Files.createDirectories(folder.resolve("manifest"));
        Files.write(photos.resolve("m1.png"), png());
        Files.write(photos.resolve("m2.png"), png());
        Path manifest = Files.writeString(photos.resolve("manifest.jsonl"), """
                {"path":"m1.png","label":"pedestrian","drive":"d"}
                {"path":"gone.png","label":"pedestrian","drive":"d"}
                not json
                """);
        Path left = folder.resolve("left.jsonl");
        assertThat(run("ingest", photos.toString(), "--json", "--malformed", left.toString()))
                .isEqualTo(3);
        assertThat(err.toString()).contains("manifest.jsonl line 2").contains("manifest.jsonl line 3");
        JsonNode document = new ObjectMapper().readTree(out.toString());
        assertThat(document.get("sent").asInt()).isOne();
        assertThat(document.at("/malformedByCode/missing-image").asInt()).isOne();
        assertThat(document.at("/malformedByCode/broken-syntax").asInt()).isOne();
        assertThat(Files.readAllLines(left)).hasSize(2).first().asString().contains("\"code\":\"missing-image\"");

        Files.writeString(
                manifest,
                "{\"path\":\"m2.png\",\"label\":\"pedestrian\",\"drive\":\"d\"}\n",
                StandardOpenOption.APPEND);
        assertThat(run("ingest", photos.toString(), "--json")).isZero();
        assertThat(ids("m")).containsExactly("m1.png", "m2.png");
    }

    private static void set(Topic topic, String name, String value) throws Exception {
        try (Admin admin = broker.admin()) {
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName()),
                            List.of(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
    }

    @Test
    void topicsAreCreatedOrCheckedAndALargeImageGoesByReference() throws Exception {
        Path photos = Files.createDirectories(folder.resolve("photos/limited"));
        byte[] noise = new byte[200_000];
        new Random(5).nextBytes(noise);
        Files.write(photos.resolve("large.png"), noise);
        Files.write(photos.resolve("small.png"), png());
        String path = folder.resolve("photos").toString();
        try (Admin admin = broker.admin()) {
            admin.deleteTopics(List.of(Topic.INGEST_PROGRESS.topicName())).all().get();
            await(() -> !names(admin).contains(Topic.INGEST_PROGRESS.topicName()), "the topic is gone");
        }
        set(Topic.SAMPLES_RAW, "max.message.bytes", "100000");
        try {
            assertThat(run("ingest", path, "--json")).as(err::toString).isZero();
        } finally {
            set(Topic.SAMPLES_RAW, "max.message.bytes", Integer.toString(Topic.SAMPLES_RAW.maxRecordBytes()));
        }
        List<Boolean> inline = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : broker.committed(Topic.SAMPLES_RAW)) {
            LabeledSample sample = Wire.decode(record.value(), LabeledSample.class);
            if (sample.getSampleId().startsWith("limited/")) {
                inline.add(sample.getImageReference() == null);
            }
        }
        assertThat(inline).containsExactlyInAnyOrder(false, true);

        set(Topic.INGEST_PROGRESS, "cleanup.policy", "delete");
        try {
            assertThat(run("ingest", path, "--json")).isEqualTo(1);
            assertThat(err.toString()).contains("Topic ingest.progress is not compacted");
        } finally {
            set(Topic.INGEST_PROGRESS, "cleanup.policy", "compact");
        }
        assertThat(run("ingest", path, "--json")).as(err::toString).isZero();
        assertThat(ids("limited/")).hasSize(2);
    }

    private static Set<String> names(Admin admin) {
        try {
            return admin.listTopics().names().get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void progressBehindAnOpenTransactionOfAnotherIsNotOverlooked() throws Exception {
        Map<String, Object> client = new HashMap<>();
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(broker.clientProperties())) {
            properties.load(in);
        }
        properties.stringPropertyNames().forEach(name -> client.put(name, properties.getProperty(name)));
        Map<String, Object> open = new HashMap<>(client);
        open.put("transactional.id", "another");
        open.put("transaction.timeout.ms", 5000);
        IngestProgress reached = IngestProgress.newBuilder()
                .setIngestId("0123456789abcdef")
                .setDataset("photos")
                .setEntries(7)
                .setSent(7)
                .setMalformed(0)
                .setDigest("")
                .setAt(Instant.EPOCH)
                .build();
        OncePublisher first = new OncePublisher(client, "0123456789abcdef", sentence -> {});
        try (KafkaProducer<byte[], byte[]> another =
                new KafkaProducer<>(open, new ByteArraySerializer(), new ByteArraySerializer())) {
            another.initTransactions();
            another.beginTransaction();
            another.send(new ProducerRecord<>(
                            Topic.INGEST_PROGRESS.topicName(), "other".getBytes(StandardCharsets.UTF_8), new byte[1]))
                    .get();
            first.commit(List.of(reached));
            first.close();
            try (OncePublisher second = new OncePublisher(client, "0123456789abcdef", sentence -> {})) {
                assertThat(second.progress()).contains(reached);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            let-me-in               | let-him-in | Invalid username or password; check user, password
            ssl.truststore.location | unused     | unable to find valid certification path to requested target; see that ssl.truststore.location
            ssl.truststore.type=PEM | ssl.truststore.type=JKS | check the broker and kafka.properties
            username="camera"       | username="guest" | Not authorized to access topics: [samples.raw]; have it allowed to this user
            bootstrap.servers=127.0.0.1 | bootstrap.servers=nowhere.invalid | No resolvable bootstrap urls given in bootstrap.servers
            """)
    void whatTheBrokerRefusesIsOneSentence(String setting, String other, String sentence) throws Exception {
        Path photos = Files.createDirectories(folder.resolve("refused"));
        Files.write(photos.resolve("p.png"), png());
        Path wrong = Files.writeString(
                folder.resolve("wrong.properties"),
                Files.readString(broker.clientProperties()).replace(setting, other));
        int code = Main.run(
                new String[] {"ingest", photos.toString(), "--kafka-properties", wrong.toString()},
                new PrintWriter(out, true),
                new PrintWriter(err, true));
        assertThat(code).isEqualTo(1);
        assertThat(err.toString()).contains("Cannot send to Kafka at ").contains(sentence);
        assertThat(err.toString().strip().lines()).hasSize(1);
    }

    @Test
    void aWatchedFolderIsSentOnceAndHalfWrittenFilesAreNot() throws Exception {
        Path cameras = folder.resolve("cameras");
        Path drive = Files.createDirectories(cameras.resolve("watched-1/pedestrian"));
        byte[] png = png();
        Files.write(drive.resolve("1.png"), png);
        Files.write(drive.resolve("2.png"), Arrays.copyOf(png, png.length / 2));
        Files.write(drive.resolve("3.png.part"), png);
        String[] watch = {"watch", cameras.toString(), "--settle", "50", "--every", "50", "--patience", "600"};
        Process child = child(watch);
        await(() -> ids("watched-1/").size() == 1 || !child.isAlive(), "the first file is sent");
        assertThat(ids("watched-1/")).containsExactly("watched-1/pedestrian/1.png");
        child.destroyForcibly().waitFor();

        Process again = child(watch);
        Files.write(
                drive.resolve("2.png"), Arrays.copyOfRange(png, png.length / 2, png.length), StandardOpenOption.APPEND);
        Files.move(drive.resolve("3.png.part"), drive.resolve("3.png"));
        await(() -> ids("watched-1/").size() == 3 || !again.isAlive(), "all files are sent");
        again.destroy();
        assertThat(again.waitFor()).as("ended by SIGTERM").isEqualTo(143);
        assertThat(Files.readString(folder.resolve("child.log"))).contains("1 files of it were sent before");
        assertThat(ids("watched-1/"))
                .containsExactlyInAnyOrder(
                        "watched-1/pedestrian/1.png", "watched-1/pedestrian/2.png", "watched-1/pedestrian/3.png");

        // A file that stays half is sent in the end, for curation to reject it with its bytes.
        Files.write(drive.resolve("4.png"), Arrays.copyOf(png, png.length / 2));
        assertThat(run("watch", cameras.toString(), "--once", "--settle", "0", "--every", "10", "--patience", "0"))
                .isZero();
        List<LabeledSample> all = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : broker.committed(Topic.SAMPLES_RAW)) {
            LabeledSample sample = Wire.decode(record.value(), LabeledSample.class);
            if (sample.getSampleId().startsWith("watched-1/")) {
                all.add(sample);
            }
        }
        assertThat(all).hasSize(4);
        assertThat(all).allSatisfy(sample -> assertThat(sample.getDriveId()).isEqualTo("watched-1"));
        all.sort(Comparator.comparing(LabeledSample::getCapturedAt));
        assertThat(all).extracting(LabeledSample::getFrameIndex).isSorted();
        assertThat(all)
                .filteredOn(sample -> sample.getSampleId().endsWith("2.png"))
                .extracting(LabeledSample::getImageBytes)
                .containsExactly(ByteBuffer.wrap(png));

        // A file that was only touched is not sent again, one that is older than those before gets an earlier frame.
        Files.setLastModifiedTime(drive.resolve("1.png"), FileTime.fromMillis(System.currentTimeMillis() + 1000));
        Files.write(drive.resolve("5.png"), png);
        Files.setLastModifiedTime(
                drive.resolve("5.png"), FileTime.from(all.get(0).getCapturedAt().minusSeconds(60)));
        assertThat(run("watch", cameras.toString(), "--once", "--settle", "0", "--every", "10", "--patience", "0"))
                .isZero();
        assertThat(ids("watched-1/")).hasSize(5);
        LabeledSample older = Wire.decode(
                broker.committed(Topic.SAMPLES_RAW).stream()
                        .filter(record -> new String(record.key(), StandardCharsets.UTF_8).equals("watched-1"))
                        .reduce((first, second) -> second)
                        .orElseThrow()
                        .value(),
                LabeledSample.class);
        assertThat(older.getSampleId()).isEqualTo("watched-1/pedestrian/5.png");
        assertThat(older.getFrameIndex()).isBetween(0, all.get(0).getFrameIndex() - 60_000);
    }

    @Test
    void aFileThatCannotBeReadIsTriedAgainAlthoughItHasNotChanged() throws Exception {
        Path cameras = folder.resolve("cameras");
        Path drive = Files.createDirectories(cameras.resolve("watched-2/pedestrian"));
        byte[] png = png();
        String later = folder + "/" + "./".repeat(png.length) + "later.png";
        Path link = Files.createSymbolicLink(drive.resolve("1.png"), Path.of(later));
        String[] once = {"watch", cameras.toString(), "--once", "--settle", "0", "--every", "10", "--patience", "0"};
        assertThat(run(once)).isEqualTo(3);
        assertThat(ids("watched-2/")).isEmpty();
        // Cameras fill up the last block with zeros; here, up to the size that the link had.
        BasicFileAttributes before = Files.readAttributes(link, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        Path file = Files.write(folder.resolve("later.png"), Arrays.copyOf(png, (int) before.size()));
        Files.setLastModifiedTime(file, before.lastModifiedTime());
        assertThat(run(once)).isZero();
        assertThat(ids("watched-2/")).containsExactly("watched-2/pedestrian/1.png");
    }
}
