package io.drivetrain.pipeline.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.drivetrain.pipeline.TestBroker;
import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.internal.FlinkKafkaInternalProducer;
import org.apache.flink.connector.kafka.sink.internal.KafkaCommitter;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commits after an outage, with Flink's own committer and a real broker. */
class CommitGuardSinkIT {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int ATTEMPTS = 10;

    @TempDir
    private static Path directory;

    private static TestBroker broker;

    @BeforeAll
    static void start() throws Exception {
        broker = TestBroker.start(directory);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void aTransactionThatTheBrokerHasTimedOutEndsTheJobInsteadOfLosingItsRecords() throws Exception {
        Request request = new Request(preCommitted("drivetrain-curation-0-7", Duration.ofSeconds(1)));
        awaitState("drivetrain-curation-0-7", TransactionState.COMPLETE_ABORT);
        try (Committer<KafkaCommittable> guard = guard(Map.of())) {
            assertThatThrownBy(() -> guard.commit(List.of(request)))
                    .isInstanceOf(SuppressRestartsException.class)
                    .cause()
                    .hasMessageContaining("drivetrain-curation-0-7 of job 'curation'")
                    .hasMessageContaining("CompleteAbort")
                    .hasMessageContaining("flink.transaction-timeout (PT14M)")
                    .hasMessageContaining("flink.lost-transactions: accept");
        }
        assertThat(request.signals).isEmpty();
    }

    @Test
    void aPersonCanDecideToGoOnWithoutTheLostRecords() throws Exception {
        Request request = new Request(preCommitted("drivetrain-curation-0-8", Duration.ofSeconds(1)));
        awaitState("drivetrain-curation-0-8", TransactionState.COMPLETE_ABORT);
        try (Committer<KafkaCommittable> guard = guard(Map.of("flink.lost-transactions", "accept"))) {
            guard.commit(List.of(request));
        }
        assertThat(request.signals).containsExactly("failed");
    }

    @Test
    void aTransactionThatWasCommittedBeforeTheRestartIsCommittedAndNotLost() throws Exception {
        KafkaCommittable committable = preCommitted("drivetrain-curation-0-9", Duration.ofMinutes(10));
        int before = broker.committed(Topic.ALERTS).size();
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThat(committed(committable)).isSubsetOf("already committed");
        }
        assertThat(broker.committed(Topic.ALERTS)).hasSize(before + 1);
    }

