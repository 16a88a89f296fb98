package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.MetricDecomposition;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The five terms of the test error by any {@link Metric}: the same differences of splits as for the error rate, which sum
 * exactly to the value on test, with intervals from {@link SplitResamples}. Drives of different splits are drawn
 * independently.
 *
 * <p>Metrics that average over classes count those alone that all four splits have samples of, and samples of those
 * classes alone: a hard class that one split lacks would otherwise look like a term, by its own errors and by what is taken
 * for another class.
 */
final class MetricDecompositions {
    private MetricDecompositions() {}

    /**
     * Decomposes by each metric that the predictions allow: one that needs probabilities is left out without them.
     *
     * @param splits those that are not empty
     * @param averaged the same for metrics that average over classes, with samples of the {@link #common} classes alone;
     *     empty where there are none
     * @param irreducible error rate, 0..1
     * @param ofErrorRate the intervals of the error rate, which are reported once and the same everywhere
     */
    static List<MetricDecomposition> of(
            Map<Split, SplitResamples> splits,
            Map<Split, SplitResamples> averaged,
            List<Metric> metrics,
            double irreducible,
            ClusterBootstrap.Intervals ofErrorRate) {
        return metrics.stream()
                .filter(metric -> !metric.needsProbabilities()
                        || splits.values().stream()
                                .allMatch(split -> split.statistics().withProbabilities()))
                .map(metric -> decompose(
                        metric.averagesClasses() ? averaged : splits,
                        metric,
                        metric.irreducible(irreducible),
                        metric == Metric.ERROR_RATE ? Optional.of(ofErrorRate) : Optional.empty()))
                .toList();
    }

    /**
     * The sentence that names the classes that averages over classes leave out, because a split has no sample of them.
     *
     * @param splits those that are not empty
     * @param classNames in the order of class indices
     * @return empty where there is none, or no average is asked for
     */
    static Optional<String> leftOut(Map<Split, SplitResamples> splits, List<Metric> metrics, List<String> classNames) {
        List<String> averages = metrics.stream()
                .filter(Metric::averagesClasses)
                .map(Metric::label)
                .toList();
        if (averages.isEmpty() || splits.size() < Split.values().length) {
            return Optional.empty();
        }
        Map<String, List<String>> classesBySplits = new LinkedHashMap<>();
        Set<String> domains = new LinkedHashSet<>();
        for (int index = 0; index < classNames.size(); index++) {
            int at = index;
            List<Split> without = splits.entrySet().stream()
                    .filter(split -> !split.getValue().gives(at))
                    .map(Map.Entry::getKey)
                    .toList();
            if (!without.isEmpty() && splits.values().stream().anyMatch(split -> split.knows(at))) {
                String names = without.stream().map(Splits::label).collect(Collectors.joining(" and "));
                classesBySplits.computeIfAbsent(names, n -> new ArrayList<>()).add(classNames.get(index));
                without.forEach(split -> domains.add(Splits.domain(split).toString()));
            }
        }
        if (classesBySplits.isEmpty()) {
            return Optional.empty();
        }
        String lacking = classesBySplits.entrySet().stream()
                .map(e -> "%s %s no sample of %s"
                        .formatted(
                                e.getKey(),
                                e.getKey().contains(" and ") ? "have" : "has",
                                String.join(", ", e.getValue())))
                .collect(Collectors.joining("; "));
        return Optional.of(
                "Not enough data: %s; so %s and their terms leave these classes out on every split; send %s drives with them"
                        .formatted(lacking, String.join(" and ", averages), String.join(" and ", domains)));
    }

    /** By class, whether every split has a sample of it. */
    static boolean[] common(Map<Split, SplitResamples> splits, int classes) {
        boolean[] common = new boolean[classes];
        for (int index = 0; index < classes; index++) {
            int at = index;
            common[index] = splits.values().stream().allMatch(split -> split.gives(at));
        }
        return common;
    }

    private static MetricDecomposition decompose(
            Map<Split, SplitResamples> splits,
            Metric metric,
            double irreducible,
            Optional<ClusterBootstrap.Intervals> given) {
        Map<String, Estimate> values = new LinkedHashMap<>();
        Map<Split, Optional<Interval>> rates = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            SplitResamples resamples = splits.get(split);
            if (resamples != null) {
                rates.put(split, given.isPresent() ? given.get().of(split) : resamples.interval(metric));
                values.put(Splits.label(split), Estimates.of(resamples.value(metric), rates.get(split)));
            }
        }
        if (values.size() < Split.values().length) {
            return new MetricDecomposition(metric.label(), values, null);
        }
        ErrorDecomposition decomposition = new ErrorDecomposition(
                irreducible,
                splits.get(Split.TRAIN).value(metric),
                splits.get(Split.TRAIN_DEV).value(metric),
                splits.get(Split.TEST_DEV).value(metric),
                splits.get(Split.TEST).value(metric));
        if (given.isPresent()) {
            return new MetricDecomposition(metric.label(), values, Estimates.decomposition(decomposition, given.get()));
        }
        Map<Term, Optional<Interval>> terms = new EnumMap<>(Term.class);
        for (Term term : Term.values()) {
            terms.put(
                    term,
                    term.lower()
                            .map(lower -> difference(
                                    splits.get(term.upper()), splits.get(lower), metric, decomposition.of(term)))
                            .orElseGet(() -> rates.get(term.upper()).map(rate -> rate.minus(irreducible))));
        }
        return new MetricDecomposition(
                metric.label(),
                values,
                Estimates.decomposition(decomposition, new ClusterBootstrap.Intervals(rates, terms)));
    }

    private static Optional<Interval> difference(
            SplitResamples upper, SplitResamples lower, Metric metric, double value) {
        if (!upper.hasIntervals() || !lower.hasIntervals()) {
            return Optional.empty();
        }
        double[] differences = upper.possible(metric);
        double[] subtracted = lower.possible(metric);
        for (int i = 0; i < differences.length; i++) {
            differences[i] -= subtracted[i];
        }
        Interval interval = DriveResamples.percentiles(differences).clippedTo(-metric.highest(), metric.highest());
        return Optional.of(new Interval(Math.min(value, interval.low()), Math.max(value, interval.high())));
    }
}
