package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.PixelShape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What became of the stored pixels on their way into the network, by comparing the two value for value. */
final class InputCheck {
    /** Of the variance of the input: an affine function of the byte explains all but rounding. */
    private static final double SAME = 0.98;
    /** Of the same: less than this, the image is hardly there. */
    private static final double RELATED = 0.25;

    private static final int IMAGES_FOR_LAYOUT = 24;
    /** Of mean and deviation; other splits than train may be several deviations away. */
    private static final double FAR_FROM_NORMAL = 5;

    private InputCheck() {}

    static void examine(List<SplitScan> scans, PixelStatistics train, Patient patient, Findings findings) {
        for (SplitScan scan : scans) {
            if (!finite(scan, findings) || !distinct(scan, findings)) {
                return;
            }
        }
        for (SplitScan scan : scans) {
            if (scan.image()) {
                relation(scan, train, patient, findings);
            } else {
                magnitude(scan, findings);
            }
            magnitudeOfFurther(scan, findings);
        }
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

    /** Neighbours in the scan whose bytes differ must not become the same input. */
    private static boolean distinct(SplitScan scan, Findings findings) {
        int different = 0;
        int same = 0;
        for (int row = 1; row < scan.size(); row++) {
            if (!Arrays.equals(scan.bytes(row), scan.bytes(row - 1))) {
                different++;
                same += Arrays.equals(scan.input(row), scan.input(row - 1)) ? 1 : 0;
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
        return true;
    }

    private static void relation(SplitScan scan, PixelStatistics train, Patient patient, Findings findings) {
        int channels = scan.shape().channels();
        Affine.Sums[][] sums = sums(scan, false);
        Affine[] lines = new Affine[channels];
        boolean straight = true;
        for (int channel = 0; channel < channels; channel++) {
            lines[channel] = sums[channel][channel].line();
            straight &= !(lines[channel].determination() < SAME);
        }
        if (truncated(scan, sums)) {
            findings.failed(
                    Ailment.INPUT_TRUNCATED,
                    scan.name(),
                    0,
                    "All inputs of %d samples of %s are whole numbers with a deviation of %.3g.",
                    scan.size(),
                    scan.name(),
                    sums[0][0].deviationY());
            return;
        }
        if (straight) {
            Optional<InputScale.Fault> fault =
                    InputScale.fault(lines, train, patient.declared().statistics());
            fault.ifPresent(
                    found -> findings.failed(found.ailment(), scan.name(), 0, "%s: %s", scan.name(), found.evidence()));
            return;
        }
        if (signed(scan, findings) || swapped(scan, sums, findings)) {
            return;
        }
        layout(scan, sums, findings);
    }

    /** Sums of byte and input: of input channel, then of byte channel. */
    private static Affine.Sums[][] sums(SplitScan scan, boolean signed) {
        int channels = scan.shape().channels();
        int plane = scan.shape().height() * scan.shape().width();
        Affine.Sums[][] sums = new Affine.Sums[channels][channels];
        for (Affine.Sums[] row : sums) {
            Arrays.setAll(row, unused -> new Affine.Sums());
        }
        for (int row = 0; row < scan.size(); row++) {
            float[] input = scan.input(row);
            byte[] bytes = scan.bytes(row);
            for (int in = 0; in < channels; in++) {
                for (int from = 0; from < channels; from++) {
                    for (int i = 0; i < plane; i++) {
                        byte value = bytes[from * plane + i];
                        sums[in][from].add(signed ? value : value & 0xff, input[in * plane + i]);
                    }
                }
            }
        }
        return sums;
    }

    private static boolean truncated(SplitScan scan, Affine.Sums[][] sums) {
        if (sums[0][0].deviationY() == 0 || sums[0][0].deviationY() > 5) {
            return false;
        }
        for (int row = 0; row < scan.size(); row++) {
            for (float value : scan.input(row)) {
                if (value != Math.rint(value)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean signed(SplitScan scan, Findings findings) {
        Affine.Sums[][] sums = sums(scan, true);
        for (int channel = 0; channel < sums.length; channel++) {
            if (sums[channel][channel].line().determination() < SAME) {
                return false;
            }
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

    private static void layout(SplitScan scan, Affine.Sums[][] pooled, Findings findings) {
        double straight = perImage(scan, 0, (c, y, x, s) -> (c * s.height() + y) * s.width() + x);
        if (straight >= SAME) {
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
            }
            return;
        }
        for (var reordering : reorderings().entrySet()) {
            if (perImage(scan, 0, reordering.getValue()) >= SAME) {
                findings.failed(
                        Ailment.INPUT_LAYOUT_SCRAMBLED,
                        scan.name(),
                        straight,
                        "The pixels of %s reach the network %s.",
                        scan.name(),
                        reordering.getKey());
                return;
            }
        }
        for (int distance = 1; distance < Math.min(scan.size(), IMAGES_FOR_LAYOUT); distance++) {
            if (perImage(scan, distance, (c, y, x, s) -> (c * s.height() + y) * s.width() + x) >= SAME) {
                findings.failed(
                        Ailment.LABELS_SHUFFLED,
                        scan.name(),
                        0,
                        "Inputs of %s hold the image %d places later in the batch than their label.",
                        scan.name(),
                        distance);
                return;
            }
        }
        double mixture = mixture(scan);
        if (Math.max(straight, mixture) < RELATED) {
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

    /** Median over images of the least share explained in a channel. */
    private static double perImage(SplitScan scan, int rowDistance, Reordering reordering) {
        PixelShape shape = scan.shape();
        int images = Math.min(IMAGES_FOR_LAYOUT, scan.size() - rowDistance);
        double[] explained = new double[Math.max(1, images)];
        for (int row = 0; row < images; row++) {
            float[] input = scan.input(row);
            byte[] bytes = scan.bytes(row + rowDistance);
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
        return explained[explained.length / 2];
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

    /** Each number by itself: a speed in metres per second must not hide behind a yaw rate. */
    private static void magnitudeOfFurther(SplitScan scan, Findings findings) {
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
}
