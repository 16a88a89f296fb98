package io.drivetrain.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Wire;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.RescaleOp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same pictures, encoded again and sent as other drives, through the whole job. */
class NearDuplicateIT {
    private static final Duration DEADLINE = Duration.ofSeconds(120);
    private static final int DRAWN = 30;
    private static final int MOST_ATTEMPTS = 200;
    private static final Topic[] SPLITS = {
        Topic.SAMPLES_TRAIN, Topic.SAMPLES_TRAIN_DEV, Topic.SAMPLES_TEST_DEV, Topic.SAMPLES_TEST
    };
    private static final Topic[] OUTCOMES = {
        Topic.SAMPLES_TRAIN, Topic.SAMPLES_TRAIN_DEV, Topic.SAMPLES_TEST_DEV, Topic.SAMPLES_TEST, Topic.SAMPLES_REJECTED
    };

    @TempDir
    Path directory;

    private int sent;

    @Test
    void aPictureThatWasEncodedAgainNeverEndsOnBothSidesAndWhatWasReservedForARefusedSampleIsFreeAgain()
            throws Exception {
        try (TestBroker broker = TestBroker.start(directory.resolve("kafka"));
                MiniCluster cluster = TestCluster.start(2);
                KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            DrivetrainConfig config = broker.config(directory, Map.of());
            List<BufferedImage> pictures = pictures();
            // All at once: originals and copies of a picture race through the stages.
            for (int i = 0; i < pictures.size(); i++) {
                for (Map.Entry<String, byte[]> copy : copies(pictures.get(i)).entrySet()) {
                    for (Domain domain : Domain.values()) {
                        String drive = "%s-%s-%s".formatted(i, copy.getKey(), domain);
                        boolean original = domain == Domain.SOURCE;
                        send(producer, drive, domain, "pedestrian", original ? copy.getValue() : retold(copy));
                    }
                }
            }
            byte[] picture = TestSamples.jpeg(320, 200, 1_000);
            send(producer, "conflict-1", Domain.SOURCE, "pedestrian", picture);
            producer.flush();
            JobID job = cluster.submitJob(CurationJob.plan(config)).get().getJobID();
            broker.committedUntil(records -> records.size() >= sent, DEADLINE, OUTCOMES);
            send(producer, "conflict-2", Domain.SOURCE, "no-pedestrian", picture);
            takenThenFree(broker, producer);
            cluster.cancelJob(job).get();

            List<CuratedSample> admitted = admitted(broker);
            Map<String, String> rejected = rejected(broker);
            assertThat(admitted.size() + rejected.size()).isEqualTo(sent);
            assertThat(rejected).containsEntry("conflict-2", "conflicting-labels");
            assertThat(rejected.values()).contains("near-duplicate-across-splits");
            assertThat(admitted.stream().map(CuratedSample::getFlags)).anyMatch(f -> f.contains("near-duplicate"));
            Map<String, Split> sides = new HashMap<>();
            Map<String, Long> hashes = new HashMap<>();
            for (CuratedSample sample : admitted) {
                sides.put(sample.getDriveId(), sample.getSplit());
                hashes.put(sample.getDriveId(), Long.parseUnsignedLong(sample.getPerceptualHash(), 16));
            }
            int beyond = 0;
            for (String one : sides.keySet()) {
                for (String other : sides.keySet()) {
                    if ((sides.get(one) == Split.TRAIN) != (sides.get(other) == Split.TRAIN)) {
                        assertThat(Long.bitCount(hashes.get(one) ^ hashes.get(other)))
                                .as("%s in %s, %s in %s", one, sides.get(one), other, sides.get(other))
                                .isGreaterThan(2);
                        beyond += one.compareTo(other) < 0 && pictureOf(one).equals(pictureOf(other)) ? 1 : 0;
                    }
                }
            }
            System.out.printf(
                    "NearDuplicateIT: %d pictures, %d sent, %d admitted, rejected %s; pairs of one picture on both sides: %d%n",
                    pictures.size(), sent, admitted.size(), rejected.size(), beyond);
            assertThat(beyond).as("pairs whose hashes differ in more bits").isZero();
        }
    }

    private static String pictureOf(String drive) {
        return drive.split("-", 2)[0];
    }

