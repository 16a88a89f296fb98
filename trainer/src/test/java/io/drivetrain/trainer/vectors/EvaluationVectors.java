package io.drivetrain.trainer.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.drivetrain.trainer.grade.Calibration;
import io.drivetrain.trainer.grade.ClassificationFigures;
import io.drivetrain.trainer.grade.ClusterBootstrap;
import io.drivetrain.trainer.grade.ErrorRateTests;
import io.drivetrain.trainer.grade.Interval;
import io.drivetrain.trainer.grade.PairedBootstrap;
import io.drivetrain.trainer.grade.PairedErrors;
import io.drivetrain.trainer.grade.Proportion;
import io.drivetrain.trainer.grade.RankingFigures;
import io.drivetrain.trainer.grade.SplitPredictions;
import io.drivetrain.trainer.grade.TwoProportions;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * {@code evaluation.json}: calibration, classification figures, intervals of proportions, and tests of error rates, as
 * scikit-learn, statsmodels and scipy compute them. A field that is not known is skipped.
 */
final class EvaluationVectors implements VectorGroup {
    /** Of fields for which the file names no tolerance. */
    private static final double TIGHT = 1e-9;

    private static final int REPLICATES = 20_000;

    /** Resampled samples per case: as many replicates as fit. */
    private static final int DRAWS = 20_000_000;

    @Override
    public String file() {
        return "evaluation.json";
    }

    @Override
    public String toString() {
        return file();
    }

    @Override
    public void check(VectorCase test) {
        switch (test.kind()) {
            case "ece" -> calibration(test);
            case "brier_multiclass" -> losses(test);
            case "classification" -> classification(test);
            case "brier_binary" -> binary(test);
            case "proportion_ci" -> proportion(test);
            case "mcnemar" -> mcNemar(test);
            case "two_proportions" -> twoProportions(test);
            case "paired_bootstrap" -> pairedBootstrap(test);
            default -> test.skip("the kind is not known");
        }
    }

    private static void calibration(VectorCase test) {
        double[][] probabilities = VectorCase.matrix(test.dataset().path("probs"));
        int[] labels = VectorCase.integers(test.dataset().path("labels"));
        Calibration ours =
                Calibration.of(probabilities, labels, test.input().path("bins").asInt());
        fields(test, (name, should) -> {
            switch (name) {
                case "ece", "temperature_scaling_ECELoss" -> number(test, name, ours.expectedError(), should);
                case "mce" -> number(test, name, ours.maximumError(), should);
                case "ece_equal_mass_np_array_split" ->
                    number(
                            test,
                            name,
                            Calibration.expectedErrorOfEqualCounts(
                                    probabilities,
                                    labels,
                                    test.input().path("bins").asInt()),
                            should);
                case "bins_count_conf_acc" -> {
                    for (int bin = 0; bin < should.size(); bin++) {
                        double count = ours.counts()[bin];
                        JsonNode row = should.get(bin);
                        number(test, "count of bin " + bin, count, row.get(0));
                        number(
                                test,
                                "confidence of bin " + bin,
                                count == 0 ? 0 : ours.confidence()[bin] / count,
                                row.get(1));
                        number(test, "accuracy of bin " + bin, count == 0 ? 0 : ours.hits()[bin] / count, row.get(2));
                    }
                }
                default -> test.skip("the field %s is not known".formatted(name));
            }
        });
    }

