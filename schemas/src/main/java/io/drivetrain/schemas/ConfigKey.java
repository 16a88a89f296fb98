package io.drivetrain.schemas;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Every key of {@code drivetrain.yaml} with its meaning, unit, default and what is accepted. One list serves reading,
 * checking, overriding and {@code ./drivetrain config --explain}.
 */
public enum ConfigKey {
    KAFKA_BOOTSTRAP("kafka.bootstrap", Kind.TEXT, "127.0.0.1:9092", "Kafka brokers, host:port, comma-separated."),
    INGEST_LABEL_RULE(
            "ingest.label-rule",
            Kind.LABEL_RULE,
            "pedestrian if pedestrian|person|person_sitting else no-pedestrian",
            "How an image that comes with boxes and without a class gets its class; categories without regard to case. An empty rule gives none."),
    INGEST_MAX_INLINE_BYTES(
            "ingest.max-inline-bytes",
            0,
            15_000_000,
            "8000000",
            "Larger image files are sent as URI, length and SHA-256, in bytes; every task manager must then be able to read the file, or see ingest.large-images."),
    INGEST_LARGE_IMAGES(
            "ingest.large-images",
            Kind.TEXT_OR_EMPTY,
            "",
            "Folder of an object store that larger image files are copied to, s3://BUCKET/FOLDER, and which admission.reference-roots must name; empty: they stay where they are."),
    ADMISSION_MIN_WIDTH("admission.min-width", 1, 65_535, "16", "Narrowest image admitted, in pixels."),
    ADMISSION_MIN_HEIGHT("admission.min-height", 1, 65_535, "16", "Lowest image admitted, in pixels."),
    ADMISSION_MAX_WIDTH("admission.max-width", 1, 65_535, "8192", "Widest image admitted, in pixels."),
    ADMISSION_MAX_HEIGHT("admission.max-height", 1, 65_535, "8192", "Highest image admitted, in pixels."),
    ADMISSION_MAX_PIXELS(
            "admission.max-pixels", 1, 1_000_000_000, "40000000", "Most pixels of an image that is decoded at all."),
    ADMISSION_DUPLICATE_WINDOW(
            "admission.duplicate-window",
            Kind.DURATION,
            "P30D",
            "How long a sample id, and the bytes of an image, count as seen; which side of train and evaluation a picture is on is kept longer, see admission.near-duplicate-window."),
    ADMISSION_MAX_RECORD_BYTES(
            "admission.max-record-bytes",
            1024,
            1_000_000_000,
            "33554432",
            "Largest record admitted, in bytes; the broker's own limit for samples.rejected must be larger."),
    ADMISSION_FORMATS(
            "admission.formats", Kind.LIST, List.of("jpeg", "png"), "jpeg,png", "Encodings of images admitted."),
    ADMISSION_MAX_ASPECT_RATIO(
            "admission.max-aspect-ratio", 1.0, 65_535.0, "10", "Long side of an image over its short side, at most."),
    ADMISSION_MAX_PIXELS_PER_BYTE(
            "admission.max-pixels-per-byte",
            1.0,
            1e9,
            "300",
            "An image above 3840 x 2160 pixels that claims more pixels than this for each of its bytes is a bomb."),
    ADMISSION_RETIRED_CLASSES(
            "admission.retired-classes",
            Kind.LIST,
            List.of(),
            "",
            "Classes that are no longer used, each alone or with its replacement: tram, cyclist=rider."),
    ADMISSION_BOX_CATEGORIES(
            "admission.box-categories", Kind.LIST, List.of(), "", "Categories that boxes may have; empty: any."),
    ADMISSION_BOX_TOLERANCE(
            "admission.box-tolerance",
            0.0,
            65_535.0,
            "1",
            "How far a box may reach beyond its image, in pixels; 1 because BDD100K's x2 and y2 are inclusive."),
    ADMISSION_MAX_CLOCK_SKEW(
            "admission.max-clock-skew", Kind.DURATION, "PT5M", "How far a capture time may lie in the future."),
    ADMISSION_MAX_AGE(
            "admission.max-age", Kind.DURATION_OR_EMPTY, "", "Oldest capture admitted, for example P730D; empty: any."),
    ADMISSION_VERIFY_JPEG_DATA(
            "admission.verify-jpeg-data",
            List.of("true", "false"),
            "false",
            "Whether every Huffman code of a sequential JPEG is checked, which finds nearly all damage; else only where something is suspicious."),
    ADMISSION_CHECK_ATTRIBUTES_AGAINST_PIXELS(
            "admission.check-attributes-against-pixels",
            List.of("true", "false"),
            "false",
            "Whether daytime images as dark as night are rejected."),
    ADMISSION_NIGHT_BRIGHTNESS(
            "admission.night-brightness",
            0.0,
            1.0,
            "0.2",
            "Brightness below which an image is as dark as night, 0..1; dash-camera frames by night have 0.06 to 0.19, by day 0.29 and more."),
    ADMISSION_VOCABULARY_WEATHER(
            "admission.vocabulary.weather",
            Kind.LIST,
            List.of(),
            "rainy,snowy,clear,overcast,undefined,partly cloudy,foggy",
            "Values of the attribute weather, BDD100K's; empty: any. Any other attribute may be given a vocabulary too: admission.vocabulary.NAME."),
    ADMISSION_VOCABULARY_SCENE(
            "admission.vocabulary.scene",
            Kind.LIST,
            List.of(),
            "tunnel,residential,parking lot,undefined,city street,gas stations,highway",
            "Values of the attribute scene, BDD100K's; empty: any."),
    ADMISSION_VOCABULARY_TIMEOFDAY(
            "admission.vocabulary.timeofday",
            Kind.LIST,
            List.of(),
            "daytime,night,dawn/dusk,undefined",
            "Values of the attribute timeofday, BDD100K's; empty: any."),
    ADMISSION_REFERENCE_ROOTS(
            "admission.reference-roots",
            Kind.LIST,
            List.of(),
            "",
            "Folders, s3://BUCKET/FOLDER of the object store, and https://HOST/FOLDER, below which images by reference are read; empty: any file that the curation job may read, and nothing else. Set it where others than you write to samples.raw."),
    ADMISSION_NEAR_DUPLICATE_BITS(
            "admission.near-duplicate-bits",
            0,
            2,
            "2",
            "By how many bits of 64 the perceptual hashes of two pictures that look the same may differ; a larger value holds for what comes from then on."),
    ADMISSION_NEAR_DUPLICATE_WINDOW(
            "admission.near-duplicate-window",
            Kind.DURATION,
            "P36500D",
            "How long the side of a picture, train or evaluation, is kept; shorter than the split topics keep samples, and a near copy can get to the other side."),
    ADMISSION_CORRECTIONS(
            "admission.corrections",
            List.of("admit", "refuse"),
            "admit",
            "What becomes of a record with the id, image, drive, frame and capture time of an admitted sample and a higher label revision: it is admitted in place of it, or refused."),
    OBJECT_STORE_ENDPOINT(
            "object-store.endpoint",
            Kind.TEXT_OR_EMPTY,
            "",
            "Where the object store is, for example http://minio:9000; empty: Amazon S3. Credentials are looked for as all AWS tools do: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, a role."),
    OBJECT_STORE_REGION("object-store.region", Kind.TEXT, "us-east-1", "Region of the object store."),
    OBJECT_STORE_TIMEOUT(
            "object-store.timeout",
            Kind.DURATION,
            "PT20S",
            "How long one of three attempts to read or write an object, or to read a file of a web server, may take."),
    IMAGE_WIDTH("image.width", 8, 1024, "64", "Width of the pixels that training sees."),
    IMAGE_HEIGHT("image.height", 8, 1024, "64", "Height of the pixels that training sees."),
    QUALITY_DARK("quality.dark", 0.0, 1.0, "0.32", "A picture whose 99th percentile of brightness is below is dark."),
    QUALITY_LIGHT(
            "quality.light",
            0.0,
            1.0,
            "0.05",
            "A picture whose 5th percentile of brightness is above 1 - this is light."),
    QUALITY_BLURRY("quality.blurry", 0.0, 1.0, "0.29", "A picture with a lower score of edges is blurry."),
    QUALITY_LOW_INFORMATION(
            "quality.low-information", 0.0, 1.0, "0.3", "A picture with fewer bits of entropy than ten times this."),
    QUALITY_ODD_ASPECT("quality.odd-aspect", 0.0, 1.0, "0.35", "Shorter side over longer side below this is odd."),
    QUALITY_DARK_EXPECTED(
            "quality.dark-expected",
            Kind.LIST,
            List.of(),
            "timeofday=night",
            "Attributes, NAME=VALUE, of pictures that are not flagged as dark."),
    SPLIT_SALT("split.salt", Kind.TEXT, "2026-11", "Salt of the hash that deals drives to splits."),
    SPLIT_TRAIN_DEV_FRACTION(
            "split.train-dev-fraction", 0.0, 1.0, "0.2", "Share of SOURCE drives that go to train-dev, 0..1."),
    SPLIT_TEST_FRACTION(
            "split.test-fraction",
            0.0,
            1.0,
            "0.5",
            "Share of TARGET drives that go to test, 0..1; the rest is test-dev."),
    SPLIT_HISTORY(
            "split.history",
            Kind.LIST,
            List.of(),
            "",
            "Plans of the past, oldest first and whole, so that no drive leaves an evaluation split when a key of split changes: 'until=2026-12-01T00:00:00Z salt=2026-11 train-dev-fraction=0.2 test-fraction=0.5 adopt-fraction=0 embargo=none'; './drivetrain split --plan' shows the line."),
    SPLIT_ADOPT_FROM(
            "split.adopt-from",
            Kind.TIME_OR_EMPTY,
            "",
            "Start of the first TARGET drive that may go to train; empty: none goes."),
    SPLIT_ADOPT_FRACTION(
            "split.adopt-fraction",
            0.0,
            1.0,
            "0",
            "Share of TARGET drives that go to train from split.adopt-from on, 0..1."),
    SPLIT_ROTATE_TEST_DEV_AT(
            "split.rotate-test-dev-at",
            Kind.TIMES,
            List.of(),
            "",
            "Times from which new drives form a fresh test-dev and the old one retires, oldest first."),
    SPLIT_EMBARGO(
            "split.embargo",
            Kind.DURATION_OR_EMPTY,
            "",
            "Drives that begin at one place within this time do not straddle train and evaluation; empty: no embargo."),
    SPLIT_EMBARGO_BLOCK(
            "split.embargo-block",
            Kind.DURATION,
            "P1D",
            "With an embargo, drives that begin at one place within one such block (UTC) are dealt together."),
    SPLIT_EMBARGO_SCOPE(
            "split.embargo-scope",
            List.of("domain", "all"),
            "domain",
            "Which drives the embargo keeps apart: those of one domain, or all; all rejects TARGET drives where SOURCE drives train."),
    SPLIT_PLACE_CELL(
            "split.place-cell",
            0.0001,
            10.0,
            "0.05",
            "With an embargo, side of the cells of latitude and longitude that are dealt together, in degrees."),
    SPLIT_PLACE_MARGIN(
            "split.place-margin",
            0.0,
            5.0,
            "0.002",
            "How near two drives begin to be at one place, in degrees of latitude and of longitude."),
    SPLIT_PLACE_ATTRIBUTES(
            "split.place-attributes",
            Kind.LIST,
            List.of(),
            "place,road,car",
            "Attributes that name a drive's place, the first that a sample has, where it has no latitude and longitude."),
    SPLIT_UNKNOWN_PLACE(
            "split.unknown-place",
            List.of("none", "one-place"),
            "none",
            "What an embargo makes of drives without a place: none, it does not reach them; one-place, they count as at one."),
    STORE_WAREHOUSE("store.warehouse", Kind.TEXT, ".drivetrain/warehouse", "Folder or URI of the Iceberg warehouse."),
    STORE_TABLE("store.table", Kind.TEXT, "drivetrain.samples", "Namespace and name of the Iceberg table."),
    STORE_COMPRESSION(
            "store.compression",
            List.of("uncompressed", "snappy", "zstd", "lz4", "gzip"),
            "uncompressed",
            "Parquet codec; JPEG bytes do not compress."),
    STORE_TARGET_FILE_BYTES(
            "store.target-file-bytes",
            1 << 20,
            1L << 34,
            "134217728",
            "Size at which a Parquet file is closed and another begun, and to which './drivetrain snapshots compact' packs small ones, in bytes."),
    FLINK_PARALLELISM("flink.parallelism", 1, 1024, "2", "Subtasks of each operator of the curation job."),
    FLINK_CHECKPOINT_INTERVAL(
            "flink.checkpoint-interval", Kind.DURATION, "PT10S", "Time between commits to topics and table."),
    FLINK_CHECKPOINT_DIRECTORY(
            "flink.checkpoint-directory", Kind.TEXT, ".drivetrain/checkpoints", "Folder or URI of the checkpoints."),
    FLINK_BALANCE_WINDOW(
            "flink.balance-window", Kind.DURATION, "PT10S", "Length of a class-balance window, processing time."),
    FLINK_TRANSACTION_TIMEOUT(
            "flink.transaction-timeout",
            Kind.DURATION,
            "PT14M",
            "How long Flink or the broker may be down with a checkpoint complete and its records not yet committed; at most the broker's transaction.max.timeout.ms, 15 min by default."),
    FLINK_LOST_TRANSACTIONS(
            "flink.lost-transactions",
            List.of("refuse", "accept"),
            "refuse",
            "Whether a job goes on when the broker has aborted records of a complete checkpoint, which are then in no topic."),
    BALANCE_WINDOW_COUNT(
            "balance.window-count", 1, 100_000_000, "500", "Samples after which a window by count is closed."),
    BALANCE_WINDOW_DRIVES(
            "balance.window-drives",
            2,
            4096,
            "15",
            "Drives that a window by count waits for; with fewer there is no verdict on any window."),
    BALANCE_SLICES(
            "balance.slices",
            Kind.LIST,
            List.of(),
            "weather,scene,timeofday",
            "Slices: attributes (each value is one), measurements with a threshold such as 'brightness<0.2' or 'glareShare>0.2', quality flags such as 'flag:dark'; empty: none."),
    BALANCE_MAX_SLICES(
            "balance.max-slices",
            0,
            1000,
            "24",
            "Attribute values of one split that are slices; further values count as the attribute's other."),
    BALANCE_EXPECTED(
            "balance.expected",
            Kind.SHARES,
            "",
            "Expected share of each class, for example 'pedestrian=0.3,no-pedestrian=0.7'; empty: as in train so far."),
    BALANCE_BETA(
            "balance.beta", 0.0, 0.9999999, "0.999", "Of the effective number of samples, (1 - beta^n) / (1 - beta)."),
    BALANCE_SIGNIFICANCE(
            "balance.significance",
            1e-12,
            0.5,
            "0.01",
            "Family-wise significance of one window of class balance or of label sources, before Holm."),
    BALANCE_MIN_EFFECT(
            "balance.min-effect", 0.0, 10.0, "0.2", "Cohen's w below which a class balance counts as expected."),
    BALANCE_RAISE_AFTER(
            "balance.raise-after", 1, 1000, "2", "Different windows by count in a row that raise an alert."),
    BALANCE_CLEAR_AFTER(
            "balance.clear-after",
            1,
            1000,
            "3",
            "Expected windows by count in a row that clear it; drives with a starved class that end its starvation."),
    BALANCE_STARVATION(
            "balance.starvation",
            Kind.DURATION,
            "PT6H",
            "Time of arrival without a sample of a class, while others come, after which the class is starved."),
    BALANCE_MIN_PER_CLASS_SAMPLES(
            "balance.min-per-class-samples",
            0,
            1_000_000_000,
            "100",
            "Samples that each class of a split needs; without, train-dev or test-dev is not trustworthy."),
    BALANCE_MIN_PER_CLASS_DRIVES(
            "balance.min-per-class-drives",
            0,
            1_000_000_000,
            "10",
            "Drives that each class of a split needs, likewise."),
    BALANCE_MAX_SOURCES(
            "balance.max-sources", 1, 100_000, "1000", "Label sources told apart; further ones count as other."),
    BALANCE_SOURCE_MIN_DIFFERENCE(
            "balance.source-min-difference",
            0.0,
            1.0,
            "0.05",
            "How much higher than that of the others a source's violation rate must be to stand out, 0..1."),
    BALANCE_SOURCE_MIN_RATIO(
            "balance.source-min-ratio",
            1.0,
            1e6,
            "2",
            "How many times the rate of the others a source's violation or correction rate must be to stand out."),
    SHIFT_REFERENCE_MIN_DRIVES(
            "shift.reference-min-drives", 2, 1_000_000, "20", "Fewer drives of train than this: not enough data."),
    SHIFT_WINDOW_DRIVES("shift.window-drives", 2, 1_000_000, "15", "TARGET drives in one window."),
    SHIFT_SLIDE_DRIVES("shift.slide-drives", 1, 1_000_000, "5", "New TARGET drives between two windows."),
    SHIFT_SIGNIFICANCE(
            "shift.significance", 1e-12, 0.5, "0.01", "Family-wise significance of one window, before Bonferroni."),
    SHIFT_RAISE_AFTER("shift.raise-after", 1, 1000, "2", "Drifted windows in a row that raise the alert."),
    SHIFT_CLEAR_AFTER("shift.clear-after", 1, 1000, "3", "Stable windows in a row that clear it."),
    TRAINING_NETWORK(
            "training.network",
            List.of("dense", "lenet", "lstm", "multi-input", "resnet101", "resnet18", "resnet50"),
            "lenet",
            "Name of the network; multi-input and lstm also read telemetry, lstm reads the frames of a drive in order."),
    TRAINING_LEARNING_RATE(
            "training.learning-rate",
            1e-9,
            10.0,
            "0.0003",
            "Of Adam; the rate that a schedule starts from or rises to."),
    TRAINING_BATCH_SIZE("training.batch-size", 1, 65_536, "64", "Images in one step."),
    TRAINING_MAX_EPOCHS("training.max-epochs", 1, 100_000, "30", "Most passes over train."),
    TRAINING_PATIENCE(
            "training.patience", 1, 100_000, "5", "Epochs without a better train-dev error before training stops."),
    TRAINING_SEED(
            "training.seed", Long.MIN_VALUE, Long.MAX_VALUE, "42", "Same seed, same data, same threads: same weights."),
    TRAINING_THREADS("training.threads", 0, 4096, "0", "Threads of the device library; 0 takes all cores."),
    TRAINING_IRREDUCIBLE_ERROR(
            "training.irreducible-error", 0.0, 1.0, "0.0", "Human-level or target error rate, 0..1."),
    TRAINING_BOOTSTRAP_REPLICATES(
            "training.bootstrap-replicates", 100, 1_000_000, "2000", "Resamples behind each interval."),
    TRAINING_MIN_INTERVAL_DRIVES(
            "training.min-interval-drives", 2, 1_000_000, "5", "Fewer drives than this in a split: no interval."),
    TRAINING_LIMIT(
            "training.limit",
            0,
            1_000_000_000,
            "0",
            "Most samples of train that are used, whole drives chosen by a hash of their id; 0: all."),
    TRAINING_TELEMETRY(
            "training.telemetry",
            Kind.LIST,
            List.of(),
            "",
            "Numbers of telemetry that multi-input and lstm read, for example speed,yaw-rate; empty: none."),
    TRAINING_SEQUENCE_LENGTH(
            "training.sequence-length", 1, 1024, "8", "Frames of a drive, up to the labelled one, that lstm reads."),
    TRAINING_DATA(
            "training.data",
            List.of("stream", "synthetic"),
            "stream",
            "What is learned from: the stream's samples, or drawn scenes of the classes pedestrian and no-pedestrian, to try a set-up; such a model is never promoted."),
    TRAINING_DOCTOR(
            "training.doctor",
            List.of("refuse", "warn", "off"),
            "refuse",
            "What is done before a training when the doctor finds something wrong: refuse to train, say so in the report, or do not look."),
    TRAINING_DIRECTORY("training.directory", Kind.TEXT, ".drivetrain/trainer", "Folder of shards and models."),
    IMPROVE_AUGMENT(
            "improve.augment",
            Kind.LIST,
            List.of(),
            "",
            "Augmentations of training images: flip, crop, brightness, contrast, blur, noise, cut-out, night, reflections; each alone or with its strength 0..1: flip,brightness=0.3."),
    IMPROVE_WEIGHT_DECAY(
            "improve.weight-decay",
            0.0,
            1.0,
            "0",
            "Decoupled weight decay (AdamW) of weights, not of biases and norms."),
    IMPROVE_DROPOUT("improve.dropout", 0.0, 0.95, "0", "Share of units dropped before the last layer, 0..1."),
    IMPROVE_CLASS_WEIGHTS(
            "improve.class-weights",
            List.of("none", "balanced", "effective-number"),
            "none",
            "Weights of the classes in the loss: equal, by inverse frequency, or by the inverse effective number of samples (balance.beta)."),
    IMPROVE_RESAMPLE(
            "improve.resample",
            List.of("none", "balanced"),
            "none",
            "Whether an epoch draws samples so that classes are equally frequent."),
    IMPROVE_SCHEDULE(
            "improve.schedule",
            List.of("constant", "cosine", "step", "one-cycle"),
            "constant",
            "How the learning rate goes over the epochs."),
    IMPROVE_WARM_UP("improve.warm-up", 0, 1000, "0", "Epochs in which the learning rate rises from a tenth."),
    IMPROVE_WARM_START(
            "improve.warm-start",
            Kind.TEXT_OR_EMPTY,
            "",
            "Model whose weights training begins with: champion, or a model id; empty: fresh weights."),
    IMPROVE_FREEZE(
            "improve.freeze",
            0,
            1000,
            "0",
            "Layers with weights, counted from the input, that keep those of improve.warm-start."),
    ANALYSIS_METRICS(
            "analysis.metrics",
            Kind.LIST,
            List.of("balanced-error", "macro-f1-error", "log-loss"),
            "balanced-error,macro-f1-error,log-loss",
            "Metrics that are decomposed beside the error rate."),
    ANALYSIS_SLICES(
            "analysis.slices",
            Kind.LIST,
            List.of(),
            "timeofday,weather,scene",
            "Attributes that error analysis looks at first; the shift term is split by the first one that explains most. Others are found by themselves."),
    ANALYSIS_MIN_SLICE_DRIVES(
            "analysis.min-slice-drives", 2, 100_000, "5", "Fewer drives than this in a slice: not enough data."),
    ANALYSIS_CONTACT_SHEETS("analysis.contact-sheets", 0, 100, "5", "Slices that get a PNG with their worst examples."),
    ANALYSIS_LABEL_NOISE_FOLDS(
            "analysis.label-noise-folds",
            0,
            20,
            "0",
            "Folds of drives, each predicted by a model of the others, to find wrong labels; each costs a training; 0: none."),
    ANALYSIS_LEARNING_CURVE_POINTS(
            "analysis.learning-curve-points",
            0,
            20,
            "0",
            "Nested subsets of the training drives, each halving the next, to fit a learning curve; each costs a training; 0: none."),
    RETRAINING_SCHEDULE(
            "retraining.schedule",
            Kind.TEXT_OR_EMPTY,
            "",
            "UNIX cron expression, for example '0 3 * * *'; empty: none."),
    RETRAINING_MIN_NEW_SOURCE_DRIVES(
            "retraining.min-new-source-drives",
            1,
            1_000_000,
            "10",
            "New drives in train that an alert's request waits for."),
    RETRAINING_SETTLE(
            "retraining.settle", Kind.DURATION, "PT10S", "Quiet time after the last new sample before it trains.");

