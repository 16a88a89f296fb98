package io.drivetrain.trainer.schedule;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.trainer.assemble.Offsets;
import io.drivetrain.trainer.assemble.ShardStore;
import io.drivetrain.trainer.publish.Outgoing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the trainer remembers between starts: how far requests were read, which are pending, which are finished, what the
 * last model had seen, and results that are ready but perhaps not yet published. Kept in one file that is replaced as a
 * whole, so that these never disagree.
 */
public final class TrainerState {
    /** Ids of finished requests kept for recognising repetitions; the newest of them. */
    private static final int FINISHED_KEPT = 10_000;

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** The file's content. Times are epoch milliseconds, offsets by {@code topic/partition}. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Document(
            Map<String, Long> requestOffsets,
            List<Request> pending,
            List<String> finished,
            String lastModelId,
            Map<String, Long> lastModelUpTo,
            long scheduleCheckedAt,
            String outboxRequestId,
            String outboxModelId,
            List<Outgoing> outbox) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Request(
            String requestId,
            RetrainingReason reason,
            Map<String, Long> upTo,
            Map<String, String> overrides,
            String step,
            String reproduces,
            long requestedAt,
            int attempts,
            boolean withdrawn) {}

    /**
     * Results of a run that are to be published.
     *
     * @param modelId null when no model is among them
     */
    public record Outbox(String requestId, String modelId, List<Outgoing> records) {}

    private final Path file;
    private final List<PendingRequest> pending = new ArrayList<>();
    private final List<String> finished = new ArrayList<>();
    private Offsets requestOffsets = Offsets.none();
    private Optional<String> lastModelId = Optional.empty();
    private Offsets lastModelUpTo = Offsets.none();
    private Instant scheduleCheckedAt;
    private Optional<Outbox> outbox = Optional.empty();

    private TrainerState(Path file, Instant now) {
        this.file = file;
        this.scheduleCheckedAt = now;
    }

    /**
     * Reads the file, or begins anew where there is none.
     *
     * @param now from when on the schedule counts, where there is no file
     */
    public static TrainerState load(Path file, Instant now) throws TrainerException {
        TrainerState state = new TrainerState(file, now);
        if (Files.exists(file)) {
            try {
                state.take(JSON.readValue(Files.readString(file), Document.class));
            } catch (IOException | RuntimeException e) {
                throw new TrainerException(
                        "Cannot read the trainer's state %s; move it away, and the trainer begins anew (requests that were answered are known from the reports)"
                                .formatted(file),
                        e);
            }
        }
        return state;
    }

    private void take(Document document) {
        requestOffsets = Offsets.parse(document.requestOffsets());
        for (Request request : document.pending()) {
            pending.add(new PendingRequest(
                    request.requestId(),
                    request.reason(),
                    Optional.ofNullable(request.upTo()).map(Offsets::parse),
                    // A file of an earlier version has no more than these defaults.
                    Optional.ofNullable(request.overrides()).orElse(Map.of()),
                    Optional.ofNullable(request.step()).orElse(""),
                    Optional.ofNullable(request.reproduces()),
                    Instant.ofEpochMilli(request.requestedAt()),
                    request.attempts(),
                    request.withdrawn()));
        }
        finished.addAll(document.finished());
        lastModelId = Optional.ofNullable(document.lastModelId());
        lastModelUpTo = Offsets.parse(document.lastModelUpTo());
        scheduleCheckedAt = Instant.ofEpochMilli(document.scheduleCheckedAt());
        outbox = Optional.ofNullable(document.outboxRequestId())
                .map(id -> new Outbox(id, document.outboxModelId(), document.outbox()));
    }

    /** Makes the present state the one that the next start finds. */
    public void save() throws TrainerException {
        Document document = new Document(
                requestOffsets.asText(),
                pending.stream()
                        .map(r -> new Request(
                                r.requestId(),
                                r.reason(),
                                r.upTo().map(Offsets::asText).orElse(null),
                                r.overrides(),
                                r.step(),
                                r.reproduces().orElse(null),
                                r.requestedAt().toEpochMilli(),
                                r.attempts(),
                                r.withdrawn()))
                        .toList(),
                finished,
                lastModelId.orElse(null),
                lastModelUpTo.asText(),
                scheduleCheckedAt.toEpochMilli(),
                outbox.map(Outbox::requestId).orElse(null),
                outbox.map(Outbox::modelId).orElse(null),
                outbox.map(Outbox::records).orElse(null));
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            ShardStore.replaceAtomically(file, JSON.writeValueAsString(document));
        } catch (IOException e) {
            throw new TrainerException(
                    "Cannot write the trainer's state %s (%s); check rights and space, and start the trainer again"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    /** Offsets of the request topic up to which requests were taken. */
    public Offsets requestOffsets() {
        return requestOffsets;
    }

    public void requestsTakenUpTo(Offsets offsets) {
        requestOffsets = offsets;
    }

    /** Requests in order of arrival. */
    public List<PendingRequest> pending() {
        return List.copyOf(pending);
    }

    /** The request of that id as it is now, if it is pending. */
    public Optional<PendingRequest> pending(String requestId) {
        return pending.stream().filter(r -> r.requestId().equals(requestId)).findFirst();
    }

    /** Whether a request of that id is pending or finished. */
    public boolean knows(String requestId) {
        return finished.contains(requestId) || pending(requestId).isPresent();
    }

    public void add(PendingRequest request) {
        pending.add(request);
    }

    /** Puts a changed request in the place of the one of the same id. */
    public void replace(PendingRequest request) {
        pending.replaceAll(r -> r.requestId().equals(request.requestId()) ? request : r);
    }

    public void finish(String requestId) {
        pending.removeIf(r -> r.requestId().equals(requestId));
        if (!finished.contains(requestId)) {
            finished.add(requestId);
        }
        if (finished.size() > FINISHED_KEPT) {
            finished.remove(0);
        }
    }

    /** The newest model's id; empty before the first. */
    public Optional<String> lastModelId() {
        return lastModelId;
    }

    /** The data that the newest model was made from; none before the first. */
    public Offsets lastModelUpTo() {
        return lastModelUpTo;
    }

    public void modelMade(String modelId, Offsets upTo) {
        lastModelId = Optional.of(modelId);
        lastModelUpTo = upTo;
    }

    /** Up to when the schedule has been looked at. */
    public Instant scheduleCheckedAt() {
        return scheduleCheckedAt;
    }

    public void scheduleChecked(Instant at) {
        scheduleCheckedAt = at;
    }

    public Optional<Outbox> outbox() {
        return outbox;
    }

    public void fillOutbox(Outbox results) {
        outbox = Optional.of(results);
    }

    public void emptyOutbox() {
        outbox = Optional.empty();
    }
}
