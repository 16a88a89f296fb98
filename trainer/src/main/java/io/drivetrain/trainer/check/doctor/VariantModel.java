package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.hipparchus.distribution.discrete.BinomialDistribution;

/**
 * A linear model that tells an image from variants of it, such as other orders of its channels, as the drives of train
 * have it; asked about another split, it says in which variant that is stored.
 *
 * @param known of each variant the share of train's drives that prefer their own to it, out of fold
 * @param drives of train
 */
record VariantModel(LinearModel model, Features features, double[] known, int drives) {
    /** Of the drives of train: only a variant that so many can be told from is named. */
    private static final double KNOWN = 0.75;
    /** Of the test, over all variants, that as many drives prefer their own as prefer the other. */
    private static final double LEVEL = 0.01;

    /** Numbers of an image by variant; variant 0 is the image itself. */
    @FunctionalInterface
    interface Features {
        IntFunction<double[]> of(SplitScan scan, int row);
    }

    static VariantModel of(SplitScan train, int variants, Features features, long seed) throws InterruptedException {
        double[][] rows = new double[train.size() * variants][];
        int[] labels = new int[rows.length];
        int[] drives = new int[rows.length];
        int[] driveOf = train.drives();
        Parallel.each(train.size(), row -> {
            IntFunction<double[]> ofRow = features.of(train, row);
            for (int variant = 0; variant < variants; variant++) {
                int at = row * variants + variant;
                rows[at] = ofRow.apply(variant);
                labels[at] = variant;
                drives[at] = driveOf[row];
            }
        });
        double[][] unseen = LinearModel.outOfFold(rows, labels, variants, LinearModel.foldsByDrive(drives, seed));
        double[][] own = new double[train.size()][];
        Arrays.setAll(own, row -> unseen[row * variants]);
        double[] known = new double[variants];
        Arrays.setAll(known, variant -> 1 - preferring(variant, byDrive(own, driveOf)));
        return new VariantModel(LinearModel.fit(rows, labels, variants), features, known, train.driveCount());
    }

    /**
     * What a split is stored in.
     *
     * @param variant 0 for its own
     * @param drives of the split that prefer the variant to their own
     * @param pValue that so many would if each preferred either
     */
    record Answer(int variant, int drives, double pValue) {}

    /** The known variant that most drives prefer to their own beyond chance, the likeliest if there are several; else their own. */
    Answer ask(SplitScan scan) {
        Map<Integer, double[]> byDrive = byDrive(scan);
        return IntStream.range(1, known.length)
                .filter(variant -> known[variant] >= KNOWN)
                .mapToObj(variant -> answer(variant, byDrive))
                .filter(answer -> answer.pValue() < LEVEL / (known.length - 1))
                .max(Comparator.comparingDouble(answer -> byDrive.values().stream()
                        .mapToDouble(scores -> scores[answer.variant()])
                        .sum()))
                .orElse(new Answer(0, 0, 1));
    }

    /** Number of variants that it knows. */
    int toldApart() {
        return (int)
                Arrays.stream(known).skip(1).filter(share -> share >= KNOWN).count();
    }

    /** Whether most drives prefer this variant to their own beyond chance. */
    boolean agrees(int variant, SplitScan scan) {
        return known[variant] >= KNOWN && answer(variant, byDrive(scan)).pValue() < LEVEL;
    }

    /** Number of drives that prefer their own to every variant. */
    int inTheirOwn(SplitScan scan) {
        return (int) byDrive(scan).values().stream()
                .filter(scores -> Arrays2d.largest(scores) == 0)
                .count();
    }

    private static Answer answer(int variant, Map<Integer, double[]> byDrive) {
        int drives = (int) Math.round(preferring(variant, byDrive) * byDrive.size());
        double byChance = new BinomialDistribution(byDrive.size(), 0.5).probability(drives - 1, byDrive.size());
        return new Answer(variant, drives, byChance);
    }

    private Map<Integer, double[]> byDrive(SplitScan scan) {
        double[][] rows = new double[scan.size()][];
        Arrays.parallelSetAll(rows, row -> features.of(scan, row).apply(0));
        return byDrive(model.scores(rows), scan.drives());
    }

    private static double preferring(int variant, Map<Integer, double[]> byDrive) {
        return (double) byDrive.values().stream()
                        .filter(scores -> scores[variant] > scores[0])
                        .count()
                / byDrive.size();
    }

    private static Map<Integer, double[]> byDrive(double[][] scores, int[] drives) {
        Map<Integer, double[]> byDrive = new LinkedHashMap<>();
        for (int row = 0; row < scores.length; row++) {
            double[] sum = byDrive.computeIfAbsent(drives[row], unused -> new double[scores[0].length]);
            for (int k = 0; k < sum.length; k++) {
                sum[k] += scores[row][k];
            }
        }
        return byDrive;
    }
}
