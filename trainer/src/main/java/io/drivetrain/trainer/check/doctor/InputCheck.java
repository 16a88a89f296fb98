package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.PixelShape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.hipparchus.exception.MathIllegalArgumentException;
import org.hipparchus.stat.regression.OLSMultipleLinearRegression;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What became of the stored pixels on their way into the network, by comparing the two value for value. */
final class InputCheck {
    /** Of the variance of the input: an affine function of the byte explains all but rounding. */
    private static final double SAME = 0.98;
    /** Of the same: less than this, the image is hardly there. */
    private static final double RELATED = 0.25;

    private static final int IMAGES_FOR_LAYOUT = 24;
    /** Of train's inputs that are looked at for NaN, a fraction of a second: one is enough to make all weights NaN. */
    private static final int MOST_VALUES = 20_000_000;
    /** Of another split's, where one spoils a figure. */
    private static final int MOST_VALUES_ELSEWHERE = 10_000_000;

    private static final float[] NONE = {};

    /** Few, so that all of a block stays near the processor. */
    private static final int BLOCK = 16;

    private static final int LEVELS = 256;
    private static final int FEWEST_BLANK = 5;
    /** Of the images, in one order of positions; a few may look the same in two orders. */
    private static final double NEARLY_ALL = 0.9;

    private static final double SOME = 0.2;
    /** Of an image, by which it is told from others. */
    private static final int PLACES = 64;

    /** Cells of the cube of colours along each axis. */
    private static final int SHADES = 32;

    private static final int FEWEST_OF_A_COLOUR = 4;
    private static final double BY_COLOUR = 0.7;
    private static final double BEYOND_LINE = 0.3;
    /** Of the variance of images' means, and of their sorted values: the same pixels are in other places. */
    private static final double SAME_MEANS = 0.8;

    private static final double SAME_VALUES = 0.99;
    /** Of coarse blocks, which blur and noise leave where they are. */
    private static final double IN_PLACE = 0.9;

    private static final int BLOCKS = 4;

    private InputCheck() {}

    static void examine(List<SplitScan> scans, PixelStatistics train, Patient patient, Findings findings)
            throws InterruptedException {
        for (Findings ofSplit : Parallel.findings(scans, InputCheck::sound)) {
            findings.add(ofSplit);
            if (ofSplit.anyFailed()) {
                return;
            }
        }
        Parallel.findings(scans, (scan, ofSplit) -> {
                    if (scan.image()) {
                        relation(scan, scans, train, patient, ofSplit);
                    } else {
                        magnitude(scan, ofSplit);
                    }
                    TelemetryCheck.examine(scan, scans.get(0), ofSplit);
                })
                .forEach(findings::add);
        if (!findings.anyFailed()) {
            findings.passed(
                    Ailment.INPUT_NOT_NORMALISED,
                    "",
                    1,
                    "Inputs of %d samples of %d splits are finite, distinct and normalised by the train split.",
                    scans.stream().mapToInt(SplitScan::size).sum(),
                    scans.size());
        }
    }

    /** What makes no sense to compare with the stored pixels. */
    private static void sound(SplitScan scan, Findings findings) throws InterruptedException {
        if (finite(scan, findings)
                && finiteBeyond(scan, findings)
                && !truncated(scan, findings)
                && distinct(scan, findings)) {
            pictured(scan, findings);
        }
    }

    private static boolean finite(SplitScan scan, Findings findings) {
        int bad = 0;
        int firstRow = -1;
        int firstValue = -1;
        for (int row = 0; row < scan.size(); row++) {
            int at = Arrays2d.firstNotFinite(scan.input(row));
            if (at < 0 && Arrays2d.firstNotFinite(scan.further(row)) >= 0) {
                at = scan.input(row).length + Arrays2d.firstNotFinite(scan.further(row));
            }
            if (at >= 0) {
                bad++;
                if (firstRow < 0) {
                    firstRow = row;
                    firstValue = at;
                }
            }
        }
        if (bad > 0) {
            findings.failed(
                    Ailment.NOT_FINITE_INPUT,
                    scan.name(),
                    1 - (double) bad / scan.size(),
                    "Inputs of %d of %d samples of %s are NaN or infinite, first value %d of sample %d (%s).",
                    bad,
                    scan.size(),
                    scan.name(),
                    firstValue,
                    scan.index(firstRow),
                    scan.source().sampleId().apply(scan.index(firstRow)));
        }
        return bad == 0;
    }

