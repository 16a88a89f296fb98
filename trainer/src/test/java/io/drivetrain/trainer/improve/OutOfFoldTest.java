package io.drivetrain.trainer.improve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OutOfFoldTest {
    /** Drives of 5 to 40 frames, mostly of one class, the last class rare. */
    private static DriveSamples drives(int drives, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<String> ids = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        List<Integer> driveOf = new ArrayList<>();
        for (int drive = 0; drive < drives; drive++) {
            ids.add("d" + drive);
            int main = random.nextInt(10) == 0 ? 2 : random.nextInt(2);
            int frames = random.nextInt(5, 40);
            for (int frame = 0; frame < frames; frame++) {
                labels.add(random.nextInt(4) == 0 ? random.nextInt(2) : main);
                driveOf.add(drive);
            }
        }
        return new DriveSamples(
                ids,
                labels.stream().mapToInt(Integer::intValue).toArray(),
                driveOf.stream().mapToInt(Integer::intValue).toArray(),
                3);
    }

    private static OutOfFold.Learned certain(int[] predict) {
        float[][] rows = new float[predict.length][3];
        Arrays.stream(rows).forEach(row -> row[0] = 1);
        return new OutOfFold.Learned.Predicted(rows);
    }

    @Test
    void everySampleIsPredictedByAModelThatSawNoFrameOfItsDrive() throws InterruptedException {
        DriveSamples samples = drives(80, 1);
        List<Integer> predicted = new ArrayList<>();
        OutOfFold.Outcome outcome = OutOfFold.predict(
                samples,
                5,
                "salt",
                (train, predict, fold) -> {
                    List<Integer> trained = Arrays.stream(train)
                            .map(i -> samples.driveOf()[i])
                            .distinct()
                            .boxed()
                            .toList();
                    assertThat(Arrays.stream(predict)
                                    .map(i -> samples.driveOf()[i])
                                    .distinct()
                                    .boxed())
                            .doesNotContainAnyElementsOf(trained);
                    assertThat(train.length + predict.length).isEqualTo(samples.size());
                    Arrays.stream(predict).forEach(predicted::add);
                    return certain(predict);
                },
                (fold, folds) -> {});
        assertThat(predicted).hasSize(samples.size()).doesNotHaveDuplicates();
        assertThat(((OutOfFold.Outcome.Predicted) outcome).samples()).hasSize(samples.size());
    }

    @Test
    void eachFoldHasItsShareOfEachClass() {
        DriveSamples samples = drives(200, 2);
        int[] foldOf = OutOfFold.foldOf(samples, 4, "salt");
        for (int label = 0; label < 3; label++) {
            int current = label;
            double all =
                    IntStream.of(samples.labels()).filter(l -> l == current).count();
            for (int fold = 0; fold < 4; fold++) {
                int f = fold;
                double inside = IntStream.range(0, foldOf.length)
                        .filter(i -> foldOf[i] == f && samples.labels()[i] == current)
                        .count();
                assertThat(inside / all).isBetween(0.2, 0.3);
            }
        }
    }

    @Test
    void foldsDependOnIdsAndSaltAndNotOnTheOrderOfDrives() {
        DriveSamples samples = drives(60, 3);
        List<String> reversed = new ArrayList<>(samples.drives());
        Collections.reverse(reversed);
        int last = reversed.size() - 1;
        DriveSamples turned = new DriveSamples(
                reversed,
                samples.labels(),
                Arrays.stream(samples.driveOf()).map(d -> last - d).toArray(),
                3);
        assertThat(OutOfFold.foldOf(turned, 5, "a")).isEqualTo(OutOfFold.foldOf(samples, 5, "a"));
        assertThat(OutOfFold.foldOf(samples, 5, "b")).isNotEqualTo(OutOfFold.foldOf(samples, 5, "a"));
    }

    @Test
    void aClassOfOneDriveAloneIsNotJudged() throws InterruptedException {
        DriveSamples samples = new DriveSamples(
                List.of("a", "b", "c", "d"), new int[] {0, 1, 0, 1, 0, 1, 2, 0}, new int[] {0, 0, 1, 1, 2, 2, 3, 3}, 3);
        OutOfFold.Outcome.Predicted predicted = (OutOfFold.Outcome.Predicted)
                OutOfFold.predict(samples, 2, "salt", (train, predict, fold) -> certain(predict), (fold, folds) -> {});
        assertThat(predicted.samples()).containsExactly(0, 1, 2, 3, 4, 5, 7);
        assertThat(predicted.labels().labels()).containsExactly(0, 1, 0, 1, 0, 1, 0);
        assertThat(predicted.driveOf()).containsExactly(0, 0, 1, 1, 2, 2, 3);
    }

    @Test
    void foldsAreToldBeforeTheyAreLearned() throws InterruptedException {
        List<String> told = new ArrayList<>();
        OutOfFold.predict(
                drives(20, 4),
                3,
                "salt",
                (train, predict, fold) -> {
                    told.add("learned " + fold);
                    return certain(predict);
                },
                (fold, folds) -> told.add("fold %d of %d".formatted(fold, folds)));
        assertThat(told)
                .containsExactly("fold 1 of 3", "learned 0", "fold 2 of 3", "learned 1", "fold 3 of 3", "learned 2");
    }

    @Test
    void moreFoldsThanDrivesAreNotPossible() throws InterruptedException {
        OutOfFold.Outcome outcome = OutOfFold.predict(
                drives(3, 5), 4, "salt", (train, predict, fold) -> certain(predict), (fold, folds) -> {});
        assertThat(outcome)
                .isEqualTo(
                        new OutOfFold.Outcome.NotPredicted(
                                "4 folds of 3 drives are not possible; ask for 2 folds or more, and for no more folds than drives"));
    }

    @Test
    void aFoldThatWasNotLearnedEndsItWithTheReason() throws InterruptedException {
        Map<Integer, Integer> calls = new HashMap<>();
        OutOfFold.Outcome outcome = OutOfFold.predict(
                drives(20, 6),
                4,
                "salt",
                (train, predict, fold) -> {
                    calls.merge(fold, 1, Integer::sum);
                    return fold == 1 ? new OutOfFold.Learned.NotLearned("The loss diverged.") : certain(predict);
                },
                (fold, folds) -> {});
        assertThat(outcome)
                .isEqualTo(new OutOfFold.Outcome.NotPredicted("Fold 2 of 4 was not learned: The loss diverged."));
        assertThat(calls).containsOnlyKeys(0, 1);
    }

    @Test
    void anInterruptEndsItBeforeTheNextFold() {
        List<Integer> learned = new ArrayList<>();
        assertThatThrownBy(() -> OutOfFold.predict(
                        drives(20, 7),
                        4,
                        "salt",
                        (train, predict, fold) -> {
                            learned.add(fold);
                            Thread.currentThread().interrupt();
                            return certain(predict);
                        },
                        (fold, folds) -> {}))
                .isInstanceOf(InterruptedException.class)
                .hasMessage("Interrupted before fold 2 of 4");
        assertThat(learned).containsExactly(0);
    }

    @Test
    void whatTellsAModelWhenToStopIsOfDrivesThatItDoesNotLearnFrom() {
        DriveSamples samples = drives(40, 3);
        int[] train = IntStream.range(0, samples.size())
                .filter(i -> samples.driveOf()[i] % 5 != 0)
                .toArray();
        OutOfFold.Fitting fitting = OutOfFold.setAside(samples, train, "salt");
        int[] learned = Arrays.stream(fitting.learn())
                .map(i -> samples.driveOf()[i])
                .distinct()
                .toArray();
        int[] stops = Arrays.stream(fitting.stop())
                .map(i -> samples.driveOf()[i])
                .distinct()
                .toArray();
        assertThat(learned).doesNotContain(stops);
        assertThat(IntStream.concat(Arrays.stream(fitting.learn()), Arrays.stream(fitting.stop()))
                        .sorted()
                        .toArray())
                .isEqualTo(train);
        assertThat(fitting.stop().length / (double) train.length).isBetween(0.1, 0.25);
    }

    @Test
    void aSingleDriveCannotBeSetAside() {
        int[] train = {0, 1, 2};
        OutOfFold.Fitting fitting = OutOfFold.setAside(
                new DriveSamples(List.of("only"), new int[] {0, 1, 0}, new int[] {0, 0, 0}, 2), train, "salt");
        assertThat(fitting.learn()).containsExactly(train);
        assertThat(fitting.stop()).containsExactly(train);
    }
}