    /** An id that comes with other bytes is refused; another id can have those bytes once the refusal is known. */
    private void takenThenFree(TestBroker broker, KafkaProducer<byte[], byte[]> producer) throws Exception {
        byte[] second = TestSamples.jpeg(320, 200, 2_001);
        send(producer, "taken", Domain.SOURCE, "pedestrian", TestSamples.jpeg(320, 200, 2_000));
        producer.flush();
        broker.committedUntil(records -> records.size() >= sent, DEADLINE, OUTCOMES);
        send(producer, "taken", Domain.SOURCE, "pedestrian", second);
        producer.flush();
        broker.committedUntil(records -> !records.isEmpty(), DEADLINE, Topic.CURATION_RELEASED);
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            String drive = "free-" + attempt;
            send(producer, drive, Domain.SOURCE, "pedestrian", second);
            producer.flush();
            broker.committedUntil(records -> records.size() >= sent, DEADLINE, OUTCOMES);
            if (!rejected(broker).containsKey(drive)) {
                return;
            }
            assertThat(rejected(broker).get(drive)).isIn("duplicate-content", "near-duplicate-across-splits");
        }
        throw new AssertionError("After %d attempts the bytes are still reserved".formatted(MOST_ATTEMPTS));
    }

    private void send(KafkaProducer<byte[], byte[]> producer, String drive, Domain domain, String label, byte[] image) {
        LabeledSample sample = TestSamples.sample(drive, 0, domain, image);
        sample.setLabel(label);
        producer.send(new ProducerRecord<>(Topic.SAMPLES_RAW.topicName(), drive.getBytes(UTF_8), Wire.encode(sample)));
        sent++;
    }

    /** Real frames of dash cameras where they are there, and drawn pictures. */
    private static List<BufferedImage> pictures() throws IOException {
        List<BufferedImage> pictures = new ArrayList<>();
        for (int seed = 0; seed < DRAWN; seed++) {
            pictures.add(TestSamples.picture(640, 360, seed, BufferedImage.TYPE_3BYTE_BGR));
        }
        for (String folder : List.of(
                "data/label-formats/hybridnets-demo/demo/image",
                "data/label-formats/yolop-bdd-images/inference/images")) {
            Optional<Path> shared = SharedFolder.find(folder);
            if (shared.isPresent()) {
                try (Stream<Path> files = Files.list(shared.get())) {
                    for (Path file : files.filter(f -> f.toString().endsWith(".jpg"))
                            .sorted()
                            .toList()) {
                        pictures.add(ImageIO.read(file.toFile()));
                    }
                }
            }
        }
        return pictures;
    }

    private static Map<String, byte[]> copies(BufferedImage picture) throws IOException {
        Map<String, byte[]> copies = new LinkedHashMap<>();
        copies.put("q95", jpeg(picture, 0.95f));
        copies.put("q90", jpeg(picture, 0.9f));
        copies.put("q75", jpeg(picture, 0.75f));
        copies.put("half", jpeg(half(picture), 0.9f));
        copies.put("dim", jpeg(new RescaleOp(0.9f, 0, null).filter(picture, null), 0.9f));
        return copies;
    }

    /** The same pixels in other bytes: a comment more. */
    private static byte[] retold(Map.Entry<String, byte[]> copy) {
        byte[] image = copy.getValue();
        byte[] comment = {(byte) 0xFF, (byte) 0xFE, 0, 4, 'x', 'y'};
        byte[] with = new byte[image.length + comment.length];
        System.arraycopy(image, 0, with, 0, 2);
        System.arraycopy(comment, 0, with, 2, comment.length);
        System.arraycopy(image, 2, with, 2 + comment.length, image.length - 2);
        return with;
    }

    private static BufferedImage half(BufferedImage picture) {
        BufferedImage half =
                new BufferedImage(picture.getWidth() / 2, picture.getHeight() / 2, BufferedImage.TYPE_3BYTE_BGR);
        var graphics = half.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(picture, 0, 0, half.getWidth(), half.getHeight(), null);
        graphics.dispose();
        return half;
    }

    private static byte[] jpeg(BufferedImage picture, float quality) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpg").next();
        ImageWriteParam parameters = writer.getDefaultWriteParam();
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionQuality(quality);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(null, new IIOImage(picture, null, null), parameters);
        }
        writer.dispose();
        return out.toByteArray();
    }

    private static List<CuratedSample> admitted(TestBroker broker) throws Exception {
        List<CuratedSample> samples = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : broker.committed(SPLITS)) {
            samples.add(Wire.decode(record.value(), CuratedSample.class));
        }
        return samples;
    }

    /** Drive to the code of its refusal. */
    private static Map<String, String> rejected(TestBroker broker) throws Exception {
        Map<String, String> codes = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : broker.committed(Topic.SAMPLES_REJECTED)) {
            RejectedSample sample = Wire.decode(record.value(), RejectedSample.class);
            codes.put(sample.getDriveId(), sample.getViolations().get(0).getCode());
        }
        return codes;
    }
}