    /** A single sample is enough to make all weights NaN, so many more than those of the scan are read, and not kept. */
    private static boolean finiteBeyond(SplitScan scan, Findings findings) throws InterruptedException {
        SplitSource source = scan.source();
        int size = source.samples().size();
        int most = scan.name().equals("train") ? MOST_VALUES : MOST_VALUES_ELSEWHERE;
        int[] indices = SplitScan.spread(size, Math.min(size, most / scan.input(0).length));
        if (indices.length <= scan.size()) {
            return true;
        }
        for (int from = 0; from < indices.length; from += BLOCK) {
            Interruption.check();
            int[] block = Arrays.copyOfRange(indices, from, Math.min(indices.length, from + BLOCK));
            for (INDArray input : source.inputs().read(source.samples(), block)) {
                // A sum is not finite if any value is not; one that only became too large has no such value.
                float[] values = Double.isFinite(input.sumNumber().doubleValue()) ? NONE : Arrays2d.flat(input);
                // The next block takes the same memory, which is at hand.
                input.close();
                int at = Arrays2d.firstNotFinite(values);
                if (at >= 0) {
                    int perSample = values.length / block.length;
                    int index = block[at / perSample];
                    findings.failed(
                            Ailment.NOT_FINITE_INPUT,
                            scan.name(),
                            0.5,
                            "Value %d of sample %d (%s) of %s is %s in the inputs, the first of %d samples read.",
                            at % perSample,
                            index,
                            source.sampleId().apply(index),
                            scan.name(),
                            values[at],
                            from + block.length);
                    return false;
                }
            }
        }
        return true;
    }

    /** Neighbours in the scan whose bytes differ must not become the same input. */
    private static boolean distinct(SplitScan scan, Findings findings) {
        int different = 0;
        int same = 0;
        for (int row = 1; row < scan.size(); row++) {
            if (!Arrays.equals(scan.bytes(row), scan.bytes(row - 1))) {
                different++;
                same += Arrays.equals(scan.input(row), scan.input(row - 1))
                                && Arrays.equals(scan.earlier(row), scan.earlier(row - 1))
                        ? 1
                        : 0;
            }
        }
        if (same * 5 > different) {
            findings.failed(
                    Ailment.INPUTS_IDENTICAL,
                    scan.name(),
                    1 - (double) same / different,
                    "%d of %d pairs of different images of %s become exactly the same input.",
                    same,
                    different,
                    scan.name());
            return false;
        }
        return !repeated(scan, findings);
    }

    /** Images that stand for others a whole number of places away, as of an index that begins again. */
    private static boolean repeated(SplitScan scan, Findings findings) {
        if (!scan.image()) {
            return false;
        }
        int[] places = SplitScan.spread(scan.input(0).length, Math.min(PLACES, scan.input(0).length));
        Set<Integer> images = new HashSet<>();
        Set<Integer> inputs = new HashSet<>();
        for (int row = 0; row < scan.size(); row++) {
            int ofImage = 1;
            int ofInput = 1;
            for (int place : places) {
                ofImage = 31 * ofImage + scan.bytes(row)[place];
                ofInput = 31 * ofInput + Float.floatToIntBits(scan.input(row)[place]);
            }
            images.add(ofImage);
            inputs.add(ofInput + Arrays.hashCode(scan.earlier(row)));
        }
        if (images.size() < FEWEST_BLANK || inputs.size() * 2 > images.size()) {
            return false;
        }
        findings.failed(
                Ailment.INPUTS_IDENTICAL,
                scan.name(),
                (double) inputs.size() / images.size(),
                "%d different images of %s become %d different inputs.",
                images.size(),
                scan.name(),
                inputs.size());
        return true;
    }

