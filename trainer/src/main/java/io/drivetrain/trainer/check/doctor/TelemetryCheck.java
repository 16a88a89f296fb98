package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.SampleStore;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.hipparchus.stat.correlation.SpearmansCorrelation;

/** Numbers that the car sends with each frame: as they were sent, and what became of them on their way into the network. */
final class TelemetryCheck {
    /** Of the variance of the input: an affine function of what was sent explains all but rounding. */
    private static final double SAME = 0.98;
    /** Of the deviation, between the lines that two splits are normalised by. */
    private static final double SAME_LINE = 0.1;
    /** Of mean and deviation; other splits than train may be several deviations away. */
    private static final double FAR_FROM_NORMAL = 5;

    /** A measurement is hardly ever the same number thrice, out where nothing else lies. */
    private static final int FEWEST_REPEATS = 3;

    private static final int FEWEST_OTHERS = 20;
    /** Distinct values by which a measurement is told from a state or a count, and a state from a flag. */
    private static final int OF_A_MEASUREMENT = 20;

    private static final int OF_A_STATE = 3;
    /** Of the range of all other values, between them and one that stands for none; for states and counts, more. */
    private static final double FAR_FROM_MEASUREMENTS = 3;

    private static final double FAR_FROM_STATES = 10;

    private static final int FEWEST_OF_LOST = 30;
    private static final int FEWEST_DRIVES_OF_LOST = 3;
    private static final double RARE = 0.1;

    private static final int FEWEST_DRIVES = 10;
    private static final int FEWEST_OF_OTHER_CLASSES = 20;
    /** Of the errors of always guessing the largest class: with fewer, a number tells the label. */
    private static final double TELLS = 0.05;

    /** Of all numbers, for each class: more are measurements. */
    private static final int COMBINATIONS = 4;
    /** Logarithms, and parts of the deviation. */
    private static final double TWICE = 0.3;
    /** Of the variance: less than this, what was sent is hardly there. */
    private static final double RELATED = 0.25;

    /** Of different numbers, by a curve such as a logarithm. */
    private static final double KEPT = 0.9;

    private TelemetryCheck() {}

    static void examine(SplitScan scan, SplitScan train, Findings findings) {
        boolean read = !scan.image() || scan.further(0).length > 0;
        float[][] sent = read ? sent(scan) : new float[0][];
        for (int number = 0; number < sent.length; number++) {
            if (sentinel(scan, number, sent[number], findings)) {
                return;
            }
        }
        if (sent.length == 0 || scan.telemetry(0).length != sent.length) {
            magnitude(scan, findings);
            return;
        }
        if (!twice(scan, sent, train, findings)) {
            magnitude(scan, findings);
        }
        if (scan != train && lost(scan, sent, train, findings)) {
            return;
        }
        passedOn(scan, sent, train, findings);
        if (scan.further(0).length != sent.length) {
            // A network of telemetry alone may live on it.
            return;
        }
        int[] folds = LinearModel.foldsByDrive(scan.drives(), 0);
        for (int number = 0; number < sent.length; number++) {
            tellsTheLabel(scan, number, sent[number], folds, findings);
        }
        if (!findings.hasFailed(Ailment.LABEL_IN_TELEMETRY)) {
            tellTheLabelTogether(scan, sent, folds, findings);
        }
    }

    /** Of each number the values of all samples, NaN where none was sent. */
    private static float[][] sent(SplitScan scan) {
        int count = scan.source().samples().telemetryCount();
        float[][] sent = new float[count][scan.size()];
        float[] values = new float[count];
        for (int row = 0; row < scan.size(); row++) {
            scan.source().samples().readTelemetry(scan.index(row), values, 0);
            for (int number = 0; number < count; number++) {
                sent[number][row] = Float.isFinite(values[number]) ? values[number] : Float.NaN;
            }
        }
        return sent;
    }

