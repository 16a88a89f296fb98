package io.drivetrain.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.drivetrain.schemas.objects.ObjectLocation;
import io.drivetrain.schemas.objects.WebLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Reads {@code drivetrain.yaml}, environment variables and flags into a {@link DrivetrainConfig}: a flag wins over the
 * environment, the environment over the file, the file over the default.
 *
 * <p>Any value may be {@code ${env:NAME}} or {@code ${file:path}}, so that secrets stay out of the file.
 */
public final class ConfigReader {
    private static final String CLASSES = "classes";
    private static final String KAFKA_PROPERTIES = "kafka.properties";
    private static final String VOCABULARY = "admission.vocabulary.";
    private static final List<String> DEFAULT_CLASSES = List.of("pedestrian", "no-pedestrian");
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{(env|file):([^}]+)}");

    private final Map<String, String> environment;
    private final List<String> problems = new ArrayList<>();
    private final Map<ConfigKey, String> texts = new LinkedHashMap<>();
    private final Map<String, String> kafkaProperties = new TreeMap<>();
    private final Map<String, String> vocabularyOfOthers = new TreeMap<>();
    private List<String> classes = DEFAULT_CLASSES;

    private ConfigReader(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * Reads the configuration.
     *
     * @param yaml the file, or empty for the defaults
     * @param environment of the process
     * @param overrides by dotted path; lists comma-separated; {@code kafka.properties.NAME} for a client property,
     *     {@code admission.vocabulary.NAME} for the values of any attribute
     * @throws ConfigException with every problem found
     */
    public static DrivetrainConfig read(
            Optional<Path> yaml, Map<String, String> environment, Map<String, String> overrides) {
        ConfigReader reader = new ConfigReader(environment);
        yaml.ifPresent(reader::readFile);
        for (ConfigKey key : ConfigKey.values()) {
            String value = environment.get(key.environmentVariable());
            if (value != null) {
                reader.put(key.path(), value, "environment variable " + key.environmentVariable());
            }
        }
        String classesFromEnvironment = environment.get("DRIVETRAIN_CLASSES");
        if (classesFromEnvironment != null) {
            reader.put(CLASSES, classesFromEnvironment, "environment variable DRIVETRAIN_CLASSES");
        }
        overrides.forEach((path, value) -> reader.put(path, value, "--set " + path));
        return reader.build();
    }

    /**
     * Reads the arguments {@code --config FILE} and {@code --set key=value} that every process takes; other arguments
     * are left to the caller.
     *
     * @throws ConfigException with every problem found
     */
    public static DrivetrainConfig fromArguments(String[] arguments, Map<String, String> environment) {
        Optional<Path> file = Optional.empty();
        Map<String, String> overrides = new LinkedHashMap<>();
        List<String> malformed = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            boolean config = arguments[i].equals("--config");
            boolean set = arguments[i].equals("--set");
            if (!config && !set) {
                continue;
            }
            if (i + 1 == arguments.length) {
                malformed.add("%s needs a value; write %s"
                        .formatted(arguments[i], config ? "--config FILE" : "--set key=value"));
                break;
            }
            String value = arguments[++i];
            int equals = value.indexOf('=');
            if (config) {
                file = Optional.of(Path.of(value));
            } else if (equals < 1) {
                malformed.add("--set '%s' is not key=value; for example --set training.seed=7".formatted(value));
            } else {
                overrides.put(value.substring(0, equals), value.substring(equals + 1));
            }
        }
        if (!malformed.isEmpty()) {
            throw new ConfigException(malformed);
        }
        return read(file, environment, overrides);
    }

    /** The parser's own message draws a picture of several lines. */
    private static String whatAndWhere(JsonProcessingException e) {
        if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            return "line %d: %s".formatted(marked.getProblemMark().getLine() + 1, marked.getProblem());
        }
        int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
        return "line %d: %s"
                .formatted(line, e.getOriginalMessage().lines().findFirst().orElse(""));
    }

    private void readFile(Path file) {
        JsonNode root;
        try {
            root = new YAMLMapper().readTree(Files.readString(file));
        } catch (JsonProcessingException e) {
            problems.add("%s is not YAML (%s); correct that line".formatted(file, whatAndWhere(e)));
            return;
        } catch (IOException e) {
            problems.add("Cannot read the configuration %s (%s); check the path given with --config"
                    .formatted(file, e.getClass().getSimpleName()));
            return;
        }
        if (root == null || root.isMissingNode() || root.isNull()) {
            return;
        }
        if (!root.isObject()) {
            problems.add("%s holds no keys; it begins for example with 'kafka:'".formatted(file));
            return;
        }
        flatten("", root, file.toString());
    }

    private void flatten(String prefix, JsonNode node, String where) {
        node.properties().forEach(entry -> {
            String path = prefix.isEmpty() ? entry.getKey() : prefix + "." + entry.getKey();
            JsonNode value = entry.getValue();
            if (path.equals(CLASSES) && value.isArray()) {
                List<String> names = new ArrayList<>();
                value.forEach(name -> names.add(name.asText()));
                setClasses(names, where);
            } else if (isList(path) && value.isArray()) {
                putList(path, value, where);
            } else if (path.equals(ConfigKey.BALANCE_EXPECTED.path()) && value.isObject()) {
                StringJoiner shares = new StringJoiner(",");
                value.properties()
                        .forEach(share -> shares.add(
                                share.getKey() + "=" + share.getValue().asText()));
                put(path, shares.toString(), where);
            } else if (value.isObject()) {
                flatten(path, value, where);
            } else if (value.isValueNode()) {
                put(path, value.isNull() ? "" : value.asText(), where);
            } else {
                problems.add("%s in %s is a list; give one value".formatted(path, where));
            }
        });
    }

    private static boolean isList(String path) {
        return path.startsWith(VOCABULARY)
                || ConfigKey.at(path).map(ConfigKey::isList).orElse(false);
    }

    private void putList(String path, JsonNode elements, String where) {
        StringJoiner joined = new StringJoiner(",");
        for (JsonNode element : elements) {
            if (!element.isValueNode() || element.asText().contains(",")) {
                problems.add("%s in %s holds %s; accepted are texts without a comma".formatted(path, where, element));
                return;
            }
            joined.add(element.asText());
        }
        put(path, joined.toString(), where);
    }

    private void put(String path, String rawValue, String where) {
        Optional<String> resolved = resolve(path, rawValue);
        if (resolved.isEmpty()) {
            return;
        }
        String value = resolved.get();
        if (path.equals(CLASSES)) {
            setClasses(List.of(value.split("\\s*,\\s*")), where);
        } else if (path.startsWith(KAFKA_PROPERTIES + ".")) {
            kafkaProperties.put(path.substring(KAFKA_PROPERTIES.length() + 1), value);
        } else if (path.startsWith(VOCABULARY) && ConfigKey.at(path).isEmpty()) {
            vocabularyOfOthers.put(path, value);
        } else {
            ConfigKey.at(path).ifPresentOrElse(key -> putKnown(key, value, where), () -> unknown(path, where));
        }
    }

    private void putKnown(ConfigKey key, String value, String where) {
        if (key.accepts(value)) {
            texts.put(key, value.trim());
        } else {
            problems.add("%s is '%s' (%s); accepted is %s".formatted(key.path(), value, where, key.accepted()));
        }
    }

    private void unknown(String path, String where) {
        String nearest = nearest(path).map(p -> "; did you mean " + p + "?").orElse("");
        problems.add("Unknown key %s (%s)%s; './drivetrain config --explain' lists all keys"
                .formatted(path, where, nearest));
    }

    private void setClasses(List<String> names, String where) {
        if (names.size() < 2 || new LinkedHashSet<>(names).size() != names.size() || names.contains("")) {
            problems.add("classes is %s (%s); accepted are two or more different names".formatted(names, where));
        } else {
            classes = names;
        }
    }

    private Optional<String> resolve(String path, String value) {
        Matcher matcher = REFERENCE.matcher(value);
        StringBuilder out = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(2);
            String replacement;
            if (matcher.group(1).equals("env")) {
                replacement = environment.get(name);
                if (replacement == null) {
                    problems.add(
                            "%s refers to the environment variable %s, which is not set; set it".formatted(path, name));
                    return Optional.empty();
                }
            } else {
                try {
                    replacement = Files.readString(Path.of(name)).strip();
                } catch (IOException e) {
                    problems.add("%s refers to the file %s, which cannot be read; check path and rights"
                            .formatted(path, name));
                    return Optional.empty();
                }
            }
            matcher.appendReplacement(out, Matcher.quoteReplacement(replacement));
        }
        matcher.appendTail(out);
        return Optional.of(out.toString());
    }

    private static Optional<String> nearest(String path) {
        String best = null;
        int bestDistance = 4;
        for (ConfigKey key : ConfigKey.values()) {
            int distance = editDistance(path, key.path());
            if (distance < bestDistance) {
                bestDistance = distance;
                best = key.path();
            }
        }
        return Optional.ofNullable(best);
    }

    private static int editDistance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substitution, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[b.length()];
    }

    private String text(ConfigKey key) {
        return texts.getOrDefault(key, key.defaultText());
    }

    private int whole(ConfigKey key) {
        return Integer.parseInt(text(key));
    }

    private double real(ConfigKey key) {
        return Double.parseDouble(text(key));
    }

    private Duration duration(ConfigKey key) {
        return Duration.parse(text(key));
    }

    private List<String> list(ConfigKey key) {
        return ConfigKey.list(text(key));
    }

    private Duration durationOrZero(ConfigKey key) {
        return text(key).isEmpty() ? Duration.ZERO : duration(key);
    }

    private Map<String, String> retiredClasses() {
        Map<String, String> retired = new TreeMap<>();
        for (String element : list(ConfigKey.ADMISSION_RETIRED_CLASSES)) {
            String[] pair = element.split("\\s*=\\s*", 2);
            String replacement = pair.length == 2 ? pair[1] : "";
            retired.put(pair[0], replacement);
            if (classes.contains(pair[0])) {
                problems.add("'%s' is in classes and in %s; remove it from one of them"
                        .formatted(pair[0], ConfigKey.ADMISSION_RETIRED_CLASSES.path()));
            }
            if (!replacement.isEmpty() && !classes.contains(replacement)) {
                problems.add("%s replaces '%s' by '%s', which is none of classes; add it there or correct it"
                        .formatted(ConfigKey.ADMISSION_RETIRED_CLASSES.path(), pair[0], replacement));
            }
        }
        return retired;
    }

    private Map<String, List<String>> vocabulary() {
        Map<String, List<String>> vocabulary = new TreeMap<>();
        Map<String, String> lists = new TreeMap<>(vocabularyOfOthers);
        for (ConfigKey key : ConfigKey.values()) {
            if (key.path().startsWith(VOCABULARY)) {
                lists.put(key.path(), text(key));
            }
        }
        lists.forEach((path, text) -> {
            if (!ConfigKey.list(text).isEmpty()) {
                vocabulary.put(path.substring(VOCABULARY.length()), ConfigKey.list(text));
            }
        });
        return vocabulary;
    }

    private DrivetrainConfig build() {
        Map<String, String> retiredClasses = retiredClasses();
        checkPair(ConfigKey.ADMISSION_MIN_WIDTH, ConfigKey.ADMISSION_MAX_WIDTH);
        checkPair(ConfigKey.ADMISSION_MIN_HEIGHT, ConfigKey.ADMISSION_MAX_HEIGHT);
        if (!text(ConfigKey.STORE_TABLE).matches("[A-Za-z0-9_]+\\.[A-Za-z0-9_]+")) {
            problems.add("store.table is '%s'; accepted is namespace.name of letters, digits and _"
                    .formatted(text(ConfigKey.STORE_TABLE)));
        }
        checkObjectStore();
        checkExpectedShares();
        checkSlices();
        checkSplits();
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        Map<String, String> asText = new TreeMap<>();
        for (ConfigKey key : ConfigKey.values()) {
            asText.put(key.path(), text(key));
        }
        asText.put(CLASSES, String.join(",", classes));
        asText.putAll(vocabularyOfOthers);
        return new DrivetrainConfig(
                new DrivetrainConfig.Kafka(text(ConfigKey.KAFKA_BOOTSTRAP), kafkaProperties),
                classes,
                new DrivetrainConfig.Ingest(
                        LabelRule.parse(text(ConfigKey.INGEST_LABEL_RULE)),
                        whole(ConfigKey.INGEST_MAX_INLINE_BYTES),
                        text(ConfigKey.INGEST_LARGE_IMAGES)),
                new DrivetrainConfig.Admission(
                        whole(ConfigKey.ADMISSION_MIN_WIDTH),
                        whole(ConfigKey.ADMISSION_MIN_HEIGHT),
                        whole(ConfigKey.ADMISSION_MAX_WIDTH),
                        whole(ConfigKey.ADMISSION_MAX_HEIGHT),
                        Long.parseLong(text(ConfigKey.ADMISSION_MAX_PIXELS)),
                        duration(ConfigKey.ADMISSION_DUPLICATE_WINDOW),
                        whole(ConfigKey.ADMISSION_MAX_RECORD_BYTES),
                        list(ConfigKey.ADMISSION_FORMATS),
                        real(ConfigKey.ADMISSION_MAX_ASPECT_RATIO),
                        real(ConfigKey.ADMISSION_MAX_PIXELS_PER_BYTE),
                        retiredClasses,
                        list(ConfigKey.ADMISSION_BOX_CATEGORIES),
                        real(ConfigKey.ADMISSION_BOX_TOLERANCE),
                        duration(ConfigKey.ADMISSION_MAX_CLOCK_SKEW),
                        durationOrZero(ConfigKey.ADMISSION_MAX_AGE),
                        Boolean.parseBoolean(text(ConfigKey.ADMISSION_VERIFY_JPEG_DATA)),
                        Boolean.parseBoolean(text(ConfigKey.ADMISSION_CHECK_ATTRIBUTES_AGAINST_PIXELS)),
                        real(ConfigKey.ADMISSION_NIGHT_BRIGHTNESS),
                        vocabulary(),
                        list(ConfigKey.ADMISSION_REFERENCE_ROOTS),
                        whole(ConfigKey.ADMISSION_NEAR_DUPLICATE_BITS),
                        duration(ConfigKey.ADMISSION_NEAR_DUPLICATE_WINDOW),
                        text(ConfigKey.ADMISSION_CORRECTIONS).equals("admit")),
                new DrivetrainConfig.Image(whole(ConfigKey.IMAGE_WIDTH), whole(ConfigKey.IMAGE_HEIGHT)),
                new DrivetrainConfig.Quality(
                        real(ConfigKey.QUALITY_DARK),
                        real(ConfigKey.QUALITY_LIGHT),
                        real(ConfigKey.QUALITY_BLURRY),
                        real(ConfigKey.QUALITY_LOW_INFORMATION),
                        real(ConfigKey.QUALITY_ODD_ASPECT),
                        list(ConfigKey.QUALITY_DARK_EXPECTED)),
                splitSettings(),
                new DrivetrainConfig.ObjectStoreSettings(
                        text(ConfigKey.OBJECT_STORE_ENDPOINT),
                        text(ConfigKey.OBJECT_STORE_REGION),
                        duration(ConfigKey.OBJECT_STORE_TIMEOUT)),
                new DrivetrainConfig.Store(
                        text(ConfigKey.STORE_WAREHOUSE),
                        text(ConfigKey.STORE_TABLE),
                        text(ConfigKey.STORE_COMPRESSION),
                        Long.parseLong(text(ConfigKey.STORE_TARGET_FILE_BYTES).trim())),
                new DrivetrainConfig.Flink(
                        whole(ConfigKey.FLINK_PARALLELISM),
                        duration(ConfigKey.FLINK_CHECKPOINT_INTERVAL),
                        text(ConfigKey.FLINK_CHECKPOINT_DIRECTORY),
                        duration(ConfigKey.FLINK_BALANCE_WINDOW),
                        duration(ConfigKey.FLINK_TRANSACTION_TIMEOUT),
                        text(ConfigKey.FLINK_LOST_TRANSACTIONS).equals("accept")),
                new DrivetrainConfig.Balance(
                        whole(ConfigKey.BALANCE_WINDOW_COUNT),
                        whole(ConfigKey.BALANCE_WINDOW_DRIVES),
                        list(ConfigKey.BALANCE_SLICES),
                        whole(ConfigKey.BALANCE_MAX_SLICES),
                        expectedShares(),
                        real(ConfigKey.BALANCE_BETA),
                        real(ConfigKey.BALANCE_SIGNIFICANCE),
                        real(ConfigKey.BALANCE_MIN_EFFECT),
                        whole(ConfigKey.BALANCE_RAISE_AFTER),
                        whole(ConfigKey.BALANCE_CLEAR_AFTER),
                        duration(ConfigKey.BALANCE_STARVATION),
                        whole(ConfigKey.BALANCE_MIN_PER_CLASS_SAMPLES),
                        whole(ConfigKey.BALANCE_MIN_PER_CLASS_DRIVES),
                        whole(ConfigKey.BALANCE_MAX_SOURCES),
                        real(ConfigKey.BALANCE_SOURCE_MIN_DIFFERENCE),
                        real(ConfigKey.BALANCE_SOURCE_MIN_RATIO)),
                new DrivetrainConfig.Shift(
                        whole(ConfigKey.SHIFT_REFERENCE_MIN_DRIVES),
                        whole(ConfigKey.SHIFT_WINDOW_DRIVES),
                        whole(ConfigKey.SHIFT_SLIDE_DRIVES),
                        real(ConfigKey.SHIFT_SIGNIFICANCE),
                        whole(ConfigKey.SHIFT_RAISE_AFTER),
                        whole(ConfigKey.SHIFT_CLEAR_AFTER)),
                new DrivetrainConfig.Training(
                        text(ConfigKey.TRAINING_NETWORK),
                        real(ConfigKey.TRAINING_LEARNING_RATE),
                        whole(ConfigKey.TRAINING_BATCH_SIZE),
                        whole(ConfigKey.TRAINING_MAX_EPOCHS),
                        whole(ConfigKey.TRAINING_PATIENCE),
                        Long.parseLong(text(ConfigKey.TRAINING_SEED)),
                        whole(ConfigKey.TRAINING_THREADS),
                        real(ConfigKey.TRAINING_IRREDUCIBLE_ERROR),
                        whole(ConfigKey.TRAINING_BOOTSTRAP_REPLICATES),
                        whole(ConfigKey.TRAINING_MIN_INTERVAL_DRIVES),
                        whole(ConfigKey.TRAINING_LIMIT),
                        list(ConfigKey.TRAINING_TELEMETRY),
                        whole(ConfigKey.TRAINING_SEQUENCE_LENGTH),
                        text(ConfigKey.TRAINING_DATA),
                        text(ConfigKey.TRAINING_DOCTOR),
                        text(ConfigKey.TRAINING_DIRECTORY)),
                new DrivetrainConfig.Improve(
                        list(ConfigKey.IMPROVE_AUGMENT),
                        real(ConfigKey.IMPROVE_WEIGHT_DECAY),
                        real(ConfigKey.IMPROVE_DROPOUT),
                        text(ConfigKey.IMPROVE_CLASS_WEIGHTS),
                        text(ConfigKey.IMPROVE_RESAMPLE),
                        text(ConfigKey.IMPROVE_SCHEDULE),
                        whole(ConfigKey.IMPROVE_WARM_UP),
                        text(ConfigKey.IMPROVE_WARM_START),
                        whole(ConfigKey.IMPROVE_FREEZE)),
                new DrivetrainConfig.Analysis(
                        list(ConfigKey.ANALYSIS_METRICS),
                        list(ConfigKey.ANALYSIS_SLICES),
                        whole(ConfigKey.ANALYSIS_MIN_SLICE_DRIVES),
                        whole(ConfigKey.ANALYSIS_CONTACT_SHEETS),
                        whole(ConfigKey.ANALYSIS_LABEL_NOISE_FOLDS),
                        whole(ConfigKey.ANALYSIS_LEARNING_CURVE_POINTS)),
                new DrivetrainConfig.Retraining(
                        text(ConfigKey.RETRAINING_SCHEDULE),
                        whole(ConfigKey.RETRAINING_MIN_NEW_SOURCE_DRIVES),
                        duration(ConfigKey.RETRAINING_SETTLE)),
                asText);
    }

    private Map<String, Double> expectedShares() {
        String text = text(ConfigKey.BALANCE_EXPECTED);
        return text.isBlank() ? Map.of() : ConfigKey.shares(text).orElseThrow();
    }

    private void checkObjectStore() {
        String folder = text(ConfigKey.INGEST_LARGE_IMAGES);
        if (!folder.isEmpty()) {
            checkObjectFolder(ConfigKey.INGEST_LARGE_IMAGES, folder);
        }
        list(ConfigKey.ADMISSION_REFERENCE_ROOTS).stream()
                .filter(root -> root.matches("[A-Za-z][A-Za-z0-9+.-]*://.*"))
                .forEach(this::checkReferenceRoot);
        String endpoint = text(ConfigKey.OBJECT_STORE_ENDPOINT);
        if (!endpoint.isEmpty() && !endpoint.matches("https?://[A-Za-z0-9.\\[\\]:-]+/?")) {
            problems.add(
                    "object-store.endpoint is '%s'; accepted is http:// or https:// with host and port, for example http://minio:9000"
                            .formatted(endpoint));
        }
    }

    private void checkReferenceRoot(String root) {
        if (!WebLocation.isOne(root)) {
            checkObjectFolder(ConfigKey.ADMISSION_REFERENCE_ROOTS, root);
            return;
        }
        try {
            WebLocation.parse(root);
        } catch (IllegalArgumentException e) {
            problems.add("%s is '%s'; %s".formatted(ConfigKey.ADMISSION_REFERENCE_ROOTS.path(), root, e.getMessage()));
        }
    }

    private void checkObjectFolder(ConfigKey key, String folder) {
        try {
            ObjectLocation.parse(folder);
        } catch (IllegalArgumentException e) {
            problems.add("%s is '%s'; %s".formatted(key.path(), folder, e.getMessage()));
        }
    }

    private void checkSlices() {
        for (String entry : list(ConfigKey.BALANCE_SLICES)) {
            try {
                SliceRule.parse(entry);
            } catch (IllegalArgumentException e) {
                problems.add("%s: %s".formatted(ConfigKey.BALANCE_SLICES.path(), e.getMessage()));
            }
        }
    }

    private void checkExpectedShares() {
        Map<String, Double> expected = expectedShares();
        if (!expected.isEmpty() && !expected.keySet().equals(Set.copyOf(classes))) {
            problems.add("balance.expected names %s, the classes are %s; give a share for each class"
                    .formatted(expected.keySet(), classes));
        }
    }

    private DrivetrainConfig.SplitSettings splitSettings() {
        List<Instant> adoptFrom = ConfigKey.times(text(ConfigKey.SPLIT_ADOPT_FROM));
        return new DrivetrainConfig.SplitSettings(
                text(ConfigKey.SPLIT_SALT),
                real(ConfigKey.SPLIT_TRAIN_DEV_FRACTION),
                real(ConfigKey.SPLIT_TEST_FRACTION),
                list(ConfigKey.SPLIT_HISTORY),
                adoptFrom.isEmpty() ? null : adoptFrom.get(0),
                real(ConfigKey.SPLIT_ADOPT_FRACTION),
                ConfigKey.times(text(ConfigKey.SPLIT_ROTATE_TEST_DEV_AT)),
                durationOrZero(ConfigKey.SPLIT_EMBARGO),
                duration(ConfigKey.SPLIT_EMBARGO_BLOCK),
                SplitPlan.scope(text(ConfigKey.SPLIT_EMBARGO_SCOPE)),
                real(ConfigKey.SPLIT_PLACE_CELL),
                real(ConfigKey.SPLIT_PLACE_MARGIN),
                list(ConfigKey.SPLIT_PLACE_ATTRIBUTES),
                SplitPlan.unknownPlace(text(ConfigKey.SPLIT_UNKNOWN_PLACE)));
    }

    private void checkSplits() {
        DrivetrainConfig.SplitSettings settings = splitSettings();
        Instant before = null;
        for (int i = 0; i < settings.history().size(); i++) {
            String where = ConfigKey.SPLIT_HISTORY.path() + "[" + i + "]";
            try {
                SplitPlan plan = SplitPlan.parse(settings.history().get(i));
                plan.problem().ifPresent(problem -> problems.add(where + ": " + problem));
                Instant until = plan.until().orElseThrow();
                if (before != null && !until.isAfter(before)) {
                    problems.add("%s ends at %s, the plan before it at %s; sort them, oldest first"
                            .formatted(where, until, before));
                }
                before = until;
            } catch (IllegalArgumentException e) {
                problems.add(where + ": " + e.getMessage());
            }
        }
        SplitPlan.of(settings).problem().ifPresent(problem -> problems.add("split: " + problem));
        if (settings.adoptFraction() > 0 && settings.adoptFrom() == null) {
            problems.add(
                    "split.adopt-fraction is %s without split.adopt-from; set it to the time from which TARGET drives may go to train, after the last one that was evaluated"
                            .formatted(settings.adoptFraction()));
        }
    }

    private void checkPair(ConfigKey low, ConfigKey high) {
        if (Long.parseLong(text(low)) > Long.parseLong(text(high))) {
            problems.add(
                    "%s is %s, above %s of %s; lower it".formatted(low.path(), text(low), high.path(), text(high)));
        }
    }
}