    /** Images of one colour are rare accidents; those of a whole class, or every fifth, are lost pictures. */
    private static void pictured(SplitScan scan, Findings findings) {
        Map<Integer, int[]> byClass = new TreeMap<>();
        int[] all = new int[2];
        for (int row = 0; row < scan.size(); row++) {
            int blank = scan.image() && oneColour(scan, row) ? 1 : 0;
            int[] ofClass = byClass.computeIfAbsent(scan.given(row), unused -> new int[2]);
            ofClass[0] += blank;
            ofClass[1]++;
            all[0] += blank;
            all[1]++;
        }
        for (var ofClass : byClass.entrySet()) {
            int[] counts = ofClass.getValue();
            if (counts[0] >= FEWEST_BLANK && 2 * counts[0] > counts[1]) {
                findings.failed(
                        Ailment.INPUTS_IDENTICAL,
                        "%s, class %s"
                                .formatted(scan.name(), scan.source().classes().get(ofClass.getKey())),
                        1 - (double) counts[0] / counts[1],
                        "%d of %d images of class %s in %s are of one colour.",
                        counts[0],
                        counts[1],
                        scan.source().classes().get(ofClass.getKey()),
                        scan.name());
                return;
            }
        }
        if (all[0] >= FEWEST_BLANK && all[0] * 5 > all[1]) {
            findings.failed(
                    Ailment.INPUTS_IDENTICAL,
                    scan.name(),
                    1 - (double) all[0] / all[1],
                    "%d of %d images of %s are of one colour.",
                    all[0],
                    all[1],
                    scan.name());
        }
    }

    private static boolean oneColour(SplitScan scan, int row) {
        float[] input = scan.input(row);
        int plane = input.length / scan.shape().channels();
        for (int i = 0; i < input.length; i++) {
            if (input[i] != input[i / plane * plane]) {
                return false;
            }
        }
        return true;
    }

    private static boolean straight(Affine.Sums[] ofChannels) {
        return Arrays.stream(ofChannels).noneMatch(sums -> sums.line().determination() < SAME);
    }

    private static boolean anyIsStraight(List<SplitScan> scans) {
        return scans.stream().anyMatch(scan -> scan.image() && straight(ownSums(scan, false)));
    }

    private static void relation(
            SplitScan scan, List<SplitScan> all, PixelStatistics train, Patient patient, Findings findings) {
        Affine.Sums[] own = ownSums(scan, false);
        if (channelLost(scan, own, findings)) {
            return;
        }
        if (straight(own)) {
            Affine[] lines = Arrays.stream(own).map(Affine.Sums::line).toArray(Affine[]::new);
            Optional<InputScale.Fault> fault =
                    InputScale.fault(lines, train, patient.declared().statistics());
            fault.ifPresent(
                    found -> findings.failed(found.ailment(), scan.name(), 0, "%s: %s", scan.name(), found.evidence()));
            return;
        }
        Affine.Sums[][] sums = sums(scan);
        if (signed(scan, findings) || swapped(scan, sums, findings)) {
            return;
        }
        layout(scan, sums, all, patient, findings);
    }

    /** Sums of byte and input of each channel. */
    private static Affine.Sums[] ownSums(SplitScan scan, boolean signed) {
        Affine.Sums[] sums = new Affine.Sums[scan.shape().channels()];
        Arrays.setAll(sums, channel -> sums(scan, channel, channel, signed));
        return sums;
    }

    /** Sums of byte and input: of input channel, then of byte channel. */
    private static Affine.Sums[][] sums(SplitScan scan) {
        int channels = scan.shape().channels();
        Affine.Sums[][] sums = new Affine.Sums[channels][channels];
        for (int in = 0; in < channels; in++) {
            int here = in;
            Arrays.setAll(sums[in], from -> sums(scan, here, from, false));
        }
        return sums;
    }

    private static Affine.Sums sums(SplitScan scan, int in, int from, boolean signed) {
        int plane = scan.shape().height() * scan.shape().width();
        Affine.Sums sums = new Affine.Sums();
        for (int row = 0; row < scan.size(); row++) {
            float[] input = scan.input(row);
            byte[] bytes = scan.bytes(row);
            for (int i = 0; i < plane; i++) {
                byte value = bytes[from * plane + i];
                sums.add(signed ? value : value & 0xff, input[in * plane + i]);
            }
        }
        return sums;
    }

    /** Whole numbers of the order of 1, and not the bytes themselves. */
    private static boolean truncated(SplitScan scan, Findings findings) {
        Affine.Sums sums = new Affine.Sums();
        for (int row = 0; row < scan.size() && scan.image(); row++) {
            for (float value : scan.input(row)) {
                if (value != Math.rint(value)) {
                    return false;
                }
                sums.add(0, value);
            }
        }
        if (sums.count() == 0 || sums.deviationY() == 0 || sums.deviationY() > 5) {
            return false;
        }
        findings.failed(
                Ailment.INPUT_TRUNCATED,
                scan.name(),
                0,
                "All inputs of %d samples of %s are whole numbers with a deviation of %.3g.",
                scan.size(),
                scan.name(),
                sums.deviationY());
        return true;
    }

