package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.SampleStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Whether labels are encoded as they are stored, in one order of the classes, and belong to their images. */
final class LabelCheck {
    private static final double EXACT = 1e-5;
    /** As few as can tell at the level. */
    private static final int PERMUTATIONS = 99;
    /** Of the permutation test, and so the share of shuffled splits that pass by chance. */
    private static final double LEVEL = 0.01;
    /**
     * Correlation of labels and a linear model's scores, the mean over classes, that images and their own labels do not
     * fall short of: only data that rule it out are taken for shuffled.
     */
    private static final double LEAST_ASSOCIATION = 0.2;
    /** Fewer samples leave a real association undetected too often. */
    private static final int FEWEST_SAMPLES = 100;

    private static final int PERMUTATIONS_OF_DRIVES = 99;
    /** Of a test by drive, where near-copies of a frame cannot help and other streets stand in the way. */
    private static final double NO_ASSOCIATION = 0.05;
    /** Of what another split knows: a split that knows less has other labels, not other streets. */
    private static final double OF_THE_OTHER = 0.6;

    private static final int FEWEST_DRIVES = 10;
    /** Of as many drives of another split as there are here. */
    private static final int DRAWS = 3;
    /** Correlations of a class that another has changed places with. */
    private static final double IN_OWN_PLACE = 0.05;

    private static final double IN_NEW_PLACE = 0.2;
    private static final int FEWEST_DRIVES_OF_A_CLASS = 3;

    private static final int FEWEST_OF_A_CLASS = 8;
    /** That all drives of a split have the class that they have, if they were drives of train. */
    private static final double LEAST_ACCIDENT = 1e-3;

    private static final String TRAIN_DEV = "train-dev";
    /** Of the share of a class that is missing, by which another has grown. */
    private static final double MERGED = 0.7;

