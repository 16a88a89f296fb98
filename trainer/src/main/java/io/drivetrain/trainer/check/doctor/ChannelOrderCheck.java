package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.PixelShape;
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
    private static final int LEVELS = 256;

    private ChannelOrderCheck() {}

    /** @param turned splits whose bright parts are elsewhere than train's: another order there comes of turned images */
    static void examine(List<SplitScan> scans, Set<String> turned, Settings settings, Findings findings)
            throws InterruptedException {
        VariantModel model = null;
        int channels = scans.get(0).shape().channels();
        if (channels < 2 || channels > 4) {
            return;
        }
        List<List<double[][]>> balances = Parallel.map(scans, ChannelOrderCheck::byDrive);
        List<double[][]> train = balances.get(0);
        for (int split = 1; split < scans.size(); split++) {
            SplitScan scan = scans.get(split);
            List<double[][]> other = balances.get(split);
            if (train.size() < FEWEST_DRIVES || other.size() < FEWEST_DRIVES) {
                findings.skipped(
                        "Not enough drives to compare the channel order of %s with train: %d and %d, %d needed.",
                        scan.name(), other.size(), train.size(), FEWEST_DRIVES);
                continue;
            }
            if (!compare(scan.name(), train, other, settings, findings) && channels == 3) {
                model = model == null
                        ? VariantModel.of(
                                scans.get(0),
                                ORDERS.size(),
                                features(scans.get(0).shape(), false),
                                settings.seed())
                        : model;
                ask(model, scan, turned.contains(scan.name()), findings);
            }
        }
    }

    /** Number of drives whose channels are in their own order once the images are turned upside down. */
    private static int inOrderUpsideDown(VariantModel model, SplitScan scan) {
        return new VariantModel(model.model(), features(scan.shape(), true), model.known(), model.drives())
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

    private static VariantModel.Features features(PixelShape shape, boolean upsideDown) {
        int[] blocks = blocks(shape, upsideDown);
        return (scan, row) -> {
            int channels = scan.shape().channels();
            float[][] scaled = scaled(scan.bytes(row), channels, blocks.length);
            double[][][] pairs = new double[channels][channels][];
            return variant -> features(scaled, pairs, ORDERS.get(variant), blocks);
        };
    }

    /**
     * How the channels of an image differ in its parts and go together, read in an order.
     *
     * @param scaled each channel to mean 0 and deviation 1
     * @param pairs of every two channels what other orders have asked for, {@code [one][other]}
     */
    private static double[] features(float[][] scaled, double[][][] pairs, int[] order, int[] blocks) {
        double[] features = new double[order.length * (order.length - 1) / 2 * (BLOCKS * BLOCKS + 3)];
        int next = 0;
        for (int first = 0; first < order.length; first++) {
            for (int second = first + 1; second < order.length; second++) {
                int one = order[first];
                int two = order[second];
                if (pairs[one][two] == null) {
                    pairs[one][two] = new double[BLOCKS * BLOCKS + 3];
                    pairs[two][one] = new double[BLOCKS * BLOCKS + 3];
                    pair(scaled[one], scaled[two], blocks, pairs[one][two], pairs[two][one]);
                }
                System.arraycopy(pairs[one][two], 0, features, next, pairs[one][two].length);
                next += pairs[one][two].length;
            }
        }
        return features;
    }

    /** Fills in what two channels are beside each other, in this order and in the other. */
    private static void pair(float[] one, float[] two, int[] blocks, double[] features, double[] exchanged) {
        double products = 0;
        double cubes = 0;
        double leaning = 0;
        double leaningExchanged = 0;
        for (int i = 0; i < blocks.length; i++) {
            double difference = one[i] - two[i];
            features[blocks[i]] += difference;
            products += (double) one[i] * two[i];
            cubes += difference * difference * difference;
            leaning += difference * Math.abs(one[i]);
            leaningExchanged -= difference * Math.abs(two[i]);
        }
        for (int block = 0; block < BLOCKS * BLOCKS; block++) {
            features[block] *= (double) BLOCKS * BLOCKS / blocks.length;
            exchanged[block] = -features[block];
        }
        features[BLOCKS * BLOCKS] = products / blocks.length;
        exchanged[BLOCKS * BLOCKS] = products / blocks.length;
        features[BLOCKS * BLOCKS + 1] = cubes / blocks.length;
        exchanged[BLOCKS * BLOCKS + 1] = -cubes / blocks.length;
        features[BLOCKS * BLOCKS + 2] = leaning / blocks.length;
        exchanged[BLOCKS * BLOCKS + 2] = leaningExchanged / blocks.length;
    }

    /** The block that each pixel of a channel lies in. */
    private static int[] blocks(PixelShape shape, boolean upsideDown) {
        int[] blocks = new int[shape.height() * shape.width()];
        for (int i = 0; i < blocks.length; i++) {
            int y = upsideDown ? shape.height() - 1 - i / shape.width() : i / shape.width();
            blocks[i] = y * BLOCKS / shape.height() * BLOCKS + i % shape.width() * BLOCKS / shape.width();
        }
        return blocks;
    }

    private static float[][] scaled(byte[] bytes, int channels, int plane) {
        float[][] scaled = new float[channels][plane];
        for (int channel = 0; channel < channels; channel++) {
            long sum = 0;
            long squares = 0;
            for (int i = 0; i < plane; i++) {
                int level = bytes[channel * plane + i] & 0xff;
                sum += level;
                squares += (long) level * level;
            }
            double mean = (double) sum / plane;
            double deviation = Math.sqrt(Math.max(1, (double) squares / plane - mean * mean));
            float[] ofLevel = new float[LEVELS];
            for (int level = 0; level < LEVELS; level++) {
                ofLevel[level] = (float) ((level - mean) / deviation);
            }
            for (int i = 0; i < plane; i++) {
                scaled[channel][i] = ofLevel[bytes[channel * plane + i] & 0xff];
            }
        }
        return scaled;
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
            byte[] bytes = scan.bytes(row);
            double[][] image = new double[channels][THIRDS];
            int[] counts = new int[THIRDS];
            for (int y = 0; y < height; y++) {
                int third = y * THIRDS / height;
                counts[third] += width;
                for (int channel = 0; channel < channels; channel++) {
                    int sum = 0;
                    for (int x = 0; x < width; x++) {
                        sum += bytes[(channel * height + y) * width + x] & 0xff;
                    }
                    image[channel][third] += sum;
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
