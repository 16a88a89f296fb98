package io.drivetrain.infra.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.infra.local.LocalStack;
import io.drivetrain.infra.local.Role;
import io.drivetrain.infra.local.StackException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Asks Flink's REST interface how a job of a stack does. */
final class JobWatch {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration DEADLINE = Duration.ofMinutes(4);

    private final LocalStack stack;
    private final String name;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ANSWER).build();

    /** Of the job of that name. */
    JobWatch(LocalStack stack, String name) {
        this.stack = stack;
        this.name = name;
    }

    /**
     * Waits until every task of the job runs and a checkpoint is complete that began after a time.
     *
     * @throws StackException if that is not so within four minutes, or the stack gives up
     */
    void awaitCheckpointBegunAfter(Instant time) throws StackException, InterruptedException {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!checkpointBegunAfter(time)) {
            if (stack.failure().isPresent()) {
                throw new StackException(stack.failure().get());
            }
            if (System.nanoTime() > deadline) {
                throw new StackException("Job '%s' has completed no checkpoint for %d s; see the logs beside %s"
                        .formatted(name, DEADLINE.toSeconds(), stack.log(Role.TASK_MANAGER)));
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private boolean checkpointBegunAfter(Instant time) throws InterruptedException {
        Optional<JsonNode> overview = get("/jobs/overview");
        for (JsonNode job : overview.map(node -> node.path("jobs")).orElse(JSON.createArrayNode())) {
            if (job.path("name").asText().equals(name)
                    && job.path("state").asText().equals("RUNNING")
                    && job.path("tasks").path("running").asInt()
                            == job.path("tasks").path("total").asInt()) {
                return get("/jobs/" + job.path("jid").asText() + "/checkpoints")
                        .map(node -> node.path("latest").path("completed").path("trigger_timestamp"))
                        .filter(begun -> begun.asLong(0) > time.toEpochMilli())
                        .isPresent();
            }
        }
        return false;
    }

    /** Empty while the job manager does not answer, because it may just have been killed. */
    private Optional<JsonNode> get(String path) throws InterruptedException {
        try {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(URI.create(stack.state().flinkUrl() + path))
                            .timeout(ANSWER)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200 ? Optional.of(JSON.readTree(response.body())) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