    private static boolean signed(SplitScan scan, Findings findings) {
        if (!straight(ownSums(scan, true))) {
            return false;
        }
        findings.failed(
                Ailment.BYTES_READ_AS_SIGNED,
                scan.name(),
                0,
                "Inputs of %s follow the signed value of each byte (-128..127): 128 and brighter become the darkest.",
                scan.name());
        return true;
    }

    private static boolean swapped(SplitScan scan, Affine.Sums[][] sums, Findings findings) {
        int channels = sums.length;
        if (channels < 2 || channels > 4) {
            return false;
        }
        List<int[]> orders = Permutations.of(channels);
        for (int[] order : orders.subList(1, orders.size())) {
            boolean all = true;
            for (int channel = 0; channel < channels; channel++) {
                all &= !(sums[channel][order[channel]].line().determination() < SAME);
            }
            if (all) {
                findings.failed(
                        Ailment.CHANNEL_ORDER_SWAPPED,
                        scan.name(),
                        0,
                        "Inputs of %s take the stored channels in the order %s.",
                        scan.name(),
                        Arrays.toString(order));
                return true;
            }
        }
        return false;
    }

    /** Reorders the positions of an image: for each place of the input, the place of the byte. */
    private interface Reordering {
        int from(int channel, int y, int x, PixelShape shape);
    }

    private static Map<String, Reordering> reorderings() {
        Map<String, Reordering> all = new LinkedHashMap<>();
        all.put("with channels last", (c, y, x, s) -> {
            int at = (c * s.height() + y) * s.width() + x;
            int channel = at % s.channels();
            int pixel = at / s.channels();
            return channel * s.height() * s.width() + pixel;
        });
        all.put("as if their bytes had channels last", (c, y, x, s) -> (y * s.width() + x) * s.channels() + c);
        all.put("with rows and columns exchanged", (c, y, x, s) -> {
            int at = y * s.width() + x;
            int row = at % s.height();
            int column = at / s.height();
            return (c * s.height() + row) * s.width() + column;
        });
        all.put("upside down", (c, y, x, s) -> (c * s.height() + s.height() - 1 - y) * s.width() + x);
        all.put("mirrored", (c, y, x, s) -> (c * s.height() + y) * s.width() + s.width() - 1 - x);
        all.put(
                "rotated by half a turn",
                (c, y, x, s) -> (c * s.height() + s.height() - 1 - y) * s.width() + s.width() - 1 - x);
        return all;
    }

