package io.drivetrain.schemas;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The whole configuration, immutable, as {@link ConfigReader} reads it. Every component path is the path of its key in
 * the file: {@code split.train-dev-fraction} is {@code split().trainDevFraction()}. {@link ConfigKey} has the meaning,
 * unit, default and range of each.
 */
public record DrivetrainConfig(
        Kafka kafka,
        List<String> classes,
        Ingest ingest,
        Admission admission,
        Image image,
        Quality quality,
        SplitSettings split,
        ObjectStoreSettings objectStore,
        Store store,
        Flink flink,
        Balance balance,
        Shift shift,
        Training training,
        Improve improve,
        Analysis analysis,
        Retraining retraining,
        Map<String, String> asText)
        implements Serializable {

    public DrivetrainConfig {
        classes = List.copyOf(classes);
        asText = Map.copyOf(asText);
    }

    /** How to reach the broker; the properties go to every Kafka client as they are. */
    public record Kafka(String bootstrap, Map<String, String> properties) implements Serializable {
        public Kafka {
            properties = Map.copyOf(properties);
        }

        /** Secrets may be among the properties, so only their names are shown. */
        @Override
        public String toString() {
            return "Kafka[bootstrap=" + bootstrap + ", properties=" + properties.keySet() + "]";
        }
    }

    /**
     * How label files and image files become samples.
     *
     * @param maxInlineBytes larger image files go by reference
     * @param largeImages {@code s3://bucket/folder} that these are copied to; empty if they stay where they are
     */
    public record Ingest(LabelRule labelRule, int maxInlineBytes, String largeImages) implements Serializable {}

    /**
     * Where large images by reference are.
     *
     * @param endpoint empty for Amazon's
     * @param timeout of one attempt
     */
    public record ObjectStoreSettings(String endpoint, String region, Duration timeout) implements Serializable {}

    /**
     * What is admitted; sides and areas of images are in pixels of the original.
     *
     * @param retiredClasses class to its replacement, which is empty if there is none
     * @param boxCategories empty if any is allowed
     * @param maxAge zero if any is allowed
     * @param vocabulary attribute to its values; attributes that are not in it may have any
     * @param referenceRoots folders, and {@code s3:} and {@code https:} URIs of folders, that images by reference are in; empty if any file may be read
     * @param nearDuplicateBits by how many bits the hashes of pictures that look the same may differ, 0..2
     * @param nearDuplicateWindow how long the side of a look is kept
     * @param admitsCorrections whether a higher label revision is admitted in place of an admitted sample
     */
    public record Admission(
            int minWidth,
            int minHeight,
            int maxWidth,
            int maxHeight,
            long maxPixels,
            Duration duplicateWindow,
            int maxRecordBytes,
            List<String> formats,
            double maxAspectRatio,
            double maxPixelsPerByte,
            Map<String, String> retiredClasses,
            List<String> boxCategories,
            double boxTolerance,
            Duration maxClockSkew,
            Duration maxAge,
            boolean verifyJpegData,
            boolean checkAttributesAgainstPixels,
            double nightBrightness,
            Map<String, List<String>> vocabulary,
            List<String> referenceRoots,
            int nearDuplicateBits,
            Duration nearDuplicateWindow,
            boolean admitsCorrections)
            implements Serializable {
        public Admission {
            formats = List.copyOf(formats);
            retiredClasses = Map.copyOf(retiredClasses);
            boxCategories = List.copyOf(boxCategories);
            vocabulary = Map.copyOf(vocabulary);
            referenceRoots = List.copyOf(referenceRoots);
        }
    }

    /** The size of the pixels that training sees. */
    public record Image(int width, int height) implements Serializable {}

    /**
     * Scores, 0..1, below which a picture is flagged.
     *
     * @param darkExpected attributes, name=value, of pictures that are not flagged as dark
     */
    public record Quality(
            double dark,
            double light,
            double blurry,
            double lowInformation,
            double oddAspect,
            List<String> darkExpected)
            implements Serializable {
        public Quality {
            darkExpected = List.copyOf(darkExpected);
        }
    }

    /**
     * How drives are dealt to the splits.
     *
     * @param history plans of the past as text, see {@link SplitPlan#parse}
     * @param adoptFrom null if no TARGET drive goes to train
     * @param embargo zero for none
     * @param placeCell in degrees
     * @param placeMargin in degrees
     */
    public record SplitSettings(
            String salt,
            double trainDevFraction,
            double testFraction,
            List<String> history,
            Instant adoptFrom,
            double adoptFraction,
            List<Instant> rotateTestDevAt,
            Duration embargo,
            Duration embargoBlock,
            SplitPlan.Scope embargoScope,
            double placeCell,
            double placeMargin,
            List<String> placeAttributes,
            SplitPlan.UnknownPlace unknownPlace)
            implements Serializable {
        public SplitSettings {
            history = List.copyOf(history);
            rotateTestDevAt = List.copyOf(rotateTestDevAt);
            placeAttributes = List.copyOf(placeAttributes);
        }

        /** The plans in the order of their times; the last one is that of today. */
        public List<SplitPlan> plans() {
            return Stream.concat(history.stream().map(SplitPlan::parse), Stream.of(SplitPlan.of(this)))
                    .toList();
        }
    }

    /**
     * The Iceberg table.
     *
     * @param targetFileBytes at which a file is closed and another begun
     */
    public record Store(String warehouse, String table, String compression, long targetFileBytes)
            implements Serializable {}

    /**
     * How the Flink jobs run.
     *
     * @param transactionTimeout after which the broker aborts what a job has not committed
     * @param acceptLostTransactions whether a job goes on although the broker has aborted what it was to commit
     */
    public record Flink(
            int parallelism,
            Duration checkpointInterval,
            String checkpointDirectory,
            Duration balanceWindow,
            Duration transactionTimeout,
            boolean acceptLostTransactions)
            implements Serializable {}

    /**
     * Class balance and label sources.
     *
     * @param slices entries that {@link SliceRule#parse} accepts
     * @param expected share by class, or empty
     */
    public record Balance(
            long windowCount,
            int windowDrives,
            List<String> slices,
            int maxSlices,
            Map<String, Double> expected,
            double beta,
            double significance,
            double minEffect,
            int raiseAfter,
            int clearAfter,
            Duration starvation,
            long minPerClassSamples,
            long minPerClassDrives,
            int maxSources,
            double sourceMinDifference,
            double sourceMinRatio)
            implements Serializable {
        public Balance {
            slices = List.copyOf(slices);
            expected = Map.copyOf(expected);
        }
    }

    /** The covariate-shift alarm; counts are drives or consecutive windows. */
    public record Shift(
            int referenceMinDrives,
            int windowDrives,
            int slideDrives,
            double significance,
            int raiseAfter,
            int clearAfter)
            implements Serializable {}

    /**
     * One training run.
     *
     * @param limit most samples of train, 0 for all
     * @param telemetry names of the numbers that a network reads
     * @param data stream or synthetic
     * @param doctor refuse, warn or off
     */
    public record Training(
            String network,
            double learningRate,
            int batchSize,
            int maxEpochs,
            int patience,
            long seed,
            int threads,
            double irreducibleError,
            int bootstrapReplicates,
            int minIntervalDrives,
            int limit,
            List<String> telemetry,
            int sequenceLength,
            String data,
            String doctor,
            String directory)
            implements Serializable {
        public Training {
            telemetry = List.copyOf(telemetry);
        }
    }

    /**
     * What a training does beyond the plain recipe; every default is off.
     *
     * @param augment names, each alone or with {@code =strength}
     * @param warmStart empty for fresh weights
     * @param freeze layers with weights, counted from the input
     */
    public record Improve(
            List<String> augment,
            double weightDecay,
            double dropout,
            String classWeights,
            String resample,
            String schedule,
            int warmUp,
            String warmStart,
            int freeze)
            implements Serializable {
        public Improve {
            augment = List.copyOf(augment);
        }
    }

    /**
     * What a report looks at beyond the decomposition of the error rate.
     *
     * @param labelNoiseFolds 0 for none
     * @param learningCurvePoints 0 for none
     */
    public record Analysis(
            List<String> metrics,
            List<String> slices,
            int minSliceDrives,
            int contactSheets,
            int labelNoiseFolds,
            int learningCurvePoints)
            implements Serializable {
        public Analysis {
            metrics = List.copyOf(metrics);
            slices = List.copyOf(slices);
        }
    }

    /** When to train again. */
    public record Retraining(String schedule, int minNewSourceDrives, Duration settle) implements Serializable {}
}
