package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Whether the labels of one split go with its images less than those of the other split of its domain. Drives are dealt
 * to the two at random, so a model that is asked about drives it did not see must know as much of either, and frames
 * must agree with their neighbours as often; permutations of the drives say how far the two differ by chance. Where the
 * images alone tell the two splits apart, they were not dealt at random and nothing is said.
 */
final class LabelNoiseCheck {
    private static final List<List<String>> DOMAINS =
            List.of(List.of("train", "train-dev"), List.of("test-dev", "test"));
    private static final int FEWEST_DRIVES = 10;
    private static final int PERMUTATIONS = 1999;
    /** Of each of the permutation tests, two for each domain. */
    private static final double LEVEL = 0.001;
    /** Of labels that belong to other images: less is what annotators differ by. */
    private static final double TOLERATED = 0.2;
    /** Of the test that images tell the splits apart, and the correlation from which on that could matter. */
    private static final double DEALT_AT_RANDOM = 0.05;

    private static final double ALIKE = 0.3;

    private static final int PERMUTATIONS_OF_IMAGES = 99;

    private LabelNoiseCheck() {}

    /**
     * What is compared of a split.
     *
     * @param features of the images, a row for each sample
     */
    record Split(SplitScan scan, double[][] features, int[] labels) {}

    static void examine(List<Split> splits, int classes, Settings settings, Findings findings)
            throws InterruptedException {
        int[] drives = drives(splits);
        double[][] scores = LinearModel.outOfFold(
                features(splits),
                splits.stream()
                        .flatMapToInt(split -> Arrays.stream(split.labels()))
                        .toArray(),
                classes,
                LinearModel.foldsByDrive(drives, settings.seed()));
        for (List<String> domain : DOMAINS) {
            List<Split> pair = splits.stream()
                    .filter(split ->
                            domain.contains(split.scan().name()) && split.scan().driveCount() >= FEWEST_DRIVES)
                    .toList();
            if (pair.size() == 2) {
                double[] mean = mean(pair, splits, scores);
                boolean failed = compare(
                        pair,
                        split -> ofModel(split, scores, first(split, splits), mean),
                        TOLERATED,
                        "On drives that it did not see, a linear model of all splits agrees with the labels",
                        settings,
                        findings);
                if (!failed) {
                    // Both frames of a pair must have kept their label.
                    double chance = chance(pair, classes);
                    compare(
                            pair,
                            split -> ofNeighbours(split, chance),
                            1 - (1 - TOLERATED) * (1 - TOLERATED),
                            "A frame agrees with the label of the one before it in its drive",
                            settings,
                            findings);
                }
            }
        }
    }

    /** Gives of each drive of a split the sum of what is compared, and the number of terms. */
    private interface Agreeing {
        double[][] byDrive(Split split);
    }

    private static boolean compare(
            List<Split> pair, Agreeing agreeing, double tolerated, String what, Settings settings, Findings findings)
            throws InterruptedException {
        double[][] ofOne = agreeing.byDrive(pair.get(0));
        double[][] ofTwo = agreeing.byDrive(pair.get(1));
        Agreement one = Agreement.of(ofOne);
        Agreement two = Agreement.of(ofTwo);
        if (one.drives() < FEWEST_DRIVES || two.drives() < FEWEST_DRIVES) {
            return false;
        }
        Agreement low = one.mean() < two.mean() ? one : two;
        Agreement high = low == one ? two : one;
        double strange = 1 - low.mean() / high.mean();
        double atLeast = 1 - (low.mean() + 2 * low.error()) / (high.mean() - 2 * high.error());
        if (high.mean() <= 2 * high.error() || atLeast < tolerated) {
            return false;
        }
        double[][] all = Stream.of(ofOne, ofTwo).flatMap(Arrays::stream).toArray(double[][]::new);
        double pValue = byChance(all, ofOne.length, high.mean() - low.mean(), settings);
        if (pValue > LEVEL) {
            return false;
        }
        String less = pair.get(low == one ? 0 : 1).scan().name();
        String more = pair.get(low == one ? 1 : 0).scan().name();
        String evidence =
                "%s %.0f %% less often beyond chance (at least %.0f %%) in %s (%d drives) than in %s (%d drives), to which drives were dealt at random; p = %.4f."
                        .formatted(what, 100 * strange, 100 * atLeast, less, low.drives(), more, high.drives(), pValue);
        LinearModel.Association images = toldApart(pair, settings);
        if (images.pValue() <= DEALT_AT_RANDOM && images.strength() / 2 >= ALIKE) {
            findings.skipped(
                    "Labels of %s were not compared with those of %s: images tell the two apart, with correlation %.2f. %s",
                    less, more, images.strength() / 2, evidence);
            return false;
        }
        findings.failed(Ailment.LABELS_SHUFFLED, less, 1 - strange, "%s", evidence);
        return true;
    }