    private static void layout(
            SplitScan scan, Affine.Sums[][] pooled, List<SplitScan> all, Patient patient, Findings findings) {
        double straight = perImage(scan, 0, (c, y, x, s) -> (c * s.height() + y) * s.width() + x);
        if (straight >= SAME && share(scan, (c, y, x, s) -> (c * s.height() + y) * s.width() + x) > NEARLY_ALL) {
            double mean = pooled[0][0].meanY();
            double deviation = pooled[0][0].deviationY();
            if (Math.abs(mean) > 1 || deviation < 1.0 / 3 || deviation > 3) {
                findings.failed(
                        Ailment.INPUT_NOT_NORMALISED,
                        scan.name(),
                        0,
                        "Each image of %s is scaled by itself, to mean %.3g and deviation %.3g over all.",
                        scan.name(),
                        mean,
                        deviation);
            } else if (anyIsStraight(all) || patient.declared().statistics().isPresent()) {
                findings.failed(
                        Ailment.INPUT_WRONG_STATISTICS,
                        scan.name(),
                        0,
                        "Each image of %s is scaled by itself; the set-up records numbers that are the same for all.",
                        scan.name());
            }
            return;
        }
        for (var reordering : reorderings().entrySet()) {
            double share = share(scan, reordering.getValue());
            if (share >= SOME) {
                findings.failed(
                        Ailment.INPUT_LAYOUT_SCRAMBLED,
                        scan.name(),
                        1 - share,
                        "The pixels of %.0f %% of %d images of %s reach the network %s.",
                        100 * share,
                        Math.min(IMAGES_FOR_LAYOUT, scan.size()),
                        scan.name(),
                        reordering.getKey());
                return;
            }
        }
        for (int distance = 1; distance < Math.min(scan.size(), IMAGES_FOR_LAYOUT); distance++) {
            for (int signed : new int[] {distance, -distance}) {
                if (perImage(scan, signed, (c, y, x, s) -> (c * s.height() + y) * s.width() + x) >= SAME) {
                    findings.failed(
                            Ailment.LABELS_SHUFFLED,
                            scan.name(),
                            0,
                            "Inputs of %s hold the image %d places %s than their label.",
                            scan.name(),
                            distance,
                            signed > 0 ? "later" : "earlier");
                    return;
                }
            }
        }
        if (channelRepeated(scan, pooled, findings)
                || curved(scan, pooled, patient.declared(), findings)
                || shiftedByPlace(scan, findings)
                || channelsMixed(scan, patient.declared(), findings)
                || ofTheColour(scan, pooled, patient.declared(), findings)
                || elsewhere(scan, straight, findings)) {
            return;
        }
        double mixture = mixture(scan);
        if (Math.max(straight, mixture) >= RELATED && anyIsStraight(all)) {
            findings.failed(
                    Ailment.INPUT_LAYOUT_SCRAMBLED,
                    scan.name(),
                    straight,
                    "A line of the stored pixels explains %.0f %% of the inputs of %s in half of the images, and all of those of another split.",
                    100 * straight,
                    scan.name());
        } else if (Math.max(straight, mixture) < RELATED) {
            findings.failed(
                    Ailment.INPUT_UNRELATED,
                    scan.name(),
                    Math.max(straight, mixture),
                    "The stored pixels explain %.0f %% of the variance of the inputs of %s.",
                    100 * Math.max(straight, mixture),
                    scan.name());
        } else {
            findings.passed(
                    Ailment.INPUT_UNRELATED,
                    scan.name(),
                    Math.max(straight, mixture),
                    "The stored pixels explain %.0f %% of the variance of the inputs of %s; the rest is the preprocessing's.",
                    100 * Math.max(straight, mixture),
                    scan.name());
        }
    }

    /** A channel of the input that never varies, though that of the image does. */
    private static boolean channelLost(SplitScan scan, Affine.Sums[] pooled, Findings findings) {
        for (int channel = 0; channel < pooled.length; channel++) {
            if (pooled[channel].varies() && pooled[channel].deviationY() < 1e-6) {
                findings.failed(
                        Ailment.INPUT_UNRELATED,
                        scan.name(),
                        0,
                        "Channel %d of the inputs of %s is %.3g everywhere; the stored pixels of that channel vary.",
                        channel,
                        scan.name(),
                        pooled[channel].meanY());
                return true;
            }
        }
        return false;
    }

    /** A channel of the input that is another channel of the image, which is there as itself, too. */
    private static boolean channelRepeated(SplitScan scan, Affine.Sums[][] pooled, Findings findings) {
        for (int channel = 0; channel < pooled.length; channel++) {
            for (int from = 0; from < pooled.length; from++) {
                if (from != channel
                        && pooled[channel][from].line().determination() >= SAME
                        && pooled[from][from].line().determination() >= SAME) {
                    findings.failed(
                            Ailment.INPUT_LAYOUT_SCRAMBLED,
                            scan.name(),
                            0,
                            "Channels %d and %d of the inputs of %s both hold channel %d of the image.",
                            channel,
                            from,
                            scan.name(),
                            from);
                    return true;
                }
            }
        }
        return false;
    }

    /** Inputs that follow the pixel by a curve, such as a gamma or a cut, and so not by the recorded statistics. */
    private static boolean curved(
            SplitScan scan, Affine.Sums[][] pooled, Patient.Declaration declared, Findings findings) {
        int plane = scan.shape().height() * scan.shape().width();
        for (int channel = 0; channel < pooled.length; channel++) {
            Affine.Sums[] ofLevel = new Affine.Sums[LEVELS];
            Arrays.setAll(ofLevel, unused -> new Affine.Sums());
            for (int row = 0; row < scan.size(); row++) {
                for (int i = channel * plane; i < (channel + 1) * plane; i++) {
                    ofLevel[scan.bytes(row)[i] & 0xff].add(0, scan.input(row)[i]);
                }
            }
            double within = 0;
            double count = 0;
            for (Affine.Sums level : ofLevel) {
                if (level.count() > 0) {
                    within += level.count() * level.deviationY() * level.deviationY();
                    count += level.count();
                }
            }
            double all = pooled[channel][channel].deviationY();
            if (!(within / count <= (1 - SAME) * all * all)
                    || declared.statistics().isEmpty()) {
                return false;
            }
        }
        findings.failed(
                Ailment.INPUT_WRONG_STATISTICS,
                scan.name(),
                0,
                "Inputs of %s follow their pixels by a curve, of which a line explains %.0f %%; normalising by the recorded mean and deviation gives a line.",
                scan.name(),
                100 * Math.max(0, pooled[0][0].line().determination()));
        return true;
    }

