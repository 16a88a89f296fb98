package io.drivetrain.trainer.improve.ladder;

import java.util.List;
import java.util.Map;

/**
 * What limits the choice of a step beside the keys of the run.
 *
 * @param classes names
 * @param smallestImages fewest rows and columns by name of the network; one that is missing takes any image
 * @param trainSamples those of train with the ones that {@code training.limit} leaves out; 0: not known
 */
public record Surroundings(List<String> classes, Map<String, Integer> smallestImages, long trainSamples) {
    /** Nothing is known to be in the way. */
    public static final Surroundings UNKNOWN = new Surroundings(List.of(), Map.of(), 0);

    public Surroundings {
        classes = List.copyOf(classes);
        smallestImages = Map.copyOf(smallestImages);
    }
}
