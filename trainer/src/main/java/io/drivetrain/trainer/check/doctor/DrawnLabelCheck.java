package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;

/**
 * Whether one place of the image tells the label by its level alone, as where an annotation, a mark or a file name was
 * drawn into it. What a camera sees varies with light and noise within a class.
 */
final class DrawnLabelCheck {
    /** Samples by which places are chosen, before all are asked. */
    private static final int FIRST = 96;
    /** Of the variance of a place's level: that between classes. */
    private static final double BETWEEN = 0.99;
    /** In levels; compression leaves as much in a place where nothing is. */
    private static final double LEAST_DEVIATION = 4;

    private static final int FEWEST_DRIVES = 10;
    private static final int FEWEST_OF_OTHER_CLASSES = 20;
    /** Of the errors of always guessing the largest class. */
    private static final double TELLS = 0.05;

    private DrawnLabelCheck() {}

    static void examine(SplitScan scan, int classes, Findings findings) {
        int[] counts = scan.counts(classes);
        int others = scan.size() - Arrays.stream(counts).max().orElse(0);
        if (others < FEWEST_OF_OTHER_CLASSES || scan.driveCount() < FEWEST_DRIVES) {
            return;
        }
        int[] first = SplitScan.spread(scan.size(), Math.min(FIRST, scan.size()));
        int[] all = SplitScan.spread(scan.size(), scan.size());
        for (int place = 0; place < scan.shape().bytes(); place++) {
            if (between(scan, first, place, classes) < BETWEEN) {
                continue;
            }
            int wrong = wrong(scan, all, place, classes);
            if (between(scan, all, place, classes) >= BETWEEN && wrong <= TELLS * others) {
                int plane = scan.shape().height() * scan.shape().width();
                findings.failed(
                        Ailment.LABEL_IN_IMAGE,
                        scan.name(),
                        (double) wrong / others,
                        "The level of channel %d in row %d and column %d alone tells the label of all but %d of %d samples of %s; always guessing the largest class leaves %d.",
                        place / plane,
                        place % plane / scan.shape().width(),
                        place % scan.shape().width(),
                        wrong,
                        scan.size(),
                        scan.name(),
                        others);
                return;
            }
        }
    }

    /** Share of the variance of a place's level that lies between classes; 0 where it hardly varies. */
    private static double between(SplitScan scan, int[] rows, int place, int classes) {
        double[] count = new double[classes];
        double[] sum = new double[classes];
        double squares = 0;
        double total = 0;
        for (int row : rows) {
            int level = scan.bytes(row)[place] & 0xff;
            count[scan.given(row)]++;
            sum[scan.given(row)] += level;
            squares += level * level;
            total += level;
        }
        double variance = squares / rows.length - total / rows.length * (total / rows.length);
        if (variance < LEAST_DEVIATION * LEAST_DEVIATION) {
            return 0;
        }
        double ofMeans = -total / rows.length * (total / rows.length);
        for (int k = 0; k < classes; k++) {
            ofMeans += count[k] == 0 ? 0 : sum[k] * sum[k] / count[k] / rows.length;
        }
        return ofMeans / variance;
    }

    /** Samples whose level is nearer to the mean of another class. */
    private static int wrong(SplitScan scan, int[] rows, int place, int classes) {
        double[] count = new double[classes];
        double[] sum = new double[classes];
        for (int row : rows) {
            count[scan.given(row)]++;
            sum[scan.given(row)] += scan.bytes(row)[place] & 0xff;
        }
        int wrong = 0;
        for (int row : rows) {
            int level = scan.bytes(row)[place] & 0xff;
            int nearest = scan.given(row);
            for (int k = 0; k < classes; k++) {
                // Another class with the same mean would be as near.
                if (k != nearest
                        && count[k] > 0
                        && Math.abs(level - sum[k] / count[k])
                                <= Math.abs(level - sum[scan.given(row)] / count[scan.given(row)])) {
                    nearest = k;
                }
            }
            wrong += nearest == scan.given(row) ? 0 : 1;
        }
        return wrong;
    }
}
