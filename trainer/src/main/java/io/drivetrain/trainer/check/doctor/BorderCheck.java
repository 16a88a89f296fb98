package io.drivetrain.trainer.check.doctor;

import java.util.List;

/**
 * Whether images of one split have rows or columns of one colour along an edge that those of train do not have: they were
 * resized into a box, or a part of them was lost. A sky that is black at night is none of both: it is along one edge, and
 * at the end of the range.
 */
final class BorderCheck {
    /** Levels between the darkest and the brightest value of a channel in a line, which compression leaves; of a dark image fewer. */
    private static final int ONE_COLOUR = 6;
    /** Of the height or width. */
    private static final double LEAST_PART = 0.1;

    private static final double NEARLY_ALL = 0.9;
    private static final double HARDLY_ANY = 0.1;
    private static final int FEWEST_IMAGES = 30;
    private static final int FEWEST_DRIVES = 3;

    private BorderCheck() {}

    static void examine(List<SplitScan> scans, Findings findings) {
        double inTrain = share(scans.get(0));
        for (SplitScan scan : scans.subList(1, scans.size())) {
            if (scan.size() >= FEWEST_IMAGES
                    && scan.driveCount() >= FEWEST_DRIVES
                    && inTrain < HARDLY_ANY
                    && share(scan) > NEARLY_ALL) {
                findings.failed(
                        Ailment.IMAGE_BORDERS_DIFFER,
                        scan.name(),
                        1 - share(scan),
                        "%.0f %% of %d images of %s have borders of one colour, of train %.0f %% of %d.",
                        100 * share(scan),
                        scan.size(),
                        scan.name(),
                        100 * inTrain,
                        scans.get(0).size());
            }
        }
    }

    private static double share(SplitScan scan) {
        int bordered = 0;
        for (int row = 0; row < scan.size(); row++) {
            bordered += bordered(scan, scan.bytes(row), true) || bordered(scan, scan.bytes(row), false) ? 1 : 0;
        }
        return (double) bordered / scan.size();
    }

    private static boolean bordered(SplitScan scan, byte[] image, boolean rows) {
        int lines = rows ? scan.shape().height() : scan.shape().width();
        if (!ofOneColour(scan, image, rows, 0, ONE_COLOUR) && !ofOneColour(scan, image, rows, lines - 1, ONE_COLOUR)) {
            return false;
        }
        // In the dark everything is nearly of one colour.
        double oneColour = Math.min(ONE_COLOUR, deviation(image) / 4);
        int before = 0;
        while (before < lines && ofOneColour(scan, image, rows, before, oneColour)) {
            before++;
        }
        int after = 0;
        while (after < lines - before && ofOneColour(scan, image, rows, lines - 1 - after, oneColour)) {
            after++;
        }
        if (before == lines || before + after < LEAST_PART * lines) {
            return false;
        }
        return before > 0 && after > 0 || inRange(scan, image, rows, before > 0 ? 0 : lines - 1);
    }

    /** Whether the line's colour is not what everything too dark or too bright becomes. */
    private static boolean inRange(SplitScan scan, byte[] image, boolean rows, int line) {
        int level = image[place(scan, rows, line, 0)] & 0xff;
        return level > ONE_COLOUR && level < 255 - ONE_COLOUR;
    }

    private static double deviation(byte[] image) {
        Affine.Sums sums = new Affine.Sums();
        for (byte level : image) {
            sums.add(0, level & 0xff);
        }
        return sums.deviationY();
    }

    private static boolean ofOneColour(SplitScan scan, byte[] image, boolean rows, int line, double oneColour) {
        int length = rows ? scan.shape().width() : scan.shape().height();
        int plane = scan.shape().height() * scan.shape().width();
        for (int from = 0; from < image.length; from += plane) {
            int least = 255;
            int most = 0;
            for (int i = 0; i < length; i++) {
                int level = image[from + place(scan, rows, line, i)] & 0xff;
                least = Math.min(least, level);
                most = Math.max(most, level);
            }
            if (most - least > oneColour) {
                return false;
            }
        }
        return true;
    }

    private static int place(SplitScan scan, boolean rows, int line, int along) {
        int width = scan.shape().width();
        return rows ? line * width + along : along * width + line;
    }
}
