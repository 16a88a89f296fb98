package io.drivetrain.trainer.grade.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.CollectionRequest;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LearningCurve;
import io.drivetrain.schemas.PowerLaw;
import io.drivetrain.schemas.SliceAnalysis;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CollectionPlanTest {
    private static final SliceSettings SETTINGS = new SliceSettings(400, 5, 42);
    private static final CollectionPlan.Origin ORIGIN =
            new CollectionPlan.Origin("run-1", "model-1", Instant.parse("2026-11-25T10:00:00Z"));
    private static final GradedSplit DARK_TARGET =
            Worlds.counted("timeofday", Map.of("night", new int[] {40, 20}, "daytime", new int[] {60, 3}));

    private static List<CollectionRequest> plan(GradedSplit train, GradedSplit testDev, Optional<PowerLaw> law) {
        return plan(train, testDev, law.map(known -> curve(known, new Estimate(0.02, 0.015, 0.025))), slice -> {});
    }

    private static List<CollectionRequest> plan(
            GradedSplit train, GradedSplit testDev, Optional<LearningCurve> curve, Consumer<SliceAnalysis> change) {
        ErrorAnalysis.Result result = Worlds.analyse(train, train, testDev, SETTINGS);
        result.slices().forEach(finding -> change.accept(finding.analysis()));
        return CollectionPlan.of(result.slices(), result.shiftParts(), train, testDev, curve, 0.5, SETTINGS, ORIGIN);
    }

    private static LearningCurve curve(PowerLaw law, Estimate gainOfTwice) {
        return LearningCurve.newBuilder()
                .setPoints(List.of())
                .setLaw(law)
                .setAtTwice(new Estimate(0.1, 0.08, 0.12))
                .setGainOfTwice(gainOfTwice)
                .setSentence("")
                .build();
    }

    @Test
    void nightThatTrainLacksIsAskedForByName() {
        GradedSplit train = Worlds.counted("timeofday", Map.of("daytime", new int[] {90, 2}));
        List<CollectionRequest> requests = plan(train, DARK_TARGET, Optional.empty());
        assertThat(requests).singleElement().satisfies(request -> {
            assertThat(request.getSlice()).isEqualTo("timeofday=night");
            assertThat(request.getDomain()).isEqualTo(Domain.SOURCE);
            // 60 of 150 are the 40 % that test-dev has.
            assertThat(request.getDrives()).isEqualTo(60);
            assertThat(request.getExpectedGain()).isNull();
            assertThat(request.getMostGain().getValue()).isCloseTo(0.4 * 0.45, within(1e-12));
            assertThat(request.getMostGain().getLow()).isPositive();
            assertThat(request.getCollectionId()).isEqualTo("run-1/timeofday=night");
            assertThat(request.getReason())
                    .startsWith("timeofday=night is 40.0 % of test-dev (40 of 100 drives) and 0.0 % of train (0 of 90"
                            + " drives). Its test-dev error is 50.0 %")
                    .contains("that of the rest 5.0 %")
                    .contains("would lower the test-dev error by 18.0 points (")
                    .contains("of the distribution shift its share explains")
                    .contains("60 more drives")
                    .contains("the most that it can bring");
        });
    }

    @Test
    void withALearningCurveItSaysHowManyDrivesBringTheSliceToTheRest() {
        GradedSplit train =
                Worlds.counted("timeofday", Map.of("daytime", new int[] {90, 2}, "night", new int[] {10, 5}));
        // 0.5 falls to 0.05 at (0.5 / 0.05)^(1 / 1.25) = 6.31 times the samples.
        List<CollectionRequest> requests = plan(train, DARK_TARGET, Optional.of(new PowerLaw(0.0, 3.0, 1.25)));
        assertThat(requests).singleElement().satisfies(request -> {
            assertThat(request.getDrives()).isEqualTo(54);
            assertThat(request.getExpectedGain().getValue()).isCloseTo(0.4 * 0.45, within(1e-12));
        });
    }

    @Test
    void theExpectedGainIsAsUnsureAsTheLearningCurve() {
        GradedSplit train =
                Worlds.counted("timeofday", Map.of("daytime", new int[] {90, 2}, "night", new int[] {10, 5}));
        PowerLaw law = new PowerLaw(0.0, 3.0, 1.25);
        Estimate sure = plan(train, DARK_TARGET, Optional.of(curve(law, new Estimate(0.02, 0.02, 0.02))), s -> {})
                .get(0)
                .getExpectedGain();
        Estimate unsure = plan(train, DARK_TARGET, Optional.of(curve(law, new Estimate(0.02, 0.015, 0.025))), s -> {})
                .get(0)
                .getExpectedGain();
        assertThat(unsure.getValue()).isEqualTo(sure.getValue());
        // 6.31 times the samples are 2.66 doublings, each off by up to a quarter.
        assertThat(unsure.getLow()).isCloseTo(sure.getLow() * (1 - 0.25 * 2.6577), within(1e-4));
        assertThat(unsure.getHigh()).isCloseTo(sure.getHigh(), within(1e-9));
    }

    @Test
    void aSliceWhoseGainHasNoIntervalIsAskedForWithoutAFigure() {
        GradedSplit train =
                Worlds.counted("timeofday", Map.of("daytime", new int[] {90, 2}, "night", new int[] {10, 5}));
        LearningCurve curve = curve(new PowerLaw(0.0, 3.0, 1.25), new Estimate(0.02, 0.015, 0.025));
        assertThat(plan(
                        train,
                        DARK_TARGET,
                        Optional.of(curve),
                        slice -> slice.getGain().setLow(null)))
                .singleElement()
                .satisfies(request -> {
                    assertThat(request.getDrives()).isEqualTo(54);
                    assertThat(request.getExpectedGain()).isNull();
                    assertThat(request.getReason()).contains("the gain has no interval");
                });
    }

    @Test
    void aSliceThatEveryDriveHasALittleOfDoesNotAskForMoreDrivesThanTrainHas() {
        SplittableRandom random = new SplittableRandom(11);
        Worlds.Difficulty tunnels = f -> Worlds.isNight(f) ? 0.7 : 0.02;
        GradedSplit train = mixed(Worlds.split(random, new Worlds.Recipe(60, 8, 0, 0.2), tunnels), 0);
        GradedSplit testDev = mixed(Worlds.split(random, new Worlds.Recipe(100, 8, 0, 0.2), f -> 0.02), 4);
        List<CollectionRequest> requests = plan(train, testDev, Optional.empty());
        assertThat(requests).first().satisfies(request -> {
            assertThat(request.getSlice()).isEqualTo("timeofday=night");
            assertThat(request.getDrives()).isEqualTo(60);
            assertThat(request.getReason()).contains("the most that is asked for at once");
        });
    }

    /** Every n-th frame of each drive at night and wrong; 0 for none. */
    private static GradedSplit mixed(GradedSplit split, int every) {
        List<Map<String, String>> attributes = new ArrayList<>(split.attributes());
        int frame = 0;
        for (int i = 0; i < split.size(); i++) {
            frame = i > 0 && split.driveOf()[i] == split.driveOf()[i - 1] ? frame + 1 : 0;
            if (every > 0 && frame % every == 0) {
                attributes.set(i, Map.of("timeofday", "night"));
                int label = split.labels()[i];
                split.probabilities()[i][label] = 0.25f;
                split.probabilities()[i][(label + 1) % Worlds.CLASSES.size()] = 0.75f;
            }
        }
        return new GradedSplit(
                split.labels(),
                split.probabilities(),
                split.driveOf(),
                split.drives(),
                attributes,
                split.measurementNames(),
                split.measurements(),
                null);
    }

    @Test
    void aSliceWithManyErrorsAndTooFewDrivesIsAskedForToBeMeasured() {
        GradedSplit train = Worlds.counted("timeofday", Map.of("daytime", new int[] {90, 2}));
        GradedSplit testDev =
                Worlds.counted("timeofday", Map.of("night", new int[] {3, 2}, "daytime", new int[] {97, 4}));
        assertThat(plan(train, testDev, Optional.empty())).singleElement().satisfies(request -> {
            assertThat(request.getSlice()).isEqualTo("timeofday=night");
            assertThat(request.getDomain()).isEqualTo(Domain.TARGET);
            // Two more on test-dev, where half of the new TARGET drives go.
            assertThat(request.getDrives()).isEqualTo(4);
            assertThat(request.getExpectedGain()).isNull();
            assertThat(request.getMostGain()).isNull();
            assertThat(request.getReason())
                    .contains("It holds 33.3 % of the errors, but 3 drives are too few")
                    .contains("about 50 % go to test-dev");
        });
    }

    @Test
    void aSliceWithFewErrorsIsNotMeasured() {
        GradedSplit train = Worlds.counted("timeofday", Map.of("daytime", new int[] {90, 2}));
        GradedSplit testDev =
                Worlds.counted("timeofday", Map.of("night", new int[] {3, 1}, "daytime", new int[] {97, 40}));
        assertThat(plan(train, testDev, Optional.empty())).isEmpty();
    }

    @Test
    void aLearningCurveIsNotTrustedBeyondTenTimesTheSamples() {
        GradedSplit train =
                Worlds.counted("timeofday", Map.of("daytime", new int[] {90, 2}, "night", new int[] {10, 5}));
        List<CollectionRequest> requests = plan(train, DARK_TARGET, Optional.of(new PowerLaw(0.0, 3.0, 0.3)));
        assertThat(requests).singleElement().satisfies(request -> {
            assertThat(request.getDrives()).isEqualTo(90);
            double reached = 0.5 * Math.pow(10, -0.3);
            assertThat(request.getExpectedGain().getValue()).isCloseTo(0.4 * (0.5 - reached), within(1e-12));
        });
    }

    @Test
    void whereTrainHasItsShareAlreadyNoGainIsPromised() {
        GradedSplit train =
                Worlds.counted("timeofday", Map.of("daytime", new int[] {50, 2}, "night", new int[] {50, 25}));
        assertThat(plan(train, DARK_TARGET, Optional.empty())).singleElement().satisfies(request -> {
            assertThat(request.getExpectedGain()).isNull();
            assertThat(request.getDrives()).isEqualTo(50);
            assertThat(request.getReason()).contains("nothing says what they bring");
        });
    }

    @Test
    void nothingIsAskedForWhereNothingStandsOut() {
        GradedSplit even =
                Worlds.counted("timeofday", Map.of("daytime", new int[] {50, 5}, "night", new int[] {50, 5}));
        assertThat(plan(even, even, Optional.empty())).isEmpty();
    }

    @Test
    void aSliceThatIsAnotherByADifferentNameIsAskedForOnce() {
        SplittableRandom random = new SplittableRandom(4);
        Worlds.Difficulty night = f -> Worlds.isNight(f) ? 0.6 : 0.03;
        GradedSplit train = Worlds.split(random, new Worlds.Recipe(80, 5, 0.05, 0.2), night);
        GradedSplit plain = Worlds.split(random, new Worlds.Recipe(150, 5, 0.4, 0.2), night);
        // Brightness tells night exactly, so that a threshold of it is the same slice.
        for (int i = 0; i < plain.size(); i++) {
            plain.measurements()[i][0] =
                    plain.attributes().get(i).get("timeofday").equals("night") ? 0.1 : 0.9;
        }
        assertThat(plan(train, plain, Optional.empty()))
                .extracting(CollectionRequest::getSlice)
                .containsExactly("timeofday=night");
    }
}
