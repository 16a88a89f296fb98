package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Whether labels are encoded as they are stored, in one order of the classes, and belong to their images. */
final class LabelCheck {
    private static final double EXACT = 1e-5;
    private static final int PERMUTATIONS = 199;
    /** Of the permutation test, and so the share of shuffled splits that pass by chance. */
    private static final double LEVEL = 0.01;
    /**
     * Correlation of labels and a linear model's scores, the mean over classes, that images and their own labels do not
     * fall short of: only data that rule it out are taken for shuffled.
     */
    private static final double LEAST_ASSOCIATION = 0.2;
    /** Fewer samples leave a real association undetected too often. */
    private static final int FEWEST_SAMPLES = 100;

    private static final int FEWEST_OF_A_CLASS = 8;
    private static final int BOOTSTRAPS = 200;

    private LabelCheck() {}

    static void examine(List<SplitScan> scans, Patient patient, Settings settings, Findings findings)
            throws InterruptedException {
        List<String> classes = scans.get(0).source().classes();
        for (SplitScan scan : scans) {
            if (!scan.source().classes().equals(classes)) {
                findings.failed(
                        Ailment.CLASS_ORDER_DIFFERS,
                        scan.name(),
                        0,
                        "Classes of %s are %s, those of %s are %s.",
                        scan.name(),
                        scan.source().classes(),
                        scans.get(0).name(),
                        classes);
            }
            encoding(scan, patient.declared(), findings);
        }
        if (findings.anyFailed()) {
            return;
        }
        association(scans, patient.declared().classes(), settings, findings);
    }

    private static void encoding(SplitScan scan, Patient.Declaration declared, Findings findings) {
        int notOneHot = 0;
        int firstBad = -1;
        for (int row = 0; row < scan.size(); row++) {
            float[] label = scan.label(row);
            if (Arrays2d.firstNotFinite(label) >= 0) {
                findings.failed(
                        Ailment.NOT_FINITE_LABEL,
                        scan.name(),
                        0,
                        "The label of sample %d of %s is %s.",
                        scan.index(row),
                        scan.name(),
                        Arrays.toString(label));
                return;
            }
            if (!oneHot(label, declared.softLabels())) {
                notOneHot++;
                firstBad = firstBad < 0 ? row : firstBad;
            }
        }
        if (notOneHot > 0) {
            findings.failed(
                    Ailment.LABELS_NOT_ONE_HOT,
                    scan.name(),
                    1 - (double) notOneHot / scan.size(),
                    "Labels of %d of %d samples of %s are not one 1 among zeros, for example %s of sample %d.",
                    notOneHot,
                    scan.size(),
                    scan.name(),
                    Arrays.toString(scan.label(firstBad)),
                    scan.index(firstBad));
            return;
        }
        againstTheStore(scan, declared.classes(), findings);
    }

    private static boolean oneHot(float[] label, boolean soft) {
        double sum = 0;
        int ones = 0;
        for (float value : label) {
            if (value < -EXACT || value > 1 + EXACT) {
                return false;
            }
            sum += value;
            ones += Math.abs(value - 1) <= EXACT ? 1 : 0;
        }
        return Math.abs(sum - 1) <= 1e-3 && (soft || ones == 1);
    }

    private static void againstTheStore(SplitScan scan, int classes, Findings findings) {
        int different = 0;
        Map<Integer, Integer> mapping = new HashMap<>();
        boolean function = true;
        for (int row = 0; row < scan.size(); row++) {
            int given = scan.given(row);
            int encoded = scan.encoded(row);
            different += given == encoded ? 0 : 1;
            Integer before = mapping.putIfAbsent(given, encoded);
            function &= before == null || before == encoded;
        }
        if (different == 0) {
            return;
        }
        double score = 1 - (double) different / scan.size();
        long targets = mapping.values().stream().distinct().count();
        String evidence = "The encoded class of %d of %d samples of %s is not the stored one; stored to encoded: %s."
                .formatted(different, scan.size(), scan.name(), mapping);
        if (function && mapping.size() > 1 && targets == 1) {
            findings.failed(Ailment.LABELS_CONSTANT, scan.name(), score, "%s", evidence);
        } else if (function && shiftedByOne(mapping, classes)) {
            findings.failed(
                    classes == 2 ? Ailment.CLASS_ORDER_DIFFERS : Ailment.LABELS_OFF_BY_ONE,
                    scan.name(),
                    score,
                    "%s",
                    evidence);
        } else if (function) {
            findings.failed(Ailment.CLASS_ORDER_DIFFERS, scan.name(), score, "%s", evidence);
        } else {
            findings.failed(
                    Ailment.LABELS_SHUFFLED,
                    scan.name(),
                    score,
                    "The encoded class of %d of %d samples of %s is not the stored one, and not a function of it.",
                    different,
                    scan.size(),
                    scan.name());
        }
    }

