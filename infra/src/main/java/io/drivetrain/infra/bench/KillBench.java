package io.drivetrain.infra.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.Transfer;
import io.drivetrain.infra.cli.read.KafkaClients;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.local.KeeperProcess;
import io.drivetrain.infra.local.LocalStack;
import io.drivetrain.infra.local.Role;
import io.drivetrain.infra.local.StackException;
import io.drivetrain.infra.local.StackListener;
import io.drivetrain.infra.local.StackSettings;
import io.drivetrain.ingest.synthesize.SyntheticScenes;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import io.drivetrain.schemas.synthesize.StreamPlan;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Kills the processes of the curation at random moments while samples flow, and counts what is lost or there too often: in
 * the split topics and {@code samples.rejected} as a reader of committed records sees them, and in the current snapshot of
 * the table, compared with the records of {@code samples.raw} themselves. Broker, job manager and task manager are
 * processes of their own, killed as by {@code kill -9} and started again by the supervisor.
 */
public final class KillBench {
    /** Of a run that counts; with less, the curation itself has gone wrong. */
    public static final double LEAST_ADMITTED_SHARE = 0.9;

    private static final String JOB = "curation";
    private static final String CONSUMER_GROUP = "drivetrain-curation";
    private static final int FRAMES = 20;
    private static final Duration SETTLING = Duration.ofMinutes(5);
    private static final Duration PACE = Duration.ofSeconds(8);
    private static final int MOST_LOOKS = 5;
    private static final long FREE_BYTES = 3_000_000_000L;
    private static final List<Role> VICTIMS = List.of(Role.TASK_MANAGER, Role.JOB_MANAGER, Role.BROKER);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LocalStack stack;
    private final StreamPlan plan;
    private final int kills;
    private final SplittableRandom random;
    private final Consumer<String> progress;
    private final JobWatch job;
    private final GatedSource source;
    private final long records;
    private final AtomicLong sent = new AtomicLong();
    private final Map<Role, Integer> byRole = new EnumMap<>(Role.class);

    private KillBench(LocalStack stack, StreamPlan plan, int kills, long seed, Consumer<String> progress) {
        this.stack = stack;
        this.plan = plan;
        this.kills = kills;
        this.random = new SplittableRandom(seed);
        this.progress = progress;
        this.job = new JobWatch(stack, JOB);
        CorrectedSource corrected = new CorrectedSource(SyntheticScenes.source(plan, 1), plan.ledger());
        this.records = plan.records() + corrected.corrections();
        this.source = new GatedSource(corrected, records, kills, PACE);
    }

    /**
     * What a run showed.
     *
     * @param killed how often each process
     * @param samples records of samples.raw
     * @param rows of the table's current snapshot
     * @param lost records without an outcome, wrongly rejected, or not where they belong, in a topic or in the table
     * @param duplicated outcomes and rows that are there too often
     * @param problems the first of what was found, one sentence each
     */
    public record Report(
            int kills,
            Map<Role, Integer> killed,
            long samples,
            long admitted,
            long rejected,
            long rows,
            double admittedShare,
            long lost,
            long duplicated,
            List<String> problems,
            long seed) {
        /** The document of {@code bench kills --json}. */
        public ObjectNode document() {
            return JSON.createObjectNode()
                    .put("benchmark", "kills")
                    .put("kills", kills)
                    .put("samples", samples)
                    .put("lost", lost)
                    .put("duplicated", duplicated)
                    .put("seed", seed);
        }

        /** All figures in one line. */
        public String sentence() {
            return "%d kills (%s) while %,d samples flowed: %,d admitted (%.1f %% of those without a fault), %,d rejected, %,d rows; %d lost, %d duplicated (seed %d)"
                    .formatted(
                            kills,
                            killed.entrySet().stream()
                                    .map(role -> role.getKey().id() + " " + role.getValue())
                                    .collect(Collectors.joining(", ")),
                            samples,
                            admitted,
                            100 * admittedShare,
                            rejected,
                            rows,
                            lost,
                            duplicated,
                            seed);
        }

        /** Whether nothing is lost and nothing is there too often. */
        public boolean clean() {
            return lost + duplicated == 0;
        }
    }

