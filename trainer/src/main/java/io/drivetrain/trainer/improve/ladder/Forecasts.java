package io.drivetrain.trainer.improve.ladder;

import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LearningCurve;
import io.drivetrain.schemas.LearningCurvePoint;
import io.drivetrain.schemas.SliceAnalysis;
import java.util.Optional;

/** What measurements say that a step changes; negative is better. */
final class Forecasts {
    private Forecasts() {}

    /** Twice the training data; empty where the curve cannot forecast. */
    static Optional<Estimate> twiceTheData(LearningCurve curve) {
        return Optional.ofNullable(curve.getGainOfTwice()).map(Forecasts::lowered);
    }

    /**
     * All samples instead of those that the curve ends with, if the train error stays.
     *
     * <p>The exponent of the law tells how the gain grows from twice the data to all of it. The interval needs no
     * exponent: on a power law no doubling gains more than the one before and none loses, so that the gain lies between
     * that of one doubling and as many times that as there are doublings.
     *
     * @param all samples, of which the curve has measured a part
     * @return empty where the curve cannot forecast, or all were there
     */
    static Optional<Estimate> allData(LearningCurve curve, long all) {
        long now = curve.getPoints().stream()
                .mapToLong(LearningCurvePoint::getSamples)
                .max()
                .orElse(0);
        Estimate twice = curve.getGainOfTwice();
        if (curve.getAtTwice() == null || curve.getLaw() == null || twice == null || now == 0 || all <= now) {
            return Optional.empty();
        }
        double times = (double) all / now;
        double doublings = Math.log(times) / Math.log(2);
        double exponent = curve.getLaw().getExponent();
        double growth = (1 - Math.pow(times, -exponent)) / (1 - Math.pow(2, -exponent));
        return Optional.of(lowered(new Estimate(
                twice.getValue() * growth,
                // A loss is chance between trainings, which more data does not multiply.
                twice.getLow() == null
                        ? null
                        : (Double) (twice.getLow() < 0 ? twice.getLow() : twice.getLow() * Math.min(1, doublings)),
                twice.getHigh() == null ? null : (Double) (twice.getHigh() * Math.max(1, doublings)))));
    }

    /**
     * The part of the shift that comes from a slice being harder in test-dev: its share of the samples of test-dev times
     * how much higher its error is there than in train-dev.
     *
     * @return empty where train-dev has no such sample; without an interval where one of the two errors has none. The
     *     interval is that of the difference (Zou and Donner, 2008), with the share as measured
     */
    static Optional<Estimate> excess(SliceAnalysis slice, Decomposition decomposition) {
        Estimate source = slice.getTrainDevError();
        Estimate target = slice.getTestDevError();
        if (source == null || target == null || slice.getShareOfErrors() == null || target.getValue() <= 0) {
            return Optional.empty();
        }
        double testDev = decomposition.getIrreducible().getValue()
                + decomposition.getBias().getValue()
                + decomposition.getVariance().getValue()
                + decomposition.getShift().getValue();
        double share = slice.getShareOfErrors().getValue() * testDev / target.getValue();
        double difference = target.getValue() - source.getValue();
        if (source.getLow() == null
                || source.getHigh() == null
                || target.getLow() == null
                || target.getHigh() == null) {
            return Optional.of(new Estimate(share * difference, null, null));
        }
        double below = Math.hypot(target.getValue() - target.getLow(), source.getHigh() - source.getValue());
        double above = Math.hypot(target.getHigh() - target.getValue(), source.getValue() - source.getLow());
        return Optional.of(
                new Estimate(share * difference, share * (difference - below), share * (difference + above)));
    }

    /**
     * A gain of which no more can be had than there is of a term, at the value and at the upper end.
     *
     * @param term above zero
     */
    static Estimate atMost(Estimate gain, Estimate term) {
        double value = Math.min(gain.getValue(), term.getValue());
        if (gain.getLow() == null || gain.getHigh() == null) {
            return new Estimate(value, null, null);
        }
        double most = term.getHigh() == null ? term.getValue() : term.getHigh();
        return new Estimate(value, Math.min(gain.getLow(), value), Math.max(value, Math.min(gain.getHigh(), most)));
    }

    /** A gain is a fall of the error, which is negative. */
    static Estimate lowered(Estimate gain) {
        return new Estimate(
                -gain.getValue(),
                gain.getHigh() == null ? null : -gain.getHigh(),
                gain.getLow() == null ? null : -gain.getLow());
    }
}
