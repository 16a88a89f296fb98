package io.drivetrain.infra.local;

import io.drivetrain.pipeline.CurationJob;
import io.drivetrain.pipeline.ShiftJob;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.util.FlinkExpectedException;
import org.apache.flink.util.SerializedThrowable;
import org.apache.kafka.clients.admin.Admin;

/**
 * A Flink mini cluster with web UI that runs both jobs, each from its newest retained checkpoint.
 *
 * <p>Arguments: {@code --rest-port N [--jobs curation,shift] [--parent-pid N] [--config FILE] [--set key=value]...}. Prints {@code READY {json}}
 * when the jobs run; ends on SIGTERM, and with 1 and one sentence when a job has failed for good.
 */
public final class FlinkProcess {
    private static final Duration TOPICS_DEADLINE = Duration.ofSeconds(90);
    private static final Duration RUNNING_DEADLINE = Duration.ofSeconds(60);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(8);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private FlinkProcess() {}

    public static void main(String[] args) {
        ProcessMain.run(
                "Flink",
                args,
                arguments -> run(
                        ConfigReader.fromArguments(args, System.getenv()),
                        arguments.port("rest-port"),
                        jobs(arguments)));
    }

    /** The jobs that are asked for, both by default. */
    static List<String> jobs(ProcessArguments arguments) {
        return List.of(
                arguments.text("jobs", CurationJob.NAME + "," + ShiftJob.NAME).split(","));
    }

