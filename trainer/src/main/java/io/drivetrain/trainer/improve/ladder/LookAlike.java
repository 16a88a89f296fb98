package io.drivetrain.trainer.improve.ladder;

import io.drivetrain.schemas.SliceAnalysis;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The augmentation that makes training images look like those of a slice. */
final class LookAlike {
    private static final String NIGHT = "night";
    private static final String REFLECTIONS = "reflections";
    private static final Set<String> NIGHT_WORDS = Set.of("night", "nighttime", "dark", "darkness");
    private static final Set<String> REFLECTION_WORDS =
            Set.of("rain", "rainy", "wet", "glare", "reflection", "reflections");
    private static final Set<String> YES = Set.of("true", "yes", "1");
    private static final Pattern MEASUREMENT = Pattern.compile("(\\w+)([<>]).*");
    private static final Pattern CLUSTER = Pattern.compile("cluster \\d+ \\((.*)\\)");

    private LookAlike() {}

    /** Name of the augmentation; empty where none imitates the slice. */
    static Optional<String> of(SliceAnalysis slice) {
        return switch (slice.getKind()) {
            case ATTRIBUTE -> ofAttribute(slice.getSlice());
            case MEASUREMENT -> ofMeasurement(slice.getSlice());
            case CLUSTER -> ofCluster(slice.getSlice());
        };
    }

    private static Optional<String> ofAttribute(String rule) {
        int equals = rule.indexOf('=');
        if (equals < 0) {
            return Optional.empty();
        }
        String value = rule.substring(equals + 1).toLowerCase(Locale.ROOT);
        String telling = YES.contains(value) ? rule.substring(0, equals) : value;
        List<String> words = Arrays.asList(telling.toLowerCase(Locale.ROOT).split("[^\\p{L}]+"));
        return words.stream().anyMatch(NIGHT_WORDS::contains)
                ? Optional.of(NIGHT)
                : words.stream().anyMatch(REFLECTION_WORDS::contains) ? Optional.of(REFLECTIONS) : Optional.empty();
    }

    private static Optional<String> ofMeasurement(String rule) {
        Matcher parts = MEASUREMENT.matcher(rule);
        if (!parts.matches()) {
            return Optional.empty();
        }
        return switch (parts.group(1) + parts.group(2)) {
            case "brightness<", "darkShare>" -> Optional.of(NIGHT);
            case "glareShare>" -> Optional.of(REFLECTIONS);
            default -> Optional.empty();
        };
    }

    private static Optional<String> ofCluster(String name) {
        Matcher common = CLUSTER.matcher(name);
        return common.matches()
                ? Arrays.stream(common.group(1).split(", "))
                        .flatMap(part -> ofAttribute(part).stream())
                        .findFirst()
                : Optional.empty();
    }
}
