package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;
import java.util.stream.IntStream;

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

    private TelemetryCheck() {}

    static void examine(SplitScan scan, SplitScan train, Findings findings) {
        boolean read = !scan.image() || scan.further(0).length > 0;
        float[][] sent = read ? sent(scan) : new float[0][];
        for (int number = 0; number < sent.length; number++) {
            if (sentinel(scan, number, sent[number], findings)) {
                return;
            }
        }
        magnitude(scan, findings);
        if (sent.length == 0 || scan.further(0).length != sent.length) {
            return;
        }
        if (scan != train && lost(scan, sent, train, findings)) {
            return;
        }
        passedOn(scan, sent, train, findings);
        int[] folds = LinearModel.foldsByDrive(scan.drives(), 0);
        for (int number = 0; number < sent.length; number++) {
            tellsTheLabel(scan, number, sent[number], folds, findings);
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
        for (int place = 0; place < scan.further(0).length; place++) {
            Affine.Sums sums = new Affine.Sums();
            for (int row = 0; row < scan.size(); row++) {
                sums.add(0, scan.further(row)[place]);
            }
            if (Math.abs(sums.meanY()) > FAR_FROM_NORMAL || sums.deviationY() > FAR_FROM_NORMAL) {
                findings.failed(
                        Ailment.INPUT_NOT_NORMALISED,
                        scan.name(),
                        0,
                        "Number %d of %s beside the image has mean %.3g and deviation %.3g; about 0 and 1 are expected.",
                        place,
                        scan.name(),
                        sums.meanY(),
                        sums.deviationY());
                return;
            }
        }
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
            if (here[number].varies() && line.determination() < SAME && exchanged(scan, number, sent, findings)) {
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
                sums.add(sent[row], scan.further(row)[place]);
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
