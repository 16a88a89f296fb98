package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.Split;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * 1,000 worlds of four splits whose true error rates are known: how many intervals hold the truth, and how often a term
 * that is truly zero is called distinguishable from zero. Fixed seeds, so no chance in it.
 *
 * <p>Worlds differ in everything that the interval does not know: 4 to 500 drives a split, 1 to 240 unequal frames a drive,
 * error rates from 0.0005 to 0.6, correlation within drives from 0 to 0.9, and in what makes frames of a drive agree: a
 * beta distribution (the interval's own model), a normal distribution of log-odds, and drives that are wholly right or
 * wholly wrong among drives of independent frames.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IntervalCoverageTest {
    private static final int WORLDS = 1_000;
    private static final ClusterBootstrap.Settings SETTINGS = new ClusterBootstrap.Settings(200, 2, 42);

    private enum Kind {
        BETA,
        LOGISTIC_NORMAL,
        ALL_OR_NOTHING
    }

    private final Coverage coverage = new Coverage();

    Coverage simulate(long firstSeed, int worlds) {
        for (int world = 0; world < worlds; world++) {
            SplittableRandom random = new SplittableRandom(firstSeed + world);
            Kind kind = Kind.values()[world % Kind.values().length];
            double correlation = random.nextDouble() < 0.25 ? 0 : 0.9 * random.nextDouble();
            double frames = random.nextDouble() < 0.15 ? 1 : 2 * Math.pow(70, random.nextDouble());
            double rate = 0.0005 * Math.pow(1000, random.nextDouble());
            Map<Split, SplitErrors> splits = new EnumMap<>(Split.class);
            Map<Split, Double> truth = new EnumMap<>(Split.class);
            for (Split split : Split.values()) {
                if (split != Split.TRAIN && random.nextDouble() < 0.5) {
                    rate = Math.min(0.6, rate * Math.exp(2 * (random.nextDouble() - 0.3)));
                }
                int drives = (int) Math.round(4 * Math.pow(125, random.nextDouble()));
                truth.put(split, rate);
                splits.put(split, draw(random, kind, drives, frames, rate, correlation));
            }
            judge(kind, splits, truth, ClusterBootstrap.intervals(splits, 0, SETTINGS));
        }
        return coverage;
    }

    private void judge(
            Kind kind, Map<Split, SplitErrors> splits, Map<Split, Double> truth, ClusterBootstrap.Intervals intervals) {
        for (Split split : Split.values()) {
            double rate = truth.get(split);
            int drives = splits.get(split).drives();
            boolean held = intervals.of(split).orElseThrow().contains(rate);
            coverage.count("rate", held);
            coverage.count("rate, " + kind, held);
            coverage.count(
                    rate < 0.01 ? "rate below 0.01" : rate < 0.05 ? "rate 0.01 to 0.05" : "rate above 0.05", held);
            coverage.count(
                    drives < 8
                            ? "rate, 4 to 7 drives"
                            : drives < 20
                                    ? "rate, 8 to 19 drives"
                                    : drives < 80 ? "rate, 20 to 79" : "rate, 80 and more",
                    held);
        }
        for (Term term : Term.values()) {
            if (term.lower().isEmpty()) {
                continue;
            }
            double difference = truth.get(term.upper()) - truth.get(term.lower().get());
            Interval interval = intervals.of(term).orElseThrow();
            coverage.count("term", interval.contains(difference));
            coverage.count("term, " + kind, interval.contains(difference));
            if (difference == 0) {
                coverage.count("term of zero called distinguishable", interval.excludesZero());
            }
        }
    }

    private static SplitErrors draw(
            SplittableRandom random, Kind kind, int drives, double frames, double rate, double correlation) {
        double deviation = 3 * correlation;
        double centre = kind == Kind.LOGISTIC_NORMAL ? centre(rate, deviation) : 0;
        long[] samples = new long[drives];
        long[] errors = new long[drives];
        for (int drive = 0; drive < drives; drive++) {
            samples[drive] = frames == 1 ? 1 : Math.max(1, Math.round(frames * (0.3 + 1.4 * random.nextDouble())));
            double own = switch (kind) {
                case BETA -> correlation == 0 ? rate : beta(random, rate, correlation);
                case LOGISTIC_NORMAL -> RatePosterior.rate(centre + deviation * normal(random));
                case ALL_OR_NOTHING -> random.nextDouble() < correlation ? (random.nextDouble() < rate ? 1 : 0) : rate;
            };
            for (int frame = 0; frame < samples[drive]; frame++) {
                errors[drive] += random.nextDouble() < own ? 1 : 0;
            }
        }
        return new SplitErrors(samples, errors);
    }

    private static double normal(SplittableRandom random) {
        return new NormalDistribution().inverseCumulativeProbability(random.nextDouble(1e-12, 1));
    }

    static double beta(SplittableRandom random, double mean, double correlation) {
        double strength = (1 - correlation) / correlation;
        double a = gamma(random, mean * strength);
        double b = gamma(random, (1 - mean) * strength);
        // Both may be too small for a double where the beta is all but 0 or 1.
        return a + b == 0 ? (random.nextDouble() < mean ? 1 : 0) : a / (a + b);
    }

    /** Marsaglia and Tsang 2000, with their boost for shapes below 1. */
    private static double gamma(SplittableRandom random, double shape) {
        if (shape < 1) {
            return gamma(random, shape + 1) * Math.pow(random.nextDouble(1e-300, 1), 1 / shape);
        }
        double d = shape - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = normal(random);
            double v = Math.pow(1 + c * x, 3);
            if (v > 0 && Math.log(random.nextDouble(1e-300, 1)) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
                return d * v;
            }
        }
    }

    /** The mean of log-odds at which the mean of rates is the one asked for. */
    static double centre(double rate, double deviation) {
        double low = -20;
        double high = 10;
        for (int step = 0; step < 60; step++) {
            double middle = (low + high) / 2;
            if (meanRate(middle, deviation) < rate) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    private static double meanRate(double centre, double deviation) {
        double sum = 0;
        double weights = 0;
        for (int i = -160; i <= 160; i++) {
            double z = i / 20.0;
            double weight = Math.exp(-z * z / 2);
            sum += weight * RatePosterior.rate(centre + deviation * z);
            weights += weight;
        }
        return sum / weights;
    }

    @Test
    void intervalsHoldTheTruthAsOftenAsTheySay() {
        simulate(Coverage.JUDGED, WORLDS).print();

        for (String name : List.of("rate", "term")) {
            coverage.holdsAsItSays(name, WORLDS);
            for (Kind kind : Kind.values()) {
                coverage.holdsAsItSays(name + ", " + kind, WORLDS / Kind.values().length);
            }
        }
        coverage.isRare("term of zero called distinguishable", WORLDS);
    }
}
