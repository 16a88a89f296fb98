package io.drivetrain.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.drivetrain.pipeline.admit.RawRecord;
import io.drivetrain.pipeline.admit.RawSource;
import io.drivetrain.pipeline.admit.Release;
import io.drivetrain.pipeline.admit.ReleaseSource;
import io.drivetrain.pipeline.route.OutgoingSink;
import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.pipeline.store.SampleTable;
import io.drivetrain.pipeline.store.TableSink;
import io.drivetrain.schemas.ClassBalanceReport;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ImageReference;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.RawHeader;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole curation on a real broker, a real mini cluster and a real table. */
class CurationJobIT {
    private static final int DRIVES = 80;
    private static final int FRAMES = 50;
    private static final Duration DEADLINE = Duration.ofSeconds(120);
    private static final Topic[] SPLITS = {
        Topic.SAMPLES_TRAIN, Topic.SAMPLES_TRAIN_DEV, Topic.SAMPLES_TEST_DEV, Topic.SAMPLES_TEST
    };
    private static final int CORRECTED_FRAME = 33;
    private static final String POISON = "drive-060/25";

    private static final AtomicBoolean FAILURE_PLANNED = new AtomicBoolean();
    private static final AtomicInteger FAILURES = new AtomicInteger();

    @TempDir
    Path directory;

    @Test
    void everySampleIsAdmittedOnceOrRejectedWithItsReasonsAlthoughTheJobFailsInTheMiddle() throws Exception {
        try (Store store = new Store();
                TestBroker broker = TestBroker.start(directory.resolve("kafka"));
                MiniCluster cluster = TestCluster.start(2);
                KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            DrivetrainConfig config = config(broker, store);
            Map<String, Integer> sent = new TreeMap<>();
            send(producer, 0, DRIVES / 2, sent);
            sendReferences(producer, store, sent);
            // The largest record that samples.raw takes must fit into samples.rejected with all that a reject adds.
            produce(producer, "large", new byte[Topic.SAMPLES_RAW.maxRecordBytes() - 4096]);
            sent.merge("undecodable-record", 1, Integer::sum);
            FAILURE_PLANNED.set(true);
            FAILURES.set(0);
            JobID job = cluster.submitJob(plan(config)).get().getJobID();
            broker.committedUntil(records -> !records.isEmpty(), DEADLINE, SPLITS);
            send(producer, DRIVES / 2, DRIVES, sent);
            int raw = sent.values().stream().mapToInt(Integer::intValue).sum();
            Topic[] all = Arrays.copyOf(SPLITS, SPLITS.length + 1);
            all[SPLITS.length] = Topic.SAMPLES_REJECTED;
            broker.committedUntil(records -> records.size() >= raw, DEADLINE, all);
            broker.committedUntil(records -> !records.isEmpty(), DEADLINE, Topic.CLASS_BALANCE);
            cluster.cancelJob(job).get();

            assertThat(FAILURES).hasValue(1);
            List<CuratedSample> admitted = curated(broker.committed(SPLITS));
            List<ConsumerRecord<byte[], byte[]>> rejected = broker.committed(Topic.SAMPLES_REJECTED);
            assertThat(broker.committed(Topic.SAMPLES_RAW)).hasSize(raw);
            assertThat(admitted.size() + rejected.size()).isEqualTo(raw);
            assertThat(admitted).hasSize(sent.get("good"));
            assertThat(byViolation(rejected)).isEqualTo(expectedViolations(sent));
            assertThat(admitted.stream().map(sample -> sample.getSampleId() + "@" + sample.getLabelRevision()))
                    .doesNotHaveDuplicates();
            correctionsFollowWhatTheyCorrect(admitted);
            noDriveIsInTwoSplits(admitted);
            tableHolds(config, admitted);
            deadLettersKeepTheOriginal(rejected, broker.committed(Topic.SAMPLES_RAW));
            balanceAgrees(broker, admitted);
            transactionsStayOpenForAsLongAsConfigured(broker);
            System.out.printf(
                    "CurationJobIT: raw %d = admitted %d + rejected %d %s%n",
                    raw, admitted.size(), rejected.size(), byViolation(rejected));
        }
    }

    private DrivetrainConfig config(TestBroker broker, Store store) {
        return broker.config(
                directory,
                Map.of(
                        "object-store.endpoint",
                        store.endpoint(),
                        "admission.reference-roots",
                        "s3://frames/day," + store.endpoint() + "/web/day",
                        "flink.balance-window",
                        "PT1S",
                        "admission.max-width",
                        "200",
                        "flink.transaction-timeout",
                        "PT13M"));
    }

