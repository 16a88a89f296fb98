package io.drivetrain.trainer.grade.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.CollectionRequest;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.PowerLaw;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CollectionPlanTest {
    private static final SliceSettings SETTINGS = new SliceSettings(400, 5, 42);
    private static final CollectionPlan.Origin ORIGIN =
            new CollectionPlan.Origin("run-1", "model-1", Instant.parse("2026-11-25T10:00:00Z"));
    private static final GradedSplit DARK_TARGET =
            Worlds.counted("timeofday", Map.of("night", new int[] {40, 20}, "daytime", new int[] {60, 3}));

    private static List<CollectionRequest> plan(GradedSplit train, GradedSplit testDev, Optional<PowerLaw> law) {
        ErrorAnalysis.Result result =
                ErrorAnalysis.analyse(train, train, testDev, List.of("timeofday"), Worlds.CLASSES, SETTINGS);
        return CollectionPlan.of(result.slices(), result.shiftParts(), train, testDev, law, SETTINGS, ORIGIN);
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
            assertThat(request.getExpectedGain().getValue()).isCloseTo(0.4 * 0.45, within(1e-12));
            assertThat(request.getExpectedGain().getLow()).isPositive();
            assertThat(request.getCollectionId()).isEqualTo("run-1/timeofday=night");
            assertThat(request.getReason())
                    .startsWith("timeofday=night is 40.0 % of test-dev (40 of 100 drives) and 0.0 % of train (0 of 90"
                            + " drives). Its test-dev error is 50.0 %")
                    .contains("that of the rest 5.0 %")
                    .contains("would lower the test-dev error by 18.0 points (")
                    .contains("of the distribution shift its share explains")
                    .contains("60 more drives");
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
