package io.drivetrain.infra.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.Transfer;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.local.KeeperProcess;
import io.drivetrain.infra.local.LocalStack;
import io.drivetrain.infra.local.Role;
import io.drivetrain.infra.local.StackException;
import io.drivetrain.infra.local.StackListener;
import io.drivetrain.infra.local.StackSettings;
import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.ingest.synthesize.StreamPlan;
import io.drivetrain.ingest.synthesize.SyntheticScenes;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Kills the processes of the curation at random moments while samples flow, and counts what is lost or there twice: in the
 * split topics and {@code samples.rejected} as a reader of committed records sees them, and in the current snapshot of the
 * table. Broker, job manager and task manager are processes of their own, killed as by {@code kill -9} and started again by
 * the supervisor.
 */
public final class KillBench {
    private static final int FRAMES = 20;
    private static final Duration SETTLING = Duration.ofMinutes(5);
    private static final Duration FLOW_PER_KILL = Duration.ofSeconds(12);
    private static final long FREE_BYTES = 3_000_000_000L;
    private static final List<Role> VICTIMS = List.of(Role.TASK_MANAGER, Role.JOB_MANAGER, Role.BROKER);
    private static final ObjectMapper JSON = new ObjectMapper();

    private KillBench() {}

    /**
     * Kills and counts.
     *
     * @param directory empty or not there
     * @param kills how many; of any six, two each of task manager, job manager and broker; every third comes right behind the
     *     one before
     * @param samples at least this many flow meanwhile
     * @return the document of {@code bench kills --json}
     */
    public static ObjectNode run(Path directory, int kills, int samples, long seed, Consumer<String> progress)
            throws Exception {
        int drives = Math.max(2, (samples + FRAMES - 1) / FRAMES);
        StreamPlan plan = StreamPlan.first(seed, drives - drives / 2, drives / 2)
                .withSize(96, 54)
                .withFramesPerDrive(FRAMES);
        Map<String, String> overrides = Map.of("flink.checkpoint-interval", "PT1S", "flink.parallelism", "2");
        StackSettings settings = new StackSettings(
                directory, Optional.empty(), overrides, Optional.empty(), Optional.empty(), FREE_BYTES);
        try (LocalStack stack = LocalStack.launch(settings, EnumSet.noneOf(Role.class), listener(progress))) {
            stack.tolerateRestarts(kills + 5);
            stack.begin(Role.BROKER);
            stack.begin(Role.JOB_MANAGER, "--jobs", "curation");
            stack.begin(Role.TASK_MANAGER);
            awaitRunning(stack);
            AtomicLong sent = new AtomicLong();
            CompletableFuture<Long> sending = CompletableFuture.supplyAsync(
                    () -> send(plan, stack.config(), FLOW_PER_KILL.multipliedBy(kills), sent::set));
            Map<Role, Integer> byRole = new EnumMap<>(Role.class);
            kill(stack, kills, new SplittableRandom(seed), sent, byRole, progress);
            long raw = sending.get();
            progress.accept("all %,d samples are sent; waiting until all are decided on".formatted(raw));
            Ledger ledger = settle(stack, raw);
            ledger.readTable(stack.config());
            ObjectNode document = JSON.createObjectNode();
            document.put("benchmark", "kills");
            document.put("kills", kills);
            ObjectNode killed = document.putObject("killed");
            VICTIMS.forEach(role -> killed.put(role.id(), byRole.getOrDefault(role, 0)));
            document.put("samples", raw);
            document.put("admitted", ledger.admitted());
            document.put("rejected", ledger.rejected());
            document.put("lost", ledger.lost(raw));
            document.put("duplicated", ledger.duplicated());
            document.put("rowsInTable", ledger.rows());
            document.put("seed", seed);
            return document;
        }
    }

    private static void kill(
            LocalStack stack,
            int kills,
            SplittableRandom random,
            AtomicLong sent,
            Map<Role, Integer> byRole,
            Consumer<String> progress)
            throws Exception {
        List<Role> order = new ArrayList<>();
        Set<Long> corpses = new HashSet<>();
        for (int i = 0; i < kills; i++) {
            if (order.isEmpty()) {
                order.addAll(VICTIMS);
                order.addAll(VICTIMS);
            }
            Role role = order.remove(random.nextInt(order.size()));
            boolean rightBehind = i % 3 == 2;
            if (!rightBehind) {
                awaitRunning(stack);
            }
            TimeUnit.MILLISECONDS.sleep(random.nextInt(500, rightBehind ? 2_500 : 6_000));
            long pid = killOne(stack, role, corpses);
            byRole.merge(role, 1, Integer::sum);
            progress.accept("kill %d of %d: %s (process %d), %,d samples sent"
                    .formatted(i + 1, kills, role.title(), pid, sent.get()));
        }
        awaitRunning(stack);
    }

