package io.drivetrain.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.AlertState;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.ShiftReport;
import io.drivetrain.schemas.ShiftVerdict;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Wire;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole watch on a real broker and a real mini cluster. */
class ShiftJobIT {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final double DAY = 0.5;
    private static final double NIGHT = 0.15;

    @TempDir
    Path directory;

    @Test
    void nightAfterDayRaisesOneAlertAndOneRequestAlsoOverARestart() throws Exception {
        try (TestBroker broker = TestBroker.start(directory.resolve("kafka"));
                MiniCluster cluster = TestCluster.start(1);
                KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            DrivetrainConfig config = broker.config(directory, Map.of("shift.significance", "0.001"));
            send(producer, "source", Split.TRAIN, 0, 40, DAY);
            send(producer, "day", Split.TEST_DEV, 0, 25, DAY);
            JobID first = cluster.submitJob(ShiftJob.plan(config)).get().getJobID();
            broker.committedUntil(reports -> reports.size() >= 5, DEADLINE, Topic.SHIFT_REPORT);
            assertThat(broker.committed(Topic.ALERTS)).isEmpty();
            cluster.cancelJob(first).get();
            cluster.requestJobResult(first).get();

            JobID second = cluster.submitJob(ShiftJob.plan(config)).get().getJobID();
            send(producer, "night", Split.TEST, 100, 25, NIGHT);
            broker.committedUntil(reports -> reports.size() >= 10, DEADLINE, Topic.SHIFT_REPORT);
            cluster.cancelJob(second).get();

            List<ShiftReport> reports = decoded(broker.committed(Topic.SHIFT_REPORT), ShiftReport.class);
            assertThat(reports.stream().map(ShiftReport::getWindowId))
                    .doesNotHaveDuplicates()
                    .hasSize(10);
            assertThat(reports.subList(2, 5))
                    .allSatisfy(report -> assertThat(report.getVerdict()).isEqualTo(ShiftVerdict.STABLE));
            assertThat(reports.get(9).getVerdict()).isEqualTo(ShiftVerdict.DRIFTED);
            assertThat(reports.get(9).getReferenceDrives()).isEqualTo(40);
            assertThat(reports.get(9).getWindowSamples()).isEqualTo(15 * 4);
            List<Alert> alerts = decoded(broker.committed(Topic.ALERTS), Alert.class);
            assertThat(alerts).hasSize(1);
            assertThat(alerts.get(0).getState()).isEqualTo(AlertState.RAISED);
            List<RetrainingRequest> requests =
                    decoded(broker.committed(Topic.RETRAINING_REQUESTS), RetrainingRequest.class);
            assertThat(requests).hasSize(1);
            assertThat(requests.get(0).getReason()).isEqualTo(RetrainingReason.ALERT);
            assertThat(requests.get(0).getAlertId()).isEqualTo(alerts.get(0).getAlertId());
            System.out.println("ShiftJobIT: " + alerts.get(0).getMessage());
        }
    }

    private static <T extends org.apache.avro.specific.SpecificRecordBase> List<T> decoded(
            List<ConsumerRecord<byte[], byte[]>> records, Class<T> type) throws Exception {
        List<T> decoded = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            decoded.add(Wire.decode(record.value(), type));
        }
        return decoded;
    }

    private static void send(
            KafkaProducer<byte[], byte[]> producer,
            String name,
            Split split,
            int minute,
            int drives,
            double brightness) {
        Random random = new Random(name.hashCode());
        for (int d = 0; d < drives; d++) {
            String drive = "%s-%03d".formatted(name, d);
            double level = brightness + random.nextGaussian() * 0.05;
            for (int frame = 0; frame < 4; frame++) {
                Instant capturedAt = TestSamples.START.plusSeconds(60L * (minute + d) + frame);
                Measurements measurements = new Measurements(level, 0.2, 0.1, 0.0, 0.3, 0.5, 20.0, 7.0);
                CuratedSample sample = new CuratedSample(
                        drive + "/" + frame,
                        drive,
                        frame,
                        capturedAt,
                        Splits.domain(split),
                        split,
                        "pedestrian",
                        Map.of(),
                        null,
                        64,
                        64,
                        "00",
                        measurements,
                        new Pixels(3, 1, 1, ByteBuffer.wrap(new byte[3])),
                        new Origin("samples.raw", 0, 0L, capturedAt),
                        null,
                        List.of(),
                        List.of(),
                        null,
                        null,
                        Map.of(),
                        0,
                        false);
                producer.send(
                        new ProducerRecord<>(Topic.of(split).topicName(), drive.getBytes(UTF_8), Wire.encode(sample)));
            }
        }
        producer.flush();
    }
}
