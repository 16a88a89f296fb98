package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.RequestKeys;
import io.drivetrain.trainer.assemble.Offsets;
import io.drivetrain.trainer.publish.Publisher;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Makes of a request what a run needs to come out the same whenever it is repeated; or says why it cannot be run. */
sealed interface RequestBinding {
    /** With the data and keys of a model to reproduce. */
    record Bound(PendingRequest request) implements RequestBinding {}

    /** The reason is a sentence. */
    record Refused(String reason) implements RequestBinding {}

    /**
     * @param base of the trainer
     * @param models that were published, by id
     * @param partitions that samples come from
     */
    static RequestBinding of(
            PendingRequest request,
            DrivetrainConfig base,
            Map<String, ModelPublished> models,
            Set<Offsets.Partition> partitions) {
        PendingRequest bound = request;
        if (request.reproduces().isPresent()) {
            ModelPublished model = models.get(request.reproduces().get());
            if (model == null) {
                return new Refused("There is no model '%s' to reproduce; known are: %s"
                        .formatted(request.reproduces().get(), String.join(", ", models.keySet())));
            }
            Map<String, String> keys = new TreeMap<>();
            model.getProvenance().getConfig().forEach((key, value) -> {
                if (RequestKeys.changeable(key)) {
                    keys.put(key, value);
                }
            });
            bound = bound.withOverrides(keys)
                    .withUpTo(Offsets.of(model.getProvenance().getOffsets()));
        }
        Optional<String> foreign = foreignOffsets(bound, partitions);
        if (foreign.isPresent()) {
            return new Refused(foreign.get());
        }
        RunConfig decided = RunConfig.of(base, bound.overrides());
        if (decided instanceof RunConfig.Refused refused) {
            return new Refused(refused.reason());
        }
        String warmStart = ((RunConfig.Accepted) decided).config().improve().warmStart();
        if (!warmStart.equals(Publisher.CHAMPION)
                && WarmStart.of(warmStart, models) instanceof WarmStart.Unknown unknown) {
            return new Refused(unknown.reason());
        }
        return new Bound(bound);
    }

    /**
     * With the model that {@code champion} stands for when the run begins, which may be long after it was asked for.
     *
     * @param base of the trainer
     * @param champion what the alias stands for now
     */
    static PendingRequest withChampion(PendingRequest request, DrivetrainConfig base, Optional<ModelAlias> champion) {
        if (!(RunConfig.of(base, request.overrides()) instanceof RunConfig.Accepted accepted)
                || !accepted.config().improve().warmStart().equals(Publisher.CHAMPION)) {
            return request;
        }
        Map<String, String> keys = new TreeMap<>(request.overrides());
        // The first model has no champion before it, and begins with fresh weights.
        keys.put("improve.warm-start", champion.map(ModelAlias::getModelId).orElse(""));
        return request.withOverrides(keys);
    }

    /** Data that will never be there would be waited for without end. */
    private static Optional<String> foreignOffsets(PendingRequest request, Set<Offsets.Partition> partitions) {
        return request.upTo().stream()
                .flatMap(offsets -> offsets.asMap().entrySet().stream())
                .filter(entry -> !partitions.contains(entry.getKey()) || entry.getValue() < 0)
                .findFirst()
                .map(entry -> entry.getValue() < 0
                        ? "The request names offset %d of %s; give 0 or more"
                                .formatted(entry.getValue(), entry.getKey())
                        : "The request names offsets of %s; data comes from %s"
                                .formatted(entry.getKey(), new TreeSet<>(partitions)));
    }
}