    /** Whether the least or the largest value stands for a missing one, such as -999: it moves the mean and deviation of all. */
    private static boolean sentinel(SplitScan scan, int number, float[] sent, Findings findings) {
        double[] sorted = IntStream.range(0, sent.length)
                .mapToDouble(row -> sent[row])
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        if (sorted.length == 0) {
            return false;
        }
        for (double value : new double[] {sorted[0], sorted[sorted.length - 1]}) {
            double[] others =
                    Arrays.stream(sorted).filter(other -> other != value).toArray();
            if (sorted.length - others.length >= FEWEST_REPEATS && outside(value, others)) {
                findings.failed(
                        Ailment.TELEMETRY_SENTINEL,
                        scan.name(),
                        (double) others.length / sorted.length,
                        "Telemetry %d of %s is exactly %s in %d of %d samples, and from %.4g to %.4g in the others.",
                        number,
                        scan.name(),
                        (float) value,
                        sorted.length - others.length,
                        sorted.length,
                        others[0],
                        others[others.length - 1]);
                return true;
            }
        }
        return false;
    }

    /** Whether a measurement is one and the same number in all of a split, and hardly ever that in train. */
    private static boolean lost(SplitScan scan, float[][] sent, SplitScan train, Findings findings) {
        float[][] inTrain = sent(train);
        for (int number = 0; number < sent.length; number++) {
            float[] values = sent[number];
            float value = values[0];
            boolean constant = IntStream.range(0, values.length).allMatch(row -> values[row] == value);
            long same = 0;
            for (float other : inTrain[number]) {
                same += other == value ? 1 : 0;
            }
            if (constant
                    && scan.size() >= FEWEST_OF_LOST
                    && scan.driveCount() >= FEWEST_DRIVES_OF_LOST
                    && same < RARE * train.size()) {
                findings.failed(
                        Ailment.TELEMETRY_SENTINEL,
                        scan.name(),
                        0,
                        "Telemetry %d is %s in all %d samples of %s, and in %d of %d of train.",
                        number,
                        value,
                        scan.size(),
                        scan.name(),
                        same,
                        train.size());
                return true;
            }
        }
        return false;
    }

    /** Whether a value is far outside of the others, or the only one below 0 of a measurement. */
    private static boolean outside(double value, double[] others) {
        long distinct = Arrays.stream(others).distinct().count();
        if (others.length < FEWEST_OTHERS || distinct < OF_A_STATE) {
            return false;
        }
        double least = others[0];
        double largest = others[others.length - 1];
        double distance = Math.max(least - value, value - largest);
        boolean measurement = distinct >= OF_A_MEASUREMENT;
        return measurement && value < 0 && least >= 0
                || distance > (measurement ? FAR_FROM_MEASUREMENTS : FAR_FROM_STATES) * (largest - least);
    }

    /** Each number by itself: a speed in metres per second must not hide behind a yaw rate. */
    private static void magnitude(SplitScan scan, Findings findings) {
        boolean sequence = scan.further(0).length == 0;
        int numbers = sequence ? scan.telemetry(0).length : scan.further(0).length;
        for (int place = 0; place < numbers; place++) {
            Affine.Sums sums = new Affine.Sums();
            for (int row = 0; row < scan.size(); row++) {
                sums.add(0, sequence ? scan.telemetry(row)[place] : scan.further(row)[place]);
            }
            if (Math.abs(sums.meanY()) > FAR_FROM_NORMAL || sums.deviationY() > FAR_FROM_NORMAL) {
                findings.failed(
                        Ailment.INPUT_NOT_NORMALISED,
                        scan.name(),
                        0,
                        "Number %d of the telemetry of %s has mean %.3g and deviation %.3g; about 0 and 1 are expected.",
                        place,
                        scan.name(),
                        sums.meanY(),
                        sums.deviationY());
                return;
            }
        }
    }

    /** Whether a number is less its mean and over its deviation, and that result once more by the same. */
    private static boolean twice(SplitScan scan, float[][] sent, SplitScan train, Findings findings) {
        Affine.Sums[] here = pairs(scan, sent);
        float[][] inTrain = sent(train);
        for (int number = 0; number < sent.length; number++) {
            Affine.Sums ofTrain = new Affine.Sums();
            for (float value : inTrain[number]) {
                if (Float.isFinite(value)) {
                    ofTrain.add(0, value);
                }
            }
            Affine line = here[number].line();
            double mean = ofTrain.meanY();
            double deviation = ofTrain.deviationY();
            if (line.determination() >= SAME
                    && Math.abs(Math.log(deviation)) > TWICE
                    && Math.abs(Math.log(line.slope() * deviation * deviation)) < TWICE
                    && Math.abs(line.at(mean) + mean / deviation) < TWICE * (1 + Math.abs(mean / deviation))) {
                findings.failed(
                        Ailment.INPUT_NORMALISED_TWICE,
                        scan.name(),
                        0,
                        "Telemetry %d of %s becomes %.4g · value %+.4g; in train it has mean %.4g and deviation %.4g, by which it is normalised twice.",
                        number,
                        scan.name(),
                        line.slope(),
                        line.intercept(),
                        mean,
                        deviation);
                return true;
            }
        }
        return false;
    }

