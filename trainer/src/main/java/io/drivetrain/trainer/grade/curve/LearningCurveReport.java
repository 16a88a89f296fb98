package io.drivetrain.trainer.grade.curve;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LearningCurve;
import io.drivetrain.schemas.LearningCurvePoint;
import io.drivetrain.schemas.PowerLaw;
import io.drivetrain.schemas.Split;
import io.drivetrain.trainer.grade.ClusterBootstrap;
import io.drivetrain.trainer.grade.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The learning curve as the report tells it: points, the law through them, and what twice the data would bring. */
public final class LearningCurveReport {
    /** A law has three numbers. */
    private static final int FEWEST_POINTS = 3;

    /** A model this near to one that looks at nothing has not begun to learn. */
    private static final double LEARNED_SHARE = 0.95;

    /** An interval as wide as this share of the present error says nothing. */
    private static final double TOO_WIDE = 0.8;

    private LearningCurveReport() {}

    /**
     * Builds the part of the report.
     *
     * @param points in any order
     * @param constantError train-dev error of always saying the most frequent class, 0..1: points not below it are shown
     *     and not fitted, because the power law begins where learning does
     * @param settings of the intervals; with fewer train-dev drives than {@code minDrives} there is no forecast
     */
    public static LearningCurve of(List<CurvePoint> points, double constantError, ClusterBootstrap.Settings settings) {
        List<CurvePoint> ascending = points.stream()
                .sorted(Comparator.comparingLong(CurvePoint::samples))
                .toList();
        LearningCurve.Builder curve = LearningCurve.newBuilder()
                .setPoints(ascending.stream().map(p -> point(p, settings)).toList());
        List<CurvePoint> usable = usable(ascending, constantError);
        if (usable.size() < FEWEST_POINTS) {
            return curve.setSentence(
                            "Not enough data for a learning curve: %d of %d subsets learned more than the most frequent class, and %d are needed; raise analysis.learning-curve-points or collect more drives."
                                    .formatted(usable.size(), points.size(), FEWEST_POINTS))
                    .build();
        }
        ErrorLaw law = law(usable);
        CurvePoint least = usable.get(0);
        CurvePoint most = usable.get(usable.size() - 1);
        if (law.scale() == 0) {
            return curve.setSentence(String.format(
                            Locale.ROOT,
                            "No decline seen: the train-dev error is %s with %,d training samples and %s with %,d, so nothing says that more of the same data would lower it.",
                            percent(least.trainDev().rate()),
                            least.samples(),
                            percent(most.trainDev().rate()),
                            most.samples()))
                    .build();
        }
        curve.setLaw(new PowerLaw(law.floor(), law.scale(), law.exponent()));
        int drives = usable.get(0).trainDev().drives();
        if (drives < Math.max(2, settings.minDrives())) {
            return curve.setSentence(
                            "Not enough data for a forecast: train-dev has %d drives, and %d are needed for an interval."
                                    .formatted(drives, Math.max(2, settings.minDrives())))
                    .build();
        }
        CurveForecast forecast = CurveForecast.of(usable, settings.seed());
        double now = usable.get(usable.size() - 1).trainDev().rate();
        if (forecast.interval().high() - forecast.interval().low() >= TOO_WIDE * now) {
            return curve.setSentence(
                            "Not enough data for a forecast: with twice the data the train-dev error of %s could be anything from %s to %s; more train-dev drives or more subsets would narrow it."
                                    .formatted(
                                            percent(now),
                                            percent(forecast.interval().low()),
                                            percent(forecast.interval().high())))
                    .build();
        }
        return curve.setAtTwice(estimate(forecast.error(), forecast.interval()))
                .setGainOfTwice(estimate(forecast.gain(), forecast.gainInterval()))
                .setSentence(sentence(forecast, law, usable, drives))
                .build();
    }

    private static List<CurvePoint> usable(List<CurvePoint> ascending, double constantError) {
        List<CurvePoint> usable = new ArrayList<>();
        for (CurvePoint point : ascending) {
            if (point.samples() > 0
                    && !point.trainDev().isEmpty()
                    && point.trainDev().rate() < LEARNED_SHARE * constantError) {
                usable.add(point);
            }
        }
        return usable;
    }

    private static ErrorLaw law(List<CurvePoint> usable) {
        double[] variances = new double[usable.size()];
        for (int i = 0; i < variances.length; i++) {
            double samples = usable.get(i).trainDev().sampleCount();
            double smoothed = (usable.get(i).trainDev().errorCount() + 0.5) / (samples + 1);
            variances[i] = smoothed * (1 - smoothed) / samples;
        }
        return ErrorLaw.fit(
                usable.stream().mapToDouble(CurvePoint::samples).toArray(),
                usable.stream().mapToDouble(p -> p.trainDev().rate()).toArray(),
                variances);
    }

    private static LearningCurvePoint point(CurvePoint point, ClusterBootstrap.Settings settings) {
        Optional<Interval> interval = ClusterBootstrap.intervals(Map.of(Split.TRAIN_DEV, point.trainDev()), 0, settings)
                .of(Split.TRAIN_DEV);
        return LearningCurvePoint.newBuilder()
                .setSamples(point.samples())
                .setDrives(point.drives())
                .setTrainError(point.trainError())
                .setTrainDevError(new Estimate(
                        point.trainDev().rate(),
                        interval.map(Interval::low).orElse(null),
                        interval.map(Interval::high).orElse(null)))
                .build();
    }

    private static Estimate estimate(double value, Interval interval) {
        return new Estimate(value, interval.low(), interval.high());
    }

    private static String sentence(CurveForecast forecast, ErrorLaw law, List<CurvePoint> usable, int drives) {
        long now = usable.get(usable.size() - 1).samples();
        return (forecast.gainInterval().low() > 0 ? "" : "Not distinguishable from no gain at all. ")
                + String.format(
                        Locale.ROOT,
                        "Twice the data would lower variance by %s pp (%s to %s): the train-dev error would be %s (%s to %s) with %,d training samples instead of %,d, if the training error stays. From %d subsets and %d train-dev drives; 95 %% intervals; the error falls as samples^-%.2f towards %s.",
                        points(forecast.gain()),
                        points(forecast.gainInterval().low()),
                        points(forecast.gainInterval().high()),
                        percent(forecast.error()),
                        percent(forecast.interval().low()),
                        percent(forecast.interval().high()),
                        2 * now,
                        now,
                        usable.size(),
                        drives,
                        law.exponent(),
                        percent(law.floor()));
    }

    private static String points(double rate) {
        // Adding zero makes no sign of what rounds to zero.
        return String.format(Locale.ROOT, "%.1f", Math.rint(1000 * rate) / 10 + 0.0);
    }

    private static String percent(double rate) {
        return points(rate) + " %";
    }
}