    private static void losses(VectorCase test) {
        double[][] probabilities = VectorCase.matrix(test.dataset().path("probs"));
        int[] labels = VectorCase.integers(test.dataset().path("labels"));
        double brier = IntStream.range(0, labels.length)
                .mapToDouble(i -> Calibration.brier(probabilities[i], labels[i]))
                .average()
                .orElseThrow();
        double logLoss = IntStream.range(0, labels.length)
                .mapToDouble(i -> Calibration.logLoss(probabilities[i], labels[i]))
                .average()
                .orElseThrow();
        fields(test, (name, should) -> {
            switch (name) {
                case "brier_sum" -> number(test, name, brier, should);
                case "brier_mean_over_classes" -> number(test, name, brier / probabilities[0].length, should);
                case "nll_clipped_1e-15" -> number(test, name, logLoss, should);
                case "sklearn_log_loss" -> {
                    // The peer clips at 2e-16 where it is certain and wrong, we at 1e-15 as the field above.
                    if (certainlyWrong(probabilities, labels)) {
                        test.require(logLoss > 34, "the loss is " + logLoss);
                    } else {
                        number(test, name, logLoss, should);
                    }
                }
                default -> test.skip("the field %s is not known".formatted(name));
            }
        });
    }

    private static boolean certainlyWrong(double[][] probabilities, int[] labels) {
        return IntStream.range(0, labels.length).anyMatch(i -> probabilities[i][labels[i]] == 0);
    }

    private static void classification(VectorCase test) {
        double[][] probabilities = VectorCase.matrix(test.dataset().path("probs"));
        int[] labels = VectorCase.integers(test.dataset().path("labels"));
        int classes = probabilities[0].length;
        ClassificationFigures ours = new ClassificationFigures(
                new SplitPredictions(labels, predicted(probabilities), new int[labels.length], 1).confusion(classes));
        fields(test, (name, should) -> {
            switch (name) {
                case "accuracy", "micro_f1" -> number(test, name, ours.accuracy(), should);
                case "confusion_rows_true" ->
                    test.matrix(
                            name,
                            Arrays.stream(ours.confusion())
                                    .map(row ->
                                            Arrays.stream(row).asDoubleStream().toArray())
                                    .toArray(double[][]::new),
                            should);
                case "precision" -> test.numbers(name, eachOrZero(classes, ours::precision), should);
                case "recall" -> test.numbers(name, eachOrZero(classes, ours::recall), should);
                case "f1" -> test.numbers(name, eachOrZero(classes, ours::f1), should);
                case "support" -> test.numbers(name, eachOrZero(classes, ours::given), should);
                case "macro_f1_labels_present" -> number(test, name, ours.macroF1(), should);
                case "macro_f1_all_K" -> number(test, name, ours.macroF1OfAllClasses(), should);
                case "weighted_f1" -> number(test, name, ours.weightedF1(), should);
                case "balanced_accuracy" -> number(test, name, ours.balancedAccuracy(), should);
                case "balanced_accuracy_adjusted" -> number(test, name, ours.adjustedBalancedAccuracy(), should);
                case "kappa" -> number(test, name, ours.kappa(ClassificationFigures.Weights.EQUAL), should);
                case "kappa_linear" -> number(test, name, ours.kappa(ClassificationFigures.Weights.LINEAR), should);
                case "kappa_quadratic" ->
                    number(test, name, ours.kappa(ClassificationFigures.Weights.QUADRATIC), should);
                case "mcc" -> number(test, name, ours.matthewsCorrelation(), should);
                default -> test.skip("the field %s is not known".formatted(name));
            }
        });
    }

    private interface OfClass {
        double value(int index);
    }

    /** The peer has zero where there is no value. */
    private static double[] eachOrZero(int classes, OfClass figure) {
        return IntStream.range(0, classes)
                .mapToDouble(figure::value)
                .map(value -> Double.isNaN(value) ? 0 : value)
                .toArray();
    }