    /** All by the same one place, up or down, round the end or stopped there. */
    private static boolean shiftedByOne(Map<Integer, Integer> mapping, int classes) {
        for (int step : new int[] {1, -1}) {
            boolean all = mapping.entrySet().stream()
                    .allMatch(entry -> entry.getValue() == Math.floorMod(entry.getKey() + step, classes)
                            || entry.getValue() == Math.max(0, Math.min(classes - 1, entry.getKey() + step)));
            if (all) {
                return true;
            }
        }
        return false;
    }

    private static void association(List<SplitScan> scans, int classes, Settings settings, Findings findings)
            throws InterruptedException {
        LinearModel model = null;
        for (SplitScan scan : scans) {
            int[] labels = labels(scan);
            if (!enough(labels, classes)) {
                findings.skipped(
                        "Not enough data in %s to see whether labels belong to images: %d samples, of which two classes need %d each and all together %d.",
                        scan.name(), labels.length, FEWEST_OF_A_CLASS, FEWEST_SAMPLES);
                continue;
            }
            double[][] features = Features.of(scan);
            // Neighbours in a drive are on both sides: near-copies with labels of their own are the plainest sign.
            LinearModel.Association found = LinearModel.associate(
                    features,
                    labels,
                    classes,
                    LinearModel.foldsBySample(labels.length, settings.seed()),
                    PERMUTATIONS,
                    settings.seed());
            double correlation = found.strength() / classes;
            double atMost = (found.strength() + 2 * found.spread()) / classes;
            String evidence =
                    "A linear model of coarse features, cross-validated over %d samples of %s, has correlation %.3f with the labels, at most %.3f; permuted labels do as well with p = %.3f."
                            .formatted(found.samples(), scan.name(), correlation, atMost, found.pValue());
            if (found.pValue() > LEVEL && atMost < LEAST_ASSOCIATION) {
                findings.failed(Ailment.LABELS_SHUFFLED, scan.name(), LEVEL / found.pValue() / 2, "%s", evidence);
            } else if (found.pValue() > LEVEL) {
                findings.skipped(
                        "Not enough data in %s to see whether labels belong to images. %s", scan.name(), evidence);
            } else {
                findings.passed(Ailment.LABELS_SHUFFLED, scan.name(), 1 - found.pValue(), "%s", evidence);
                if (scan == scans.get(0)) {
                    model = LinearModel.fit(features, labels, classes);
                    baseline(scan, features, labels, classes, settings, findings);
                } else if (model != null) {
                    classOrder(scan, model.scores(features), labels, classes, settings, findings);
                }
            }
        }
    }

    private static int[] labels(SplitScan scan) {
        int[] labels = new int[scan.size()];
        Arrays.setAll(labels, scan::encoded);
        return labels;
    }

    private static boolean enough(int[] labels, int classes) {
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        return labels.length >= FEWEST_SAMPLES
                && Arrays.stream(counts)
                                .filter(count -> count >= FEWEST_OF_A_CLASS)
                                .count()
                        >= 2;
    }

    private static void baseline(
            SplitScan scan, double[][] features, int[] labels, int classes, Settings settings, Findings findings)
            throws InterruptedException {
        double linear = LinearModel.associate(
                        features,
                        labels,
                        classes,
                        LinearModel.foldsByDrive(scan.drives(), settings.seed()),
                        0,
                        settings.seed())
                .error();
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        int largest = Arrays.stream(counts).max().orElse(0);
        double constant = 1 - (double) largest / labels.length;
        findings.passed(
                Ailment.BASELINES,
                scan.name(),
                1,
                "Error of always guessing the largest class: %.1f %% (±%.1f), of a linear model on drives that it did not see: %.1f %% (±%.1f), on %d samples of %d drives of %s.",
                100 * constant,
                100 * halfWidth(constant, scan.driveCount()),
                100 * linear,
                100 * halfWidth(linear, scan.driveCount()),
                labels.length,
                scan.driveCount(),
                scan.name());
    }