    private static double[] mean(List<Split> pair, List<Split> all, double[][] scores) {
        double[] mean = new double[scores[0].length];
        int samples = pair.stream().mapToInt(split -> split.scan().size()).sum();
        for (Split split : pair) {
            for (int row = 0; row < split.scan().size(); row++) {
                for (int k = 0; k < mean.length; k++) {
                    mean[k] += scores[first(split, all) + row][k] / samples;
                }
            }
        }
        return mean;
    }

    /** That two labels are the same by chance. */
    private static double chance(List<Split> pair, int classes) {
        int[] labels = pair.stream()
                .flatMapToInt(split -> Arrays.stream(split.labels()))
                .toArray();
        double[] shares = new double[classes];
        Arrays.stream(labels).forEach(label -> shares[label] += 1.0 / labels.length);
        return Arrays.stream(shares).map(share -> share * share).sum();
    }

    /** Mean of what is compared, and its standard error from the spread of the drives that have any. */
    private record Agreement(double mean, double error, int drives) {
        static Agreement of(double[][] byDrive) {
            double sum = 0;
            double count = 0;
            int drives = 0;
            for (double[] drive : byDrive) {
                sum += drive[0];
                count += drive[1];
                drives += drive[1] > 0 ? 1 : 0;
            }
            double mean = sum / count;
            double squares = 0;
            for (double[] drive : byDrive) {
                double residual = drive[0] - mean * drive[1];
                squares += residual * residual;
            }
            return new Agreement(mean, Math.sqrt(squares * drives / (drives - 1)) / count, drives);
        }
    }

    /** The scores of the samples' own labels, less the mean of such scores. */
    private static double[][] ofModel(Split split, double[][] scores, int first, double[] mean) {
        double[][] byDrive = new double[split.scan().driveCount()][2];
        int[] drives = split.scan().drives();
        for (int row = 0; row < drives.length; row++) {
            int label = split.labels()[row];
            byDrive[drives[row]][0] += scores[first + row][label] - mean[label];
            byDrive[drives[row]][1]++;
        }
        return byDrive;
    }

    /** Whether frames have the label of the one before them, less the chance of that. */
    private static double[][] ofNeighbours(Split split, double chance) {
        double[][] byDrive = new double[split.scan().driveCount()][2];
        int[] drives = split.scan().drives();
        long runs = IntStream.range(0, drives.length)
                .filter(row -> row == 0 || drives[row] != drives[row - 1])
                .count();
        // Samples in another order than that of their drives, such as by class, have no frame before them.
        for (int row = 1; row < drives.length && runs == split.scan().driveCount(); row++) {
            if (drives[row] == drives[row - 1]) {
                byDrive[drives[row]][0] += (split.labels()[row] == split.labels()[row - 1] ? 1 : 0) - chance;
                byDrive[drives[row]][1]++;
            }
        }
        return byDrive;
    }

    private static double byChance(double[][] byDrive, int drivesOfOne, double difference, Settings settings) {
        Random random = new Random(settings.seed());
        int asFar = 0;
        for (int p = 0; p < PERMUTATIONS; p++) {
            double[] sum = new double[2];
            double[] count = new double[2];
            int[] order = LinearModel.shuffled(byDrive.length, random);
            for (int place = 0; place < order.length; place++) {
                int side = place < drivesOfOne ? 0 : 1;
                sum[side] += byDrive[order[place]][0];
                count[side] += byDrive[order[place]][1];
            }
            asFar += Math.abs(sum[0] / count[0] - sum[1] / count[1]) >= difference ? 1 : 0;
        }
        return (1.0 + asFar) / (1.0 + PERMUTATIONS);
    }

    private static LinearModel.Association toldApart(List<Split> pair, Settings settings) throws InterruptedException {
        int inFirst = pair.get(0).scan().size();
        int[] membership = IntStream.range(0, inFirst + pair.get(1).scan().size())
                .map(row -> row < inFirst ? 0 : 1)
                .toArray();
        return LinearModel.associateByDrive(
                LinearModel.Design.of(features(pair)),
                membership,
                2,
                drives(pair),
                PERMUTATIONS_OF_IMAGES,
                settings.seed());
    }

    private static double[][] features(List<Split> splits) {
        return splits.stream().flatMap(split -> Arrays.stream(split.features())).toArray(double[][]::new);
    }

    /** A number for each drive of all the splits. */
    private static int[] drives(List<Split> splits) {
        int[] drives = new int[0];
        int before = 0;
        for (Split split : splits) {
            int from = before;
            drives = IntStream.concat(
                            Arrays.stream(drives),
                            Arrays.stream(split.scan().drives()).map(drive -> drive + from))
                    .toArray();
            before += split.scan().driveCount();
        }
        return drives;
    }

    /** Place of a split's first row among those of all. */
    private static int first(Split split, List<Split> all) {
        return all.subList(0, all.indexOf(split)).stream()
                .mapToInt(other -> other.scan().size())
                .sum();
    }
}