    private static void binary(VectorCase test) {
        double[][] probabilities = VectorCase.matrix(test.dataset().path("probs"));
        int[] labels = VectorCase.integers(test.dataset().path("labels"));
        double[] scores =
                Arrays.stream(probabilities).mapToDouble(row -> row[1]).toArray();
        boolean[] positive = new boolean[labels.length];
        for (int i = 0; i < labels.length; i++) {
            positive[i] = labels[i] == 1;
        }
        fields(test, (name, should) -> {
            switch (name) {
                // Of the second class alone, so half of what both have.
                case "brier" ->
                    number(
                            test,
                            name,
                            IntStream.range(0, labels.length)
                                    .mapToDouble(i -> Calibration.brier(probabilities[i], labels[i]) / 2)
                                    .average()
                                    .orElseThrow(),
                            should);
                case "auc" -> defined(test, name, RankingFigures.areaUnderCurve(scores, positive), should);
                case "ap" -> defined(test, name, RankingFigures.averagePrecision(scores, positive), should);
                default -> test.skip("the field %s is not known".formatted(name));
            }
        });
    }

    private static void defined(VectorCase test, String name, OptionalDouble ours, JsonNode should) {
        if (should.has("raises")) {
            test.require(ours.isEmpty(), "%s is %s where there is none".formatted(name, ours));
        } else {
            number(test, name, ours.orElse(Double.NaN), should);
        }
    }

    private static void proportion(VectorCase test) {
        Proportion ours = new Proportion(
                test.input().path("k").asLong(), test.input().path("n").asLong());
        double alpha = test.input().path("alpha").asDouble();
        fields(test, (name, should) -> {
            switch (name) {
                case "wilson", "scipy_wilson" -> interval(test, name, ours.wilson(alpha), should);
                case "beta", "scipy_exact" -> interval(test, name, ours.clopperPearson(alpha), should);
                case "agresti_coull" -> interval(test, name, ours.agrestiCoull(alpha), should);
                case "jeffreys" -> interval(test, name, ours.jeffreys(alpha), should);
                case "normal" -> interval(test, name, ours.wald(alpha), should);
                case "scipy_wilsoncc" -> interval(test, name, ours.wilsonCorrected(alpha), should);
                default -> test.skip("the field %s is not known".formatted(name));
            }
        });
    }

    /** Where the peer has no number, at a degenerate end or without samples, ours must be 0 or 1. */
    private static void interval(VectorCase test, String name, Interval ours, JsonNode should) {
        if (Double.isNaN(VectorCase.number(should.get(0)))) {
            test.equal(name + " from", ours.low(), 0.0);
        } else {
            number(test, name, ours.low(), should.get(0));
        }
        if (Double.isNaN(VectorCase.number(should.get(1)))) {
            test.equal(name + " to", ours.high(), 1.0);
        } else {
            number(test, name, ours.high(), should.get(1));
        }
    }

    private static void mcNemar(VectorCase test) {
        long first = test.input().path("b").asLong();
        long second = test.input().path("c").asLong();
        ErrorRateTests.McNemar ours = new ErrorRateTests.McNemar(first, second);
        fields(test, (name, should) -> {
            switch (name) {
                case "exact" -> {
                    number(test, name, Math.min(first, second), should.path("statistic"));
                    number(test, name, ours.exactPValue(), should.path("p"));
                }
                case "chi2_cc" -> test(test, name, ours.correctedChiSquared(), ours.correctedPValue(), should);
                case "chi2" -> test(test, name, ours.chiSquared(), ours.chiSquaredPValue(), should);
                case "mid_p", "mid_p_raw_formula" -> number(test, name, ours.midPValue(), should);
                default -> test.skip("the field %s is not known".formatted(name));
            }
        });
    }

    /** Where the peer divides by zero or throws, ours must see no difference. */
    private static void test(VectorCase test, String name, double statistic, double pValue, JsonNode should) {
        JsonNode theirs = should.has("statistic") ? should.get("statistic") : should.path("z");
        if (should.has("raises") || !Double.isFinite(VectorCase.number(theirs))) {
            test.equal(name + " p-value", pValue, 1.0);
        } else {
            number(test, name, statistic, theirs);
            number(test, name, pValue, should.path("p"));
        }
    }