    /** One line from sent values to inputs for all splits, and never one value. */
    private static void passedOn(SplitScan scan, float[][] sent, SplitScan train, Findings findings) {
        Affine.Sums[] here = pairs(scan, sent);
        Affine.Sums[] there = scan == train ? here : pairs(train, sent(train));
        for (int number = 0; number < sent.length; number++) {
            Affine line = here[number].line();
            Affine ofTrain = there[number].line();
            if (here[number].count() > 1 && here[number].varies() && here[number].deviationY() < 1e-6) {
                findings.failed(
                        Ailment.INPUTS_IDENTICAL,
                        scan.name(),
                        0,
                        "Telemetry %d of %s is %.3g in all inputs; the cars sent different values.",
                        number,
                        scan.name(),
                        here[number].meanY());
                return;
            }
            if (here[number].varies()
                    && line.determination() < SAME
                    && (exchanged(scan, number, sent, findings)
                            || truncated(scan, number, sent[number], findings)
                            || displaced(scan, number, findings)
                            || unrelated(scan, number, line, sent[number], findings)
                            || noLineHere(scan, number, line, ofTrain, sent[number], findings))) {
                return;
            }
            if (line.determination() >= SAME
                    && ofTrain.determination() >= SAME
                    && Math.abs(line.slope() - ofTrain.slope()) * here[number].deviationX()
                                    + Math.abs(line.at(here[number].meanX()) - ofTrain.at(here[number].meanX()))
                            > SAME_LINE * Math.max(1, here[number].deviationY())) {
                findings.failed(
                        Ailment.INPUT_WRONG_STATISTICS,
                        scan.name(),
                        0,
                        "Telemetry %d of %s becomes %.4g · value %+.4g, that of train %.4g · value %+.4g.",
                        number,
                        scan.name(),
                        line.slope(),
                        line.intercept(),
                        ofTrain.slope(),
                        ofTrain.intercept());
                return;
            }
        }
    }

    /** Whether a number lost its fraction on the way. */
    private static boolean truncated(SplitScan scan, int number, float[] sent, Findings findings) {
        Affine.Sums sums = new Affine.Sums();
        int fractions = 0;
        for (int row = 0; row < scan.size(); row++) {
            float input = scan.telemetry(row)[number];
            if (input != Math.rint(input)) {
                return false;
            }
            sums.add(0, input);
            fractions += Float.isFinite(sent[row]) && sent[row] != Math.rint(sent[row]) ? 1 : 0;
        }
        if (2 * fractions < scan.size() || sums.deviationY() > FAR_FROM_NORMAL) {
            return false;
        }
        findings.failed(
                Ailment.INPUT_TRUNCATED,
                scan.name(),
                0,
                "All inputs of telemetry %d of %s are whole numbers with a deviation of %.3g; the cars sent fractions.",
                number,
                scan.name(),
                sums.deviationY());
        return true;
    }

    /** Whether an input follows the number that came with a neighbouring sample of the drive. */
    private static boolean displaced(SplitScan scan, int number, Findings findings) {
        SampleStore samples = scan.source().samples();
        IntFunction<String> drive = scan.source().driveId();
        float[] values = new float[samples.telemetryCount()];
        for (int distance : new int[] {1, -1, 2, -2, 3, -3}) {
            Affine.Sums sums = new Affine.Sums();
            for (int row = 0; row < scan.size(); row++) {
                int other = Math.floorMod(scan.index(row) + distance, samples.size());
                samples.readTelemetry(other, values, 0);
                if (drive.apply(other).equals(drive.apply(scan.index(row))) && Float.isFinite(values[number])) {
                    sums.add(values[number], scan.telemetry(row)[number]);
                }
            }
            if (sums.count() >= FEWEST_OTHERS && sums.line().determination() >= SAME) {
                findings.failed(
                        Ailment.LABELS_SHUFFLED,
                        scan.name(),
                        0,
                        "Telemetry %d of %s is that of the sample %d places %s than image and label.",
                        number,
                        scan.name(),
                        Math.abs(distance),
                        distance > 0 ? "later" : "earlier");
                return true;
            }
        }
        return false;
    }

