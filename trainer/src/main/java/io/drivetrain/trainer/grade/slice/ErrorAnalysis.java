package io.drivetrain.trainer.grade.slice;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.ShiftParts;
import io.drivetrain.schemas.SliceAnalysis;
import io.drivetrain.schemas.SlicePriority;
import io.drivetrain.schemas.Split;
import io.drivetrain.trainer.grade.ClusterBootstrap;
import io.drivetrain.trainer.grade.Interval;
import io.drivetrain.trainer.grade.SplitErrors;
import io.drivetrain.trainer.grade.Term;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Finds the slices whose errors are most worth fixing, and says how sure that is.
 *
 * <p>Slices come from three sources:
 *
 * <ul>
 *   <li>the values of attributes: those configured, then every other with 2 to 20 values;
 *   <li>for each measurement the threshold beyond which errors are most frequent, of the nine deciles of test-dev;
 *   <li>clusters of the errors by their embeddings ({@link ErrorClusters}).
 * </ul>
 *
 * <p>Searching is allowed for. Attributes and every threshold tried are one family of {@link StandsOut}; the interval of
 * the gain of a measurement's slice has the level {@code 1 − 0.05/thresholds}. Clusters are found from the errors of half
 * of the drives, chosen by the seed, and all their figures on train-dev and test-dev are counted from the other half, which
 * is a family of its own; with both families p-values count double (Bonferroni). Other intervals are 95 % each, not
 * corrected for the number of slices.
 */
public final class ErrorAnalysis {
    private static final int MOST_VALUES = 20;
    private static final int DECILES = 10;

    private final GradedSplit train;
    private final GradedSplit trainDev;
    private final GradedSplit testDev;
    private final List<String> attributes;
    private final List<String> classes;
    private final SliceSettings settings;
    private final boolean[] trainWrong;
    private final boolean[] trainDevWrong;
    private final boolean[] testDevWrong;

    private ErrorAnalysis(
            GradedSplit train,
            GradedSplit trainDev,
            GradedSplit testDev,
            List<String> configured,
            List<String> classes,
            SliceSettings settings) {
        this.train = train;
        this.trainDev = trainDev;
        this.testDev = testDev;
        this.attributes = attributes(trainDev, testDev, configured);
        this.classes = classes;
        this.settings = settings;
        this.trainWrong = train.wrong();
        this.trainDevWrong = trainDev.wrong();
        this.testDevWrong = testDev.wrong();
    }

    /**
     * What was found.
     *
     * @param shiftParts the shift term split by the attribute that explains most; empty where train-dev or test-dev is
     *     empty, or no attribute has two values
     * @param slices most worth fixing first: by priority, then by gain
     */
    public record Result(Optional<ShiftParts> shiftParts, List<SliceFinding> slices) {
        public Result {
            slices = List.copyOf(slices);
        }
    }

    /**
     * Analyses the errors of one model.
     *
     * @param train for counting what training has of each slice
     * @param trainDev SOURCE drives that training has not seen
     * @param testDev TARGET drives; embeddings are used where both of the two last splits have them
     * @param configured names of attributes that come first and are analysed whatever the number of their values
     * @param classes names by class index
     * @throws InterruptedException soon after the thread was interrupted while embeddings were read
     */
    public static Result analyse(
            GradedSplit train,
            GradedSplit trainDev,
            GradedSplit testDev,
            List<String> configured,
            List<String> classes,
            SliceSettings settings)
            throws InterruptedException {
        ErrorAnalysis analysis = new ErrorAnalysis(train, trainDev, testDev, configured, classes, settings);
        return new Result(
                ShiftSplit.byWhatExplainsMost(trainDev, testDev, analysis.attributes, settings), analysis.findings());
    }