    private static void twoProportions(VectorCase test) {
        TwoProportions ours = new TwoProportions(
                new Proportion(
                        test.input().path("k1").asLong(),
                        test.input().path("n1").asLong()),
                new Proportion(
                        test.input().path("k2").asLong(),
                        test.input().path("n2").asLong()));
        long samples = ours.first().samples() + ours.second().samples();
        fields(test, (name, should) -> {
            switch (name) {
                case "z_pooled" -> test(test, name, ours.pooledZ(), ours.pooledPValue(), should);
                case "z_unpooled" -> test(test, name, ours.unpooledZ(), ours.unpooledPValue(), should);
                case "fisher_two_sided" -> number(test, name, ours.fisherPValue(), should);
                case "fisher_less" -> number(test, name, ours.fisherLessPValue(), should);
                case "chi2_yates" -> test(test, name, ours.correctedChiSquared(), ours.correctedPValue(), should);
                case "chi2" -> test(test, name, ours.chiSquared(), ours.chiSquaredPValue(), should);
                case "barnard_pooled" ->
                    number(
                            test,
                            name,
                            asThePeerAsked(ours)
                                    .map(TwoProportions::barnardPValue)
                                    .orElse(1.0),
                            should);
                case "boschloo" -> {
                    double pValue = asThePeerAsked(ours)
                            .map(TwoProportions::boschlooPValue)
                            .orElse(1.0);
                    if (should.isTextual()) {
                        test.equal(name, pValue, 1.0);
                    } else {
                        number(test, name, pValue, should);
                    }
                }
                case "ci95_diff_newcomb" -> interval(test, name, ours.newcombe(0.05), should);
                case "ci95_diff_wald" -> interval(test, name, ours.wald(0.05), should);
                case "ci95_diff_agresti-caffo" -> interval(test, name, ours.agrestiCaffo(0.05), should);
                case "ci95_diff_score" -> score(test, name, ours, should);
                case "ci95_diff_bootstrap_percentile" ->
                    interval(test, name, ours.bootstrap((int) Math.min(REPLICATES, DRAWS / samples), 42), should);
                case "bootstrap_B" -> {
                    // How many resamples the peer took.
                }
                default -> test.skip("the field %s is not known".formatted(name));
            }
        });
    }

    /**
     * Scipy's unconditional tests take columns for the two groups, and the vectors gave groups as rows: so the numbers are
     * those of the outcomes as groups. Empty where such a group has no sample.
     */
    private static Optional<TwoProportions> asThePeerAsked(TwoProportions two) {
        Proportion first = two.first();
        Proportion second = two.second();
        long successes = first.successes() + second.successes();
        long failures = first.samples() + second.samples() - successes;
        return successes == 0 || failures == 0
                ? Optional.empty()
                : Optional.of(new TwoProportions(
                        new Proportion(first.successes(), successes),
                        new Proportion(first.samples() - first.successes(), failures)));
    }

    /**
     * An end of the score interval is a difference at which the test just rejects, or the largest that there is. Where the
     * peer's end is none, ours must be one: statsmodels 0.13 has the second group's successes where Miettinen and Nurminen
     * have its samples, so that its restricted proportion is not the likeliest; and its root finder fails for some tables.
     */
    private static void score(VectorCase test, String name, TwoProportions two, JsonNode should) {
        Interval ours = two.score(0.05);
        for (int end = 0; end < 2; end++) {
            double mine = end == 0 ? ours.low() : ours.high();
            double theirs = should.has("raises") ? Double.NaN : VectorCase.number(should.get(end));
            if (justRejected(two, theirs)) {
                number(test, name, mine, should.get(end));
            } else {
                boolean beyond = end == 0 ? mine <= two.difference() : mine >= two.difference();
                test.require(
                        beyond && (justRejected(two, mine) || Math.abs(mine) == 1),
                        "%s ends at %s, which the score test neither just rejects nor is the last"
                                .formatted(name, mine));
            }
        }
    }

