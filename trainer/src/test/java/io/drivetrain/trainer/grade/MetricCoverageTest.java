package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.Bounds;
import io.drivetrain.schemas.ClassQuality;
import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.MetricDecomposition;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitQuality;
import io.drivetrain.schemas.Splits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.junit.jupiter.api.Test;

/**
 * 500 worlds of four splits whose true error rates, balanced errors, macro F1 and log losses, and precision, recall and F1 of each class, are known: how many intervals
 * of each metric and of its terms hold the truth, and how often a term that is truly zero is called distinguishable from
 * zero. Fixed seeds, so no chance in it.
 *
 * <p>Worlds differ in what intervals do not know: 4 to 500 drives a split, drives of 1 to some hundred frames that are about
 * equal or very unequal, 2 to 30 classes, common and rare, that live in every drive or in a few, errors from 0.0003 to 0.6
 * that go together within drives by one of three laws.
 */
class MetricCoverageTest {
    private static final int WORLDS = 500;
    private static final ClusterBootstrap.Settings SETTINGS = new ClusterBootstrap.Settings(200, 2, 42);

    private enum Law {
        BETA,
        LOGISTIC_NORMAL,
        ALL_OR_NOTHING
    }

    private final Coverage coverage = new Coverage();

    /**
     * What a split is drawn from.
     *
     * @param frequency of a class among the frames of a drive that has it, up to a factor
     * @param presence share of drives that have the class
     * @param error rate of each class, 0..1
     * @param confused by class, what its errors are taken for: cumulative
     * @param sureness least probability of the class that the model names
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Source(
            Law law,
            double correlation,
            double frames,
            boolean unequal,
            double[] frequency,
            double[] presence,
            double[] error,
            double[][] confused,
            double sureness) {
        int classes() {
            return frequency.length;
        }

        /** Expected sums of a drive, with samples of these classes alone. */
        SplitStatistics.Sums expected(boolean[] kept) {
            int classes = classes();
            double[] sums = new double[7 + 3 * classes];
            double ofRight = (1 - sureness + sureness * Math.log(sureness)) / (1 - sureness);
            double ofWrong = 1 - Math.log(1 - sureness) + Math.log(classes - 1);
            for (int k = 0; k < classes; k++) {
                if (kept[k]) {
                    double n = frequency[k] * presence[k];
                    sums[0] += n;
                    sums[1] += n * ((1 - error[k]) * ofRight + error[k] * ofWrong);
                    sums[7 + 3 * k] += n;
                    sums[7 + 3 * k + 1] += n * (1 - error[k]);
                    sums[7 + 3 * k + 2] += n * (1 - error[k]);
                    for (int j = 0; j < classes; j++) {
                        double share = confused[k][j] - (j == 0 ? 0 : confused[k][j - 1]);
                        sums[7 + 3 * j + 1] += n * error[k] * share;
                    }
                }
            }
            return new SplitStatistics.Sums(classes, sums).only(kept);
        }

        Source withErrors(double[] other) {
            return new Source(law, correlation, frames, unequal, frequency, presence, other, confused, sureness);
        }

