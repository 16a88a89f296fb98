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
import java.util.StringJoiner;
import java.util.function.Function;

/**
 * How drives that begin before a certain time are dealt to the splits. Plans of the past are kept, because a drive must
 * not leave an evaluation split when a fraction changes.
 *
 * @param until the first start of a drive that another plan deals; empty for the plan of today
 * @param trainDevFraction share of SOURCE drives that go to train-dev, 0..1
 * @param testFraction share of TARGET drives that go to test, 0..1
 * @param adoptFraction share of TARGET drives that go to train, 0..1; the remaining ones go to test-dev
 * @param adoptFrom start of the first TARGET drive that may go to train; empty: none goes
 * @param scheme where the position of a drive comes from; positions of different schemes are unrelated
 */
public record SplitPlan(
        Optional<Instant> until,
        double trainDevFraction,
        double testFraction,
        double adoptFraction,
        Optional<Instant> adoptFrom,
        Scheme scheme) {
    private static final String UNTIL = "until=";
    private static final String NO_EMBARGO = "none";
    private static final Set<ConfigKey> ALWAYS = EnumSet.of(
            ConfigKey.SPLIT_SALT,
            ConfigKey.SPLIT_TRAIN_DEV_FRACTION,
            ConfigKey.SPLIT_TEST_FRACTION,
            ConfigKey.SPLIT_ADOPT_FRACTION,
            ConfigKey.SPLIT_EMBARGO);
    private static final Set<ConfigKey> WITH_EMBARGO = EnumSet.of(
            ConfigKey.SPLIT_EMBARGO_BLOCK,
            ConfigKey.SPLIT_EMBARGO_SCOPE,
            ConfigKey.SPLIT_PLACE_CELL,
            ConfigKey.SPLIT_PLACE_MARGIN,
            ConfigKey.SPLIT_UNKNOWN_PLACE);
    private static final Set<ConfigKey> KEYS = keys();

    private static Set<ConfigKey> keys() {
        Set<ConfigKey> keys = EnumSet.of(ConfigKey.SPLIT_ADOPT_FROM);
        keys.addAll(ALWAYS);
        keys.addAll(WITH_EMBARGO);
        return keys;
    }

    /** Which drives an embargo keeps apart. */
    public enum Scope {
        /** Drives of the same domain. */
        DOMAIN,
        /** Any two drives: where and when SOURCE drives train, no TARGET drive is evaluated. */
        ALL
    }

    /** What an embargo makes of drives without a place. */
    public enum UnknownPlace {
        /** They are dealt one by one: the embargo does not reach them. */
        NONE,
        /** They all count as at one place, of which nothing else is known. */
        ONE_PLACE
    }

    /**
     * Where the position of a drive comes from.
     *
     * @param embargo time within which two drives that begin at one place must be on one side; zero for none
     * @param block length of the time blocks that are dealt whole
     * @param cell side of the cells that are dealt whole, in degrees
     * @param margin distance within which two drives begin at one place, in degrees
     */
    public record Scheme(
            String salt,
            Duration embargo,
            Duration block,
            Scope scope,
            double cell,
            double margin,
            UnknownPlace unknownPlace)
            implements Serializable {
        /** Without an embargo only the salt counts, so that two such schemes with one salt are equal. */
        public Scheme {
            if (embargo.isZero()) {
                block = Duration.parse(ConfigKey.SPLIT_EMBARGO_BLOCK.defaultText());
                scope = SplitPlan.scope(ConfigKey.SPLIT_EMBARGO_SCOPE.defaultText());
                cell = Double.parseDouble(ConfigKey.SPLIT_PLACE_CELL.defaultText());
                margin = Double.parseDouble(ConfigKey.SPLIT_PLACE_MARGIN.defaultText());
                unknownPlace = SplitPlan.unknownPlace(ConfigKey.SPLIT_UNKNOWN_PLACE.defaultText());
            }
        }
    }

    /** The plan of today. */
    static SplitPlan of(DrivetrainConfig.SplitSettings settings) {
        return new SplitPlan(
                Optional.empty(),
                settings.trainDevFraction(),
                settings.testFraction(),
                settings.adoptFraction(),
                Optional.ofNullable(settings.adoptFrom()),
                new Scheme(
                        settings.salt(),
                        settings.embargo(),
                        settings.embargoBlock(),
                        settings.embargoScope(),
                        settings.placeCell(),
                        settings.placeMargin(),
                        settings.unknownPlace()));
    }

    /**
     * Reads a plan of the past: {@code until=2026-12-01T00:00:00Z salt=2026-11 train-dev-fraction=0.2 test-fraction=0.5
     * adopt-fraction=0 embargo=none}. Names are those of the keys below {@code split}. A plan says all of its values, as
     * those of today are not the ones that its drives were dealt by: with adoption also adopt-from, with an embargo also
     * embargo-block, embargo-scope, place-cell, place-margin and unknown-place.
     *
     * @throws IllegalArgumentException with what is wrong and what is accepted
     */
    public static SplitPlan parse(String text) {
        SplitPlan plan = parseAny(text);
        if (plan.until.isEmpty()) {
            throw new IllegalArgumentException(
                    "'%s' does not say until when it was in force; begin it with until=2026-12-01T00:00:00Z"
                            .formatted(text));
        }
        return plan;
    }

    /**
     * Reads what {@link #asText} wrote; a plan without {@code until} is in force.
     *
     * @throws IllegalArgumentException with what is wrong and what is accepted
     */
    public static SplitPlan parseAny(String text) {
        Optional<Instant> until = Optional.empty();
        Map<ConfigKey, String> values = new EnumMap<>(ConfigKey.class);
        for (String part : text.strip().split("\\s+")) {
            if (part.startsWith(UNTIL)) {
                until = Optional.of(instant(part.substring(UNTIL.length())));
            } else {
                put(part, values);
            }
        }
        requireAll(text, values);
        return read(until, key -> values.getOrDefault(key, key.defaultText()));
    }

    private static void put(String part, Map<ConfigKey, String> values) {
        int equals = part.indexOf('=');
        Optional<ConfigKey> key = equals < 1 ? Optional.empty() : ConfigKey.at("split." + part.substring(0, equals));
        if (key.isEmpty() || !KEYS.contains(key.get())) {
            throw new IllegalArgumentException(
                    "'%s' is no part of a plan; accepted are until and %s, each as NAME=VALUE"
                            .formatted(part, names(KEYS)));
        }
        String value = part.substring(equals + 1);
        if (key.get() == ConfigKey.SPLIT_EMBARGO && value.equals(NO_EMBARGO)) {
            value = "";
        }
        if (!key.get().accepts(value)) {
            throw new IllegalArgumentException("%s is '%s'; accepted is %s"
                    .formatted(
                            name(key.get()),
                            value,
                            key.get() == ConfigKey.SPLIT_EMBARGO
                                    ? "a duration above zero, for example PT30M, or " + NO_EMBARGO
                                    : key.get().accepted()));
        }
        values.put(key.get(), value);
    }

    private static void requireAll(String text, Map<ConfigKey, String> values) {
        Set<ConfigKey> missing = EnumSet.copyOf(ALWAYS);
        if (!values.getOrDefault(ConfigKey.SPLIT_EMBARGO, "").isEmpty()) {
            missing.addAll(WITH_EMBARGO);
        }
        if (Double.parseDouble(values.getOrDefault(ConfigKey.SPLIT_ADOPT_FRACTION, "0")) > 0) {
            missing.add(ConfigKey.SPLIT_ADOPT_FROM);
        }
        missing.removeAll(values.keySet());
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(
                    "'%s' lacks %s; a plan of the past says all of its values, because today's may be others: './drivetrain split --plan', run before the change, shows the whole line"
                            .formatted(text, names(missing)));
        }
    }

    private static String names(Set<ConfigKey> keys) {
        return String.join(", ", keys.stream().map(SplitPlan::name).toList());
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
                ConfigKey.times(text.apply(ConfigKey.SPLIT_ADOPT_FROM)).stream().findFirst(),
                new Scheme(
                        text.apply(ConfigKey.SPLIT_SALT),
                        duration(text.apply(ConfigKey.SPLIT_EMBARGO)),
                        duration(text.apply(ConfigKey.SPLIT_EMBARGO_BLOCK)),
                        scope(text.apply(ConfigKey.SPLIT_EMBARGO_SCOPE)),
                        Double.parseDouble(text.apply(ConfigKey.SPLIT_PLACE_CELL)),
                        Double.parseDouble(text.apply(ConfigKey.SPLIT_PLACE_MARGIN)),
                        unknownPlace(text.apply(ConfigKey.SPLIT_UNKNOWN_PLACE))));
    }

    static Scope scope(String text) {
        return Scope.valueOf(text.toUpperCase(Locale.ROOT));
    }

    static UnknownPlace unknownPlace(String text) {
        return UnknownPlace.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    private static Duration duration(String text) {
        return text.isBlank() ? Duration.ZERO : Duration.parse(text.trim());
    }

    private static String name(ConfigKey key) {
        return key.path().substring("split.".length());
    }

    /** Returns the line that a person adds to split.history when another plan takes over at a time. */
    public String asHistory(Instant takeover) {
        return new SplitPlan(Optional.of(takeover), trainDevFraction, testFraction, adoptFraction, adoptFrom, scheme)
                .asText();
    }

    /** Returns the plan as {@link #parseAny} reads it. */
    public String asText() {
        StringJoiner text = new StringJoiner(" ");
        until.ifPresent(time -> text.add(UNTIL + time));
        add(text, ConfigKey.SPLIT_SALT, scheme.salt);
        add(text, ConfigKey.SPLIT_TRAIN_DEV_FRACTION, Double.toString(trainDevFraction));
        add(text, ConfigKey.SPLIT_TEST_FRACTION, Double.toString(testFraction));
        add(text, ConfigKey.SPLIT_ADOPT_FRACTION, Double.toString(adoptFraction));
        adoptFrom.ifPresent(time -> add(text, ConfigKey.SPLIT_ADOPT_FROM, time.toString()));
        add(text, ConfigKey.SPLIT_EMBARGO, scheme.embargo.isZero() ? NO_EMBARGO : scheme.embargo.toString());
        if (!scheme.embargo.isZero()) {
            add(text, ConfigKey.SPLIT_EMBARGO_BLOCK, scheme.block.toString());
            add(text, ConfigKey.SPLIT_EMBARGO_SCOPE, scheme.scope.name().toLowerCase(Locale.ROOT));
            add(text, ConfigKey.SPLIT_PLACE_CELL, Double.toString(scheme.cell));
            add(text, ConfigKey.SPLIT_PLACE_MARGIN, Double.toString(scheme.margin));
            add(
                    text,
                    ConfigKey.SPLIT_UNKNOWN_PLACE,
                    scheme.unknownPlace.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        return text.toString();
    }

    private static void add(StringJoiner text, ConfigKey key, String value) {
        text.add(name(key) + "=" + value);
    }

    /** Returns what is wrong with the plan, or empty. */
    Optional<String> problem() {
        if (scheme.salt.matches(".*[\\s,].*")) {
            return Optional.of(
                    "salt '%s' holds a blank or a comma, so that split.history could not say it; choose another"
                            .formatted(scheme.salt));
        }
        if (testFraction + adoptFraction > 1) {
            return Optional.of(
                    "test-fraction %s and adopt-fraction %s sum to more than 1; lower one so that test-dev gets a share"
                            .formatted(testFraction, adoptFraction));
        }
        if (scheme.block.toMillis() == 0) {
            return Optional.of(
                    "embargo-block %s is less than a millisecond, and times are counted in those; lengthen it"
                            .formatted(scheme.block));
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
