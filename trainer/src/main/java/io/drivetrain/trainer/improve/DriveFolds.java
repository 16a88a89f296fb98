package io.drivetrain.trainer.improve;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Spreads whole drives over folds, each fold with as nearly the same number of samples of each class as whole drives
 * allow: the largest drives first, each to the fold that has the least of its classes so far. Same drives, samples and
 * salt, same folds, in whatever order the drives are given.
 */
final class DriveFolds {
    private DriveFolds() {}

    /**
     * Fold of each drive, from 0.
     *
     * @param drives ids, each different
     * @param labels class of each sample, from 0
     * @param driveOf drive of each sample, as an index into {@code drives}
     * @param folds at least 1
     * @param salt another salt, other folds
     */
    static int[] of(List<String> drives, int[] labels, int[] driveOf, int folds, String salt) {
        int classes = Arrays.stream(labels).max().orElse(-1) + 1;
        double[][] counts = new double[drives.size()][classes];
        double[] totals = new double[classes];
        for (int i = 0; i < labels.length; i++) {
            counts[driveOf[i]][labels[i]]++;
            totals[labels[i]]++;
        }
        String[] hashes = drives.stream().map(id -> hash(salt + "/" + id)).toArray(String[]::new);
        double[] sizes = Arrays.stream(counts)
                .mapToDouble(row -> Arrays.stream(row).sum())
                .toArray();
        List<Integer> order = IntStream.range(0, drives.size())
                .boxed()
                .sorted(Comparator.comparingDouble((Integer drive) -> -sizes[drive])
                        .thenComparing(drive -> hashes[drive]))
                .toList();
        int[] foldOf = new int[drives.size()];
        double[][] shares = new double[folds][classes];
        double[] filled = new double[folds];
        for (int drive : order) {
            int best = 0;
            double least = Double.POSITIVE_INFINITY;
            for (int fold = 0; fold < folds; fold++) {
                // What the sum of squared shares grows by, but for a constant; fullness decides among equals.
                double growth = 1e-9 * filled[fold];
                for (int k = 0; k < classes; k++) {
                    growth += totals[k] == 0 ? 0 : shares[fold][k] * counts[drive][k] / totals[k];
                }
                if (growth < least) {
                    least = growth;
                    best = fold;
                }
            }
            foldOf[drive] = best;
            filled[best] += sizes[drive] / Math.max(1, labels.length);
            for (int k = 0; k < classes; k++) {
                shares[best][k] += totals[k] == 0 ? 0 : counts[drive][k] / totals[k];
            }
        }
        return foldOf;
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