    /** Another number subtracted at each place of the image, which is not that place's mean. */
    private static boolean shiftedByPlace(SplitScan scan, Findings findings) {
        int values = scan.shape().bytes();
        int plane = scan.shape().height() * scan.shape().width();
        double[] meanOfBytes = new double[values];
        double[] meanOfInputs = new double[values];
        for (int row = 0; row < scan.size(); row++) {
            for (int i = 0; i < values; i++) {
                meanOfBytes[i] += (double) (scan.bytes(row)[i] & 0xff) / scan.size();
                meanOfInputs[i] += (double) scan.input(row)[i] / scan.size();
            }
        }
        Affine.Sums[] withinPlace = new Affine.Sums[values / plane];
        Affine.Sums[] betweenPlaces = new Affine.Sums[values / plane];
        for (int channel = 0; channel < withinPlace.length; channel++) {
            withinPlace[channel] = new Affine.Sums();
            betweenPlaces[channel] = new Affine.Sums();
            for (int i = channel * plane; i < (channel + 1) * plane; i++) {
                betweenPlaces[channel].add(meanOfBytes[i], meanOfInputs[i]);
                for (int row = 0; row < scan.size(); row++) {
                    withinPlace[channel].add(
                            (scan.bytes(row)[i] & 0xff) - meanOfBytes[i], scan.input(row)[i] - meanOfInputs[i]);
                }
            }
            if (withinPlace[channel].line().determination() < SAME
                    || betweenPlaces[channel].deviationY() < withinPlace[channel].deviationY() / 4) {
                return false;
            }
        }
        findings.failed(
                Ailment.INPUT_WRONG_STATISTICS,
                scan.name(),
                0,
                "Inputs of %s are their pixels less another number at each place of the image: the means of the places have a deviation of %.3g.",
                scan.name(),
                betweenPlaces[0].deviationY());
        return true;
    }

    /** Channels of another colour space, of which each is a sum of those of the image; the statistics are of RGB. */
    private static boolean channelsMixed(SplitScan scan, Patient.Declaration declared, Findings findings) {
        int channels = scan.shape().channels();
        if (channels < 2 || declared.statistics().isEmpty()) {
            return false;
        }
        int plane = scan.shape().height() * scan.shape().width();
        int images = Math.min(IMAGES_FOR_LAYOUT, scan.size());
        double least = 1;
        for (int channel = 0; channel < channels; channel++) {
            OLSMultipleLinearRegression regression = new OLSMultipleLinearRegression(1e-9);
            double[] input = new double[images * plane];
            double[][] pixels = new double[input.length][channels];
            for (int i = 0; i < input.length; i++) {
                input[i] = scan.input(i / plane)[channel * plane + i % plane];
                for (int from = 0; from < channels; from++) {
                    pixels[i][from] = scan.bytes(i / plane)[from * plane + i % plane] & 0xff;
                }
            }
            try {
                regression.newSampleData(input, pixels);
                least = Math.min(least, regression.calculateRSquared());
            } catch (MathIllegalArgumentException e) {
                // The channels of grey images are one and the same, and no sum of them is a colour.
                return false;
            }
        }
        if (!(least >= SAME)) {
            return false;
        }
        findings.failed(
                Ailment.COLOUR_SPACE_DIFFERS,
                scan.name(),
                0,
                "Each channel of the inputs of %s is a sum of the stored channels, which explain at least %.0f %% of it; the recorded statistics are of the stored channels.",
                scan.name(),
                100 * least);
        return true;
    }