    enum Kind {
        TEXT,
        TEXT_OR_EMPTY,
        LABEL_RULE,
        SHARES,
        CHOICE,
        LIST,
        WHOLE,
        REAL,
        DURATION,
        DURATION_OR_EMPTY,
        TIME_OR_EMPTY,
        TIMES
    }

    private final String path;
    private final Kind kind;
    private final String defaultText;
    private final String meaning;
    private final double low;
    private final double high;
    private final List<String> choices;

    ConfigKey(String path, Kind kind, String defaultText, String meaning) {
        this(path, kind, defaultText, meaning, 0, 0, List.of());
    }

    ConfigKey(String path, Kind kind, List<String> choices, String defaultText, String meaning) {
        this(path, kind, defaultText, meaning, 0, 0, choices);
    }

    ConfigKey(String path, List<String> choices, String defaultText, String meaning) {
        this(path, Kind.CHOICE, defaultText, meaning, 0, 0, choices);
    }

    ConfigKey(String path, long low, long high, String defaultText, String meaning) {
        this(path, Kind.WHOLE, defaultText, meaning, low, high, List.of());
    }

    ConfigKey(String path, double low, double high, String defaultText, String meaning) {
        this(path, Kind.REAL, defaultText, meaning, low, high, List.of());
    }

    ConfigKey(
            String path, Kind kind, String defaultText, String meaning, double low, double high, List<String> choices) {
        this.path = path;
        this.kind = kind;
        this.defaultText = defaultText;
        this.meaning = meaning;
        this.low = low;
        this.high = high;
        this.choices = choices;
    }