    /** Frames of a drive are near-copies, so drives are what is counted. */
    private static double halfWidth(double share, int drives) {
        return 1.96 * Math.sqrt(share * (1 - share) / drives);
    }

    /** A model of train, asked about another split, must know the classes by their own names best. */
    private static void classOrder(
            SplitScan scan, double[][] scores, int[] labels, int classes, Settings settings, Findings findings)
            throws InterruptedException {
        double[][] correlations = LinearModel.correlations(scores, labels, classes);
        int[] best = bestAssignment(correlations);
        double own = sum(correlations, identity(classes));
        double other = sum(correlations, best);
        if (Permutations.isIdentity(best) || own > other / 2) {
            findings.passed(
                    Ailment.CLASS_ORDER_DIFFERS,
                    scan.name(),
                    1,
                    "A linear model of train correlates with the classes of %s by %.3f on average, with them in another order by at most %.3f.",
                    scan.name(),
                    own / classes,
                    other / classes);
            return;
        }
        Random random = new Random(settings.seed());
        int[] drives = scan.drives();
        int drivesInAll = Arrays.stream(drives).max().orElse(0) + 1;
        double[] gains = new double[BOOTSTRAPS];
        for (int b = 0; b < BOOTSTRAPS; b++) {
            Interruption.check();
            int[] rows = resampled(drives, drivesInAll, random);
            double[][] again = LinearModel.correlations(
                    Arrays.stream(rows).mapToObj(row -> scores[row]).toArray(double[][]::new),
                    Arrays.stream(rows).map(row -> labels[row]).toArray(),
                    classes);
            gains[b] = sum(again, best) - sum(again, identity(classes));
        }
        double mean = Arrays.stream(gains).average().orElse(0);
        double spread = Math.sqrt(Arrays.stream(gains)
                .map(gain -> (gain - mean) * (gain - mean))
                .average()
                .orElse(0));
        if (mean > 4 * spread && drivesInAll >= 5) {
            findings.failed(
                    Ailment.CLASS_ORDER_DIFFERS,
                    scan.name(),
                    0,
                    "A linear model of train agrees with the labels of %s (%d samples, %d drives) best when they are read in the order %s: correlation %.3f rather than %.3f.",
                    scan.name(),
                    labels.length,
                    drivesInAll,
                    Arrays.toString(best),
                    other / classes,
                    own / classes);
        }
    }

    private static int[] resampled(int[] drives, int drivesInAll, Random random) {
        int[] times = new int[drivesInAll];
        for (int i = 0; i < drivesInAll; i++) {
            times[random.nextInt(drivesInAll)]++;
        }
        return java.util.stream.IntStream.range(0, drives.length)
                .flatMap(row -> java.util.stream.IntStream.generate(() -> row).limit(times[drives[row]]))
                .toArray();
    }

    private static int[] identity(int size) {
        return java.util.stream.IntStream.range(0, size).toArray();
    }

    private static double sum(double[][] correlations, int[] order) {
        double sum = 0;
        for (int k = 0; k < order.length; k++) {
            sum += correlations[k][order[k]];
        }
        return sum;
    }

    /** Exchanges pairs as long as one gains, from the identity and from every rotation. */
    private static int[] bestAssignment(double[][] correlations) {
        int size = correlations.length;
        int[] best = identity(size);
        for (int rotation = 0; rotation < size; rotation++) {
            int[] order = new int[size];
            for (int k = 0; k < size; k++) {
                order[k] = (k + rotation) % size;
            }
            improve(correlations, order);
            if (sum(correlations, order) > sum(correlations, best) + 1e-9) {
                best = order;
            }
        }
        return best;
    }

    private static void improve(double[][] correlations, int[] order) {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (int a = 0; a < order.length; a++) {
                for (int b = a + 1; b < order.length; b++) {
                    double gain = correlations[a][order[b]]
                            + correlations[b][order[a]]
                            - correlations[a][order[a]]
                            - correlations[b][order[b]];
                    if (gain > 1e-9) {
                        int kept = order[a];
                        order[a] = order[b];
                        order[b] = kept;
                        moved = true;
                    }
                }
            }
        }
    }
}
