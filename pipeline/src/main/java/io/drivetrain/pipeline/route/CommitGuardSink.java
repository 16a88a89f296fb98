package io.drivetrain.pipeline.route;

import io.drivetrain.schemas.ConfigKey;
import io.drivetrain.schemas.DrivetrainConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPostCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flink's Kafka sink, which only logs a commit that the broker refuses, made to ask the broker why: a transaction that was
 * committed before is fine, and one that the broker has aborted ends the job with what to do (docs/adr/0003).
 */
final class CommitGuardSink
        implements Sink<Outgoing>,
                SupportsWriterState<Outgoing, KafkaWriterState>,
                SupportsCommitter<KafkaCommittable>,
                SupportsPostCommitTopology<KafkaCommittable> {
    private static final long serialVersionUID = 1L;

    private final KafkaSink<Outgoing> kafka;
    private final DrivetrainConfig config;
    private final String jobName;

    CommitGuardSink(KafkaSink<Outgoing> kafka, DrivetrainConfig config, String jobName) {
        this.kafka = kafka;
        this.config = config;
        this.jobName = jobName;
    }

    @Override
    public SinkWriter<Outgoing> createWriter(WriterInitContext context) throws IOException {
        return kafka.createWriter(context);
    }

    @Override
    public StatefulSinkWriter<Outgoing, KafkaWriterState> restoreWriter(
            WriterInitContext context, Collection<KafkaWriterState> states) {
        return kafka.restoreWriter(context, states);
    }

    @Override
    public SimpleVersionedSerializer<KafkaWriterState> getWriterStateSerializer() {
        return kafka.getWriterStateSerializer();
    }

    @Override
    public Committer<KafkaCommittable> createCommitter(CommitterInitContext context) {
        return new Guard(kafka.createCommitter(context), config, jobName);
    }

    @Override
    public SimpleVersionedSerializer<KafkaCommittable> getCommittableSerializer() {
        return kafka.getCommittableSerializer();
    }

    @Override
    public void addPostCommitTopology(DataStream<CommittableMessage<KafkaCommittable>> committables) {
        kafka.addPostCommitTopology(committables);
    }

    /** Asks the broker about each transaction whose commit it has refused. */
    static final class Guard implements Committer<KafkaCommittable> {
        private static final Logger LOG = LoggerFactory.getLogger(CommitGuardSink.class);
        private static final int ASK_SECONDS = 30;

        private final Committer<KafkaCommittable> kafka;
        private final DrivetrainConfig config;
        private final String jobName;

        Guard(Committer<KafkaCommittable> kafka, DrivetrainConfig config, String jobName) {
            this.kafka = kafka;
            this.config = config;
            this.jobName = jobName;
        }

        /**
         * Commits.
         *
         * @throws SuppressRestartsException if a transaction is aborted, or so old that the broker has forgotten it, unless
         *     flink.lost-transactions says to go on
         */
        @Override
        public void commit(Collection<CommitRequest<KafkaCommittable>> requests)
                throws IOException, InterruptedException {
            List<Watched> watched = requests.stream().map(Watched::new).toList();
            kafka.commit(new ArrayList<>(watched));
            for (Watched request : watched) {
                if (request.refusal != null) {
                    settle(request);
                }
            }
        }

        private void settle(Watched request) throws IOException, InterruptedException {
            KafkaCommittable transaction = request.getCommittable();
            Answer answer = ask(transaction);
            switch (CommitFate.of(answer.state(), answer.epochs())) {
                case COMMITTED -> {
                    LOG.info(
                            "Transaction {} was committed before; nothing is to be done",
                            transaction.getTransactionalId());
                    request.request.signalAlreadyCommitted();
                }
                case LOST -> {
                    String sentence = sentence(transaction.getTransactionalId(), answer.state());
                    if (!config.flink().acceptLostTransactions()) {
                        throw new SuppressRestartsException(new IOException(sentence, request.refusal));
                    }
                    LOG.error("{}", sentence);
                    request.request.signalFailedWithKnownReason(request.refusal);
                }
                case UNDECIDED -> request.request.retryLater();
            }
        }

        /** @param epochs as {@link CommitFate#of} takes them */
        private record Answer(String state, int epochs) {}

        private Answer ask(KafkaCommittable transaction) throws IOException, InterruptedException {
            String transactionalId = transaction.getTransactionalId();
            Properties properties = new Properties();
            properties.putAll(config.kafka().properties());
            properties.put("bootstrap.servers", config.kafka().bootstrap());
            try (Admin admin = Admin.create(properties)) {
                TransactionDescription description = admin.describeTransactions(List.of(transactionalId))
                        .description(transactionalId)
                        .get(ASK_SECONDS, TimeUnit.SECONDS);
                return new Answer(
                        description.state().toString(),
                        description.producerId() == transaction.getProducerId()
                                ? description.producerEpoch() - transaction.getEpoch()
                                : -1);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof TransactionalIdNotFoundException) {
                    return new Answer(CommitFate.FORGOTTEN, -1);
                }
                throw new IOException(
                        "Cannot ask the broker about transaction %s (%s)".formatted(transactionalId, e.getMessage()),
                        e);
            } catch (TimeoutException e) {
                throw new IOException(
                        "The broker does not say within %d s what became of transaction %s"
                                .formatted(ASK_SECONDS, transactionalId),
                        e);
            }
        }

        private String sentence(String transactionalId, String state) {
            return ("Cannot commit transaction %s of job '%s': the broker says %s, as it stayed open for longer than %s (%s) "
                            + "while Flink or the broker was down. Samples of the last checkpoint are in the table and "
                            + "remembered as seen, but are in no topic. Curate samples.raw again with an empty %s, "
                            + "table and split topics; or go on without them with %s: accept. For longer outages raise %s "
                            + "together with the broker's transaction.max.timeout.ms")
                    .formatted(
                            transactionalId,
                            jobName,
                            state,
                            ConfigKey.FLINK_TRANSACTION_TIMEOUT.path(),
                            config.flink().transactionTimeout(),
                            ConfigKey.FLINK_CHECKPOINT_DIRECTORY.path(),
                            ConfigKey.FLINK_LOST_TRANSACTIONS.path(),
                            ConfigKey.FLINK_TRANSACTION_TIMEOUT.path());
        }

        @Override
        public void close() throws Exception {
            kafka.close();
        }
    }

    /** A request that keeps a refusal to itself until it is known what became of the transaction. */
    private static final class Watched implements Committer.CommitRequest<KafkaCommittable> {
        private final Committer.CommitRequest<KafkaCommittable> request;
        private Throwable refusal;

        Watched(Committer.CommitRequest<KafkaCommittable> request) {
            this.request = request;
        }

        @Override
        public KafkaCommittable getCommittable() {
            return request.getCommittable();
        }

        @Override
        public int getNumberOfRetries() {
            return request.getNumberOfRetries();
        }

        @Override
        public void signalFailedWithKnownReason(Throwable reason) {
            refusal = reason;
        }

        @Override
        public void signalFailedWithUnknownReason(Throwable reason) {
            if (reason instanceof InvalidPidMappingException) {
                refusal = reason;
            } else {
                request.signalFailedWithUnknownReason(reason);
            }
        }

        @Override
        public void retryLater() {
            request.retryLater();
        }

        @Override
        public void updateAndRetryLater(KafkaCommittable committable) {
            request.updateAndRetryLater(committable);
        }

        @Override
        public void signalAlreadyCommitted() {
            request.signalAlreadyCommitted();
        }

        /** For Flink's log. */
        @Override
        public String toString() {
            return request.getCommittable().toString();
        }
    }
}
