package io.drivetrain.trainer.improve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.drivetrain.trainer.grade.SplitErrors;
import io.drivetrain.trainer.grade.curve.CurveForecast;
import io.drivetrain.trainer.grade.curve.CurvePoint;
import io.drivetrain.trainer.vectors.SharedFolder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class NestedSubsetsTest {
    private static final SplitErrors FOUR = new SplitErrors(new long[] {10, 10}, new long[] {2, 2});

    private static DriveSamples drives(int drives, int frames) {
        SplittableRandom random = new SplittableRandom(drives);
        return new DriveSamples(
                IntStream.range(0, drives).mapToObj(d -> "drive-" + d).toList(),
                IntStream.range(0, drives * frames).map(i -> random.nextInt(3)).toArray(),
                IntStream.range(0, drives * frames).map(i -> i / frames).toArray(),
                3);
    }

    private static NestedSubsets.Learned graded() {
        return new NestedSubsets.Learned.Graded(0.1, FOUR);
    }

    @Test
    void eachSubsetIsContainedInTheNextAndHalfOfIt() {
        DriveSamples samples = drives(64, 10);
        List<int[]> subsets = NestedSubsets.subsets(samples, 5, "salt");
        assertThat(subsets).extracting(s -> s.length).containsExactly(40, 80, 160, 320, 640);
        for (int i = 0; i + 1 < subsets.size(); i++) {
            assertThat(subsets.get(i + 1)).contains(subsets.get(i));
        }
    }

    @Test
    void subsetsAreOfWholeDrives() {
        DriveSamples samples = drives(33, 7);
        for (int[] subset : NestedSubsets.subsets(samples, 4, "salt")) {
            Map<Integer, Long> frames = Arrays.stream(subset)
                    .boxed()
                    .collect(Collectors.groupingBy(i -> samples.driveOf()[i], Collectors.counting()));
            assertThat(frames.values()).allMatch(count -> count == 7);
        }
    }

    @Test
    void halvesHaveTheSameClasses() {
        DriveSamples samples = drives(128, 10);
        for (int[] subset : NestedSubsets.subsets(samples, 4, "salt")) {
            for (int label = 0; label < 3; label++) {
                int current = label;
                double share = Arrays.stream(subset)
                                .filter(i -> samples.labels()[i] == current)
                                .count()
                        / (double) subset.length;
                double all = Arrays.stream(samples.labels())
                                .filter(l -> l == current)
                                .count()
                        / (double) samples.size();
                assertThat(share).isBetween(all - 0.05, all + 0.05);
            }
        }
    }

    @Test
    void oneDriveIsNotHalved() {
        assertThat(NestedSubsets.subsets(drives(3, 5), 9, "salt")).hasSizeBetween(2, 3);
    }

    @Test
    void anotherSaltGivesOtherSubsets() {
        DriveSamples samples = drives(64, 10);
        assertThat(NestedSubsets.subsets(samples, 3, "a").get(0))
                .isEqualTo(NestedSubsets.subsets(samples, 3, "a").get(0))
                .isNotEqualTo(NestedSubsets.subsets(samples, 3, "b").get(0));
    }

    @Test
    void theModelOfAllSamplesIsNotTrainedAgain() throws InterruptedException {
        List<Integer> learned = new ArrayList<>();
        NestedSubsets.Outcome outcome = NestedSubsets.learn(
                drives(16, 10),
                3,
                "salt",
                Optional.of(new NestedSubsets.Learned.Graded(0.05, FOUR)),
                train -> {
                    learned.add(train.length);
                    return graded();
                },
                (subset, subsets, samples) -> {});
        assertThat(learned).containsExactly(40, 80);
        assertThat(outcome.points())
                .containsExactly(
                        new CurvePoint(40, 4, 0.1, FOUR),
                        new CurvePoint(80, 8, 0.1, FOUR),
                        new CurvePoint(160, 16, 0.05, FOUR));
    }

    @Test
    void aSubsetThatWasNotLearnedIsMissingWithTheReason() throws InterruptedException {
        List<String> told = new ArrayList<>();
        NestedSubsets.Outcome outcome = NestedSubsets.learn(
                drives(8, 10),
                2,
                "salt",
                Optional.empty(),
                train -> train.length < 80 ? new NestedSubsets.Learned.NotLearned("The loss diverged.") : graded(),
                (subset, subsets, samples) -> told.add("%d of %d: %d".formatted(subset, subsets, samples)));
        assertThat(outcome.missing()).containsExactly("40 samples were not learned: The loss diverged.");
        assertThat(outcome.points()).hasSize(1);
        assertThat(told).containsExactly("1 of 2: 40", "2 of 2: 80");
    }

    @Test
    void anInterruptEndsItBeforeTheNextSubset() {
        assertThatThrownBy(() -> NestedSubsets.learn(
                        drives(8, 10),
                        3,
                        "salt",
                        Optional.empty(),
                        train -> {
                            Thread.currentThread().interrupt();
                            return graded();
                        },
                        (subset, subsets, samples) -> {}))
                .isInstanceOf(InterruptedException.class)
                .hasMessage("Interrupted before subset 2 of 3");
    }

    /** The nearest training image gives the class: a learner without settings. */
    @Test
    void theForecastForRealImagesHoldsWithTwiceTheImages() throws IOException, InterruptedException {
        Optional<Path> folder = SharedFolder.find("data/fashion-mnist");
        if (folder.isEmpty()) {
            System.out.println("Skipped: there is no folder shared/data/fashion-mnist beside the checkout");
        }
        assumeTrue(folder.isPresent(), "no real images");
        Images images = Images.read(folder.get());
        int held = 0;
        int repeats = 20;
        for (int repeat = 0; repeat < repeats; repeat++) {
            NestedSubsets.Outcome outcome = NestedSubsets.learn(
                    images.training(),
                    5,
                    "repeat-" + repeat,
                    Optional.empty(),
                    train -> new NestedSubsets.Learned.Graded(0, images.errors(train)),
                    (subset, subsets, samples) -> {});
            List<CurvePoint> points = outcome.points();
            CurveForecast forecast = CurveForecast.of(points.subList(0, points.size() - 1), repeat);
            double realised = points.get(points.size() - 1).trainDev().rate();
            held += forecast.interval().contains(realised) ? 1 : 0;
            if (repeat == 0) {
                System.out.printf(
                        "Nearest image, %s: forecast %.3f (%.3f to %.3f), realised %.3f%n",
                        points.stream()
                                .map(p -> "%d %.3f"
                                        .formatted(p.samples(), p.trainDev().rate()))
                                .toList(),
                        forecast.error(),
                        forecast.interval().low(),
                        forecast.interval().high(),
                        realised);
            }
        }
        System.out.printf("Real images: the forecast holds in %d of %d orders of the training drives%n", held, repeats);
        assertThat(held).isGreaterThanOrEqualTo(18);
    }

    /** Two thousand images to learn from, a thousand to grade with, ten to a drive. */
    private static final class Images {
        private static final int TRAINING = 2000;
        private static final int TO_A_DRIVE = 10;

        private final int[] labels;
        private final int[][] distances;

        private Images(int[] labels, int[][] distances) {
            this.labels = labels;
            this.distances = distances;
        }

        static Images read(Path folder) throws IOException {
            List<byte[]> pixels = new ArrayList<>();
            List<Integer> labels = new ArrayList<>();
            Map<String, Integer> classes = new LinkedHashMap<>();
            List<String> rows = Files.readAllLines(folder.resolve("manifest.csv"));
            for (String row : rows.subList(1, rows.size())) {
                String[] fields = row.split(",", -1);
                BufferedImage image = ImageIO.read(folder.resolve(fields[0]).toFile());
                byte[] values = new byte[image.getWidth() * image.getHeight()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (byte) image.getRaster().getSample(i % image.getWidth(), i / image.getWidth(), 0);
                }
                pixels.add(values);
                classes.putIfAbsent(fields[1], classes.size());
                labels.add(classes.get(fields[1]));
            }
            int[][] distances = new int[pixels.size() - TRAINING][TRAINING];
            for (int i = 0; i < distances.length; i++) {
                for (int j = 0; j < TRAINING; j++) {
                    distances[i][j] = squared(pixels.get(TRAINING + i), pixels.get(j));
                }
            }
            return new Images(labels.stream().mapToInt(Integer::intValue).toArray(), distances);
        }

        private static int squared(byte[] a, byte[] b) {
            int sum = 0;
            for (int i = 0; i < a.length; i++) {
                int difference = (a[i] & 0xFF) - (b[i] & 0xFF);
                sum += difference * difference;
            }
            return sum;
        }

        DriveSamples training() {
            return new DriveSamples(
                    IntStream.range(0, TRAINING / TO_A_DRIVE)
                            .mapToObj(d -> "drive-" + d)
                            .toList(),
                    Arrays.copyOf(labels, TRAINING),
                    IntStream.range(0, TRAINING).map(i -> i / TO_A_DRIVE).toArray(),
                    Arrays.stream(labels).max().orElseThrow() + 1);
        }

        SplitErrors errors(int[] train) {
            long[] samples = new long[distances.length / TO_A_DRIVE];
            long[] errors = new long[samples.length];
            for (int i = 0; i < samples.length * TO_A_DRIVE; i++) {
                int nearest = train[0];
                for (int candidate : train) {
                    nearest = distances[i][candidate] < distances[i][nearest] ? candidate : nearest;
                }
                samples[i / TO_A_DRIVE]++;
                errors[i / TO_A_DRIVE] += labels[nearest] == labels[TRAINING + i] ? 0 : 1;
            }
            return new SplitErrors(samples, errors);
        }
    }
}
