package io.drivetrain.infra.local;

import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.jobmaster.JobResult;

/**
 * A Flink job manager that submits the jobs to itself, each from its newest retained checkpoint: without ZooKeeper or
 * Kubernetes nobody else would after it was killed. Its task managers are processes of their own.
 *
 * <p>Arguments: {@code --rest-port N --rpc-port N [--jobs curation,shift] [--parent-pid N] [--config FILE]
 * [--set key=value]...}. Prints {@code READY {json}} when the jobs run; ends with 1 and one sentence when a job has failed
 * for good.
 */
public final class JobManagerProcess {
    private static final Duration RUNNING_DEADLINE = Duration.ofSeconds(110);
    private static final Duration POLL = Duration.ofMillis(200);

    private JobManagerProcess() {}

    public static void main(String[] args) {
        ProcessMain.run(
                "The job manager",
                args,
                arguments -> run(
                        ConfigReader.fromArguments(args, System.getenv()),
                        ClusterSettings.jobManager(arguments.port("rest-port"), arguments.port("rpc-port")),
                        FlinkProcess.jobs(arguments)));
    }

    private static void run(DrivetrainConfig config, Configuration settings, List<String> jobs) throws Exception {
        new StandaloneSessionClusterEntrypoint(settings).startCluster();
        FlinkProcess.awaitTopics(config);
        try (RestClusterClient<String> client = new RestClusterClient<>(settings, "local")) {
            Map<String, CompletableFuture<JobResult>> results = new LinkedHashMap<>();
            for (String name : jobs) {
                JobID id = client.submitJob(FlinkProcess.plan(name, config).getJobGraph())
                        .get();
                CompletableFuture<JobResult> result = client.requestJobResult(id);
                results.put(name, result);
                awaitRunning(client, name, id, result);
            }
            System.out.printf(
                    "READY {\"pid\":%d,\"rest\":\"%s\"}%n",
                    ProcessHandle.current().pid(), client.getWebInterfaceURL());
            CompletableFuture.anyOf(results.values().toArray(CompletableFuture[]::new))
                    .get();
            for (Map.Entry<String, CompletableFuture<JobResult>> result : results.entrySet()) {
                if (result.getValue().isDone()) {
                    throw FlinkProcess.ended(result.getKey(), result.getValue().get());
                }
            }
        }
    }

    private static void awaitRunning(
            RestClusterClient<String> client, String name, JobID id, CompletableFuture<JobResult> result)
            throws Exception {
        Instant deadline = Instant.now().plus(RUNNING_DEADLINE);
        while (!client.getJobDetails(id).get().getJobVertexInfos().stream()
                .allMatch(vertex -> vertex.getExecutionState() == ExecutionState.RUNNING)) {
            if (result.isDone()) {
                throw FlinkProcess.ended(name, result.get());
            }
            if (Instant.now().isAfter(deadline)) {
                throw new StackException("Flink job '%s' does not run after %d s; is there a task manager?"
                        .formatted(name, RUNNING_DEADLINE.toSeconds()));
            }
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
    }
}