    /** The client that commits after a restart asks itself, now and then before it is closed. */
    @Test
    void aCommittedTransactionWhoseProducerHasAskedForAnotherEpochIsNotLost() throws Exception {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            String transactionalId = "drivetrain-curation-0-%d".formatted(20 + attempt);
            KafkaCommittable committable = preCommitted(transactionalId, Duration.ofMinutes(10));
            assertThat(committed(committable)).isSubsetOf("already committed");
            awaitEpochAfter(transactionalId);
            if (describe(transactionalId).producerEpoch() == committable.getEpoch() + 1) {
                assertThat(committed(committable)).containsExactly("already committed");
                return;
            }
            // The client was just asking, too, so that there are two epochs more.
        }
        fail("No transaction of %d has one epoch more", ATTEMPTS);
    }

    @Test
    void anAbortedTransactionWhoseProducerHasAskedForAnotherEpochIsLost() throws Exception {
        KafkaCommittable committable = preCommitted("drivetrain-curation-0-12", Duration.ofSeconds(1));
        awaitState("drivetrain-curation-0-12", TransactionState.COMPLETE_ABORT);
        awaitEpochAfter("drivetrain-curation-0-12");

        assertThatThrownBy(() -> committed(committable)).isInstanceOf(SuppressRestartsException.class);
    }

    private static List<String> committed(KafkaCommittable committable) throws Exception {
        Request request = new Request(committable);
        try (Committer<KafkaCommittable> guard = guard(Map.of())) {
            guard.commit(List.of(request));
        }
        return request.signals;
    }

    /** Asks for another epoch unless the client that committed has done so. */
    private static void awaitEpochAfter(String transactionalId) throws Exception {
        if (describe(transactionalId).state() != TransactionState.EMPTY) {
            try (KafkaProducer<byte[], byte[]> producer = producer(transactionalId, Duration.ofMinutes(10))) {
                producer.initTransactions();
            }
        }
        awaitState(transactionalId, TransactionState.EMPTY);
    }

    @Test
    void aTransactionThatTheBrokerHasForgottenCountsAsLost() throws Exception {
        Request request = new Request(new KafkaCommittable(4_711, (short) 0, "drivetrain-curation-0-10", null));
        try (Committer<KafkaCommittable> guard = guard(Map.of())) {
            assertThatThrownBy(() -> guard.commit(List.of(request)))
                    .isInstanceOf(SuppressRestartsException.class)
                    .cause()
                    .hasMessageContaining("forgotten");
        }
    }

    /** What a checkpoint holds of a transaction whose job died before the commit. */
    private static KafkaCommittable preCommitted(String transactionalId, Duration timeout) throws Exception {
        KafkaProducer<byte[], byte[]> producer = producer(transactionalId, timeout);
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(Topic.ALERTS.topicName(), new byte[] {1}))
                .get();
        TransactionDescription open = describe(transactionalId);
        producer.close(Duration.ZERO);
        return new KafkaCommittable(open.producerId(), (short) open.producerEpoch(), transactionalId, null);
    }

    private static KafkaProducer<byte[], byte[]> producer(String transactionalId, Duration timeout) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("bootstrap.servers", broker.bootstrap());
        properties.put("transactional.id", transactionalId);
        properties.put("transaction.timeout.ms", Math.toIntExact(timeout.toMillis()));
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static Committer<KafkaCommittable> guard(Map<String, String> overrides) {
        Map<String, String> all = new HashMap<>(overrides);
        all.put("kafka.bootstrap", broker.bootstrap());
        DrivetrainConfig config = TestSamples.config(all);
        Properties properties = new Properties();
        properties.put("bootstrap.servers", broker.bootstrap());
        properties.put("key.serializer", ByteArraySerializer.class.getName());
        properties.put("value.serializer", ByteArraySerializer.class.getName());
        return new CommitGuardSink.Guard(
                new KafkaCommitter(
                        properties,
                        "drivetrain-curation",
                        0,
                        0,
                        false,
                        (settings, id) -> new FlinkKafkaInternalProducer<>(settings, id)),
                config,
                "curation");
    }

    private static TransactionDescription describe(String transactionalId) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            return admin.describeTransactions(List.of(transactionalId))
                    .description(transactionalId)
                    .get();
        }
    }

    private static void awaitState(String transactionalId, TransactionState wanted) throws Exception {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (describe(transactionalId).state() != wanted) {
            assertThat(System.nanoTime()).as(wanted.toString()).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** Notes what the committer says of one transaction. */
    private static final class Request implements Committer.CommitRequest<KafkaCommittable> {
        private final KafkaCommittable committable;
        private final List<String> signals = new ArrayList<>();

        Request(KafkaCommittable committable) {
            this.committable = committable;
        }

        @Override
        public KafkaCommittable getCommittable() {
            return committable;
        }

        @Override
        public int getNumberOfRetries() {
            return 0;
        }

        @Override
        public void signalFailedWithKnownReason(Throwable reason) {
            signals.add("failed");
        }

        @Override
        public void signalFailedWithUnknownReason(Throwable reason) {
            signals.add("failed for an unknown reason: " + reason);
        }

        @Override
        public void retryLater() {
            signals.add("again");
        }

        @Override
        public void updateAndRetryLater(KafkaCommittable changed) {
            signals.add("again, changed");
        }

        @Override
        public void signalAlreadyCommitted() {
            signals.add("already committed");
        }
    }
}