    /** Kills a process, or, if it was killed a moment ago, the one that takes its place. */
    private static long killOne(LocalStack stack, Role role, Set<Long> corpses) throws Exception {
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

    private static void awaitRunning(LocalStack stack) throws Exception {
        for (Role role : VICTIMS) {
            stack.awaitRunning(role);
        }
    }

    private static long send(
            StreamPlan plan, DrivetrainConfig config, Duration over, java.util.function.LongConsumer sent) {
        try {
            Transfer.Result result =
                    Transfer.all(new Paced(SyntheticScenes.source(plan, 1), plan.records(), over), () -> config, sent);
            return result.sent();
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    /** A source that gives its samples at a steady rate. */
    private record Paced(SampleSource source, long records, Duration over) implements SampleSource {
        @Override
        public OptionalLong expectedCount() {
            return source.expectedCount();
        }

        @Override
        public Iterator<Collected> iterator() {
            Iterator<Collected> entries = source.iterator();
            long begin = System.nanoTime();
            return new Iterator<>() {
                private long given;

                @Override
                public boolean hasNext() {
                    return entries.hasNext();
                }

                @Override
                public Collected next() {
                    long due = begin + (long) ((double) given++ / records * over.toNanos());
                    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                        LockSupport.parkNanos(left);
                    }
                    return entries.next();
                }
            };
        }

        @Override
        public void close() {
            source.close();
        }
    }

    private static Ledger settle(LocalStack stack, long raw) throws Exception {
        Ledger ledger = new Ledger();
        List<Topic> outputs = new ArrayList<>(List.of(Topic.SAMPLES_REJECTED));
        for (Split split : Split.values()) {
            outputs.add(Topic.of(split));
        }
        long deadline = System.nanoTime() + SETTLING.toNanos();
        try (TopicFollower follower =
                new TopicFollower(stack.config(), outputs, (topic, record) -> ledger.note(topic, record.value()))) {
            long settled = -1;
            // What comes twice may come late, so one more look is taken when all is there.
            while (System.nanoTime() < deadline && (ledger.places() < raw || settled != ledger.records())) {
                if (follower.failure().isPresent()) {
                    throw follower.failure().get();
                }
                if (stack.failure().isPresent()) {
                    throw new StackException(stack.failure().get());
                }
                settled = ledger.records();
                TimeUnit.SECONDS.sleep(3);
            }
        }
        return ledger;
    }

    /** What came out: how often each raw record, and each admitted sample by id. */
    private static final class Ledger {
        private final Map<String, Integer> places = new HashMap<>();
        private final Map<String, Integer> ids = new HashMap<>();
        private final Map<String, Integer> rows = new HashMap<>();
        private long rejected;

        synchronized void note(Topic topic, byte[] value) {
            try {
                Origin origin;
                if (topic == Topic.SAMPLES_REJECTED) {
                    origin = Wire.decode(value, RejectedSample.class).getOrigin();
                    rejected++;
                } else {
                    CuratedSample sample = Wire.decode(value, CuratedSample.class);
                    origin = sample.getOrigin();
                    ids.merge(sample.getSampleId(), 1, Integer::sum);
                }
                places.merge(origin.getPartition() + "@" + origin.getOffset(), 1, Integer::sum);
            } catch (UndecodableRecordException e) {
                throw new IllegalStateException("Curation wrote a record that cannot be read", e);
            }
        }

        synchronized int places() {
            return places.size();
        }

        synchronized long records() {
            return rejected + admitted();
        }

        synchronized long admitted() {
            return ids.values().stream().mapToLong(Integer::longValue).sum();
        }

        synchronized long rejected() {
            return rejected;
        }

        long rows() {
            return rows.values().stream().mapToLong(Integer::longValue).sum();
        }

        void readTable(DrivetrainConfig config) throws StackException, InterruptedException, SQLException {
            KeeperProcess.Outcome outcome =
                    KeeperProcess.run(config, List.of("files"), (label, unit, done, total) -> {});
            if (outcome.exitCode() != 0) {
                throw new StackException(outcome.error());
            }
            String files = StreamSupport.stream(outcome.document().path("files").spliterator(), false)
                    .map((JsonNode file) -> "'" + file.path("path").asText().replace("'", "''") + "'")
                    .collect(Collectors.joining(","));
            try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                    Statement statement = duckdb.createStatement();
                    ResultSet result = statement.executeQuery("SELECT sample_id FROM read_parquet([" + files + "])")) {
                while (result.next()) {
                    rows.merge(result.getString(1), 1, Integer::sum);
                }
            }
        }

        /** Raw records without an outcome, and admitted samples that the table does not have. */
        long lost(long raw) {
            return Math.max(0, raw - places.size())
                    + ids.keySet().stream().filter(id -> !rows.containsKey(id)).count();
        }

        /** What is there more than once, in topics or table, and rows of samples that were not admitted. */
        long duplicated() {
            return more(places)
                    + more(ids)
                    + more(rows)
                    + rows.keySet().stream().filter(id -> !ids.containsKey(id)).count();
        }

        private static long more(Map<String, Integer> counts) {
            return counts.values().stream().mapToLong(count -> count - 1).sum();
        }
    }

    private static StackListener listener(Consumer<String> progress) {
        return new StackListener() {
            @Override
            public void ready(Role role, double seconds) {}

            @Override
            public void restarted(Role role, String why) {}

            @Override
            public void failed(String sentence) {
                progress.accept(sentence);
            }
        };
    }
}