    /**
     * Kills and counts.
     *
     * @param directory empty or not there
     * @param kills how many; of any six, two each of task manager, job manager and broker; every third comes right behind the
     *     one before, the others when the job has completed a checkpoint since
     * @param samples at least this many flow meanwhile, up to behind the last kill
     * @throws StackException if the run says nothing: a process does not come back, samples stop flowing before the last
     *     kill, or hardly any is admitted
     */
    public static Report run(Path directory, int kills, int samples, long seed, Consumer<String> progress)
            throws Exception {
        int drives = Math.max(2, (samples + FRAMES - 1) / FRAMES);
        StreamPlan plan = StreamPlan.first(seed, drives - drives / 2, drives / 2)
                .withSize(96, 54)
                .withFramesPerDrive(FRAMES);
        Map<String, String> overrides = Map.of(
                "flink.checkpoint-interval",
                "PT1S",
                "flink.parallelism",
                "2",
                // The plan has one drive a day, so that many drives reach into the future.
                "admission.max-clock-skew",
                "P36500D");
        StackSettings settings = new StackSettings(
                directory, Optional.empty(), overrides, Optional.empty(), Optional.empty(), FREE_BYTES);
        try (LocalStack stack = LocalStack.launch(settings, EnumSet.noneOf(Role.class), listener(progress))) {
            stack.tolerateRestarts(kills + 5);
            stack.begin(Role.BROKER);
            stack.begin(Role.JOB_MANAGER, "--jobs", JOB);
            stack.begin(Role.TASK_MANAGER);
            return new KillBench(stack, plan, kills, seed, progress).run(seed);
        }
    }

    private Report run(long seed) throws Exception {
        job.awaitCheckpointBegunAfter(Instant.now());
        CompletableFuture<Long> sending = CompletableFuture.supplyAsync(() -> send(sent::set));
        try {
            kill(sending);
        } finally {
            // Behind the last gate; and a run that failed must not wait for samples.
            for (int i = 0; i < kills; i++) {
                source.open();
            }
        }
        long acknowledged = sending.get();
        progress.accept("all %,d samples are sent; waiting until all are decided on".formatted(acknowledged));
        awaitConsumed();
        KillLedger.Verdict verdict = count(acknowledged);
        if (verdict.admittedShare() <= LEAST_ADMITTED_SHARE) {
            throw new StackException("Of %,d samples without a fault only %,d are admitted: %s; the run says nothing"
                    .formatted(verdict.faultFree(), verdict.admitted(), verdict.problems()));
        }
        return new Report(
                kills,
                byRole,
                verdict.samples(),
                verdict.admitted(),
                verdict.rejected(),
                verdict.rows(),
                verdict.admittedShare(),
                verdict.lost() + Math.max(0, acknowledged - verdict.samples()),
                verdict.duplicated(),
                verdict.problems(),
                seed);
    }

