package io.drivetrain.trainer.improve.ladder;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Whether a mirrored image keeps its label. */
final class Mirroring {
    private static final List<String> SIDES = List.of("left", "right");

    private Mirroring() {}

    /** False where a class speaks of left or right, as in {@code turn-left} or {@code keepRight}, not in {@code bright}. */
    static boolean keepsLabels(List<String> classes) {
        return classes.stream()
                .flatMap(Mirroring::words)
                .noneMatch(word -> SIDES.stream().anyMatch(word::startsWith));
    }

    private static Stream<String> words(String name) {
        return Arrays.stream(name.split("[^\\p{L}]+|(?<=\\p{Ll})(?=\\p{Lu})"))
                .map(word -> word.toLowerCase(Locale.ROOT));
    }
}