    /** Of a soft label: whatever leads by less, names no class. */
    private static final double LEAST_LEAD = 0.1;

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
        oneClass(scans, patient.declared().classes(), findings);
        scans.stream().filter(scan -> scan.name().equals(TRAIN_DEV)).forEach(trainDev -> {
            merged(scans.get(0), trainDev, patient.declared().classes(), findings);
            merged(trainDev, scans.get(0), patient.declared().classes(), findings);
        });
        scans.forEach(scan -> classesWithoutSamples(scan, findings));
        if (findings.anyFailed()) {
            return;
        }
        association(scans, patient.declared().classes(), settings, findings);
        DrawnLabelCheck.examine(scans.get(0), patient.declared().classes(), findings);
    }

    /**
     * A train split of one class teaches nothing; another split has one by accident only where drives are few or the
     * other classes rare.
     */
    private static void oneClass(List<SplitScan> scans, int classes, Findings findings) {
        double[] shares = shares(scans.get(0), classes);
        for (SplitScan scan : scans) {
            int[] present = Arrays.stream(given(scan)).distinct().toArray();
            if (present.length != 1 || scan.size() < 2) {
                continue;
            }
            double byAccident = scan == scans.get(0) ? 0 : Math.pow(shares[present[0]], scan.driveCount());
            if (byAccident < LEAST_ACCIDENT) {
                findings.failed(
                        Ailment.LABELS_CONSTANT,
                        scan.name(),
                        0,
                        "All %d samples of %d drives of %s have class index %d, which %.0f %% of train have; there are %d classes.",
                        scan.size(),
                        scan.driveCount(),
                        scan.name(),
                        present[0],
                        100 * shares[present[0]],
                        classes);
            }
        }
    }

    /**
     * The one class that is in no drive of one split, though drives were dealt to it and the other at random, where
     * another class has become as much more frequent. Several such classes come of labels that are shuffled.
     */
    private static void merged(SplitScan without, SplitScan with, int classes, Findings findings) {
        double[] here = shares(without, classes);
        double[] there = shares(with, classes);
        int[] missing = IntStream.range(0, classes)
                .filter(label ->
                        here[label] == 0 && Math.pow(1 - ofDrives(with, label), without.driveCount()) < LEAST_ACCIDENT)
                .toArray();
        if (missing.length != 1) {
            return;
        }
        int into = IntStream.range(0, classes)
                .reduce((one, next) -> here[next] - there[next] > here[one] - there[one] ? next : one)
                .orElseThrow();
        double grown = (here[into] - there[into]) / there[missing[0]];
        if (grown > MERGED && grown < 1 / MERGED) {
            findings.failed(
                    Ailment.CLASSES_MERGED,
                    without.name(),
                    0,
                    "Class %s is in none of %d drives of %s and in %.0f %% of those of %s, to which drives were dealt at random; class %s has %.0f %% of the samples in place of %.0f %%.",
                    with.source().classes().get(missing[0]),
                    without.driveCount(),
                    without.name(),
                    100 * ofDrives(with, missing[0]),
                    with.name(),
                    with.source().classes().get(into),
                    100 * here[into],
                    100 * there[into]);
        }
    }

    /** Share of the drives that show a class. */
    private static double ofDrives(SplitScan scan, int label) {
        int[] drives = scan.drives();
        return (double) IntStream.range(0, scan.size())
                        .filter(row -> scan.given(row) == label)
                        .map(row -> drives[row])
                        .distinct()
                        .count()
                / scan.driveCount();
    }

    private static void classesWithoutSamples(SplitScan scan, Findings findings) {
        SampleStore samples = scan.source().samples();
        List<String> missing = new ArrayList<>(scan.source().classes());
        IntStream.range(0, samples.size())
                .map(samples::label)
                .distinct()
                .filter(label -> label >= 0 && label < scan.source().classes().size())
                .forEach(label -> missing.remove(scan.source().classes().get(label)));
        if (!missing.isEmpty()) {
            findings.skipped(
                    "Not enough data in %s about %s: none of its %d samples is of that.",
                    scan.name(), String.join(", ", missing), samples.size());
        }
    }

    private static int[] given(SplitScan scan) {
        int[] given = new int[scan.size()];
        Arrays.setAll(given, scan::given);
        return given;
    }

    private static double[] shares(SplitScan scan, int classes) {
        double[] shares = new double[classes];
        for (int label : given(scan)) {
            shares[label] += 1.0 / scan.size();
        }
        return shares;
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
                    "Labels of %d of %d samples of %s are not %s, for example %s of sample %d.",
                    notOneHot,
                    scan.size(),
                    scan.name(),
                    declared.softLabels() ? "shares of classes with one ahead by 0.1" : "one 1 among zeros",
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
        return Math.abs(sum - 1) <= 1e-3 && (soft ? lead(label) >= LEAST_LEAD : ones == 1);
    }

    /** Of the largest value over the second. */
    private static double lead(float[] label) {
        float[] sorted = label.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length - 1] - sorted[sorted.length - 2];
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
        } else if (function && targets < mapping.size() && !shiftedByOne(mapping, classes)) {
            findings.failed(Ailment.CLASSES_MERGED, scan.name(), score, "%s", evidence);
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

    /**
     * What a linear model knows of a split's labels.
     *
     * @param byDrive on drives that it did not see; empty where there are too few
     */
    private record Known(
            LabelNoiseCheck.Split split, LinearModel.Design design, Optional<LinearModel.Association> byDrive) {
        SplitScan scan() {
            return split.scan();
        }

        double[][] features() {
            return split.features();
        }

        int[] labels() {
            return split.labels();
        }

        int drives() {
            return scan().driveCount();
        }
    }

    /**
     * A look at one split by itself.
     *
     * @param split empty where there is too little data
     * @param known empty where there is too little data, or a fault
     */
    private record Looked(Findings findings, Optional<LabelNoiseCheck.Split> split, Optional<Known> known) {
        static Looked at(SplitScan scan, int classes, Settings settings) throws InterruptedException {
            Findings findings = new Findings();
            if (!enough(scan, classes, findings)) {
                return new Looked(findings, Optional.empty(), Optional.empty());
            }
            LabelNoiseCheck.Split split = new LabelNoiseCheck.Split(scan, Features.of(scan), labels(scan));
            return new Looked(findings, Optional.of(split), LabelCheck.known(split, classes, settings, findings));
        }
    }

    private static void association(List<SplitScan> scans, int classes, Settings settings, Findings findings)
            throws InterruptedException {
        List<Looked> looked = Parallel.map(scans, scan -> Looked.at(scan, classes, settings));
        looked.forEach(one -> findings.add(one.findings()));
        List<LabelNoiseCheck.Split> splits =
                looked.stream().flatMap(one -> one.split().stream()).toList();
        List<Known> all = looked.stream().flatMap(one -> one.known().stream()).toList();
        Parallel.findings(all, (known, ofSplit) -> againstOtherSplits(known, all, classes, settings, ofSplit))
                .forEach(findings::add);
        if (!findings.anyFailed() && !all.isEmpty() && all.get(0).scan() == scans.get(0)) {
            againstTrain(all.get(0), all.subList(1, all.size()), classes, settings, findings);
        }
        if (!findings.anyFailed() && splits.size() > 1) {
            LabelNoiseCheck.examine(splits, classes, settings, findings);
        }
    }

    private static void againstTrain(Known train, List<Known> others, int classes, Settings settings, Findings findings)
            throws InterruptedException {
        baseline(train, classes, settings, findings);
        if (train.byDrive().filter(found -> found.pValue() > NO_ASSOCIATION).isPresent()) {
            // Correlations have no size: a model that knows nothing may still prefer some order.
            return;
        }
        LinearModel model = LinearModel.fit(train.features(), train.labels(), classes);
        for (Known known : others) {
            classOrder(known.scan(), model.scores(known.features()), known.labels(), classes, settings, findings);
        }
    }

    /** Empty where there is too little data, or a fault. */
    private static Optional<Known> known(LabelNoiseCheck.Split split, int classes, Settings settings, Findings findings)
            throws InterruptedException {
        SplitScan scan = split.scan();
        LinearModel.Design design = LinearModel.Design.of(split.features());
        int[] labels = split.labels();
        // Neighbours in a drive are on both sides: near-copies with labels of their own are the plainest sign.
        LinearModel.Association found = LinearModel.associate(
                design,
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
            return Optional.empty();
        }
        if (found.pValue() > LEVEL) {
            findings.skipped("Not enough data in %s to see whether labels belong to images. %s", scan.name(), evidence);
            return Optional.empty();
        }
        findings.passed(Ailment.LABELS_SHUFFLED, scan.name(), 1 - found.pValue(), "%s", evidence);
        Optional<LinearModel.Association> byDrive = drivesOfOtherClasses(scan, labels, classes) < FEWEST_DRIVES
                ? Optional.empty()
                : Optional.of(LinearModel.associateByDrive(
                        design, labels, classes, scan.drives(), PERMUTATIONS_OF_DRIVES, settings.seed()));
        return Optional.of(new Known(split, design, byDrive));
    }

    /** Drives that show another class than the largest: what a model knows is measured on those. */
    private static int drivesOfOtherClasses(SplitScan scan, int[] labels, int classes) {
        int[] counts = new int[classes];
        Arrays.stream(labels).forEach(label -> counts[label]++);
        int largest = IntStream.range(0, classes)
                .reduce((one, next) -> counts[next] > counts[one] ? next : one)
                .orElseThrow();
        int[] drives = scan.drives();
        return (int) IntStream.range(0, labels.length)
                .filter(row -> labels[row] != largest)
                .map(row -> drives[row])
                .distinct()
                .count();
    }

    /**
     * Whole drives that carry the labels of others look well as long as frames of the same drive are known, and labels
     * of which a part is shuffled look noisy. What other splits know of the labels of drives that their models did not
     * see says how much there is to know.
     */
    private static void againstOtherSplits(
            Known known, List<Known> all, int classes, Settings settings, Findings findings)
            throws InterruptedException {
        if (known.byDrive().isEmpty()) {
            return;
        }
        LinearModel.Association own = known.byDrive().get();
        double atMost = (own.strength() + 2 * own.spread()) / classes;
        for (Known other : all) {
            if (other == known
                    || other.byDrive().isEmpty()
                    || other.byDrive().get().pValue() > LEVEL) {
                continue;
            }
            boolean sameStreets = ofTrainDomain(known) && ofTrainDomain(other) && known.drives() >= other.drives();
            if (own.pValue() <= NO_ASSOCIATION && !sameStreets) {
                continue;
            }
            LinearModel.Association theirs = ofAsManyDrives(other, known, classes, settings);
            double atLeast = (theirs.strength() - 2 * theirs.spread()) / classes;
            if (theirs.pValue() <= LEVEL && atMost < OF_THE_OTHER * atLeast) {
                findings.failed(
                        Ailment.LABELS_SHUFFLED,
                        known.scan().name(),
                        0,
                        "On drives that it did not see, a linear model of %s (%d drives) has correlation %.3f with the labels, at most %.3f (p = %.2f); one of as many drives of %s has %.3f, at least %.3f. A part of the labels, or those of whole drives, belong to other images.",
                        known.scan().name(),
                        known.drives(),
                        own.strength() / classes,
                        atMost,
                        own.pValue(),
                        other.scan().name(),
                        theirs.strength() / classes,
                        atLeast);
                return;
            }
        }
        if (own.pValue() > NO_ASSOCIATION) {
            findings.skipped(
                    "Not enough drives in %s to see whether they carry one another's labels: on drives that it did not see, a linear model has correlation %.3f with the labels, at most %.3f (%d drives, p = %.2f).",
                    known.scan().name(), own.strength() / classes, atMost, known.drives(), own.pValue());
        }
    }

    /**
     * What a model of another split knows if it sees no more drives of each class than there are here, the least of some
     * draws: with one or two drives of a class nothing can be known of drives that were not seen.
     */
    private static LinearModel.Association ofAsManyDrives(Known other, Known here, int classes, Settings settings)
            throws InterruptedException {
        LinearModel.Association least = other.byDrive().orElseThrow();
        if (other.drives() <= here.drives()) {
            return least;
        }
        int[] wanted = new int[classes];
        for (int label : labelOfDrives(here, classes)) {
            wanted[label]++;
        }
        int[] labelOf = labelOfDrives(other, classes);
        for (int draw = 0; draw < DRAWS; draw++) {
            int[] left = wanted.clone();
            boolean[] drawn = new boolean[labelOf.length];
            for (int drive : LinearModel.shuffled(labelOf.length, new Random(settings.seed() + draw))) {
                drawn[drive] = left[labelOf[drive]]-- > 0;
            }
            int[] drives = other.scan().drives();
            int[] rows = IntStream.range(0, drives.length)
                    .filter(row -> drawn[drives[row]])
                    .toArray();
            Map<Integer, Integer> numbers = new HashMap<>();
            LinearModel.Association found = LinearModel.associateByDrive(
                    LinearModel.Design.of(Arrays.stream(rows)
                            .mapToObj(row -> other.features()[row])
                            .toArray(double[][]::new)),
                    Arrays.stream(rows).map(row -> other.labels()[row]).toArray(),
                    classes,
                    Arrays.stream(rows)
                            .map(row -> numbers.computeIfAbsent(drives[row], unused -> numbers.size()))
                            .toArray(),
                    PERMUTATIONS_OF_DRIVES,
                    settings.seed());
            if (found.strength() - 2 * found.spread() < least.strength() - 2 * least.spread()) {
                least = found;
            }
        }
        return least;
    }

    /** The label that most samples of each drive have. */
    private static int[] labelOfDrives(Known known, int classes) {
        int[] drives = known.scan().drives();
        int[][] counts = new int[Arrays.stream(drives).max().orElse(-1) + 1][classes];
        for (int row = 0; row < drives.length; row++) {
            counts[drives[row]][known.labels()[row]]++;
        }
        return Arrays.stream(counts)
                .mapToInt(count -> IntStream.range(0, classes)
                        .reduce((one, next) -> count[next] > count[one] ? next : one)
                        .orElseThrow())
                .toArray();
    }

    private static boolean ofTrainDomain(Known known) {
        return known.scan().name().startsWith("train");
    }

    private static int[] labels(SplitScan scan) {
        int[] labels = new int[scan.size()];
        Arrays.setAll(labels, scan::encoded);
        return labels;
    }

    private static boolean enough(SplitScan scan, int classes, Findings findings) {
        int[] counts = new int[classes];
        for (int label : labels(scan)) {
            counts[label]++;
        }
        long filled = Arrays.stream(counts)
                .filter(count -> count >= FEWEST_OF_A_CLASS)
                .count();
        if (scan.size() < FEWEST_SAMPLES || filled < 2) {
            findings.skipped(
                    "Not enough data in %s to see whether labels belong to images: %d samples, of which two classes need %d each and all together %d.",
                    scan.name(), scan.size(), FEWEST_OF_A_CLASS, FEWEST_SAMPLES);
            return false;
        }
        return true;
    }

    private static void baseline(Known train, int classes, Settings settings, Findings findings)
            throws InterruptedException {
        SplitScan scan = train.scan();
        int[] labels = train.labels();
        LinearModel.Association byDrive = train.byDrive().isPresent()
                ? train.byDrive().get()
                : LinearModel.associateByDrive(train.design(), labels, classes, scan.drives(), 0, settings.seed());
        double linear = byDrive.error();
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
        List<String> names = scan.source().classes();
        int[] order = bestAssignment(correlations);
        keepPlainExchanges(order, correlations, scan, labels);
        if (Permutations.isIdentity(order)) {
            findings.passed(
                    Ailment.CLASS_ORDER_DIFFERS,
                    scan.name(),
                    1,
                    "A linear model of train correlates with the classes of %s by %.3f on average, with no others better.",
                    scan.name(),
                    sum(correlations, order) / classes);
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
            gains[b] = sum(again, order) - sum(again, identity(classes));
        }
        double mean = Arrays.stream(gains).average().orElse(0);
        double spread = Math.sqrt(Arrays.stream(gains)
                .map(gain -> (gain - mean) * (gain - mean))
                .average()
                .orElse(0));
        if (mean > 4 * spread && drivesInAll >= 5) {
            int[] moved = IntStream.range(0, classes).filter(k -> order[k] != k).toArray();
            findings.failed(
                    Ailment.CLASS_ORDER_DIFFERS,
                    scan.name(),
                    0,
                    "A linear model of train agrees with the labels of %s (%d samples, %d drives) best when %s: correlation %.3f with those rather than %.3f with its own, the mean of the %d classes.",
                    scan.name(),
                    labels.length,
                    drivesInAll,
                    Arrays.stream(moved)
                            .mapToObj(k -> "%s is read as %s".formatted(names.get(k), names.get(order[k])))
                            .collect(Collectors.joining(", ")),
                    mean(correlations, moved, order),
                    mean(correlations, moved, identity(classes)),
                    moved.length);
        }
    }

    private static double mean(double[][] correlations, int[] of, int[] order) {
        return Arrays.stream(of)
                .mapToDouble(k -> correlations[k][order[k]])
                .average()
                .orElse(0);
    }

    /**
     * Takes back every round of classes in which one is seen in its own place or not seen in its new one, or is in too
     * few drives to tell.
     */
    private static void keepPlainExchanges(int[] best, double[][] correlations, SplitScan scan, int[] labels) {
        for (int start = 0; start < best.length; start++) {
            List<Integer> round = new ArrayList<>();
            for (int k = start; !round.contains(k); k = best[k]) {
                round.add(k);
            }
            boolean plain = round.stream()
                    .allMatch(k -> drivesOf(k, scan, labels) >= FEWEST_DRIVES_OF_A_CLASS
                            && correlations[k][k] <= IN_OWN_PLACE
                            && correlations[k][best[k]] >= IN_NEW_PLACE);
            if (!plain) {
                round.forEach(k -> best[k] = k);
            }
        }
    }

    private static int drivesOf(int label, SplitScan scan, int[] labels) {
        int[] drives = scan.drives();
        return (int) IntStream.range(0, labels.length)
                .filter(row -> labels[row] == label)
                .map(row -> drives[row])
                .distinct()
                .count();
    }

    private static int[] resampled(int[] drives, int drivesInAll, Random random) {
        int[] times = new int[drivesInAll];
        for (int i = 0; i < drivesInAll; i++) {
            times[random.nextInt(drivesInAll)]++;
        }
        return IntStream.range(0, drives.length)
                .flatMap(row -> IntStream.generate(() -> row).limit(times[drives[row]]))
                .toArray();
    }

    private static int[] identity(int size) {
        return IntStream.range(0, size).toArray();
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
