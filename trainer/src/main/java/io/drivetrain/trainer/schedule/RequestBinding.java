package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.RequestKeys;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.trainer.assemble.Offsets;
import io.drivetrain.trainer.publish.Publisher;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Makes of a request what a run needs to come out the same whenever it is repeated; or says why it cannot be run. */
sealed interface RequestBinding {
    /** With the model that {@code champion} stands for now, and with the data and keys of a model to reproduce. */
    record Bound(PendingRequest request) implements RequestBinding {}

    /** The reason is a sentence. */
    record Refused(String reason) implements RequestBinding {}

    /**
     * @param base of the trainer
     * @param models that were published, by id
     * @param champion what the alias stands for now
     */
    static RequestBinding of(
            PendingRequest request,
            DrivetrainConfig base,
            Map<String, ModelPublished> models,
            Optional<ModelAlias> champion) {
        Optional<String> foreign = foreignTopic(request);
        if (foreign.isPresent()) {
            return new Refused(foreign.get());
        }
        PendingRequest bound = request;
        if (request.reproduces().isPresent()) {
            ModelPublished model = models.get(request.reproduces().get());
            if (model == null) {
                return new Refused("There is no model '%s' to reproduce; known are %s"
                        .formatted(request.reproduces().get(), models.keySet()));
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
        RunConfig decided = RunConfig.of(base, bound.overrides());
        if (decided instanceof RunConfig.Refused refused) {
            return new Refused(refused.reason());
        }
        String warmStart = ((RunConfig.Accepted) decided).config().improve().warmStart();
        if (warmStart.equals(Publisher.CHAMPION)) {
            Map<String, String> keys = new TreeMap<>(bound.overrides());
            // The first model has no champion before it, and begins with fresh weights.
            keys.put("improve.warm-start", champion.map(ModelAlias::getModelId).orElse(""));
            bound = bound.withOverrides(keys);
        }
        return new Bound(bound);
    }

    private static Optional<String> foreignTopic(PendingRequest request) {
        List<String> splits = Arrays.stream(Split.values())
                .map(split -> Topic.of(split).topicName())
                .toList();
        return request.upTo().stream()
                .flatMap(offsets -> offsets.asMap().keySet().stream())
                .filter(partition -> !splits.contains(partition.topic()))
                .findFirst()
                .map(partition -> "The request names offsets of %s; data comes from %s".formatted(partition, splits));
    }
}
