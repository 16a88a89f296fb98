package io.drivetrain.trainer.assemble;

import java.util.List;
import java.util.Optional;

/**
 * Which of the stored samples a run uses, and in what form.
 *
 * @param classes names of the classes in the order of their indices; a sample of another class is left out and counted
 * @param limit most samples of train, 0 for all: whole drives in the order of a hash of their id, the last one cut short,
 *     so that a smaller limit gives a subset of a larger one
 * @param size rows and columns that pixels are averaged down to; empty for those stored
 * @param telemetry names of the numbers that a network reads, in the order it reads them
 */
public record Selection(List<String> classes, int limit, Optional<PixelShape> size, List<String> telemetry) {
    public Selection {
        classes = List.copyOf(classes);
        telemetry = List.copyOf(telemetry);
        if (limit < 0) {
            throw new IllegalArgumentException("training.limit is %d; it must be 0 or more".formatted(limit));
        }
    }

    /** All samples of some classes, as they are stored. */
    public static Selection of(List<String> classes) {
        return new Selection(classes, 0, Optional.empty(), List.of());
    }
}