    /** Whether an input bears no trace of what was sent, neither by a line nor by the order of the values. */
    private static boolean unrelated(SplitScan scan, int number, Affine line, float[] sent, Findings findings) {
        if (!(line.determination() < RELATED) || scan.size() < FEWEST_OF_LOST) {
            return false;
        }
        if (Math.abs(inOrder(scan, number, sent)) > RELATED) {
            return false;
        }
        findings.failed(
                Ailment.INPUT_UNRELATED,
                scan.name(),
                line.determination(),
                "What the cars sent explains %.0f %% of the inputs of telemetry %d of %s.",
                100 * line.determination(),
                number,
                scan.name());
        return true;
    }

    /** Whether many different numbers have become one. */
    private static boolean cut(SplitScan scan, int number, float[] sent) {
        long different = IntStream.range(0, scan.size())
                .mapToDouble(row -> sent[row])
                .filter(Double::isFinite)
                .distinct()
                .count();
        long inputs = IntStream.range(0, scan.size())
                .filter(row -> Float.isFinite(sent[row]))
                .mapToDouble(row -> scan.telemetry(row)[number])
                .distinct()
                .count();
        return inputs < KEPT * different;
    }

    /** Correlation of the ranks of what was sent and of the inputs. */
    private static double inOrder(SplitScan scan, int number, float[] sent) {
        int[] rows = IntStream.range(0, scan.size())
                .filter(row -> Float.isFinite(sent[row]))
                .toArray();
        return new SpearmansCorrelation()
                .correlation(
                        Arrays.stream(rows).mapToDouble(row -> sent[row]).toArray(),
                        Arrays.stream(rows)
                                .mapToDouble(row -> scan.telemetry(row)[number])
                                .toArray());
    }

    /** Whether a number goes another way into the network than in train, where it follows what was sent by a line. */
    private static boolean noLineHere(
            SplitScan scan, int number, Affine line, Affine ofTrain, float[] sent, Findings findings) {
        // A curve such as a logarithm looks straight where the numbers of train are.
        if (!(ofTrain.determination() >= SAME)
                || Double.isNaN(line.determination())
                || scan.size() < FEWEST_OF_LOST
                || Math.abs(inOrder(scan, number, sent)) >= SAME && !cut(scan, number, sent)) {
            return false;
        }
        findings.failed(
                Ailment.INPUT_WRONG_STATISTICS,
                scan.name(),
                line.determination(),
                "A line of what the cars sent explains %.0f %% of the inputs of telemetry %d of %s, and all of those of train.",
                100 * line.determination(),
                number,
                scan.name());
        return true;
    }

    /** Whether an input follows another number than its own. */
    private static boolean exchanged(SplitScan scan, int number, float[][] sent, Findings findings) {
        for (int from = 0; from < sent.length; from++) {
            if (from != number && pairs(scan, sent[from], number).line().determination() >= SAME) {
                findings.failed(
                        Ailment.INPUT_LAYOUT_SCRAMBLED,
                        scan.name(),
                        0,
                        "In the place of telemetry %d of %s stands telemetry %d.",
                        number,
                        scan.name(),
                        from);
                return true;
            }
        }
        return false;
    }

    /** Of each number the pairs of sent value and input. */
    private static Affine.Sums[] pairs(SplitScan scan, float[][] sent) {
        return IntStream.range(0, sent.length)
                .mapToObj(number -> pairs(scan, sent[number], number))
                .toArray(Affine.Sums[]::new);
    }

    private static Affine.Sums pairs(SplitScan scan, float[] sent, int place) {
        Affine.Sums sums = new Affine.Sums();
        for (int row = 0; row < scan.size(); row++) {
            if (Float.isFinite(sent[row])) {
                sums.add(sent[row], scan.telemetry(row)[place]);
            }
        }
        return sums;
    }

