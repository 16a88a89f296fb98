package io.drivetrain.trainer.check.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Whether a split's stored pixels have their channels in the order of train: by the colour balance of thirds of the image,
 * sky to road, averaged by drive, and by what a linear model of train says of each drive. The model looks at channels
 * that are scaled to the same mean and deviation in every image, so that other light is no other order. Grey images have
 * no order, and a mere shift of colour is no permutation.
 */
final class ChannelOrderCheck {
    private static final int THIRDS = 3;
    private static final int FEWEST_DRIVES = 5;
    private static final int BOOTSTRAPS = 200;
    /** In the right order, the distance must fall to less than this share. */
    private static final double EXPLAINED = 0.25;

    /** Of red, green and blue. */
    private static final List<int[]> ORDERS = Permutations.of(3);

    private static final int BLOCKS = 4;

    private ChannelOrderCheck() {}

    /** @param turned splits whose bright parts are elsewhere than train's: another order there comes of turned images */
    static void examine(List<SplitScan> scans, Set<String> turned, Settings settings, Findings findings)
            throws InterruptedException {
        VariantModel model = null;
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
            if (!compare(scan.name(), train, other, settings, findings) && channels == 3) {
                model = model == null
                        ? VariantModel.of(scans.get(0), ChannelOrderCheck::features, settings.seed())
                        : model;
                ask(model, scan, turned.contains(scan.name()), findings);
            }
        }
    }

    /** Number of drives whose channels are in their own order once the images are turned upside down. */
    private static int inOrderUpsideDown(VariantModel model, SplitScan scan) {
        return new VariantModel(
                        model.model(),
                        (ofScan, row) -> new double[][] {features(ofScan, row, ORDERS.get(0), true)},
                        model.known(),
                        model.drives())
                .inTheirOwn(scan);
    }

    private static void ask(VariantModel model, SplitScan scan, boolean bright, Findings findings) {
        VariantModel.Answer answer = model.ask(scan);
        boolean turned = answer.variant() != 0 && (bright || inOrderUpsideDown(model, scan) >= answer.drives());
        if (answer.variant() == 0) {
            findings.passed(
                    Ailment.CHANNEL_ORDER_SWAPPED,
                    scan.name(),
                    1,
                    "Of the %d other orders of the channels that a linear model tells from their own in %d drives of train out of fold, most of %d drives of %s prefer none.",
                    model.toldApart(),
                    model.drives(),
                    scan.driveCount(),
                    scan.name());
        } else {
            findings.failed(
                    turned ? Ailment.INPUT_LAYOUT_SCRAMBLED : Ailment.CHANNEL_ORDER_SWAPPED,
                    scan.name(),
                    1 - (double) answer.drives() / scan.driveCount(),
                    "A linear model takes %d of %d drives of %s for stored in the channel order %s (p = %.2g)%s; it knows %.0f %% of train's %d drives from that order out of fold.",
                    answer.drives(),
                    scan.driveCount(),
                    scan.name(),
                    Arrays.toString(ORDERS.get(answer.variant())),
                    answer.pValue(),
                    turned ? ", and in their own when turned" : "",
                    100 * model.known()[answer.variant()],
                    model.drives());
        }
    }

    private static double[][] features(SplitScan scan, int row) {
        return ORDERS.stream().map(order -> features(scan, row, order, false)).toArray(double[][]::new);
    }

    /** How the channels of an image, each scaled to mean 0 and deviation 1, differ in its parts and go together. */
    private static double[] features(SplitScan scan, int row, int[] order, boolean upsideDown) {
        int height = scan.shape().height();
        int width = scan.shape().width();
        int plane = height * width;
        int channels = order.length;
        float[][] scaled = new float[channels][plane];
        for (int channel = 0; channel < channels; channel++) {
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < plane; i++) {
                int level = scan.bytes(row)[order[channel] * plane + i] & 0xff;
                sum += level;
                squares += (double) level * level;
            }
            double mean = sum / plane;
            double deviation = Math.sqrt(Math.max(1, squares / plane - mean * mean));
            for (int i = 0; i < plane; i++) {
                scaled[channel][i] =
                        (float) (((scan.bytes(row)[order[channel] * plane + i] & 0xff) - mean) / deviation);
            }
        }
        int pairs = channels * (channels - 1) / 2;
        double[] features = new double[pairs * (BLOCKS * BLOCKS + 3)];
        int at = 0;
        for (int one = 0; one < channels; one++) {
            for (int two = one + 1; two < channels; two++) {
                for (int i = 0; i < plane; i++) {
                    double difference = scaled[one][i] - scaled[two][i];
                    int y = upsideDown ? height - 1 - i / width : i / width;
                    int block = y * BLOCKS / height * BLOCKS + i % width * BLOCKS / width;
                    features[at + block] += difference * BLOCKS * BLOCKS / plane;
                    features[at + BLOCKS * BLOCKS] += (double) scaled[one][i] * scaled[two][i] / plane;
                    features[at + BLOCKS * BLOCKS + 1] += difference * difference * difference / plane;
                    features[at + BLOCKS * BLOCKS + 2] += difference * Math.abs(scaled[one][i]) / plane;
                }
                at += BLOCKS * BLOCKS + 3;
            }
        }
        return features;
    }

    /** Whether a fault was found. */
    private static boolean compare(
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
        // A colour balance turned into its opposite, as in a negative, or upside down is no order of the channels
        // either.
        double asNegative = distance(negative(here), there, identity);
        double upsideDown = distance(upsideDown(here), there, identity);
        if (Permutations.isIdentity(best)
                || explained > EXPLAINED * own
                || asNegative < explained
                || upsideDown < explained) {
            findings.passed(
                    Ailment.CHANNEL_ORDER_SWAPPED,
                    name,
                    1,
                    "The colour balance of %s (%d drives) does not fit another order of the channels better than its own.",
                    name,
                    other.size());
            return false;
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
        return better == BOOTSTRAPS;
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

    private static double[][] upsideDown(double[][] balance) {
        return Arrays.stream(balance)
                .map(thirds -> new double[] {thirds[2], thirds[1], thirds[0]})
                .toArray(double[][]::new);
    }

    private static double[][] negative(double[][] balance) {
        return Arrays.stream(balance)
                .map(thirds -> Arrays.stream(thirds).map(third -> -third).toArray())
                .toArray(double[][]::new);
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