    /** Dotted path in the file, for example {@code split.salt}. */
    public String path() {
        return path;
    }

    /** What it means, with its unit. */
    public String meaning() {
        return meaning;
    }

    public String defaultText() {
        return defaultText;
    }

    /** The environment variable that overrides it, for example {@code DRIVETRAIN_SPLIT_SALT}. */
    public String environmentVariable() {
        return "DRIVETRAIN_" + path.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** What is accepted, in words. */
    public String accepted() {
        return switch (kind) {
            case TEXT -> "text";
            case TEXT_OR_EMPTY -> "text, may be empty";
            case LABEL_RULE -> LabelRule.ACCEPTED;
            case SHARES -> "class=share for each class, comma-separated, with shares above 0 that sum to 1; or empty";
            case CHOICE -> "one of " + String.join(", ", choices);
            case WHOLE ->
                low == Long.MIN_VALUE ? "a whole number" : "a whole number from %.0f to %.0f".formatted(low, high);
            case REAL -> "a number from %s to %s".formatted(trim(low), trim(high));
            case LIST ->
                choices.isEmpty()
                        ? "a list or comma-separated text, may be empty"
                        : "one or more of " + String.join(", ", choices);
            case DURATION -> "a duration above zero, for example PT10S, PT5M, P30D";
            case DURATION_OR_EMPTY -> "a duration above zero, for example PT10S, PT5M, P30D, or empty";
            case TIME_OR_EMPTY -> "a time in UTC, for example 2026-12-01T00:00:00Z, or empty";
            case TIMES -> "times in UTC in ascending order, for example 2026-12-01T00:00:00Z, or empty";
        };
    }

    private static String trim(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** Returns whether the text is accepted. */
    boolean accepts(String text) {
        try {
            return switch (kind) {
                case TEXT -> !text.isBlank();
                case TEXT_OR_EMPTY -> true;
                case LABEL_RULE -> isLabelRule(text);
                case SHARES -> text.isBlank() || shares(text).isPresent();
                case CHOICE -> choices.contains(text);
                case WHOLE -> {
                    long value = Long.parseLong(text.trim());
                    yield value >= low && value <= high;
                }
                case REAL -> {
                    double value = Double.parseDouble(text.trim());
                    yield value >= low && value <= high;
                }
                case LIST -> choices.isEmpty() || !list(text).isEmpty() && choices.containsAll(list(text));
                case DURATION -> isPositiveDuration(text);
                case DURATION_OR_EMPTY -> text.isBlank() || isPositiveDuration(text);
                case TIME_OR_EMPTY -> text.isBlank() || times(text).size() == 1;
                case TIMES -> times(text).equals(new ArrayList<>(new TreeSet<>(times(text))));
            };
        } catch (NumberFormatException | DateTimeParseException e) {
            return false;
        }
    }

    private static boolean isLabelRule(String text) {
        try {
            LabelRule.parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isPositiveDuration(String text) {
        Duration value = Duration.parse(text.trim());
        return !value.isNegative() && !value.isZero();
    }

    /** The elements of a comma-separated list without blanks around them; empty text is an empty list. */
    static List<String> list(String text) {
        return Arrays.stream(text.split(","))
                .map(String::trim)
                .filter(element -> !element.isEmpty())
                .toList();
    }

    /** The times of a comma-separated list. */
    static List<Instant> times(String text) {
        return list(text).stream().map(Instant::parse).toList();
    }

    boolean isList() {
        return kind == Kind.LIST || kind == Kind.SHARES || kind == Kind.TIMES;
    }

    /** Reads {@code a=0.3,b=0.7}; empty unless every share is above 0 and they sum to 1, give or take a thousandth. */
    static Optional<Map<String, Double>> shares(String text) {
        Map<String, Double> shares = new LinkedHashMap<>();
        double sum = 0;
        for (String part : text.split("\\s*,\\s*")) {
            int equals = part.lastIndexOf('=');
            double share = equals < 1 ? 0 : Double.parseDouble(part.substring(equals + 1));
            if (!(share > 0) || shares.put(part.substring(0, equals).trim(), share) != null) {
                return Optional.empty();
            }
            sum += share;
        }
        return Math.abs(sum - 1) <= 1e-3 ? Optional.of(shares) : Optional.empty();
    }

    /** Returns the key of that path, or empty. */
    static Optional<ConfigKey> at(String path) {
        for (ConfigKey key : values()) {
            if (key.path.equals(path)) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }
}