        SplitPredictions draw(SplittableRandom random, int drives) {
            int classes = classes();
            IntStream.Builder labels = IntStream.builder();
            IntStream.Builder predicted = IntStream.builder();
            IntStream.Builder driveOf = IntStream.builder();
            List<float[]> probabilities = new ArrayList<>();
            double[] centre = new double[classes];
            double deviation = 3 * correlation;
            for (int k = 0; k < classes; k++) {
                centre[k] = law == Law.LOGISTIC_NORMAL ? IntervalCoverageTest.centre(error[k], deviation) : 0;
            }
            for (int drive = 0; drive < drives; drive++) {
                double size =
                        unequal ? frames * Math.exp(normal(random) - 0.5) : frames * (0.3 + 1.4 * random.nextDouble());
                double shared = random.nextDouble(1e-12, 1);
                double sharedNormal = new NormalDistribution().inverseCumulativeProbability(shared);
                boolean copies = random.nextDouble() < correlation;
                for (int k = 0; k < classes; k++) {
                    if (random.nextDouble() >= presence[k]) {
                        continue;
                    }
                    double own = switch (law) {
                        case BETA ->
                            correlation == 0 ? error[k] : IntervalCoverageTest.beta(random, error[k], correlation);
                        case LOGISTIC_NORMAL ->
                            RatePosterior.rate(
                                    centre[k] + deviation * Math.sqrt(0.5) * (sharedNormal + normal(random)));
                        case ALL_OR_NOTHING -> copies ? (shared < error[k] ? 1 : 0) : error[k];
                    };
                    double mean = size * frequency[k];
                    int count = (int) Math.floor(mean + random.nextDouble());
                    for (int frame = 0; frame < count; frame++) {
                        boolean wrong = random.nextDouble() < own;
                        int named = k;
                        if (wrong) {
                            double at = random.nextDouble();
                            named = 0;
                            while (named < classes - 1 && confused[k][named] <= at) {
                                named++;
                            }
                        }
                        double sure = random.nextDouble(sureness, 1);
                        float[] row = new float[classes];
                        for (int j = 0; j < classes; j++) {
                            row[j] = (float) (j == named ? sure : (1 - sure) / (classes - 1));
                        }
                        labels.add(k);
                        predicted.add(named);
                        driveOf.add(drive);
                        probabilities.add(row);
                    }
                }
            }
            return new SplitPredictions(
                    labels.build().toArray(),
                    predicted.build().toArray(),
                    driveOf.build().toArray(),
                    drives,
                    probabilities.toArray(float[][]::new));
        }
    }

    private static double normal(SplittableRandom random) {
        return new NormalDistribution().inverseCumulativeProbability(random.nextDouble(1e-12, 1));
    }

    private static Source source(SplittableRandom random, Law law) {
        int classes = new int[] {2, 3, 5, 10, 30}[random.nextInt(5)];
        double[] frequency = new double[classes];
        double[] presence = new double[classes];
        double[] error = new double[classes];
        double[][] confused = new double[classes][classes];
        double uneven = 1.5 * random.nextDouble();
        boolean few = random.nextDouble() < 0.4;
        double rate = 0.0005 * Math.pow(600, random.nextDouble());
        double total = 0;
        for (int k = 0; k < classes; k++) {
            frequency[k] = Math.pow(k + 1, -uneven);
            presence[k] = few && k > 0 ? 0.15 + 0.85 * random.nextDouble() : 1;
            error[k] = Math.min(0.6, rate * Math.exp(1.5 * (random.nextDouble() - 0.5)));
            total += frequency[k];
            double sum = 0;
            for (int j = 0; j < classes; j++) {
                sum += j == k ? 0 : -Math.log(1 - random.nextDouble());
                confused[k][j] = sum;
            }
            for (int j = 0; j < classes; j++) {
                confused[k][j] /= sum;
            }
        }
        for (int k = 0; k < classes; k++) {
            frequency[k] /= total;
        }
        return new Source(
                law,
                random.nextDouble() < 0.25 ? 0 : 0.7 * random.nextDouble(),
                4 * Math.pow(35, random.nextDouble()),
                random.nextDouble() < 0.4,
                frequency,
                presence,
                error,
                confused,
                new double[] {0.5, 0.8, 0.95}[random.nextInt(3)]);
    }

    Coverage simulate(long firstSeed, int worlds) {
        for (int world = 0; world < worlds; world++) {
            SplittableRandom random = new SplittableRandom(firstSeed + world);
            Source source = source(random, Law.values()[world % Law.values().length]);
            Map<Split, Source> sources = new EnumMap<>(Split.class);
            Map<Split, SplitPredictions> drawn = new EnumMap<>(Split.class);
            for (Split split : Split.values()) {
                if (split != Split.TRAIN && random.nextDouble() < 0.5) {
                    double harder = Math.exp(2 * (random.nextDouble() - 0.3));
                    source = source.withErrors(Arrays.stream(source.error())
                            .map(e -> Math.min(0.6, e * harder))
                            .toArray());
                }
                int drives = (int) Math.round(4 * Math.pow(125, random.nextDouble()));
                SplitPredictions of = source.draw(random, drives);
                while (of.errors().drives() < 2) {
                    of = source.draw(random, drives);
                }
                sources.put(split, source);
                drawn.put(split, of);
            }
            judge(sources, drawn);
        }
        return coverage;
    }

    private void judge(Map<Split, Source> sources, Map<Split, SplitPredictions> drawn) {
        int classes = sources.get(Split.TRAIN).classes();
        boolean[] common = new boolean[classes];
        for (int k = 0; k < classes; k++) {
            int at = k;
            common[k] = drawn.values().stream()
                    .allMatch(split -> Arrays.stream(split.labels()).anyMatch(label -> label == at));
        }
        boolean[] every = new boolean[classes];
        Arrays.fill(every, true);
        Map<Split, SplitErrors> errorsOf = new EnumMap<>(Split.class);
        drawn.forEach((split, predictions) -> errorsOf.put(split, predictions.errors()));
        Map<Split, RatePosterior> posteriors = ClusterBootstrap.posteriors(errorsOf, SETTINGS);
        ClusterBootstrap.Intervals intervals = ClusterBootstrap.intervals(errorsOf, posteriors, 0, SETTINGS);
        Map<Split, SplitResamples> resamples = new EnumMap<>(Split.class);
        Map<Split, SplitResamples> averaged = new EnumMap<>(Split.class);
        drawn.forEach((split, predictions) -> {
            resamples.put(
                    split,
                    SplitResamples.of(
                            split,
                            SplitStatistics.of(predictions, classes),
                            Optional.ofNullable(posteriors.get(split)),
                            SETTINGS));
            averaged.put(
                    split,
                    SplitResamples.of(
                                    split,
                                    SplitStatistics.of(predictions.ofClasses(common), classes),
                                    Optional.ofNullable(posteriors.get(split)),
                                    SETTINGS)
                            .only(common));
        });
        judgeClasses(sources, drawn, resamples);
        for (MetricDecomposition metric :
                MetricDecompositions.of(resamples, averaged, List.of(Metric.values()), 0, intervals)) {
            Metric kind = Metric.named(metric.getMetric());
            Map<Split, Double> truth = new EnumMap<>(Split.class);
            sources.forEach((split, source) ->
                    truth.put(split, kind.of(source.expected(kind.averagesClasses() ? common : every))));
            for (Split split : Split.values()) {
                Estimate estimate = metric.getSplits().get(Splits.label(split));
                if (estimate != null) {
                    SplitErrors errors = drawn.get(split).errors();
                    judge(kind.label(), estimate, truth.get(split), errors.drives(), sources.get(split));
                }
            }
            Decomposition d = metric.getDecomposition();
            if (d != null) {
                term(kind, Term.VARIANCE, d.getVariance(), truth, drawn, sources);
                term(kind, Term.SHIFT, d.getShift(), truth, drawn, sources);
                term(kind, Term.VALIDATION_OVERFITTING, d.getValidationOverfitting(), truth, drawn, sources);
            }
        }
    }

    /** Precision, recall and F1 of each class. */
    private void judgeClasses(
            Map<Split, Source> sources, Map<Split, SplitPredictions> drawn, Map<Split, SplitResamples> resamples) {
        boolean[] every = new boolean[sources.get(Split.TRAIN).classes()];
        Arrays.fill(every, true);
        List<String> names =
                IntStream.range(0, every.length).mapToObj(Integer::toString).toList();
        for (SplitQuality quality : SplitQualities.of(drawn, resamples, names, SETTINGS)) {
            Source source = sources.get(quality.getSplit());
            SplitStatistics.Sums truth = source.expected(every);
            for (int k = 0; k < every.length; k++) {
                ClassQuality of = quality.getPerClass().get(k);
                int predictedDrives = of.getPredictedDrives().intValue();
                judge(
                        "precision",
                        estimate(of.getPrecision(), of.getPrecisionInterval()),
                        truth.hits(k) / truth.predicted(k),
                        predictedDrives,
                        source);
                judge("recall", of.getRecall(), truth.hits(k) / truth.given(k), (int) of.getDrives(), source);
                judge(
                        "F1",
                        estimate(of.getF1(), of.getF1Interval()),
                        ClassificationFigures.f1(truth.hits(k), truth.given(k), truth.predicted(k)),
                        Math.max(predictedDrives, (int) of.getDrives()),
                        source);
            }
        }
    }

    private static Estimate estimate(Double value, Bounds bounds) {
        return bounds == null ? null : new Estimate(value, bounds.getLow(), bounds.getHigh());
    }

    private void term(
            Metric kind,
            Term term,
            Estimate estimate,
            Map<Split, Double> truth,
            Map<Split, SplitPredictions> drawn,
            Map<Split, Source> sources) {
        Split lower = term.lower().orElseThrow();
        double difference = truth.get(term.upper()) - truth.get(lower);
        int drives = Math.min(
                drawn.get(term.upper()).errors().drives(),
                drawn.get(lower).errors().drives());
        judge(kind.label() + " term", estimate, difference, drives, sources.get(term.upper()));
        if (difference == 0 && estimate.getLow() != null) {
            coverage.count(
                    kind.label() + " term of zero called distinguishable",
                    estimate.getLow() > 0 || estimate.getHigh() < 0);
        }
    }

    private void judge(String name, Estimate estimate, double truth, int drives, Source source) {
        if (estimate == null || estimate.getLow() == null) {
            // The classes that all splits have are in too few drives of one.
            return;
        }
        boolean held = estimate.getLow() <= truth && truth <= estimate.getHigh();
        coverage.count(name, held);
        coverage.count(name + (drives < 8 ? ", 2 to 7 drives" : drives < 20 ? ", 8 to 19" : ", from 20"), held);
        coverage.count(name + ", " + source.law, held);
        coverage.count(name + (source.unequal ? ", unequal drives" : ", equal drives"), held);
        boolean few = Arrays.stream(source.presence).anyMatch(p -> p < 1);
        coverage.count(name + (few ? ", classes in few drives" : ", classes everywhere"), held);
        if (!name.endsWith("term")) {
            coverage.count(name + (truth < 0.02 ? ", below 0.02" : ", from 0.02"), held);
        }
    }

    @Test
    void intervalsOfEveryMetricHoldTheTruthAsOftenAsTheySay() {
        simulate(Coverage.JUDGED, WORLDS).print();

        for (Metric metric : Metric.values()) {
            String name = metric.label();
            for (String figure : List.of(name, name + " term")) {
                coverage.holdsAsItSays(figure, WORLDS);
                for (Law law : Law.values()) {
                    coverage.holdsAsItSays(figure + ", " + law, WORLDS / Law.values().length);
                }
            }
            coverage.isRare(name + " term of zero called distinguishable", WORLDS);
        }
        for (String name : List.of("precision", "recall", "F1")) {
            coverage.holdsAsItSays(name, WORLDS);
        }
    }
}