    /** Names of attributes with something to compare, the configured ones first, the others by name. */
    public static List<String> attributes(GradedSplit trainDev, GradedSplit testDev, List<String> configured) {
        Map<String, Set<String>> values = new HashMap<>();
        for (GradedSplit split : List.of(trainDev, testDev)) {
            split.attributes()
                    .forEach(sample -> sample.forEach((name, value) -> {
                        Set<String> known = values.computeIfAbsent(name, n -> new TreeSet<>());
                        if (!value.isEmpty() && known.size() <= MOST_VALUES) {
                            known.add(value);
                        }
                    }));
        }
        Set<String> names = new LinkedHashSet<>();
        configured.stream()
                .filter(name -> !values.getOrDefault(name, Set.of()).isEmpty())
                .forEach(names::add);
        new TreeSet<>(values.keySet())
                .stream()
                        .filter(name ->
                                values.get(name).size() >= 2 && values.get(name).size() <= MOST_VALUES)
                        .forEach(names::add);
        return List.copyOf(names);
    }

    /**
     * A slice before its figures.
     *
     * @param trainDevDrives drives of train-dev that its figures are counted from
     * @param testDevDrives the same of test-dev
     * @param tried how many rules it was picked from
     * @param pValue corrected; empty where it has too few drives
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Candidate(
            SliceRule rule, int[] trainDevDrives, int[] testDevDrives, int tried, Optional<Double> pValue) {
        boolean standsOut() {
            return pValue.map(p -> p <= Priorities.SIGNIFICANCE).orElse(false);
        }
    }

    private List<SliceFinding> findings() throws InterruptedException {
        int[] allTrainDev = IntStream.range(0, trainDev.drives().size()).toArray();
        int[] allTestDev = IntStream.range(0, testDev.drives().size()).toArray();
        List<SliceRule> rules = new ArrayList<>(attributeRules());
        int ofAttributes = rules.size();
        List<SliceRule> thresholds = measurementRules();
        rules.addAll(thresholds);
        List<SliceRule> clusters = new ArrayList<>();
        int[] trainDevHalf = half(allTrainDev.length, settings.seed() * 31 + 3);
        int[] testDevHalf = half(allTestDev.length, settings.seed() * 31 + 4);
        clusters.addAll(clusterRules(trainDevHalf, testDevHalf));

        int families = clusters.isEmpty() || rules.isEmpty() ? 1 : 2;
        Map<SliceRule, StandsOut.Outcome> named = judge(rules, allTestDev, settings.seed() * 31 + 5);
        Map<SliceRule, StandsOut.Outcome> grouped = judge(clusters, testDevHalf, settings.seed() * 31 + 6);

        List<Candidate> candidates = new ArrayList<>();
        for (SliceRule rule : rules.subList(0, ofAttributes)) {
            candidates.add(new Candidate(rule, allTrainDev, allTestDev, 1, pValue(named.get(rule), families)));
        }
        for (String measurement : testDev.measurementNames()) {
            List<SliceRule> tried = thresholds.stream()
                    .filter(rule -> named.containsKey(rule)
                            && rule instanceof SliceRule.ByMeasurement m
                            && m.measurement().equals(measurement))
                    .toList();
            tried.stream()
                    .max(Comparator.comparingDouble(rule -> named.get(rule).statistic()))
                    .ifPresent(rule -> candidates.add(new Candidate(
                            rule, allTrainDev, allTestDev, tried.size(), pValue(named.get(rule), families))));
        }
        for (SliceRule rule : clusters) {
            candidates.add(new Candidate(rule, trainDevHalf, testDevHalf, 1, pValue(grouped.get(rule), families)));
        }
        return ranked(candidates);
    }

    private static Optional<Double> pValue(StandsOut.Outcome outcome, int families) {
        return Optional.ofNullable(outcome).map(o -> Math.min(1, families * o.pValue()));
    }

    private List<SliceRule> attributeRules() {
        List<SliceRule> rules = new ArrayList<>();
        for (String attribute : attributes) {
            Set<String> values = new TreeSet<>();
            for (GradedSplit split : List.of(trainDev, testDev)) {
                for (int i = 0; i < split.size(); i++) {
                    values.add(split.attribute(i, attribute));
                }
            }
            values.remove("");
            values.forEach(value -> rules.add(new SliceRule.ByAttribute(attribute, value)));
        }
        return rules;
    }

    private List<SliceRule> measurementRules() {
        Set<SliceRule> rules = new LinkedHashSet<>();
        for (int column = 0; column < testDev.measurementNames().size(); column++) {
            int at = column;
            String name = testDev.measurementNames().get(column);
            double[] sorted = Arrays.stream(testDev.measurements())
                    .mapToDouble(m -> m[at])
                    .filter(Double::isFinite)
                    .sorted()
                    .toArray();
            for (int decile = 1; sorted.length > 0 && decile < DECILES; decile++) {
                double threshold = Figures.rounded(sorted[decile * (sorted.length - 1) / DECILES]);
                if (2 * decile <= DECILES) {
                    rules.add(new SliceRule.ByMeasurement(name, false, threshold));
                }
                if (2 * decile >= DECILES) {
                    rules.add(new SliceRule.ByMeasurement(name, true, threshold));
                }
            }
        }
        return List.copyOf(rules);
    }

    /** Clusters of the errors of the drives that are not in the halves; named by what all their errors have in common. */
    private List<SliceRule> clusterRules(int[] trainDevHalf, int[] testDevHalf) throws InterruptedException {
        if (trainDev.embeddings() == null || testDev.embeddings() == null) {
            return List.of();
        }
        int[] ofTrainDev = errors(trainDev, trainDevWrong, trainDevHalf);
        int[] ofTestDev = errors(testDev, testDevWrong, testDevHalf);
        int[] used = ErrorClusters.used(ofTrainDev.length + ofTestDev.length);
        List<float[]> errors = new ArrayList<>();
        errors.addAll(List.of(trainDev.embeddings()
                .of(Arrays.stream(used)
                        .filter(i -> i < ofTrainDev.length)
                        .map(i -> ofTrainDev[i])
                        .toArray())));
        errors.addAll(List.of(testDev.embeddings()
                .of(Arrays.stream(used)
                        .filter(i -> i >= ofTrainDev.length)
                        .map(i -> ofTestDev[i - ofTrainDev.length])
                        .toArray())));
        Optional<ErrorClusters> found = ErrorClusters.find(errors, settings.seed() * 31 + 7);
        if (found.isEmpty()) {
            return List.of();
        }
        ClusterMembers members = ClusterMembers.of(found.get(), List.of(train, trainDev, testDev));
        List<SliceRule> rules = new ArrayList<>();
        for (int c = 0; c < found.get().count(); c++) {
            SliceRule unnamed = new SliceRule.ByCluster("", members, c);
            String common = ClusterDescription.of(
                    List.of(trainDev, testDev),
                    List.of(and(unnamed.members(trainDev), trainDevWrong), and(unnamed.members(testDev), testDevWrong)),
                    attributes,
                    classes);
            String name = "cluster " + (c + 1) + (common.isEmpty() ? "" : " (" + common + ")");
            rules.add(new SliceRule.ByCluster(name, members, c));
        }
        return rules;
    }