    /** Inputs that follow from the colour of their pixel, and not by a line: hue and saturation, or a table of colours. */
    private static boolean ofTheColour(
            SplitScan scan, Affine.Sums[][] pooled, Patient.Declaration declared, Findings findings) {
        if (scan.shape().channels() != 3 || declared.statistics().isEmpty()) {
            return false;
        }
        int plane = scan.shape().height() * scan.shape().width();
        int images = Math.min(4 * IMAGES_FOR_LAYOUT, scan.size());
        double least = 1;
        double beyondLine = 0;
        for (int channel = 0; channel < 3; channel++) {
            Map<Integer, Affine.Sums> ofColour = new HashMap<>();
            Affine.Sums all = new Affine.Sums();
            for (int i = 0; i < images * plane; i++) {
                byte[] bytes = scan.bytes(i / plane);
                int colour = 0;
                for (int from = 0; from < 3; from++) {
                    colour = colour * SHADES + (bytes[from * plane + i % plane] & 0xff) * SHADES / LEVELS;
                }
                float input = scan.input(i / plane)[channel * plane + i % plane];
                ofColour.computeIfAbsent(colour, unused -> new Affine.Sums()).add(0, input);
            }
            double within = 0;
            for (Affine.Sums colour : ofColour.values()) {
                if (colour.count() >= FEWEST_OF_A_COLOUR) {
                    // Of a mean of the same few, the spread is too small.
                    within += colour.count()
                            * colour.count()
                            / (colour.count() - 1)
                            * colour.deviationY()
                            * colour.deviationY();
                    all.add(colour);
                }
            }
            if (all.count() < images * plane / 10.0) {
                return false;
            }
            double share = 1 - within / all.count() / Math.max(1e-12, all.deviationY() * all.deviationY());
            least = Math.min(least, share);
            beyondLine =
                    Math.max(beyondLine, share - pooled[channel][channel].line().determination());
        }
        // What a line explains less of is noise, or a blur.
        if (least < BY_COLOUR || beyondLine < BEYOND_LINE) {
            return false;
        }
        findings.failed(
                Ailment.COLOUR_SPACE_DIFFERS,
                scan.name(),
                1 - least,
                "The colour of a pixel says at least %.0f %% of each channel of the inputs of %s, though not by a line; the recorded statistics are of the stored channels.",
                100 * least,
                scan.name());
        return true;
    }

    /** The values of each image in other places: an offset, another length of rows, a piece enlarged. */
    private static boolean elsewhere(SplitScan scan, double straight, Findings findings) {
        int plane = scan.shape().height() * scan.shape().width();
        Affine.Sums means = new Affine.Sums();
        Affine.Sums[] sorted = new Affine.Sums[scan.shape().channels()];
        Arrays.setAll(sorted, unused -> new Affine.Sums());
        for (int row = 0; row < scan.size(); row++) {
            double ofBytes = 0;
            double ofInput = 0;
            float[] input = scan.input(row);
            for (int i = 0; i < input.length; i++) {
                ofBytes += scan.bytes(row)[i] & 0xff;
                ofInput += input[i];
            }
            means.add(ofBytes / input.length, ofInput / input.length);
            for (int channel = 0; channel < sorted.length && row < IMAGES_FOR_LAYOUT; channel++) {
                float[] values = Arrays.copyOfRange(input, channel * plane, (channel + 1) * plane);
                int[] bytes = new int[plane];
                for (int i = 0; i < plane; i++) {
                    bytes[i] = scan.bytes(row)[channel * plane + i] & 0xff;
                }
                Arrays.sort(values);
                Arrays.sort(bytes);
                for (int i = 0; i < plane; i++) {
                    sorted[channel].add(bytes[i], values[i]);
                }
            }
        }
        double sameMeans = means.line().determination();
        double sameValues = Arrays.stream(sorted)
                .mapToDouble(sums -> sums.line().determination())
                .min()
                .orElse(0);
        boolean moved = straight < RELATED || sameValues >= SAME_VALUES && inPlace(scan) < IN_PLACE;
        if (!(sameMeans >= SAME_MEANS) || !moved) {
            return false;
        }
        findings.failed(
                Ailment.INPUT_LAYOUT_SCRAMBLED,
                scan.name(),
                straight,
                "The inputs of %s are as bright as their images (%.0f %% of the variance of means, %.0f %% of that of sorted values), yet the pixel of the same place explains %.0f %% in half of the images: they are read from other places.",
                scan.name(),
                100 * sameMeans,
                100 * sameValues,
                100 * straight);
        return true;
    }