    /** The job as it is, with a planned failure between the source and the first operator. */
    private static StreamGraph plan(DrivetrainConfig config) {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(JobSettings.configure(config, CurationJob.NAME));
        DataStream<RawRecord> raw = env.fromSource(RawSource.of(config), WatermarkStrategy.noWatermarks(), "raw")
                .uid(OperatorUids.RAW_SOURCE)
                .map(CurationJobIT::failOnce, SourceToSinkType.of(RawRecord.Form.RAW_RECORD))
                .uid("planned-failure");
        DataStream<Release> released = env.fromSource(
                        ReleaseSource.of(config), WatermarkStrategy.noWatermarks(), "released")
                .uid(OperatorUids.RELEASE_SOURCE)
                .setParallelism(1);
        CurationJob.define(
                raw,
                released,
                config,
                OutgoingSink.exactlyOnce(config, CurationJob.NAME),
                admitted -> TableSink.attach(admitted, config));
        return env.getStreamGraph();
    }

    private static RawRecord failOnce(RawRecord raw) {
        if (new String(raw.value(), UTF_8).contains(POISON) && FAILURE_PLANNED.compareAndSet(true, false)) {
            FAILURES.incrementAndGet();
            throw new IllegalStateException("Planned failure at " + POISON);
        }
        return raw;
    }

    /** Counts what was sent under the violation that it must get, or as good. */
    private static void send(KafkaProducer<byte[], byte[]> producer, int from, int to, Map<String, Integer> sent)
            throws Exception {
        for (int d = from; d < to; d++) {
            String drive = "drive-%03d".formatted(d);
            Domain domain = d % 2 == 0 ? Domain.SOURCE : Domain.TARGET;
            for (int frame = 0; frame < FRAMES; frame++) {
                LabeledSample sample =
                        TestSamples.sample(drive, frame, domain, TestSamples.jpeg(96, 72, d * 100L + frame));
                byte[] image = sample.getImageBytes().array();
                String expected = "good";
                byte[] value = null;
                switch (frame) {
                    case 3 -> {
                        expected = "truncated-image";
                        sample.setImageBytes(
                                ByteBuffer.wrap(image, 0, image.length / 2).slice());
                    }
                    case 7 -> {
                        expected = "unknown-class";
                        sample.setLabel("pedestrain");
                    }
                    case 11 -> {
                        expected = "missing-label";
                        sample.setLabel(null);
                    }
                    case 13 -> {
                        expected = "dimensions-out-of-limits";
                        sample.setImageBytes(ByteBuffer.wrap(TestSamples.jpeg(240, 72, frame)));
                    }
                    case 17 -> {
                        expected = "missing-image";
                        sample.setImageBytes(null);
                    }
                    case 19 -> {
                        expected = "undecodable-record";
                        value = ("no avro " + drive).getBytes(UTF_8);
                    }
                    case 23 -> {
                        expected = "missing-label,format-not-allowed";
                        sample.setLabel(" ");
                        sample.setImageBytes(ByteBuffer.wrap("no image".getBytes(UTF_8)));
                    }
                    case 29 -> {
                        expected = "drive-in-two-domains";
                        sample.setDomain(domain == Domain.SOURCE ? Domain.TARGET : Domain.SOURCE);
                    }
                    default -> {}
                }
                value = value == null ? Wire.encode(sample) : value;
                produce(producer, drive, value);
                sent.merge(expected, 1, Integer::sum);
                if (frame == 31) {
                    produce(producer, drive, value);
                    sent.merge("duplicate-sample-id", 1, Integer::sum);
                }
                if (frame == 7) {
                    sample.setLabel("pedestrian");
                    produce(producer, drive, Wire.encode(sample));
                    sent.merge("good", 1, Integer::sum);
                }
                if (frame == CORRECTED_FRAME) {
                    sample.setLabelRevision(1);
                    sample.setLabel("pedestrian");
                    produce(producer, drive, Wire.encode(sample));
                    sent.merge("good", 1, Integer::sum);
                    sample.setLabel("no-pedestrian");
                    produce(producer, drive, Wire.encode(sample));
                    sent.merge("duplicate-id-different-content", 1, Integer::sum);
                    produce(producer, drive, value);
                    sent.merge("duplicate-sample-id", 1, Integer::sum);
                }
            }
        }
        producer.flush();
    }

