package io.drivetrain.trainer.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.drivetrain.trainer.grade.noise.ClassNoise;
import io.drivetrain.trainer.grade.noise.ConfidentJoint;
import io.drivetrain.trainer.grade.noise.LabelIssues;
import io.drivetrain.trainer.grade.noise.LabelQuality;
import io.drivetrain.trainer.grade.noise.NoiseMatrices;
import io.drivetrain.trainer.grade.noise.NoisyLabels;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** {@code label_errors.json}: confident learning, as cleanlab computes it. */
final class LabelErrorVectors implements VectorGroup {
    /** Scores that differ by less are ties, whose order the peer leaves to an unstable sort. */
    private static final double TIE = 1e-9;

    @Override
    public String file() {
        return "label_errors.json";
    }

    @Override
    public String toString() {
        return file();
    }

    @Override
    public void check(VectorCase test) {
        JsonNode dataset = test.dataset();
        if (dataset.isMissingNode()) {
            test.skip("the data set is not in the file");
            return;
        }
        double[][] probabilities = VectorCase.matrix(dataset.path("pred_probs"));
        int classes = probabilities.length == 0 ? 0 : probabilities[0].length;
        NoisyLabels data = new NoisyLabels(VectorCase.integers(dataset.path("labels")), probabilities, classes);
        if (test.peerThrew()) {
            definedAnswer(test, data);
            return;
        }
        switch (test.kind()) {
            case "confident_thresholds" ->
                test.numbers("thresholds", ConfidentJoint.of(data).thresholds(), test.expected());
            case "confident_joint" -> counts(test, data);
            case "off_diagonals" ->
                test.equal(
                        "off-diagonal indices",
                        boxed(ConfidentJoint.of(data).offDiagonal()),
                        boxed(VectorCase.integers(test.expected().path("off_diagonal_indices"))));
            case "joint" -> test.matrix("joint", ConfidentJoint.of(data).joint(), test.expected());
            case "noise_matrices" -> noiseMatrices(test, data);
            case "num_label_issues" -> issues(test, data);
            case "find_label_issues" -> found(test, data);
            case "find_label_issues_ranked" -> ranked(test, data);
            case "quality_scores" -> test.numbers("score", scores(test, data), test.expected());
            case "overall_health" ->
                test.number("health", 1 - ConfidentJoint.of(data).issues() / (double) data.size(), test.expected());
            case "rank_classes" -> classes(test, data);
            case "overlapping_classes_top10" -> overlaps(test, data);
            default -> test.skip("the kind is not known");
        }
    }

    /** Where the peer throws, ours says what is wrong in a sentence, and figures against no other class are none. */
    private static void definedAnswer(VectorCase test, NoisyLabels data) {
        test.require(data.objection().isPresent(), "there is no objection to labels that the peer refuses");
        if (Arrays.stream(data.labels()).distinct().count() == 1) {
            test.equal("issues against no other class", ConfidentJoint.of(data).calibratedIssues(), 0);
            for (double score : LabelQuality.NORMALIZED_MARGIN.scores(data)) {
                test.require(Double.isNaN(score) || (score >= 0 && score <= 1), "the margin is " + score);
            }
        }
    }

    private static void counts(VectorCase test, NoisyLabels data) {
        ConfidentJoint joint = ConfidentJoint.of(data);
        int[][] ours = test.input().path("calibrate").asBoolean() ? joint.calibrated() : joint.counts();
        test.matrix("counts", wide(ours), test.expected());
    }

    private static void noiseMatrices(VectorCase test, NoisyLabels data) {
        int[][] counts = ConfidentJoint.of(data).calibrated();
        NoiseMatrices ours = NoiseMatrices.of(counts, data.counts());
        test.numbers("py", ours.prior(), test.expected().path("py"));
        test.matrix("noise_matrix", ours.noise(), test.expected().path("noise_matrix"));
        test.matrix("inverse_noise_matrix", ours.inverse(), test.expected().path("inverse_noise_matrix"));
        test.matrix("confident_joint", wide(counts), test.expected().path("confident_joint"));
    }

    private static void issues(VectorCase test, NoisyLabels data) {
        ConfidentJoint joint = ConfidentJoint.of(data);
        switch (test.input().path("estimation_method").asText()) {
            case "off_diagonal" ->
                test.equal("issues", joint.issues(), test.expected().asInt());
            case "off_diagonal_calibrated" ->
                test.equal("issues", joint.calibratedIssues(), test.expected().asInt());
            default -> test.skip("the estimation method is not known");
        }
    }

    private static void found(VectorCase test, NoisyLabels data) {
        LabelIssues.Filter filter = filter(test);
        int[] ours = LabelIssues.find(data, filter);
        int[] should = VectorCase.integers(test.expected().path("mask_indices"));
        LabelQuality tiedBy =
                filter == LabelIssues.Filter.LOW_NORMALIZED_MARGIN || filter == LabelIssues.Filter.PRUNE_BY_NOISE_RATE
                        ? LabelQuality.NORMALIZED_MARGIN
                        : LabelQuality.SELF_CONFIDENCE;
        boolean ofAll =
                filter == LabelIssues.Filter.LOW_NORMALIZED_MARGIN || filter == LabelIssues.Filter.LOW_SELF_CONFIDENCE;
        test.require(
                Arrays.equals(ours, should) || differOnlyInTies(data, ours, should, tiedBy.scores(data), ofAll),
                "indices are %s and should be %s".formatted(boxed(ours), boxed(should)));
    }

