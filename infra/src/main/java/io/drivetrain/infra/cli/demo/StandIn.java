package io.drivetrain.infra.cli.demo;

import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Wire;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

final class StandIn implements DemoData {
    private final Path root;
    private final List<String> first;
    private final List<String> later;

    StandIn(Path root) throws Exception {
        this.root = root;
        this.first = Files.readAllLines(root.resolve("manifest.csv"));
        this.later = Files.readAllLines(root.resolve("manifest-later.csv"));
    }

    @Override
    public String firstIsAbout() {
        return "stand-in";
    }

    @Override
    public String laterIsAbout() {
        return "later";
    }

    @Override
    public List<String> classes() {
        return first.stream()
                .skip(1)
                .map(l -> l.split(",")[1])
                .distinct()
                .sorted()
                .toList();
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("image.width", "32", "image.height", "32");
    }

    @Override
    public String irreducibleIsAbout() {
        return "assumed 0";
    }

    @Override
    public long firstRecords() {
        return first.size() - 1;
    }

    @Override
    public long laterRecords() {
        return later.size() - 1;
    }

    @Override
    public void sendFirst(Broker broker, LongConsumer sent) throws Exception {
        send(first, broker, sent);
    }

    @Override
    public void sendLater(Broker broker, LongConsumer sent) throws Exception {
        send(later, broker, sent);
    }

    private void send(List<String> lines, Broker broker, LongConsumer sent) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.await()), new ByteArraySerializer(), new ByteArraySerializer())) {
            int n = 0;
            for (String line : lines.subList(1, lines.size())) {
                String[] c = line.split(",");
                LabeledSample s = LabeledSample.newBuilder()
                        .setSampleId(c[0])
                        .setDriveId(c[3])
                        .setFrameIndex(n)
                        .setCapturedAt(Instant.ofEpochSecond(1_700_000_000 + n))
                        .setDomain(Domain.valueOf(c[2]))
                        .setLabel(c[1])
                        .setImageBytes(ByteBuffer.wrap(Files.readAllBytes(root.resolve(c[0]))))
                        .build();
                producer.send(new ProducerRecord<>(
                        Topic.SAMPLES_RAW.topicName(), c[3].getBytes(StandardCharsets.UTF_8), Wire.encode(s)));
                sent.accept(++n);
            }
        }
    }
}