    /** Share of the means of coarse blocks of the inputs that those of the images explain. */
    private static double inPlace(SplitScan scan) {
        PixelShape shape = scan.shape();
        Affine.Sums sums = new Affine.Sums();
        for (int row = 0; row < Math.min(IMAGES_FOR_LAYOUT, scan.size()); row++) {
            double[] ofBytes = new double[BLOCKS * BLOCKS];
            double[] ofInput = new double[BLOCKS * BLOCKS];
            double[] count = new double[BLOCKS * BLOCKS];
            for (int i = 0; i < scan.input(row).length; i++) {
                int y = i / shape.width() % shape.height();
                int block = y * BLOCKS / shape.height() * BLOCKS + i % shape.width() * BLOCKS / shape.width();
                ofBytes[block] += scan.bytes(row)[i] & 0xff;
                ofInput[block] += scan.input(row)[i];
                count[block]++;
            }
            for (int block = 0; block < count.length; block++) {
                if (count[block] > 0) {
                    sums.add(ofBytes[block] / count[block], ofInput[block] / count[block]);
                }
            }
        }
        double share = sums.line().determination();
        return Double.isNaN(share) ? 1 : share;
    }

    /** Share of the images that an order of positions explains. */
    private static double share(SplitScan scan, Reordering reordering) {
        double[] explained = explained(scan, 0, reordering);
        return (double) Arrays.stream(explained).filter(value -> value >= SAME).count() / explained.length;
    }

    /** Median over images of the least share explained in a channel. */
    private static double perImage(SplitScan scan, int rowDistance, Reordering reordering) {
        double[] explained = explained(scan, rowDistance, reordering);
        return explained[explained.length / 2];
    }

    /** Of images the least share explained in a channel, in increasing order. */
    private static double[] explained(SplitScan scan, int rowDistance, Reordering reordering) {
        PixelShape shape = scan.shape();
        int first = Math.max(0, -rowDistance);
        int images = Math.min(IMAGES_FOR_LAYOUT, scan.size() - Math.abs(rowDistance));
        double[] explained = new double[Math.max(1, images)];
        for (int row = 0; row < images; row++) {
            float[] input = scan.input(first + row);
            byte[] bytes = scan.bytes(first + row + rowDistance);
            double least = 1;
            int place = 0;
            // By the channel of the byte, since each channel is normalised by its own statistics.
            Affine.Sums[] sums = new Affine.Sums[shape.channels()];
            Arrays.setAll(sums, unused -> new Affine.Sums());
            for (int channel = 0; channel < shape.channels(); channel++) {
                for (int y = 0; y < shape.height(); y++) {
                    for (int x = 0; x < shape.width(); x++) {
                        int from = reordering.from(channel, y, x, shape);
                        sums[from / (shape.height() * shape.width())].add(bytes[from] & 0xff, input[place++]);
                    }
                }
            }
            for (Affine.Sums ofChannel : sums) {
                double share = ofChannel.line().determination();
                least = Double.isNaN(share) ? least : Math.min(least, share);
            }
            explained[row] = least;
        }
        Arrays.sort(explained);
        return explained;
    }

    /** Share explained by the mean of the channels, for a preprocessing that makes grey images. */
    private static double mixture(SplitScan scan) {
        int channels = scan.shape().channels();
        int plane = scan.shape().height() * scan.shape().width();
        Affine.Sums sums = new Affine.Sums();
        for (int row = 0; row < Math.min(IMAGES_FOR_LAYOUT, scan.size()); row++) {
            for (int i = 0; i < plane; i++) {
                double bytes = 0;
                double input = 0;
                for (int channel = 0; channel < channels; channel++) {
                    bytes += scan.bytes(row)[channel * plane + i] & 0xff;
                    input += scan.input(row)[channel * plane + i];
                }
                sums.add(bytes, input);
            }
        }
        double share = sums.line().determination();
        return Double.isNaN(share) ? 0 : share;
    }

    /** Inputs that are not the image, such as telemetry: of the order of 1. */
    private static void magnitude(SplitScan scan, Findings findings) {
        Affine.Sums sums = new Affine.Sums();
        for (int row = 0; row < scan.size(); row++) {
            for (float value : scan.input(row)) {
                sums.add(0, value);
            }
        }
        double deviation = sums.deviationY();
        if (Math.abs(sums.meanY()) > 10 || deviation > 10) {
            findings.failed(
                    deviation > 50 ? Ailment.INPUT_RANGE_0_255 : Ailment.INPUT_NOT_NORMALISED,
                    scan.name(),
                    0,
                    "Inputs of %s have mean %.3g and deviation %.3g; about 0 and 1 are expected.",
                    scan.name(),
                    sums.meanY(),
                    deviation);
        }
    }
}