    private static int[] errors(GradedSplit split, boolean[] wrong, int[] leftOut) {
        Set<Integer> kept = new TreeSet<>();
        Arrays.stream(leftOut).forEach(kept::add);
        return IntStream.range(0, split.size())
                .filter(i -> wrong[i] && !kept.contains(split.driveOf()[i]))
                .toArray();
    }

    private static boolean[] and(boolean[] a, boolean[] b) {
        boolean[] both = new boolean[a.length];
        for (int i = 0; i < both.length; i++) {
            both[i] = a[i] && b[i];
        }
        return both;
    }

    /** Half of so many drives, drawn by the seed, ascending. */
    private static int[] half(int drives, long seed) {
        List<Integer> order = new ArrayList<>();
        IntStream.range(0, drives).forEach(order::add);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = drives - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            Integer swapped = order.get(i);
            order.set(i, order.get(j));
            order.set(j, swapped);
        }
        return order.stream()
                .limit((drives + 1) / 2)
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }

    /** The rules with enough drives inside and outside, as one family. */
    private Map<SliceRule, StandsOut.Outcome> judge(List<SliceRule> rules, int[] drives, long seed) {
        SliceCounts all = all().keep(drives);
        List<SliceRule> judged = new ArrayList<>();
        List<SliceCounts> family = new ArrayList<>();
        for (SliceRule rule : rules) {
            SliceCounts slice =
                    SliceCounts.of(testDev, rule.members(testDev), testDevWrong).keep(drives);
            if (enough(slice, all.without(slice))) {
                judged.add(rule);
                family.add(slice);
            }
        }
        Map<SliceRule, StandsOut.Outcome> outcomes = new HashMap<>();
        List<StandsOut.Outcome> found = StandsOut.judge(all, family, settings.replicates(), seed);
        for (int i = 0; i < judged.size(); i++) {
            outcomes.put(judged.get(i), found.get(i));
        }
        return outcomes;
    }

    private boolean enough(SliceCounts slice, SliceCounts rest) {
        int least = Math.max(2, settings.minDrives());
        return slice.drives() >= least && rest.drives() >= least;
    }

    private SliceCounts all() {
        return SliceCounts.all(testDev, testDevWrong);
    }

    private List<SliceFinding> ranked(List<Candidate> candidates) {
        List<SliceFinding> findings = candidates.stream().map(this::figures).toList();
        Map<SliceRule, Boolean> distinguishable = new HashMap<>();
        double largest = 0;
        for (int i = 0; i < candidates.size(); i++) {
            Estimate gain = findings.get(i).analysis().getGain();
            boolean clear = candidates.get(i).standsOut() && gain.getValue() > 0;
            distinguishable.put(candidates.get(i).rule(), clear);
            largest = clear ? Math.max(largest, gain.getValue()) : largest;
        }
        double error = all().rate();
        for (int i = 0; i < candidates.size(); i++) {
            SliceAnalysis analysis = findings.get(i).analysis();
            analysis.setPriority(
                    candidates.get(i).pValue().isEmpty()
                            ? SlicePriority.NOT_ENOUGH_DATA
                            : Priorities.of(
                                    analysis.getGain().getValue(),
                                    distinguishable.get(candidates.get(i).rule()),
                                    largest,
                                    error));
        }
        return findings.stream()
                .sorted(Comparator.comparing((SliceFinding f) -> f.analysis().getPriority())
                        .reversed()
                        .thenComparing(f -> f.analysis().getGain() == null
                                ? Double.POSITIVE_INFINITY
                                : -f.analysis().getGain().getValue())
                        .thenComparing(f -> f.rule().name()))
                .toList();
    }

    private SliceFinding figures(Candidate candidate) {
        SliceRule rule = candidate.rule();
        SliceCounts inTrain = SliceCounts.of(train, rule.members(train), trainWrong);
        SliceCounts inTrainDev =
                SliceCounts.of(trainDev, rule.members(trainDev), trainDevWrong).keep(candidate.trainDevDrives());
        SliceCounts inTestDev =
                SliceCounts.of(testDev, rule.members(testDev), testDevWrong).keep(candidate.testDevDrives());
        SliceCounts all = all().keep(candidate.testDevDrives());
        SliceCounts rest = all.without(inTestDev);
        ClusterBootstrap.Intervals rates = intervals(inTrainDev.asSplitErrors(), inTestDev.asSplitErrors());
        Effects effects = effects(inTestDev, all, candidate);
        SliceAnalysis analysis = new SliceAnalysis(
                rule.name(),
                rule.kind(),
                inTrain.sampleCount(),
                (long) inTrain.drives(),
                inTrainDev.sampleCount(),
                (long) inTrainDev.drives(),
                inTrainDev.errorCount(),
                inTestDev.sampleCount(),
                (long) inTestDev.drives(),
                inTestDev.errorCount(),
                rate(inTrainDev, rates.of(Split.TRAIN_DEV)),
                rate(inTestDev, rates.of(Split.TEST_DEV)),
                effects.shareOfErrors,
                effects.gain,
                SlicePriority.NOT_ENOUGH_DATA,
                null,
                SliceCounts.all(trainDev, trainDevWrong)
                        .keep(candidate.trainDevDrives())
                        .sampleCount(),
                all.sampleCount());
        return new SliceFinding(rule, analysis, rest.rate(), candidate.pValue(), candidate.testDevDrives());
    }

    private static Estimate rate(SliceCounts counts, Optional<Interval> interval) {
        return counts.sampleCount() == 0 ? null : Figures.estimate(counts.rate(), interval);
    }

    /** Two groups of drives, under the names of two splits, because that is what the intervals are made for. */
    private ClusterBootstrap.Intervals intervals(SplitErrors first, SplitErrors second) {
        return ClusterBootstrap.intervals(
                Map.of(Split.TRAIN_DEV, first, Split.TEST_DEV, second),
                0,
                new ClusterBootstrap.Settings(settings.replicates(), settings.minDrives(), settings.seed()));
    }

    /** Share of all errors and gain, null where they are not defined. */
    private record Effects(Estimate shareOfErrors, Estimate gain) {}

    /**
     * The gain's interval is the wider, at each end, of two: the cluster bootstrap's, which knows how unsure the slice's
     * share is, and that of the difference of the two error rates times the share, which knows that a rate near zero may
     * be higher. It does not reach below zero where the slice stands out, because the test of that has refuted what is
     * there.
     */
    private Effects effects(SliceCounts slice, SliceCounts all, Candidate candidate) {
        int tried = candidate.tried();
        SliceCounts rest = all.without(slice);
        double share = slice.errorCount() / (double) all.errorCount();
        boolean shareDefined = all.errorCount() > 0 && slice.sampleCount() > 0;
        boolean gainDefined = slice.sampleCount() > 0 && rest.sampleCount() > 0;
        if (!enough(slice, rest)) {
            return new Effects(
                    shareDefined ? Figures.estimate(share, Optional.empty()) : null,
                    gainDefined
                            ? Figures.estimate(
                                    gain(slice.sampleCount(), slice.errorCount(), all.sampleCount(), all.errorCount()),
                                    Optional.empty())
                            : null);
        }
        double gain = gain(slice.sampleCount(), slice.errorCount(), all.sampleCount(), all.errorCount());
        double[] shares = new double[settings.replicates()];
        double[] gains = new double[settings.replicates()];
        DriveResamples draws = new DriveResamples(all.samples().length, settings.seed() * 31 + 8);
        for (int replicate = 0; replicate < gains.length; replicate++) {
            int[] times = draws.next();
            long errors = slice.resampledErrors(times);
            long allErrors = all.resampledErrors(times);
            shares[replicate] = errors / (double) allErrors;
            gains[replicate] = gain(slice.resampledSamples(times), errors, all.resampledSamples(times), allErrors);
        }
        int clusters = Math.min(slice.drives(), rest.drives());
        double part = slice.sampleCount() / (double) all.sampleCount();
        Optional<Interval> difference = intervals(rest.asSplitErrors(), slice.asSplitErrors())
                .of(Term.SHIFT)
                .map(d -> stretched(new Interval(part * d.low(), part * d.high()), gain, tried));
        Optional<Interval> interval = DriveResamples.interval(gain, gains, clusters, tried)
                .flatMap(b ->
                        difference.map(d -> new Interval(Math.min(b.low(), d.low()), Math.max(b.high(), d.high()))))
                .map(i -> candidate.standsOut() ? new Interval(Math.max(0, i.low()), i.high()) : i);
        return new Effects(
                shareDefined
                        ? Figures.estimate(
                                share,
                                DriveResamples.interval(share, shares, clusters, 1)
                                        .map(i -> new Interval(Math.max(0, i.low()), Math.min(1, i.high()))))
                        : null,
                Figures.estimate(gain, interval));
    }

    private static Interval stretched(Interval interval, double value, int tried) {
        double wider = DriveResamples.widening(tried);
        return new Interval(value - wider * (value - interval.low()), value + wider * (interval.high() - value));
    }

    /** Share of the slice times the difference of its error rate and the rest's; NaN where one of them is empty. */
    private static double gain(long samples, long errors, long allSamples, long allErrors) {
        if (samples == 0 || samples == allSamples) {
            return Double.NaN;
        }
        double rest = (allErrors - errors) / (double) (allSamples - samples);
        return (errors - samples * rest) / allSamples;
    }
}
