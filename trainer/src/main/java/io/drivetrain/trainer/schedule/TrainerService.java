package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.trainer.assemble.Offsets;
import io.drivetrain.trainer.assemble.PixelShape;
import io.drivetrain.trainer.assemble.ShardException;
import io.drivetrain.trainer.assemble.ShardStore;
import io.drivetrain.trainer.assemble.TopicAssembler;
import io.drivetrain.trainer.publish.ModelFolder;
import io.drivetrain.trainer.publish.Publisher;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trainer at work: one thread copies the split topics into shards, one takes requests and decides, and one at a time
 * trains. Created by {@link #start}, ended by {@link #close()}.
 */
public final class TrainerService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TrainerService.class);

    /** Channels of the pixels that curation sends: RGB. */
    public static final int CHANNELS = 3;

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration STOP_PATIENCE = Duration.ofMillis(3500);
    private static final int MOST_ATTEMPTS = 3;

    /** One for a Kafka cluster: a trainer that was thought dead can publish no more once another serves. */
    private static final String TRANSACTIONAL_ID = "drivetrain-trainer";

    private static final List<Topic> TOPICS = List.of(
            Topic.SAMPLES_TRAIN,
            Topic.SAMPLES_TRAIN_DEV,
            Topic.SAMPLES_TEST_DEV,
            Topic.SAMPLES_TEST,
            Topic.RETRAINING_REQUESTS,
            Topic.TRAINING_PROGRESS,
            Topic.TRAINING_REPORT,
            Topic.MODELS_PUBLISHED,
            Topic.MODELS_ALIASES,
            Topic.LABELS_SUSPECT,
            Topic.COLLECTION_REQUESTS);

    private final DrivetrainConfig config;
    private final Clock clock;
    private final String bootstrap;
    private final RetrainingPolicy policy;
    private final Optional<CronSchedule> schedule;
    private final List<AutoCloseable> resources = new ArrayList<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private ShardStore store;
    private TopicAssembler assembler;
    private RequestReader requests;
    private Publisher publisher;
    private Progress progress;
    private TrainerState state;
    private TrainingRun runs;
    private Thread assembling;
    private Thread deciding;
    private volatile boolean stopping;
    private Optional<Training> training = Optional.empty();

    /** A run on its own thread. */
    private record Training(PendingRequest request, Thread thread, CompletableFuture<TrainingRun.Outcome> outcome) {}

    private TrainerService(DrivetrainConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
        this.bootstrap = config.kafka().bootstrap();
        this.policy = new RetrainingPolicy(
                config.retraining().minNewSourceDrives(), config.retraining().settle());
        this.schedule = CronSchedule.parse(config.retraining().schedule(), clock.getZone());
    }

    /**
     * Connects, goes on from where the folder says, and serves.
     *
     * @param versions of all that a result depends on, for its provenance
     * @param clock also gives the time zone of {@code retraining.schedule}
     * @throws TrainerException with one sentence, if the folder, the broker or the topics are not usable
     * @throws IllegalArgumentException with one sentence, if {@code retraining.schedule} is no cron expression
     */
    public static TrainerService start(
            DrivetrainConfig config, Learner learner, Map<String, String> versions, Clock clock)
            throws TrainerException {
        TrainerService service = new TrainerService(config, clock);
        try {
            service.open(learner, versions);
        } catch (ShardException e) {
            service.release();
            throw new TrainerException(e.getMessage(), e);
        } catch (KafkaException e) {
            service.release();
            throw service.kafkaFailed(e);
        } catch (TrainerException | RuntimeException e) {
            service.release();
            throw e;
        }
        service.assembling.start();
        service.deciding.start();
        return service;
    }

    private void open(Learner learner, Map<String, String> versions) throws TrainerException, ShardException {
        Path directory = Path.of(config.training().directory()).toAbsolutePath();
        lock(directory);
        String cluster = Broker.await(config.kafka(), TOPICS, Broker.SERVING);
        PixelShape shape =
                new PixelShape(CHANNELS, config.image().height(), config.image().width());
        // Offsets mean something on their own cluster only, and shards at their own size.
        store = ShardStore.open(shards(directory, cluster, shape), shape);
        resources.add(store);
        state = TrainerState.load(directory.resolve("state-" + cluster + ".json"), clock.instant());
        publisher = new Publisher(config.kafka(), TRANSACTIONAL_ID);
        resources.add(publisher);
        progress = new Progress(publisher::progress, clock);
        recover();
        requests = new RequestReader(config.kafka(), state.requestOffsets());
        resources.add(requests);
        assembler = new TopicAssembler(config.kafka(), store, clock);
        resources.add(assembler);
        runs = new TrainingRun(config, learner, versions, store, directory, publisher, progress, clock);
        assembling = new Thread(this::assemble, "assemble");
        deciding = new Thread(this::decide, "decide");
    }

    /** The folder of the samples of a cluster at a size. */
    static Path shards(Path directory, String cluster, PixelShape shape) {
        return directory.resolve("shards").resolve(cluster + "-" + shape);
    }

    private void lock(Path directory) throws TrainerException {
        try {
            Files.createDirectories(directory);
            FileChannel channel =
                    FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            resources.add(channel);
            if (channel.tryLock() == null) {
                throw new TrainerException(inUse(directory));
            }
            new ModelFolder(directory.resolve("models")).clean();
        } catch (OverlappingFileLockException e) {
            throw new TrainerException(inUse(directory), e);
        } catch (IOException e) {
            throw new TrainerException(
                    "Cannot use the folder %s (%s: %s); check training.directory, rights and space"
                            .formatted(directory, e.getClass().getSimpleName(), e.getMessage()),
                    e);
        }
    }

    private static String inUse(Path directory) {
        return "Another trainer works in %s; stop it, or give this one another training.directory".formatted(directory);
    }

    /** Finishes what a killed process had ready, and learns from the topic what was published in all. */
    private void recover() throws TrainerException {
        List<TrainingReport> reports = publisher.reports();
        Set<String> published = new TreeSet<>();
        for (TrainingReport report : reports) {
            published.add(report.getRunId());
            if (report.getRequestId() != null) {
                state.finish(report.getRequestId());
            }
            boolean reproduction =
                    report.getChanges() != null && report.getChanges().getStep().equals(ReproductionPart.STEP);
            if (!reproduction && !SyntheticPart.synthetic(report)) {
                state.modelMade(
                        report.getModelId(), Offsets.of(report.getProvenance().getOffsets()));
            }
        }
        Optional<TrainerState.Outbox> outbox = state.outbox();
        if (outbox.isPresent()) {
            String requestId = outbox.get().requestId();
            if (!published.contains(PendingRequest.runIdOf(requestId))) {
                LOG.info("Publishing the result of request {}, which was ready when the trainer ended", requestId);
                publisher.results(outbox.get().records());
            }
            state.pending(requestId)
                    .filter(r -> outbox.get().modelId() != null)
                    .ifPresent(r ->
                            state.modelMade(outbox.get().modelId(), r.upTo().orElseThrow()));
            state.finish(requestId);
            state.emptyOutbox();
        }
        state.save();
    }

    private void assemble() {
        try {
            assembler.run();
        } catch (ShardException | RuntimeException e) {
            fail(e);
        }
    }

    private void decide() {
        try {
            while (!stopping) {
                take(requests.poll(POLL));
                if (training.isPresent() && training.get().outcome().isDone()) {
                    finish(training.get());
                    training = Optional.empty();
                }
                if (!stopping) {
                    training.ifPresent(running -> progress.tellStill(running.request()));
                    askClock();
                    next();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("Interrupted to stop", e);
        } catch (TrainerException | RuntimeException e) {
            if (!stopping) {
                fail(e);
            }
        }
    }

    private void take(List<RequestReader.Incoming> incoming) throws TrainerException {
        if (incoming.isEmpty()) {
            return;
        }
        for (RequestReader.Incoming one : incoming) {
            if (one instanceof RequestReader.Incoming.Request taken) {
                take(taken.request());
            } else if (one instanceof RequestReader.Incoming.Undecodable bad) {
                LOG.warn("Request at {}@{} is not one: {}", bad.partition(), bad.offset(), bad.message());
                progress.tell(
                        "run-undecodable-%d-%d".formatted(bad.partition(), bad.offset()),
                        Optional.empty(),
                        TrainingPhase.FAILED,
                        bad.message());
            }
        }
        state.requestsTakenUpTo(requests.position());
        state.save();
    }

    private void take(RetrainingRequest request) {
        if (state.knows(request.getRequestId())) {
            LOG.info("Request {} came again and is not run again", request.getRequestId());
            return;
        }
        if (request.getWithdraws() != null) {
            withdraw(request);
            return;
        }
        Optional<Offsets> upTo = Optional.ofNullable(request.getUpTo()).map(Offsets::of);
        if (upTo.isEmpty() && request.getReason() == RetrainingReason.MANUAL) {
            upTo = Optional.of(requests.endOfSamples());
        }
        LOG.info("Request {} ({}): {}", request.getRequestId(), request.getReason(), request.getNote());
        PendingRequest pending = new PendingRequest(
                request.getRequestId(),
                request.getReason(),
                upTo,
                request.getOverrides(),
                request.getStep(),
                Optional.ofNullable(request.getReproduces()),
                request.getRequestedAt(),
                0,
                false);
        RequestBinding binding = RequestBinding.of(
                pending,
                config,
                publisher.models(),
                requests.endOfSamples().asMap().keySet());
        if (binding instanceof RequestBinding.Refused refused) {
            LOG.warn("Request {} is refused: {}", pending.requestId(), refused.reason());
            progress.tell(pending, TrainingPhase.FAILED, refused.reason(), store.sizes());
            progress.forget(pending);
            state.finish(pending.requestId());
        } else if (binding instanceof RequestBinding.Bound bound) {
            queue(bound.request());
        }
    }

    /** Marks a request, which is ended as soon as nothing works on it any more, after a kill in between too. */
    private void withdraw(RetrainingRequest withdrawal) {
        String requestId = withdrawal.getWithdraws();
        LOG.info("Request {} withdraws {}: {}", withdrawal.getRequestId(), requestId, withdrawal.getNote());
        Optional<PendingRequest> withdrawn = state.pending(requestId);
        if (withdrawn.isPresent()) {
            state.replace(withdrawn.get().asWithdrawn());
            training.filter(running -> running.request().requestId().equals(requestId))
                    .ifPresent(running -> running.thread().interrupt());
        } else {
            progress.tell(
                    PendingRequest.runIdOf(withdrawal.getRequestId()),
                    Optional.of(withdrawal.getRequestId()),
                    TrainingPhase.FAILED,
                    "There is nothing to withdraw: request %s neither waits nor runs; './drivetrain status' lists those that do"
                            .formatted(requestId));
        }
        state.finish(withdrawal.getRequestId());
    }

    /** Adds a request, unless one that is waiting or running asks for the same. */
    private void queue(PendingRequest request) {
        Optional<PendingRequest> twin = Twins.of(request, state.pending(), config, publisher.champion());
        if (twin.isEmpty()) {
            state.add(request);
            return;
        }
        LOG.info("Request {} joins {}", request.requestId(), twin.get().requestId());
        progress.tellJoined(
                request,
                twin.get(),
                request.waitsForGrowth()
                        ? "Joined request %s, which waits for the same data; one training answers both"
                                .formatted(twin.get().requestId())
                        : "Joined request %s, which asks for the same training (data, keys and seed); %s answers both"
                                .formatted(twin.get().requestId(), twin.get().runId()),
                store.sizes());
        state.finish(request.requestId());
    }

    private void askClock() throws TrainerException {
        if (schedule.isEmpty()) {
            return;
        }
        Optional<Instant> due = schedule.get().due(state.scheduleCheckedAt(), clock.instant());
        if (due.isEmpty()) {
            return;
        }
        state.scheduleChecked(due.get());
        String requestId = "schedule-" + due.get();
        RetrainingPolicy.Scheduled decision =
                policy.onSchedule(due.get(), store.trainSamplesSince(state.lastModelUpTo()), store.position());
        if (decision instanceof RetrainingPolicy.Scheduled.Train train) {
            queue(PendingRequest.plain(requestId, RetrainingReason.SCHEDULE, Optional.of(train.upTo()), due.get()));
        } else if (decision instanceof RetrainingPolicy.Scheduled.Skip skip) {
            LOG.info("{}", skip.message());
            progress.tellSkipped(PendingRequest.runIdOf(requestId), requestId, skip.message());
        }
        state.save();
    }

    private void next() throws TrainerException {
        List<PendingRequest> waiting = state.pending().stream()
                .filter(r -> training.isEmpty()
                        || !training.get().request().requestId().equals(r.requestId()))
                .toList();
        for (PendingRequest request : waiting) {
            if (request.withdrawn()) {
                withdrawn(request);
            }
        }
        waiting = waiting.stream().filter(request -> !request.withdrawn()).toList();
        if (waiting.isEmpty()) {
            return;
        }
        RetrainingPolicy.Decision decision = policy.decide(
                waiting,
                new RetrainingPolicy.Situation(
                        clock.instant(),
                        store.position(),
                        store.trainDrivesSince(state.lastModelUpTo()),
                        assembler.lastSampleAt()));
        decision.waiting().forEach(w -> progress.tellWaiting(w.request(), w.message(), store.sizes()));
        if (decision.run().isEmpty()) {
            return;
        }
        PendingRequest request = decision.run().get();
        if (training.isPresent()) {
            progress.tellWaiting(
                    request,
                    "Waiting for %s to end".formatted(training.get().request().runId()),
                    store.sizes());
        } else if (request.attempts() >= MOST_ATTEMPTS) {
            failed(
                    request,
                    "The trainer ended %d times in the middle of this run; look at its log, then request it again"
                            .formatted(request.attempts()));
        } else {
            begin(RequestBinding.withChampion(request, config, publisher.champion())
                    .withAttempts(request.attempts() + 1));
        }
    }

    private void begin(PendingRequest request) throws TrainerException {
        // Saved with its offsets and its first weights, so that a run which is repeated after a kill has the same.
        state.replace(request);
        state.save();
        CompletableFuture<TrainingRun.Outcome> outcome = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        outcome.complete(runs.run(request));
                    } catch (Throwable e) {
                        // Whatever a run throws, running out of memory included, is this run's end and not the
                        // trainer's.
                        outcome.completeExceptionally(e);
                    }
                },
                "train");
        training = Optional.of(new Training(request, thread, outcome));
        thread.start();
    }

    private void finish(Training done) throws TrainerException, InterruptedException {
        PendingRequest request = done.request();
        if (state.pending(request.requestId()).orElseThrow().withdrawn()) {
            // Whatever came of it: nobody wants it any more.
            withdrawn(request);
            return;
        }
        try {
            TrainingRun.Outcome outcome = done.outcome().get();
            if (outcome instanceof TrainingRun.Outcome.Failed failed) {
                failed(request, failed.reason());
            } else if (outcome instanceof TrainingRun.Outcome.Refused refused) {
                ended(request, refused.reason(), Progress.End.REFUSED);
            } else if (outcome instanceof TrainingRun.Outcome.Ready ready) {
                state.fillOutbox(new TrainerState.Outbox(
                        request.requestId(), ready.modelId().orElse(null), ready.records()));
                state.save();
                publisher.results(ready.records());
                ready.modelId()
                        .ifPresent(id -> state.modelMade(id, request.upTo().orElseThrow()));
                state.finish(request.requestId());
                state.emptyOutbox();
                state.save();
                progress.forget(request);
                runs.forget(request);
                LOG.info("{} is published: {}", request.runId(), ready.verdict());
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InterruptedException) {
                throw (InterruptedException) e.getCause();
            }
            LOG.error("{} ended unexpectedly", request.runId(), e.getCause());
            failed(
                    request,
                    "The training ended unexpectedly (%s); look at the trainer's log, then request it again"
                            .formatted(e.getCause()));
        }
    }

    private void failed(PendingRequest request, String reason) throws TrainerException {
        ended(request, reason, Progress.End.FAILED);
    }

    private void withdrawn(PendingRequest request) throws TrainerException {
        ended(
                request,
                "Request %s was withdrawn %s; ask again for what is still wanted"
                        .formatted(
                                request.requestId(),
                                request.attempts() == 0
                                        ? "before it began"
                                        : "and its training stopped, of which nothing is published"),
                Progress.End.WITHDRAWN);
    }

    private void ended(PendingRequest request, String reason, Progress.End end) throws TrainerException {
        LOG.warn("{} ended, {}: {}", request.runId(), end, reason);
        progress.tellEnd(request, reason, end, store.sizes());
        progress.forget(request);
        state.finish(request.requestId());
        state.save();
        runs.forget(request);
    }

    private void fail(Exception e) {
        LOG.debug("The trainer ends", e);
        end.completeExceptionally(e instanceof KafkaException failure ? kafkaFailed(failure) : e);
    }

    private TrainerException kafkaFailed(KafkaException e) {
        if (e instanceof ProducerFencedException || e instanceof InvalidProducerEpochException) {
            return new TrainerException(
                    "Another trainer has begun to serve the Kafka cluster at %s; one serves a cluster, so stop one of the two"
                            .formatted(bootstrap),
                    e);
        }
        return new TrainerException(
                "Cannot work with Kafka at %s (%s); check the broker, kafka.bootstrap and kafka.properties, then start the trainer again"
                        .formatted(bootstrap, root(e).getMessage()),
                e);
    }

    /** Kafka's outermost message says only what was being done. */
    private static Throwable root(Throwable e) {
        return e.getCause() == null ? e : root(e.getCause());
    }

    /** Completes when the trainer has been closed; with an exception when it cannot go on. */
    public CompletableFuture<Void> end() {
        return end;
    }

    /** Samples held in a split. */
    public int samples(Split split) {
        return store.size(split);
    }

    /**
     * Stops within a few seconds. A run in progress is given up and begins again after the next start, because its
     * request stays pending.
     */
    @Override
    public void close() {
        stopping = true;
        assembler.stop();
        long deadline = System.nanoTime() + STOP_PATIENCE.toNanos();
        try {
            join(deciding, deadline);
            if (training.isPresent()) {
                Training interrupted = training.get();
                interrupted.thread().interrupt();
                join(interrupted.thread(), deadline);
                if (!deciding.isAlive()) {
                    // A stop on purpose is no failed attempt.
                    state.pending(interrupted.request().requestId())
                            .ifPresent(request -> state.replace(request.withAttempts(request.attempts() - 1)));
                    state.save();
                }
            }
            join(assembling, deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TrainerException e) {
            LOG.warn("{}", e.getMessage());
        }
        release();
        end.complete(null);
    }

    private static void join(Thread thread, long deadline) throws InterruptedException {
        thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
        if (thread.isAlive()) {
            LOG.warn(
                    "The thread {} does not stop in time; what it was doing is done again after the next start",
                    thread.getName());
        }
    }

    private void release() {
        for (int i = resources.size() - 1; i >= 0; i--) {
            try {
                resources.get(i).close();
            } catch (Exception e) {
                LOG.warn("Closing failed: {}", e.getMessage());
            }
        }
        resources.clear();
    }
}
