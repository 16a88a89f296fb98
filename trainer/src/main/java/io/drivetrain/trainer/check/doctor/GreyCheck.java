package io.drivetrain.trainer.check.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether images of a split are stored grey where those of train are coloured. A camera of another domain may see no
 * colours, and then sees none in test-dev and in test alike; of two splits of one domain only one that lost them does.
 */
final class GreyCheck {
    /** Levels between the channels of a pixel, on average: compression leaves a little. */
    private static final double SAME_LEVEL = 1.5;

    private static final double NEARLY_ALL = 0.9;
    private static final double HARDLY_ANY = 0.1;
    private static final int PLACES = 256;

    private GreyCheck() {}

    /** The splits with colours, train first: only these have an order of channels. */
    static List<SplitScan> examine(List<SplitScan> scans, Findings findings) {
        List<SplitScan> coloured = new ArrayList<>();
        double inTrain = share(scans.get(0));
        for (SplitScan scan : scans) {
            double share = share(scan);
            if (inTrain >= HARDLY_ANY || share <= NEARLY_ALL) {
                coloured.add(scan);
                continue;
            }
            Optional<SplitScan> sibling = scans.stream()
                    .filter(other -> scan.name().startsWith("test")
                            && other.name().startsWith("test")
                            && !other.name().equals(scan.name()))
                    .findFirst();
            String evidence = "%.0f %% of %d images of %s are grey, of train %.0f %%."
                    .formatted(100 * share, scan.size(), scan.name(), 100 * inTrain);
            if (scan.name().startsWith("train")
                    || sibling.filter(other -> share(other) < HARDLY_ANY).isPresent()) {
                findings.failed(
                        Ailment.COLOUR_SPACE_DIFFERS,
                        scan.name(),
                        1 - share,
                        "%s %s of the same domain are coloured.",
                        evidence,
                        sibling.map(SplitScan::name).orElse("Those of train,"));
            } else {
                findings.skipped("The order of channels of %s was not examined. %s", scan.name(), evidence);
            }
        }
        return coloured;
    }

    private static double share(SplitScan scan) {
        int channels = scan.shape().channels();
        if (channels != 3 || scan.size() == 0) {
            return 0;
        }
        int plane = scan.shape().height() * scan.shape().width();
        int[] places = SplitScan.spread(plane, Math.min(PLACES, plane));
        int grey = 0;
        for (int row = 0; row < scan.size(); row++) {
            byte[] bytes = scan.bytes(row);
            double apart = 0;
            for (int place : places) {
                int first = bytes[place] & 0xff;
                apart += Math.abs(first - (bytes[plane + place] & 0xff))
                        + Math.abs(first - (bytes[2 * plane + place] & 0xff));
            }
            grey += apart / 2 / places.length < SAME_LEVEL ? 1 : 0;
        }
        return (double) grey / scan.size();
    }
}
