package io.drivetrain.pipeline.balance;

import io.drivetrain.schemas.BalanceComparison;
import io.drivetrain.schemas.BalanceMethod;
import io.drivetrain.schemas.BalanceReference;
import io.drivetrain.schemas.BalanceVerdict;
import io.drivetrain.schemas.DrivetrainConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compares the classes of a window, whole and by slice, with those of a reference. Holm's correction counts all
 * comparisons of one window, so that a window without any difference is called different with at most the chance of
 * balance.significance.
 */
record BalanceVerdicts(DrivetrainConfig.Balance settings) {

    /**
     * Returns a comparison for every slice of the window.
     *
     * @param window by slice; "" is the whole split
     * @param training by slice, before the window
     */
    SortedMap<String, BalanceComparison> of(
            Map<String, ClusteredCounts> window, Map<String, ClusteredCounts> training) {
        SortedMap<String, BalanceComparison> comparisons = new TreeMap<>();
        window.forEach((slice, counts) -> comparisons.put(
                slice,
                settings.expected().isEmpty()
                        ? withTraining(counts, training.getOrDefault(slice, new ClusteredCounts()))
                        : withExpected(counts, training.getOrDefault(slice, new ClusteredCounts()))));
        List<BalanceComparison> tested = comparisons.values().stream()
                .filter(comparison -> comparison.getMethod() != BalanceMethod.NONE)
                .toList();
        double[] adjusted = MultipleTesting.holm(
                tested.stream().mapToDouble(BalanceComparison::getPValue).toArray());
        for (int i = 0; i < adjusted.length; i++) {
            BalanceComparison comparison = tested.get(i);
            comparison.setAdjustedPValue(adjusted[i]);
            boolean different =
                    adjusted[i] < settings.significance() && comparison.getUnbiasedW() >= settings.minEffect();
            comparison.setVerdict(different ? BalanceVerdict.DIFFERENT : BalanceVerdict.AS_EXPECTED);
        }
        return comparisons;
    }

    private BalanceComparison withTraining(ClusteredCounts window, ClusteredCounts training) {
        BalanceComparison.Builder comparison = started(BalanceReference.TRAINING, window, training);
        if (window.drives() < settings.windowDrives()) {
            return comparison
                    .setReason("the window has %d of %d drives".formatted(window.drives(), settings.windowDrives()))
                    .build();
        }
        if (training.drives() < settings.windowDrives()) {
            return comparison
                    .setReason("train has %d of %d drives to compare with"
                            .formatted(training.drives(), settings.windowDrives()))
                    .build();
        }
        TreeSet<String> labels = new TreeSet<>(window.byClass().keySet());
        labels.addAll(training.byClass().keySet());
        List<String> classes = List.copyOf(labels);
        double designEffect = window.designEffect(training);
        double[] counts = over(window, designEffect, classes);
        double[] reference = over(training, training.designEffect(window), classes);
        // A rare class comes in clumps, whole drives of it, which single frames drawn at random do not show.
        if (ShareTest.methodBetween(counts, reference) == BalanceMethod.MONTE_CARLO) {
            designEffect = window.wholeDrive();
            counts = over(window, designEffect, classes);
            reference = over(training, training.wholeDrive(), classes);
        }
        double clusters = Math.min(window.drives(), training.drives()) - 1.0;
        ShareTest.Result result = ShareTest.between(counts, reference, clusters);
        return with(comparison, result, classes, window, designEffect);
    }

    private BalanceComparison withExpected(ClusteredCounts window, ClusteredCounts training) {
        BalanceComparison.Builder comparison = started(BalanceReference.EXPECTED, window, new ClusteredCounts());
        if (window.drives() < settings.windowDrives()) {
            return comparison
                    .setReason("the window has %d of %d drives".formatted(window.drives(), settings.windowDrives()))
                    .build();
        }
        List<String> classes = List.copyOf(new TreeSet<>(settings.expected().keySet()));
        double sum = settings.expected().values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        double[] shares = classes.stream()
                .mapToDouble(label -> settings.expected().get(label) / sum)
                .toArray();
        // Without other drives, those of the window may happen to hide how much drives differ.
        double designEffect =
                training.drives() < settings.windowDrives() ? window.wholeDrive() : window.designEffect(training);
        if (ShareTest.methodAgainst(over(window, designEffect, classes), shares) == BalanceMethod.MONTE_CARLO) {
            designEffect = window.wholeDrive();
        }
        ShareTest.Result result = ShareTest.against(over(window, designEffect, classes), shares, window.drives() - 1.0);
        return with(comparison, result, classes, window, designEffect);
    }

    private static BalanceComparison.Builder started(
            BalanceReference reference, ClusteredCounts window, ClusteredCounts training) {
        return BalanceComparison.newBuilder()
                .setReference(reference)
                .setVerdict(BalanceVerdict.NOT_ENOUGH_DATA)
                .setMethod(BalanceMethod.NONE)
                .setDesignEffect(window.designEffect())
                .setEffectiveSamples(window.samples() / window.designEffect())
                .setReferenceSamples(training.samples())
                .setReferenceDrives(training.drives());
    }

    /** Counts as if every sample were independent: the shares as they are, the sample as small as it really is. */
    private static double[] over(ClusteredCounts counts, double designEffect, List<String> classes) {
        return classes.stream()
                .mapToDouble(label -> counts.samples(label) / designEffect)
                .toArray();
    }

    private static BalanceComparison with(
            BalanceComparison.Builder comparison,
            ShareTest.Result result,
            List<String> classes,
            ClusteredCounts window,
            double designEffect) {
        List<String> pooled = new ArrayList<>();
        result.pooled().forEach(i -> pooled.add(classes.get(i)));
        if (result.method() == BalanceMethod.NONE) {
            comparison.setReason("fewer than two classes have been seen");
        }
        return comparison
                .setDesignEffect(designEffect)
                .setEffectiveSamples(window.samples() / designEffect)
                .setMethod(result.method())
                .setPooledClasses(pooled)
                .setGStatistic(result.gStatistic())
                .setChiSquared(result.chiSquared())
                .setDegreesOfFreedom(result.degreesOfFreedom())
                .setPValue(result.pValue())
                .setAdjustedPValue(1)
                .setCohensW(result.cohensW())
                .setUnbiasedW(result.unbiasedW())
                .setCramersV(result.cramersV())
                .build();
    }
}
