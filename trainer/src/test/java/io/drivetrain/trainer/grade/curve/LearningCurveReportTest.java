package io.drivetrain.trainer.grade.curve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.LearningCurve;
import io.drivetrain.trainer.grade.ClusterBootstrap;
import io.drivetrain.trainer.grade.SplitErrors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class LearningCurveReportTest {
    private static final ClusterBootstrap.Settings SETTINGS = new ClusterBootstrap.Settings(200, 5, 42);

    /** Drives of 200 frames with equal shares of errors. */
    private static CurvePoint point(long samples, double error, int drives) {
        long[] frames = new long[drives];
        long[] errors = new long[drives];
        Arrays.fill(frames, 200);
        Arrays.fill(errors, Math.round(200 * error));
        return new CurvePoint(samples, (int) (samples / 50), error / 2, new SplitErrors(frames, errors));
    }

    private static List<CurvePoint> halving(int drives) {
        List<CurvePoint> points = new ArrayList<>();
        for (long samples = 400; samples <= 6400; samples *= 2) {
            points.add(point(samples, 0.03 + 4 / Math.sqrt(samples), drives));
        }
        return points;
    }

    @Test
    void theSentenceSaysWhatTwiceTheDataWouldBring() {
        LearningCurve curve = LearningCurveReport.of(halving(100), 0.8, SETTINGS);
        assertThat(curve.getSentence())
                .matches(
                        "Twice the data would lower variance by \\d\\.\\d pp \\(\\d\\.\\d to \\d\\.\\d\\): the train-dev error would be \\d\\.\\d % \\(\\d\\.\\d % to \\d\\.\\d %\\) with 12,800 training samples instead of 6,400, if the training error stays\\. From 5 subsets and 100 train-dev drives; 95 % intervals; the error falls as samples\\^-\\d\\.\\d\\d towards \\d\\.\\d %\\.");
        double truth = 0.03 + 4 / Math.sqrt(12_800);
        assertThat(curve.getAtTwice().getValue()).isCloseTo(truth, within(0.01));
        assertThat(curve.getAtTwice().getLow()).isLessThan(truth);
        assertThat(curve.getAtTwice().getHigh()).isGreaterThan(truth);
        assertThat(curve.getGainOfTwice().getValue()).isCloseTo(0.08 - truth, within(0.01));
        assertThat(curve.getLaw().getExponent()).isBetween(0.3, 0.8);
    }

    @Test
    void pointsAreToldSmallestFirstWithTheirIntervals() {
        List<CurvePoint> turned = new ArrayList<>(halving(100));
        Collections.reverse(turned);
        LearningCurve curve = LearningCurveReport.of(turned, 0.8, SETTINGS);
        assertThat(curve.getPoints()).extracting(p -> p.getSamples()).containsExactly(400L, 800L, 1600L, 3200L, 6400L);
        assertThat(curve.getPoints()).allSatisfy(p -> {
            assertThat(p.getTrainDevError().getLow())
                    .isLessThan(p.getTrainDevError().getValue());
            assertThat(p.getTrainDevError().getHigh())
                    .isGreaterThan(p.getTrainDevError().getValue());
            assertThat(p.getDrives()).isEqualTo((int) (p.getSamples() / 50));
        });
        assertThat(curve).isEqualTo(LearningCurveReport.of(halving(100), 0.8, SETTINGS));
    }

    @Test
    void twoPointsAreNotEnoughData() {
        LearningCurve curve = LearningCurveReport.of(halving(100).subList(0, 2), 0.8, SETTINGS);
        assertThat(curve.getSentence()).startsWith("Not enough data for a learning curve: 2 of 2 subsets");
        assertThat(curve.getLaw()).isNull();
        assertThat(curve.getAtTwice()).isNull();
        assertThat(curve.getPoints()).hasSize(2);
    }

    @Test
    void modelsThatLearnedNothingAreShownAndNotFitted() {
        LearningCurve curve = LearningCurveReport.of(halving(100), 0.14, SETTINGS);
        assertThat(curve.getSentence()).contains("From 3 subsets");
        assertThat(curve.getPoints()).hasSize(5);
    }

    @Test
    void fewDrivesGiveALawAndNoForecast() {
        LearningCurve curve = LearningCurveReport.of(halving(4), 0.8, SETTINGS);
        assertThat(curve.getSentence())
                .isEqualTo("Not enough data for a forecast: train-dev has 4 drives, and 5 are needed for an interval.");
        assertThat(curve.getLaw()).isNotNull();
        assertThat(curve.getAtTwice()).isNull();
    }

    @Test
    void aCurveThatDoesNotFallHasNoLawAndPromisesNothing() {
        List<CurvePoint> flat = List.of(point(400, 0.2, 100), point(800, 0.2, 100), point(1600, 0.21, 100));
        LearningCurve curve = LearningCurveReport.of(flat, 0.8, SETTINGS);
        assertThat(curve.getSentence())
                .isEqualTo(
                        "No decline seen: the train-dev error is 20.0 % with 400 training samples and 21.0 % with 1,600, so nothing says that more of the same data would lower it.");
        assertThat(curve.getLaw()).isNull();
        assertThat(curve.getGainOfTwice()).isNull();
    }

    @Test
    void aForecastThatSpansEverythingIsNone() {
        List<CurvePoint> points = new ArrayList<>();
        for (long samples = 100; samples <= 400; samples *= 2) {
            // One hard drive makes all the errors, so that nothing is known of others.
            long[] frames = {20, 20, 20, 20, 20};
            long[] errors = {0, 0, 0, 0, samples == 400 ? 1 : 2};
            points.add(new CurvePoint(samples, 5, 0, new SplitErrors(frames, errors)));
        }
        LearningCurve curve = LearningCurveReport.of(points, 0.5, SETTINGS);
        assertThat(curve.getSentence()).startsWith("Not enough data for a forecast: with twice the data");
        assertThat(curve.getAtTwice()).isNull();
    }
}
