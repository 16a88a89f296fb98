package io.drivetrain.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyLoopIT {
    @TempDir
    Path directory;

    @Test
    void everyRecordIsCopiedAndTheCopyIsDeleted() throws Exception {
        try (TestBroker broker = TestBroker.start(directory.resolve("kafka"));
                KafkaProducer<byte[], byte[]> producer = broker.producer();
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            for (int i = 0; i < 300; i++) {
                producer.send(new ProducerRecord<>(
                        Topic.SAMPLES_RAW.topicName(), ("drive-" + i).getBytes(UTF_8), new byte[1000]));
            }
            producer.flush();
            // An acknowledged record is readable a moment later.
            broker.committedUntil(records -> records.size() == 300, Duration.ofSeconds(30), Topic.SAMPLES_RAW);

            CopyLoop.Result result =
                    CopyLoop.measure(TestSamples.config(Map.of("kafka.bootstrap", broker.bootstrap())), 2);

            assertThat(result.images()).isEqualTo(300);
            assertThat(result.seconds()).isPositive();
            assertThat(admin.listTopics().names().get()).doesNotContain("bench.copy");
        }
    }
}