    private static void run(DrivetrainConfig config, int restPort, List<String> jobs) throws Exception {
        MiniCluster cluster = new MiniCluster(clusterSettings(config, restPort));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(cluster), "flink shutdown"));
        cluster.start();
        awaitTopics(config);
        Map<String, CompletableFuture<JobResult>> results = new LinkedHashMap<>();
        Map<String, JobID> ids = new LinkedHashMap<>();
        for (String name : jobs) {
            JobGraph job = plan(name, config).getJobGraph();
            cluster.submitJob(job).get();
            ids.put(job.getName(), job.getJobID());
            results.put(job.getName(), cluster.requestJobResult(job.getJobID()));
        }
        for (Map.Entry<String, JobID> job : ids.entrySet()) {
            awaitRunning(cluster, job.getKey(), job.getValue(), results.get(job.getKey()));
        }
        System.out.printf(
                "READY {\"pid\":%d,\"rest\":\"http://127.0.0.1:%d\",\"jobs\":{%s}}%n",
                ProcessHandle.current().pid(),
                restPort,
                String.join(
                        ",",
                        ids.entrySet().stream()
                                .map(job -> "\"%s\":\"%s\"".formatted(job.getKey(), job.getValue()))
                                .toList()));
        watch(cluster, config, ids, results);
    }

    /** Returns never; ends with the reason when a job has ended. */
    private static void watch(
            MiniCluster cluster,
            DrivetrainConfig config,
            Map<String, JobID> ids,
            Map<String, CompletableFuture<JobResult>> results)
            throws Exception {
        Map<String, JobHealth> health = new LinkedHashMap<>();
        ids.keySet()
                .forEach(name -> health.put(
                        name, new JobHealth(title(name), config.flink().checkpointInterval())));
        LostTaskManager lost = new LostTaskManager();
        while (true) {
            for (Map.Entry<String, CompletableFuture<JobResult>> result : results.entrySet()) {
                if (result.getValue().isDone()) {
                    throw ended(result.getKey(), result.getValue().get());
                }
            }
            for (Map.Entry<String, JobID> job : ids.entrySet()) {
                look(cluster, config, job.getValue())
                        .flatMap(health.get(job.getKey())::judge)
                        .ifPresent(notice -> tell(new JobNotice(job.getKey(), notice.good(), notice.sentence())));
            }
            replaceTaskManager(cluster, lost);
            TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
        }
    }

    private static String title(String job) {
        return job.equals(ShiftJob.NAME) ? "The covariate watch" : "Curation";
    }

    private static void tell(JobNotice notice) {
        System.out.println("NOTICE " + notice.line());
    }

    /** Empty while the cluster has no answer, as between two attempts. */
    private static Optional<JobHealth.Seen> look(MiniCluster cluster, DrivetrainConfig config, JobID id)
            throws InterruptedException {
        try {
            AccessExecutionGraph graph = cluster.getExecutionGraph(id).get(ANSWER.toSeconds(), TimeUnit.SECONDS);
            CheckpointStatsSnapshot checkpoints = graph.getCheckpointStatsSnapshot();
            return Optional.of(new JobHealth.Seen(
                    Instant.now(),
                    Optional.ofNullable(graph.getFailureInfo())
                            .map(failure -> new JobHealth.Failure(
                                    Instant.ofEpochMilli(failure.getTimestamp()),
                                    reason(config, failure.getException()))),
                    checkpoints == null ? 0 : checkpoints.getCounts().getNumberOfCompletedCheckpoints()));
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        }
    }

    private static String reason(DrivetrainConfig config, SerializedThrowable failure) {
        Throwable root = failure.deserializeError(FlinkProcess.class.getClassLoader());
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return FullDisk.of(config)
                .orElse(
                        root instanceof FlinkExpectedException
                                ? "its task manager ended by an error for which Flink has no other way out; the log names it after FATAL"
                                : ProcessMain.rootMessage(root));
    }

    /** Returns whether one was started. */
    static boolean replaceTaskManager(MiniCluster cluster, LostTaskManager lost) throws Exception {
        int connected;
        try {
            connected = cluster.requestClusterOverview()
                    .get(ANSWER.toSeconds(), TimeUnit.SECONDS)
                    .getNumTaskManagersConnected();
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
        if (!lost.lost(connected)) {
            return false;
        }
        System.out.println("The task manager has ended; another one is started.");
        cluster.startTaskManager();
        return true;
    }

    static StreamGraph plan(String job, DrivetrainConfig config) {
        return job.equals(ShiftJob.NAME) ? ShiftJob.plan(config) : CurationJob.plan(config);
    }

    private static MiniClusterConfiguration clusterSettings(DrivetrainConfig config, int restPort) {
        Configuration settings = new Configuration();
        settings.set(RestOptions.ADDRESS, "127.0.0.1");
        settings.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        settings.set(RestOptions.PORT, restPort);
        settings.set(RestOptions.BIND_PORT, Integer.toString(restPort));
        settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(192));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
        // Curation takes flink.parallelism slots, the shift job one.
        return new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(config.flink().parallelism() + 1)
                .setCommonBindAddress("127.0.0.1")
                .build();
    }

    /** The broker starts beside this process; a job submitted before its topics exist would fail and back off. */
    static void awaitTopics(DrivetrainConfig config) throws StackException, InterruptedException {
        Set<String> wanted =
                Arrays.stream(Topic.values()).map(Topic::topicName).collect(java.util.stream.Collectors.toSet());
        Map<String, Object> client = new HashMap<>(config.kafka().properties());
        client.put("bootstrap.servers", config.kafka().bootstrap());
        client.put("reconnect.backoff.max.ms", "200");
        Instant deadline = Instant.now().plus(TOPICS_DEADLINE);
        try (Admin admin = Admin.create(client)) {
            while (true) {
                try {
                    if (admin.listTopics().names().get(2, TimeUnit.SECONDS).containsAll(wanted)) {
                        return;
                    }
                } catch (TimeoutException | ExecutionException e) {
                    // Not up yet; the deadline below says so if that lasts.
                }
                if (Instant.now().isAfter(deadline)) {
                    throw new StackException("The topics are not on %s after %d s; start the broker first"
                            .formatted(config.kafka().bootstrap(), TOPICS_DEADLINE.toSeconds()));
                }
                TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
            }
        }
    }

    private static void awaitRunning(MiniCluster cluster, String name, JobID id, CompletableFuture<JobResult> result)
            throws Exception {
        Instant deadline = Instant.now().plus(RUNNING_DEADLINE);
        while (!allVerticesRun(cluster, id)) {
            if (result.isDone()) {
                throw ended(name, result.get());
            }
            if (Instant.now().isAfter(deadline)) {
                throw new StackException("Flink job '%s' does not run after %d s; see the log above"
                        .formatted(name, RUNNING_DEADLINE.toSeconds()));
            }
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
    }

    private static boolean allVerticesRun(MiniCluster cluster, JobID id) throws Exception {
        for (var vertex : cluster.getExecutionGraph(id).get().getVerticesTopologically()) {
            for (var task : vertex.getTaskVertices()) {
                if (task.getExecutionState() != org.apache.flink.runtime.execution.ExecutionState.RUNNING) {
                    return false;
                }
            }
        }
        return true;
    }

    static StackException ended(String job, JobResult result) {
        String reason = result.getSerializedThrowable()
                .map(failure -> ProcessMain.rootMessage(failure.deserializeError(FlinkProcess.class.getClassLoader())))
                .orElse("it was stopped from outside");
        return new StackException("Flink job '%s' ended: %s".formatted(job, reason));
    }

    private static void close(MiniCluster cluster) {
        try {
            cluster.closeAsync().get(CLOSE_DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            System.err.println(
                    "Flink did not stop in order (" + ProcessMain.rootMessage(e) + "); its last checkpoint counts.");
        }
    }
}