    /** Whether the label follows from one number beside an image, by its nearest value in drives of other folds. */
    private static void tellsTheLabel(SplitScan scan, int number, float[] sent, int[] folds, Findings findings) {
        Integer[] byValue = IntStream.range(0, scan.size())
                .filter(row -> Float.isFinite(sent[row]))
                .boxed()
                .sorted((one, two) -> Float.compare(sent[one], sent[two]))
                .toArray(Integer[]::new);
        int[] counts = new int[scan.source().classes().size()];
        int wrong = 0;
        for (int place = 0; place < byValue.length; place++) {
            counts[scan.given(byValue[place])]++;
            int nearest = nearest(byValue, place, sent, folds);
            wrong += nearest >= 0 && scan.given(nearest) == scan.given(byValue[place]) ? 0 : 1;
        }
        int others = byValue.length - Arrays.stream(counts).max().orElse(0);
        if (scan.driveCount() >= FEWEST_DRIVES && others >= FEWEST_OF_OTHER_CLASSES && wrong <= TELLS * others) {
            findings.failed(
                    Ailment.LABEL_IN_TELEMETRY,
                    scan.name(),
                    (double) wrong / others,
                    "Telemetry %d alone tells the label of all but %d of %d samples of %s on drives that were left out (%d drives); always guessing the largest class leaves %d.",
                    number,
                    wrong,
                    byValue.length,
                    scan.name(),
                    scan.driveCount(),
                    others);
        }
    }

    /** Whether a few combinations of all numbers, such as flags for the classes, tell the label. */
    private static void tellTheLabelTogether(SplitScan scan, float[][] sent, int[] folds, Findings findings) {
        int classes = scan.source().classes().size();
        Map<List<Float>, int[][]> counts = new HashMap<>();
        int allFolds = Arrays.stream(folds).max().orElse(0) + 1;
        for (int row = 0; row < scan.size(); row++) {
            counts.computeIfAbsent(combination(sent, row), unused -> new int[allFolds][classes])[folds[row]][
                    scan.given(row)]++;
        }
        if (sent.length < 2 || counts.size() > COMBINATIONS * classes) {
            return;
        }
        int[] ofClass = new int[classes];
        int wrong = 0;
        for (int row = 0; row < scan.size(); row++) {
            int[] elsewhere = new int[classes];
            int[][] byFold = counts.get(combination(sent, row));
            for (int fold = 0; fold < allFolds; fold++) {
                for (int k = 0; k < classes && fold != folds[row]; k++) {
                    elsewhere[k] += byFold[fold][k];
                }
            }
            int largest = IntStream.range(0, classes)
                    .reduce((one, next) -> elsewhere[next] > elsewhere[one] ? next : one)
                    .orElseThrow();
            wrong += elsewhere[largest] > 0 && largest == scan.given(row) ? 0 : 1;
            ofClass[scan.given(row)]++;
        }
        int others = scan.size() - Arrays.stream(ofClass).max().orElse(0);
        if (scan.driveCount() >= FEWEST_DRIVES && others >= FEWEST_OF_OTHER_CLASSES && wrong <= TELLS * others) {
            findings.failed(
                    Ailment.LABEL_IN_TELEMETRY,
                    scan.name(),
                    (double) wrong / others,
                    "All %d numbers of telemetry together have %d combinations, which tell the label of all but %d of %d samples of %s on drives that were left out; always guessing the largest class leaves %d.",
                    sent.length,
                    counts.size(),
                    wrong,
                    scan.size(),
                    scan.name(),
                    others);
        }
    }

    private static List<Float> combination(float[][] sent, int row) {
        return Arrays.stream(sent).map(values -> values[row]).toList();
    }

    /** The sample of another fold whose value is nearest; -1 if there is none. */
    private static int nearest(Integer[] byValue, int place, float[] sent, int[] folds) {
        int own = byValue[place];
        int nearest = -1;
        for (int step : new int[] {-1, 1}) {
            int at = place + step;
            while (at >= 0 && at < byValue.length && folds[byValue[at]] == folds[own]) {
                at += step;
            }
            if (at >= 0
                    && at < byValue.length
                    && (nearest < 0 || Math.abs(sent[byValue[at]] - sent[own]) < Math.abs(sent[nearest] - sent[own]))) {
                nearest = byValue[at];
            }
        }
        return nearest;
    }
}