    /** As many are taken of each class, and those that only one side took have the scores of those that only the other took. */
    private static boolean differOnlyInTies(
            NoisyLabels data, int[] ours, int[] should, double[] scores, boolean acrossClasses) {
        List<Integer> mine = boxed(ours);
        List<Integer> theirs = boxed(should);
        Comparator<Integer> order = Comparator.comparingInt((Integer i) -> acrossClasses ? 0 : data.labels()[i])
                .thenComparingDouble(i -> scores[i]);
        List<Integer> onlyMine =
                mine.stream().filter(i -> !theirs.contains(i)).sorted(order).toList();
        List<Integer> onlyTheirs =
                theirs.stream().filter(i -> !mine.contains(i)).sorted(order).toList();
        return onlyMine.size() == onlyTheirs.size()
                && IntStream.range(0, onlyMine.size()).allMatch(i -> {
                    int one = onlyMine.get(i);
                    int other = onlyTheirs.get(i);
                    return (acrossClasses || data.labels()[one] == data.labels()[other])
                            && Math.abs(scores[one] - scores[other]) <= TIE;
                });
    }

    private static void ranked(VectorCase test, NoisyLabels data) {
        LabelQuality quality = quality(test.input().path("ranked_by").asText());
        int[] ours = LabelIssues.ranked(data, filter(test), quality);
        int[] should = VectorCase.integers(test.expected().path("indices"));
        double[] scores = quality.scores(data);
        boolean same = ours.length == should.length;
        for (int i = 0; same && i < ours.length; i++) {
            same = Math.abs(scores[ours[i]] - scores[should[i]]) <= TIE;
        }
        test.require(
                same || Arrays.equals(ours, should),
                "indices are %s and should be %s".formatted(boxed(ours), boxed(should)));
    }

    private static double[] scores(VectorCase test, NoisyLabels data) {
        LabelQuality quality = quality(test.input().path("method").asText());
        return test.input().path("adjust_pred_probs").asBoolean() ? quality.adjustedScores(data) : quality.scores(data);
    }

    private static void classes(VectorCase test, NoisyLabels data) {
        List<ClassNoise> ours = ClassNoise.ranked(data);
        Map<Integer, ClassNoise> byIndex = new HashMap<>();
        ours.forEach(noise -> byIndex.put(noise.classIndex(), noise));
        JsonNode should = test.expected();
        test.equal("number of classes", ours.size(), should.path("Class Index").size());
        for (int row = 0; row < should.path("Class Index").size(); row++) {
            int index = should.path("Class Index").get(row).asInt();
            ClassNoise noise = byIndex.get(index);
            String name = " of class " + index;
            test.equal(
                    "issues" + name,
                    noise.issues(),
                    should.path("Label Issues").get(row).asInt());
            test.equal(
                    "inverse issues" + name,
                    noise.inverseIssues(),
                    should.path("Inverse Label Issues").get(row).asInt());
            test.number(
                    "noise" + name, noise.noise(), should.path("Label Noise").get(row));
            test.number(
                    "inverse noise" + name,
                    noise.inverseNoise(),
                    should.path("Inverse Label Noise").get(row));
            test.number(
                    "quality" + name,
                    noise.quality(),
                    should.path("Label Quality Score").get(row));
            // The order, which may differ among equals.
            test.number(
                    "quality at rank " + row,
                    ours.get(row).quality(),
                    should.path("Label Quality Score").get(row));
        }
    }

    private static void overlaps(VectorCase test, NoisyLabels data) {
        List<ClassNoise.Overlap> ours = ClassNoise.overlaps(data);
        JsonNode should = test.expected();
        int rows = should.path("Class Index A").size();
        test.equal("number of pairs", Math.min(10, ours.size()), rows);
        for (int row = 0; row < rows; row++) {
            int one = should.path("Class Index A").get(row).asInt();
            int other = should.path("Class Index B").get(row).asInt();
            ClassNoise.Overlap overlap = ours.stream()
                    .filter(o -> o.oneClass() == one && o.otherClass() == other)
                    .findFirst()
                    .orElseThrow();
            String name = " of %d and %d".formatted(one, other);
            test.equal(
                    "samples" + name,
                    overlap.samples(),
                    should.path("Num Overlapping Examples").get(row).asInt());
            test.number(
                    "share" + name,
                    overlap.share(),
                    should.path("Joint Probability").get(row));
            test.number(
                    "share at rank " + row,
                    ours.get(row).share(),
                    should.path("Joint Probability").get(row));
        }
    }

    private static LabelIssues.Filter filter(VectorCase test) {
        return LabelIssues.Filter.valueOf(
                test.input().path("filter_by").asText().toUpperCase(Locale.ROOT));
    }

    private static LabelQuality quality(String name) {
        return LabelQuality.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private static double[][] wide(int[][] counts) {
        return Arrays.stream(counts)
                .map(row -> Arrays.stream(row).asDoubleStream().toArray())
                .toArray(double[][]::new);
    }

    private static List<Integer> boxed(int[] values) {
        return Arrays.stream(values).boxed().toList();
    }
}
