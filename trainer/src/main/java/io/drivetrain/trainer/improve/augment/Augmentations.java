package io.drivetrain.trainer.improve.augment;

import io.drivetrain.trainer.improve.RandomStreams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What is done to every training image in every epoch.
 *
 * @param steps each kind at most once, in the order of {@link Augmentation}
 */
public record Augmentations(List<Step> steps) {
    /** Leaves images as they are. */
    public static final Augmentations NONE = new Augmentations(List.of());

    /** @param strength 0 to 1 */
    public record Step(Augmentation kind, double strength) {
        public Step {
            if (!(strength >= 0 && strength <= 1)) {
                throw new IllegalArgumentException("The strength of %s in improve.augment is %s; it must be 0 to 1"
                        .formatted(kind.word(), strength));
            }
        }
    }

    public Augmentations {
        steps = steps.stream().sorted(Comparator.comparing(Step::kind)).toList();
        for (int i = 1; i < steps.size(); i++) {
            if (steps.get(i).kind() == steps.get(i - 1).kind()) {
                throw new IllegalArgumentException("improve.augment names %s twice; name it once"
                        .formatted(steps.get(i).kind().word()));
            }
        }
    }

    /**
     * Reads {@code improve.augment}.
     *
     * @param texts names, each alone or with its strength: {@code flip}, {@code brightness=0.3}
     * @throws IllegalArgumentException naming what is wrong with each text that cannot be read
     */
    public static Augmentations parse(List<String> texts) {
        List<Step> steps = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (String text : texts) {
            try {
                steps.add(parse(text));
            } catch (IllegalArgumentException e) {
                problems.add(e.getMessage());
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        return new Augmentations(steps);
    }

    private static Step parse(String text) {
        int equals = text.indexOf('=');
        String word = (equals < 0 ? text : text.substring(0, equals)).strip();
        Augmentation kind = Arrays.stream(Augmentation.values())
                .filter(known -> known.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "Unknown augmentation '%s' in improve.augment; known are %s, each alone or with its strength 0 to 1: brightness=0.3"
                                .formatted(word, known())));
        if (equals < 0) {
            return new Step(kind, kind.usualStrength());
        }
        String strength = text.substring(equals + 1).strip();
        try {
            return new Step(kind, Double.parseDouble(strength));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "The strength of %s in improve.augment is '%s'; it must be a number from 0 to 1, for example %s=%s"
                            .formatted(word, strength, word, kind.usualStrength()),
                    e);
        }
    }

    private static String known() {
        return Arrays.stream(Augmentation.values()).map(Augmentation::word).collect(Collectors.joining(", "));
    }

    /** Whether nothing is done. */
    public boolean isEmpty() {
        return steps.isEmpty();
    }

    /** Whether a kind is among the steps. */
    public boolean contains(Augmentation kind) {
        return steps.stream().anyMatch(step -> step.kind() == kind);
    }

    /**
     * Changes one sample, as a function of the arguments alone.
     *
     * @param chw {@code channels × height × width} unsigned bytes, which stay as they are
     * @param draw coordinates of this use of the sample, for example its epoch, index and position: other coordinates,
     *     other changes
     * @return the changed pixels
     */
    public byte[] apply(byte[] chw, int channels, int height, int width, long seed, long... draw) {
        Image image = new Image(channels, height, width, chw);
        long drawSeed = RandomStreams.seedAt(seed, draw);
        for (Step step : steps) {
            // A stream for each kind, so that one more kind leaves the draws of the others alone.
            image = step.kind()
                    .apply(
                            image,
                            step.strength(),
                            RandomStreams.at(drawSeed, step.kind().ordinal()));
        }
        return image.values();
    }

    /** As the configuration writes it. */
    @Override
    public String toString() {
        return steps.stream()
                .map(step -> step.kind().word() + "=" + step.strength())
                .collect(Collectors.joining(","));
    }
}
