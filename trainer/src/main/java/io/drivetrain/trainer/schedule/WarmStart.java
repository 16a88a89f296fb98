package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.ModelPublished;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The weights that a run begins with. */
sealed interface WarmStart {
    /** Fresh weights. */
    record Fresh() implements WarmStart {}

    /** Those of a model in a folder. */
    record From(Path model) implements WarmStart {}

    /** There is no such model; the reason is a sentence. */
    record Unknown(String reason) implements WarmStart {}

    /** The folder to load from, if there is one. */
    default Optional<Path> folder() {
        return this instanceof From from ? Optional.of(from.model()) : Optional.empty();
    }

    /**
     * @param modelId empty for fresh weights
     * @param models that were published, by id
     */
    static WarmStart of(String modelId, Map<String, ModelPublished> models) {
        if (modelId.isEmpty()) {
            return new Fresh();
        }
        ModelPublished model = models.get(modelId);
        if (model == null) {
            return new Unknown("There is no model '%s' to start from; known are: %s"
                    .formatted(modelId, String.join(", ", models.keySet())));
        }
        Path folder = Path.of(URI.create(model.getUri()));
        return Files.isDirectory(folder)
                ? new From(folder)
                : new Unknown("The folder of model %s is gone (%s); start from another of %s"
                        .formatted(modelId, folder, models.keySet()));
    }
}