    /** Images of the first drive that stay in an object store and on a web server. */
    private static void sendReferences(KafkaProducer<byte[], byte[]> producer, Store store, Map<String, Integer> sent) {
        int frame = FRAMES;
        for (String folder : List.of("s3://frames/day", store.endpoint() + "/web/day")) {
            for (String expected : List.of("good", "missing-image", "hash-mismatch")) {
                byte[] image = TestSamples.jpeg(96, 72, 1_000_000L + frame);
                String uri = folder + "/" + frame + ".jpg";
                byte[] there = image.clone();
                there[there.length / 2] ^= (byte) (expected.equals("hash-mismatch") ? 1 : 0);
                if (!expected.equals("missing-image")) {
                    store.files.put(uri.replaceFirst("^(s3:/|" + store.endpoint() + ")", ""), there);
                }
                LabeledSample sample = TestSamples.sample("drive-000", frame++, Domain.SOURCE, image);
                sample.setImageBytes(null);
                sample.setImageReference(new ImageReference(uri, (long) image.length, sha256(image)));
                produce(producer, "drive-000", Wire.encode(sample));
                sent.merge(expected, 1, Integer::sum);
            }
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An object store and a web server on one real port. */
    private static final class Store implements AutoCloseable {
        private final Map<String, byte[]> files = new ConcurrentHashMap<>();
        private final HttpServer server;

        Store() throws IOException {
            System.setProperty("aws.accessKeyId", "test-key");
            System.setProperty("aws.secretAccessKey", "test-secret");
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                try (exchange) {
                    byte[] file = files.get(exchange.getRequestURI().getPath());
                    exchange.sendResponseHeaders(file == null ? 404 : 200, file == null ? -1 : file.length);
                    if (file != null) {
                        exchange.getResponseBody().write(file);
                    }
                }
            });
            server.start();
        }

        String endpoint() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
            System.clearProperty("aws.accessKeyId");
            System.clearProperty("aws.secretAccessKey");
        }
    }

    private static void produce(KafkaProducer<byte[], byte[]> producer, String drive, byte[] value) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                Topic.SAMPLES_RAW.topicName(), null, TestSamples.START.toEpochMilli(), drive.getBytes(UTF_8), value);
        record.headers().add("sent-by", "test".getBytes(UTF_8));
        record.headers().add("route", drive.getBytes(UTF_8)).add("route", new byte[] {0, -1, (byte) value.length});
        producer.send(record);
    }

    private static List<CuratedSample> curated(List<ConsumerRecord<byte[], byte[]>> records) throws Exception {
        List<CuratedSample> samples = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            CuratedSample sample = Wire.decode(record.value(), CuratedSample.class);
            assertThat(record.topic()).isEqualTo(Topic.of(sample.getSplit()).topicName());
            assertThat(new String(record.key(), UTF_8)).isEqualTo(sample.getDriveId());
            assertThat(sample.getPixels().getData().remaining()).isEqualTo(3 * 64 * 64);
            samples.add(sample);
        }
        return samples;
    }

    private static Map<String, Integer> byViolation(List<ConsumerRecord<byte[], byte[]>> rejected) throws Exception {
        Map<String, Integer> counts = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : rejected) {
            String codes = Wire.decode(record.value(), RejectedSample.class).getViolations().stream()
                    .map(violation -> violation.getCode())
                    .collect(Collectors.joining(","));
            counts.merge(codes, 1, Integer::sum);
        }
        return counts;
    }

    private static Map<String, Integer> expectedViolations(Map<String, Integer> sent) {
        Map<String, Integer> expected = new TreeMap<>(sent);
        expected.remove("good");
        return expected;
    }

    private static void noDriveIsInTwoSplits(List<CuratedSample> admitted) {
        Map<String, Set<Split>> splits = new HashMap<>();
        admitted.forEach(sample -> splits.computeIfAbsent(sample.getDriveId(), id -> new HashSet<>())
                .add(sample.getSplit()));
        assertThat(splits)
                .hasSize(DRIVES)
                .allSatisfy((drive, of) -> assertThat(of).hasSize(1));
        assertThat(admitted)
                .allSatisfy(
                        sample -> assertThat(Splits.domain(sample.getSplit())).isEqualTo(sample.getDomain()));
    }

    private static void correctionsFollowWhatTheyCorrect(List<CuratedSample> admitted) {
        List<String> corrected = admitted.stream()
                .filter(sample -> sample.getLabelRevision() > 0)
                .map(CuratedSample::getSampleId)
                .toList();
        assertThat(corrected).hasSize(DRIVES).allMatch(id -> id.endsWith("/" + CORRECTED_FRAME));
        for (String id : corrected) {
            assertThat(admitted.stream()
                            .filter(sample -> sample.getSampleId().equals(id))
                            .map(sample ->
                                    sample.getLabelRevision() + " " + sample.getLabel() + " " + sample.getCorrects()))
                    .containsExactly("0 no-pedestrian false", "1 pedestrian true");
        }
    }

    private static void tableHolds(DrivetrainConfig config, List<CuratedSample> admitted) throws Exception {
        SampleTable table = SampleTable.open(config);
        assertThat(table.rows()).isEqualTo(admitted.size());
        String files = table.files().stream()
                .map(file -> "'" + file.replaceFirst("^file:/*", "/") + "'")
                .collect(Collectors.joining(","));
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select sample_id || ' ' || split || ' ' || label, sha256(image.bytes) = image_sha256,"
                                + " captured_at from read_parquet([" + files + "])")) {
            Set<String> inTable = new TreeSet<>();
            int count = 0;
            while (rows.next()) {
                inTable.add(rows.getString(1));
                assertThat(rows.getBoolean(2)).isTrue();
                count++;
            }
            assertThat(count).isEqualTo(admitted.size());
            assertThat(inTable)
                    .isEqualTo(admitted.stream()
                            .map(s -> s.getSampleId() + " " + Splits.label(s.getSplit()) + " " + s.getLabel())
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    private static void deadLettersKeepTheOriginal(
            List<ConsumerRecord<byte[], byte[]>> rejected, List<ConsumerRecord<byte[], byte[]>> raw) throws Exception {
        Map<String, ConsumerRecord<byte[], byte[]>> originals = new HashMap<>();
        raw.forEach(record -> originals.put(record.partition() + "@" + record.offset(), record));
        for (ConsumerRecord<byte[], byte[]> record : rejected) {
            RejectedSample sample = Wire.decode(record.value(), RejectedSample.class);
            ConsumerRecord<byte[], byte[]> original = originals.remove(
                    sample.getOrigin().getPartition() + "@" + sample.getOrigin().getOffset());
            assertThat(original).as("of %s", sample.getOrigin()).isNotNull();
            assertThat(sample.getOrigin().getTopic()).isEqualTo(Topic.SAMPLES_RAW.topicName());
            assertThat(sample.getOrigin().getTimestamp()).isEqualTo(TestSamples.START);
            assertThat(sample.getValue()).isEqualTo(ByteBuffer.wrap(original.value()));
            assertThat(sample.getKey()).isEqualTo(ByteBuffer.wrap(original.key()));
            assertThat(record.key()).isEqualTo(original.key());
            assertThat(record.timestamp()).isEqualTo(original.timestamp());
            assertThat(sample.getHeaders())
                    .isEqualTo(Arrays.stream(original.headers().toArray())
                            .map(header -> new RawHeader(header.key(), ByteBuffer.wrap(header.value())))
                            .toList());
            assertThat(record.headers()).startsWith(original.headers().toArray());
            assertThat(new String(
                            record.headers()
                                    .lastHeader("__connect.errors.offset")
                                    .value(),
                            UTF_8))
                    .isEqualTo(Long.toString(original.offset()));
        }
    }

    private static void transactionsStayOpenForAsLongAsConfigured(TestBroker broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            List<String> ids = admin.listTransactions().all().get().stream()
                    .map(TransactionListing::transactionalId)
                    .filter(id -> id.startsWith("drivetrain-curation"))
                    .toList();
            assertThat(admin.describeTransactions(ids).all().get().values())
                    .isNotEmpty()
                    .allSatisfy(transaction -> assertThat(transaction.transactionTimeoutMs())
                            .isEqualTo(Duration.ofMinutes(13).toMillis()));
        }
    }

    private static void balanceAgrees(TestBroker broker, List<CuratedSample> admitted) throws Exception {
        Map<Split, Map<String, Long>> newest = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : broker.committed(Topic.CLASS_BALANCE)) {
            ClassBalanceReport report = Wire.decode(record.value(), ClassBalanceReport.class);
            newest.put(report.getSplit(), report.getTotals());
        }
        Map<Split, Map<String, Long>> counted = new TreeMap<>();
        admitted.forEach(sample -> counted.computeIfAbsent(sample.getSplit(), split -> new HashMap<>())
                .merge(sample.getLabel(), 1L, Long::sum));
        newest.forEach((split, totals) -> {
            totals.forEach((label, total) ->
                    assertThat(total).isLessThanOrEqualTo(counted.get(split).get(label)));
            assertThat(totals.values().stream().mapToLong(Long::longValue).sum())
                    .as("a corrected sample is one")
                    .isLessThanOrEqualTo(admitted.stream()
                            .filter(sample -> sample.getSplit() == split)
                            .map(CuratedSample::getSampleId)
                            .distinct()
                            .count());
        });
        assertThat(newest).isNotEmpty();
    }
}