    private long send(LongConsumer acknowledged) {
        try {
            return Transfer.all(source, stack::config, acknowledged).sent();
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    private void kill(CompletableFuture<Long> sending) throws Exception {
        List<Role> order = new ArrayList<>();
        Set<Long> corpses = new HashSet<>();
        Instant killed = Instant.now();
        for (int i = 0; i < kills; i++) {
            if (order.isEmpty()) {
                order.addAll(VICTIMS);
                order.addAll(VICTIMS);
            }
            Role role = order.remove(random.nextInt(order.size()));
            boolean rightBehind = i % 3 == 2;
            if (!rightBehind) {
                job.awaitCheckpointBegunAfter(killed);
            }
            TimeUnit.MILLISECONDS.sleep(random.nextInt(500, rightBehind ? 2_500 : 6_000));
            if (sending.isDone()) {
                sending.get();
                throw new StackException("All %,d samples were sent before kill %d of %d; give more samples"
                        .formatted(records, i + 1, kills));
            }
            long pid = killOne(role, corpses);
            killed = Instant.now();
            source.open();
            byRole.merge(role, 1, Integer::sum);
            progress.accept("kill %d of %d: %s (process %d), %,d samples sent"
                    .formatted(i + 1, kills, role.title(), pid, sent.get()));
        }
        job.awaitCheckpointBegunAfter(killed);
    }

    /** Kills a process, or, if it was killed a moment ago, the one that takes its place. */
    private long killOne(Role role, Set<Long> corpses) throws Exception {
        while (true) {
            Long pid = stack.state().pids().get(role.id());
            if (pid != null
                    && !corpses.contains(pid)
                    && ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly).orElse(false)) {
                corpses.add(pid);
                return pid;
            }
            // Until its death is noticed the dead one counts as running.
            stack.awaitRunning(role);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /**
     * Waits until a checkpoint is complete that began after the last record was consumed, which the group's offsets say as
     * they are committed with checkpoints, and one more, with which what curation sent to itself is done.
     */
    private void awaitConsumed() throws Exception {
        long deadline = System.nanoTime() + SETTLING.toNanos();
        Map<TopicPartition, Long> ends = KafkaClients.endOffsets(stack.config(), List.of(Topic.SAMPLES_RAW));
        try (Admin admin = Admin.create(KafkaClients.admin(stack.config()))) {
            while (!consumed(admin, ends)) {
                if (stack.failure().isPresent()) {
                    throw new StackException(stack.failure().get());
                }
                if (System.nanoTime() > deadline) {
                    throw new StackException("Curation has not consumed all of samples.raw after %d s; see its log %s"
                            .formatted(SETTLING.toSeconds(), stack.log(Role.TASK_MANAGER)));
                }
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
        job.awaitCheckpointBegunAfter(Instant.now());
    }

    private static boolean consumed(Admin admin, Map<TopicPartition, Long> ends)
            throws ExecutionException, InterruptedException {
        try {
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(CONSUMER_GROUP)
                    .partitionsToOffsetAndMetadata()
                    .get(5, TimeUnit.SECONDS);
            return ends.entrySet().stream()
                    .filter(end -> end.getValue() > 0)
                    .allMatch(end -> committed.get(end.getKey()) != null
                            && committed.get(end.getKey()).offset() >= end.getValue());
        } catch (TimeoutException e) {
            return false;
        }
    }

    /** Counts, and again behind the next checkpoint as long as something seems to be missing that may just be late. */
    private KillLedger.Verdict count(long acknowledged) throws Exception {
        KillLedger.Verdict verdict = look();
        for (int looks = 1; looks < MOST_LOOKS && verdict.lost() + verdict.duplicated() > 0; looks++) {
            progress.accept("of %,d samples %,d seem lost and %,d duplicated (%s); looking again"
                    .formatted(acknowledged, verdict.lost(), verdict.duplicated(), verdict.problems()));
            job.awaitCheckpointBegunAfter(Instant.now());
            verdict = look();
        }
        return verdict;
    }

    private KillLedger.Verdict look() throws Exception {
        KillLedger ledger = new KillLedger(plan.ledger());
        DrivetrainConfig config = stack.config();
        List<Topic> topics = new ArrayList<>(List.of(Topic.SAMPLES_RAW, Topic.SAMPLES_REJECTED));
        for (Split split : Split.values()) {
            topics.add(Topic.of(split));
        }
        TopicFollower.readAll(config, topics, (topic, record) -> {
            try {
                if (topic == Topic.SAMPLES_RAW) {
                    LabeledSample sample = Wire.decode(record.value(), LabeledSample.class);
                    ledger.raw(
                            record.partition() + "@" + record.offset(),
                            new KillLedger.Raw(
                                    new KillLedger.Label(sample.getSampleId(), sample.getLabelRevision()),
                                    sha256(sample.getImageBytes())));
                } else if (topic == Topic.SAMPLES_REJECTED) {
                    RejectedSample sample = Wire.decode(record.value(), RejectedSample.class);
                    ledger.rejected(new KillLedger.Rejected(
                            place(sample.getOrigin()),
                            sample.getViolations().stream()
                                    .map(Violation::getCode)
                                    .collect(Collectors.toSet())));
                } else {
                    ledger.admitted(admitted(topic, Wire.decode(record.value(), CuratedSample.class)));
                }
            } catch (UndecodableRecordException e) {
                throw new IllegalStateException("Cannot read a record of " + topic.topicName(), e);
            }
        });
        readTable(config, ledger);
        return ledger.verdict();
    }

    private static KillLedger.Admitted admitted(Topic topic, CuratedSample sample) {
        String topicSplit = EnumSet.allOf(Split.class).stream()
                .filter(split -> Topic.of(split) == topic)
                .map(Splits::label)
                .findFirst()
                .orElseThrow();
        return new KillLedger.Admitted(
                place(sample.getOrigin()),
                new KillLedger.Label(sample.getSampleId(), sample.getLabelRevision()),
                sample.getDriveId(),
                topicSplit,
                Splits.label(sample.getSplit()),
                sample.getImageSha256());
    }

    private static String place(Origin origin) {
        return origin.getPartition() + "@" + origin.getOffset();
    }

    private static String sha256(ByteBuffer bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes.duplicate());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static void readTable(DrivetrainConfig config, KillLedger ledger)
            throws StackException, InterruptedException, SQLException {
        KeeperProcess.Outcome outcome = KeeperProcess.run(config, List.of("files"), (label, unit, done, total) -> {});
        if (outcome.exitCode() != 0) {
            throw new StackException(outcome.error());
        }
        String files = StreamSupport.stream(outcome.document().path("files").spliterator(), false)
                .map((JsonNode file) -> "'" + file.path("path").asText().replace("'", "''") + "'")
                .collect(Collectors.joining(","));
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT sample_id, coalesce(label_revision, 0), split, sha256(image.bytes) FROM read_parquet(["
                                + files + "])")) {
            while (result.next()) {
                ledger.row(new KillLedger.Row(
                        new KillLedger.Label(result.getString(1), result.getInt(2)),
                        result.getString(3),
                        result.getString(4)));
            }
        }
    }

    private static StackListener listener(Consumer<String> progress) {
        return new StackListener() {
            @Override
            public void ready(Role role, double seconds) {}

            @Override
            public void restarted(Role role, String why) {}

            @Override
            public void told(Role role, boolean good, String sentence) {}

            @Override
            public void failed(String sentence) {
                progress.accept(sentence);
            }
        };
    }
}