    /** Whether the score statistic of a supposed difference is the normal quantile, its likelihood searched for plainly. */
    private static boolean justRejected(TwoProportions two, double supposed) {
        if (Double.isNaN(supposed) || Math.abs(supposed) >= 1 || supposed == two.difference()) {
            return false;
        }
        double low = Math.max(0, -supposed);
        double high = Math.min(1, 1 - supposed);
        for (int step = 0; step < 200; step++) {
            double left = low + (high - low) / 3;
            double right = high - (high - low) / 3;
            if (logLikelihood(two, left, supposed) < logLikelihood(two, right, supposed)) {
                low = left;
            } else {
                high = right;
            }
        }
        double p = (low + high) / 2;
        double q = p + supposed;
        double n1 = two.first().samples();
        double n2 = two.second().samples();
        double variance = (q * (1 - q) / n1 + p * (1 - p) / n2) * (n1 + n2) / (n1 + n2 - 1);
        return Math.abs(Math.abs(two.difference() - supposed) / Math.sqrt(variance) - 1.959964) < 1e-4;
    }

    private static double logLikelihood(TwoProportions two, double second, double difference) {
        return logLikelihood(two.first(), second + difference) + logLikelihood(two.second(), second);
    }

    private static double logLikelihood(Proportion counts, double p) {
        long failures = counts.samples() - counts.successes();
        return (counts.successes() == 0 ? 0 : counts.successes() * Math.log(p))
                + (failures == 0 ? 0 : failures * Math.log(1 - p));
    }

    private static void pairedBootstrap(VectorCase test) {
        int[] first = VectorCase.integers(test.input().path("errors_a"));
        int[] second = VectorCase.integers(test.input().path("errors_b"));
        int samples = first.length;
        // Every sample is its own drive, as the peer's resampling has it.
        int[] drives = IntStream.range(0, samples).toArray();
        PairedErrors errors = PairedErrors.count(new int[samples], first, second, drives, samples, i -> true);
        int replicates = test.input().path("B").asInt();
        PairedBootstrap.Difference ours =
                PairedBootstrap.difference(errors, new ClusterBootstrap.Settings(replicates, 2, 42));
        fields(test, (name, should) -> {
            switch (name) {
                case "diff" -> number(test, name, ours.value(), should);
                case "ci_percentile" -> interval(test, name, ours.interval().orElseThrow(), should);
                case "share_le_0" -> number(test, name, ours.shareAtOrBelowZero(), should);
                case "mcnemar_exact_p" ->
                    number(
                            test,
                            name,
                            new ErrorRateTests.McNemar(errors.onlyCandidateCount(), errors.onlyOtherCount())
                                    .exactPValue(),
                            should);
                // The file gives no tolerance for it, and it is as random as the interval: 3 % of 20,000 resamples, and
                // our correction for the number of drives.
                case "se" -> test.number(name, ours.standardError(), VectorCase.number(should), 0, 0.03);
                default -> test.skip("the field %s is not known".formatted(name));
            }
        });
    }

    private static int[] predicted(double[][] probabilities) {
        return Arrays.stream(probabilities)
                .mapToInt(row -> {
                    int highest = 0;
                    for (int i = 1; i < row.length; i++) {
                        highest = row[i] > row[highest] ? i : highest;
                    }
                    return highest;
                })
                .toArray();
    }

    private interface Field {
        void check(String name, JsonNode should);
    }

    private static void fields(VectorCase test, Field each) {
        for (Iterator<Map.Entry<String, JsonNode>> fields = test.expected().fields(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            each.check(field.getKey(), field.getValue());
        }
    }

    /** Within the file's tolerance for the field, or its general one, or a tight one where it has neither. */
    private static void number(VectorCase test, String name, double ours, JsonNode should) {
        JsonNode tolerance = test.tolerance();
        if (tolerance.has(name) || tolerance.has("abs") || tolerance.has("rel")) {
            test.number(name, ours, should);
        } else {
            test.number(name, ours, VectorCase.number(should), TIGHT, TIGHT);
        }
    }
}
