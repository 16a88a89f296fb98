package io.drivetrain.trainer.check.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Whether a split's stored pixels have their channels in the order of train: the colour balance of thirds of the image,
 * sky to road, averaged by drive. Grey images have no order, and a mere shift of colour is no permutation.
 */
final class ChannelOrderCheck {
    private static final int THIRDS = 3;
    private static final int FEWEST_DRIVES = 5;
    private static final int BOOTSTRAPS = 200;
    /** In the right order, the distance must fall to less than this share. */
    private static final double EXPLAINED = 0.25;

    private ChannelOrderCheck() {}

    static void examine(List<SplitScan> scans, Settings settings, Findings findings) {
        int channels = scans.get(0).shape().channels();
        if (channels < 2 || channels > 4) {
            return;
        }
        List<double[][]> train = byDrive(scans.get(0));
        for (SplitScan scan : scans.subList(1, scans.size())) {
            List<double[][]> other = byDrive(scan);
            if (train.size() < FEWEST_DRIVES || other.size() < FEWEST_DRIVES) {
                findings.skipped(
                        "Not enough drives to compare the channel order of %s with train: %d and %d, %d needed.",
                        scan.name(), other.size(), train.size(), FEWEST_DRIVES);
                continue;
            }
            compare(scan.name(), train, other, settings, findings);
        }
    }

    private static void compare(
            String name, List<double[][]> train, List<double[][]> other, Settings settings, Findings findings) {
        double[][] here = mean(other);
        double[][] there = mean(train);
        int[] identity = Permutations.of(here.length).get(0);
        int[] best = identity;
        for (int[] order : Permutations.of(here.length)) {
            if (distance(here, there, order) < distance(here, there, best)) {
                best = order;
            }
        }
        double own = distance(here, there, identity);
        double explained = distance(here, there, best);
        if (Permutations.isIdentity(best) || explained > EXPLAINED * own) {
            findings.passed(
                    Ailment.CHANNEL_ORDER_SWAPPED,
                    name,
                    1,
                    "The colour balance of %s (%d drives) does not fit another order of the channels better than its own.",
                    name,
                    other.size());
            return;
        }
        Random random = new Random(settings.seed());
        int better = 0;
        for (int b = 0; b < BOOTSTRAPS; b++) {
            double[][] one = mean(resampled(other, random));
            double[][] two = mean(resampled(train, random));
            better += distance(one, two, best) < 2 * EXPLAINED * distance(one, two, identity) ? 1 : 0;
        }
        if (better == BOOTSTRAPS) {
            findings.failed(
                    Ailment.CHANNEL_ORDER_SWAPPED,
                    name,
                    0,
                    "The colour balance of %s (%d drives) fits that of train (%d drives) with its channels read in the order %s: distance %.3g rather than %.3g, in all of %d bootstrap samples.",
                    name,
                    other.size(),
                    train.size(),
                    Arrays.toString(best),
                    explained,
                    own,
                    BOOTSTRAPS);
        }
    }

    private static List<double[][]> resampled(List<double[][]> drives, Random random) {
        List<double[][]> sample = new ArrayList<>();
        for (int i = 0; i < drives.size(); i++) {
            sample.add(drives.get(random.nextInt(drives.size())));
        }
        return sample;
    }

    private static double distance(double[][] here, double[][] there, int[] order) {
        double sum = 0;
        for (int channel = 0; channel < order.length; channel++) {
            for (int third = 0; third < THIRDS; third++) {
                double difference = here[order[channel]][third] - there[channel][third];
                sum += difference * difference;
            }
        }
        return sum;
    }

    private static double[][] mean(List<double[][]> drives) {
        double[][] sum = new double[drives.get(0).length][THIRDS];
        for (double[][] drive : drives) {
            for (int channel = 0; channel < sum.length; channel++) {
                for (int third = 0; third < THIRDS; third++) {
                    sum[channel][third] += drive[channel][third] / drives.size();
                }
            }
        }
        return sum;
    }

    /** Mean byte of each channel and third, less the mean of all channels in that third, for each drive. */
    private static List<double[][]> byDrive(SplitScan scan) {
        int channels = scan.shape().channels();
        int height = scan.shape().height();
        int width = scan.shape().width();
        Map<Integer, List<double[][]>> images = new LinkedHashMap<>();
        int[] drives = scan.drives();
        for (int row = 0; row < scan.size(); row++) {
            double[][] image = new double[channels][THIRDS];
            int[] counts = new int[THIRDS];
            for (int y = 0; y < height; y++) {
                int third = y * THIRDS / height;
                counts[third] += width;
                for (int channel = 0; channel < channels; channel++) {
                    for (int x = 0; x < width; x++) {
                        image[channel][third] += scan.bytes(row)[(channel * height + y) * width + x] & 0xff;
                    }
                }
            }
            for (int third = 0; third < THIRDS; third++) {
                double grey = 0;
                for (int channel = 0; channel < channels; channel++) {
                    image[channel][third] /= counts[third];
                    grey += image[channel][third] / channels;
                }
                for (int channel = 0; channel < channels; channel++) {
                    image[channel][third] -= grey;
                }
            }
            images.computeIfAbsent(drives[row], unused -> new ArrayList<>()).add(image);
        }
        return images.values().stream().map(ChannelOrderCheck::mean).toList();
    }
}
