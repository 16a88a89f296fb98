package io.drivetrain.schemas;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * How drives that begin before a certain time are dealt to the splits. Plans of the past are kept, because a drive must
 * not leave an evaluation split when a fraction changes.
 *
 * @param until the first start of a drive that another plan deals; empty for the plan of today
 * @param trainDevFraction share of SOURCE drives that go to train-dev, 0..1
 * @param testFraction share of TARGET drives that go to test, 0..1
 * @param adoptFraction share of TARGET drives that go to train, 0..1; the remaining ones go to test-dev
 * @param scheme where the position of a drive comes from; positions of different schemes are unrelated
 */
public record SplitPlan(
        Optional<Instant> until, double trainDevFraction, double testFraction, double adoptFraction, Scheme scheme) {
    private static final String UNTIL = "until=";
    private static final Set<ConfigKey> KEYS = EnumSet.of(
            ConfigKey.SPLIT_SALT,
            ConfigKey.SPLIT_TRAIN_DEV_FRACTION,
            ConfigKey.SPLIT_TEST_FRACTION,
            ConfigKey.SPLIT_ADOPT_FRACTION,
            ConfigKey.SPLIT_EMBARGO,
            ConfigKey.SPLIT_EMBARGO_BLOCK,
            ConfigKey.SPLIT_EMBARGO_SCOPE,
            ConfigKey.SPLIT_PLACE_CELL,
            ConfigKey.SPLIT_PLACE_MARGIN);

    /** Which drives an embargo keeps apart. */
    public enum Scope {
        /** Drives of the same domain. */
        DOMAIN,
        /** Any two drives: where and when SOURCE drives train, no TARGET drive is evaluated. */
        ALL
    }

    /**
     * Where the position of a drive comes from.
     *
     * @param embargo time within which two drives that begin at one place must be on one side; zero for none
     * @param block length of the time blocks that are dealt whole
     * @param cell side of the cells that are dealt whole, in degrees
     * @param margin distance within which two drives begin at one place, in degrees
     */
    public record Scheme(String salt, Duration embargo, Duration block, Scope scope, double cell, double margin)
            implements Serializable {}

    /** The plan of today. */
    static SplitPlan of(DrivetrainConfig.SplitSettings settings) {
        return new SplitPlan(
                Optional.empty(),
                settings.trainDevFraction(),
                settings.testFraction(),
                settings.adoptFraction(),
                new Scheme(
                        settings.salt(),
                        settings.embargo(),
                        settings.embargoBlock(),
                        settings.embargoScope(),
                        settings.placeCell(),
                        settings.placeMargin()));
    }

    /**
     * Reads {@code until=2026-12-01T00:00:00Z train-dev-fraction=0.2 test-fraction=0.5}: names are those of the keys
     * below {@code split}, those left out have the keys' defaults.
     *
     * @throws IllegalArgumentException with what is wrong and what is accepted
     */
    public static SplitPlan parse(String text) {
        Instant until = null;
        Map<ConfigKey, String> values = new EnumMap<>(ConfigKey.class);
        for (String part : text.strip().split("\\s+")) {
            if (part.startsWith(UNTIL)) {
                until = instant(part.substring(UNTIL.length()));
                continue;
            }
            int equals = part.indexOf('=');
            Optional<ConfigKey> key =
                    equals < 1 ? Optional.empty() : ConfigKey.at("split." + part.substring(0, equals));
            String value = part.substring(equals + 1);
            if (key.isEmpty() || !KEYS.contains(key.get())) {
                throw new IllegalArgumentException(
                        "'%s' is no part of a plan; accepted are until and %s, each as NAME=VALUE"
                                .formatted(
                                        part,
                                        String.join(
                                                ", ",
                                                KEYS.stream()
                                                        .map(SplitPlan::name)
                                                        .toList())));
            }
            if (!key.get().accepts(value)) {
                throw new IllegalArgumentException("%s is '%s'; accepted is %s"
                        .formatted(name(key.get()), value, key.get().accepted()));
            }
            values.put(key.get(), value);
        }
        if (until == null) {
            throw new IllegalArgumentException(
                    "'%s' does not say until when it was in force; begin it with until=2026-12-01T00:00:00Z"
                            .formatted(text));
        }
        return read(Optional.of(until), key -> values.getOrDefault(key, key.defaultText()));
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "until is '%s'; accepted is a time in UTC, for example 2026-12-01T00:00:00Z".formatted(text), e);
        }
    }

    private static SplitPlan read(Optional<Instant> until, Function<ConfigKey, String> text) {
        return new SplitPlan(
                until,
                Double.parseDouble(text.apply(ConfigKey.SPLIT_TRAIN_DEV_FRACTION)),
                Double.parseDouble(text.apply(ConfigKey.SPLIT_TEST_FRACTION)),
                Double.parseDouble(text.apply(ConfigKey.SPLIT_ADOPT_FRACTION)),
                new Scheme(
                        text.apply(ConfigKey.SPLIT_SALT),
                        duration(text.apply(ConfigKey.SPLIT_EMBARGO)),
                        duration(text.apply(ConfigKey.SPLIT_EMBARGO_BLOCK)),
                        scope(text.apply(ConfigKey.SPLIT_EMBARGO_SCOPE)),
                        Double.parseDouble(text.apply(ConfigKey.SPLIT_PLACE_CELL)),
                        Double.parseDouble(text.apply(ConfigKey.SPLIT_PLACE_MARGIN))));
    }

    static Scope scope(String text) {
        return Scope.valueOf(text.toUpperCase(Locale.ROOT));
    }

    private static Duration duration(String text) {
        return text.isBlank() ? Duration.ZERO : Duration.parse(text.trim());
    }

    private static String name(ConfigKey key) {
        return key.path().substring("split.".length());
    }

    /** Returns what a person adds to split.history when another plan takes over at a time. */
    public String asHistory(Instant takeover) {
        StringBuilder text = new StringBuilder(UNTIL).append(takeover);
        add(text, ConfigKey.SPLIT_SALT, scheme.salt);
        add(text, ConfigKey.SPLIT_TRAIN_DEV_FRACTION, Double.toString(trainDevFraction));
        add(text, ConfigKey.SPLIT_TEST_FRACTION, Double.toString(testFraction));
        add(text, ConfigKey.SPLIT_ADOPT_FRACTION, Double.toString(adoptFraction));
        add(text, ConfigKey.SPLIT_EMBARGO, scheme.embargo.isZero() ? "" : scheme.embargo.toString());
        if (!scheme.embargo.isZero()) {
            add(text, ConfigKey.SPLIT_EMBARGO_BLOCK, scheme.block.toString());
            add(text, ConfigKey.SPLIT_EMBARGO_SCOPE, scheme.scope.name().toLowerCase(Locale.ROOT));
            add(text, ConfigKey.SPLIT_PLACE_CELL, Double.toString(scheme.cell));
            add(text, ConfigKey.SPLIT_PLACE_MARGIN, Double.toString(scheme.margin));
        }
        return text.toString();
    }

    // Values equal to the default are said too: a later version may have another default.
    private static void add(StringBuilder text, ConfigKey key, String value) {
        if (!value.isEmpty()) {
            text.append(' ').append(name(key)).append('=').append(value);
        }
    }

    /** Returns what is wrong with the plan, or empty. */
    Optional<String> problem() {
        if (testFraction + adoptFraction > 1) {
            return Optional.of(
                    "test-fraction %s and adopt-fraction %s sum to more than 1; lower one so that test-dev gets a share"
                            .formatted(testFraction, adoptFraction));
        }
        if (!scheme.embargo.isZero() && scheme.embargo.multipliedBy(2).compareTo(scheme.block) > 0) {
            return Optional.of("embargo %s is longer than half of embargo-block %s; lengthen the block"
                    .formatted(scheme.embargo, scheme.block));
        }
        if (scheme.margin * 2 > scheme.cell) {
            return Optional.of("place-margin %s is more than half of place-cell %s; enlarge the cell"
                    .formatted(scheme.margin, scheme.cell));
        }
        return Optional.empty();
    }
}
