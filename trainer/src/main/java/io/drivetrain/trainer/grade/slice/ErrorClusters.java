package io.drivetrain.trainer.grade.slice;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.RealMatrix;

/**
 * Groups of errors that look alike to the network: k-means++ on the principal components of their embeddings, with the
 * number of groups that has the best silhouette. A group is a ball around its centroid, so that samples that the model
 * gets right can be in it too, and an error rate of it exists.
 */
final class ErrorClusters {
    private static final int COMPONENTS = 8;
    private static final int MOST_CLUSTERS = 8;

    /** Of fewer errors no group is made. */
    private static final int LEAST_ERRORS = 20;

    /** A group of fewer errors is chance. */
    private static final int LEAST_OF_CLUSTER = 5;

    /** Errors that groups are found from; more would not change them. */
    private static final int MOST_ERRORS = 2_000;

    /** Errors that the principal components are found from: eigenvectors cost the cube of it. */
    private static final int MOST_FOR_COMPONENTS = 400;

    /** Errors that silhouettes are taken of: they cost the square of it. */
    private static final int MOST_FOR_SILHOUETTE = 300;

    /** Part of a group's errors that its ball holds; without the few that lie far out. */
    private static final double HELD = 0.9;

    private final double[] mean;
    private final double[][] components;
    private final double[][] centroids;
    private final double[] radii;

    private ErrorClusters(double[] mean, double[][] components, double[][] centroids, double[] radii) {
        this.mean = mean;
        this.components = components;
        this.centroids = centroids;
        this.radii = radii;
    }

    /** Which of so many errors groups are found from, ascending and evenly spread, so that the others need not be read. */
    static int[] used(int errors) {
        int count = Math.min(errors, MOST_ERRORS);
        return IntStream.range(0, count)
                .map(i -> (int) ((long) i * errors / count))
                .toArray();
    }

    /**
     * Finds groups.
     *
     * @param used embeddings of samples that the model got wrong, all of one length
     * @return empty where there are too few errors, or none looks different from another
     */
    static Optional<ErrorClusters> find(List<float[]> used, long seed) {
        if (used.size() < LEAST_ERRORS) {
            return Optional.empty();
        }
        double[] mean = mean(used);
        double[][] components = components(evenly(used, MOST_FOR_COMPONENTS), mean);
        if (components.length == 0) {
            return Optional.empty();
        }
        double[][] points = used.stream().map(e -> project(e, mean, components)).toArray(double[][]::new);
        KMeans.Groups best = null;
        double bestSilhouette = Double.NEGATIVE_INFINITY;
        for (int k = 2; k <= Math.min(MOST_CLUSTERS, points.length / LEAST_OF_CLUSTER); k++) {
            KMeans.Groups groups = KMeans.group(points, k, new SplittableRandom(seed + k));
            double silhouette = KMeans.silhouette(points, groups.groupOf(), k, MOST_FOR_SILHOUETTE);
            if (silhouette > bestSilhouette) {
                best = groups;
                bestSilhouette = silhouette;
            }
        }
        return Optional.ofNullable(best).map(groups -> balls(mean, components, points, groups));
    }

    private static ErrorClusters balls(double[] mean, double[][] components, double[][] points, KMeans.Groups groups) {
        List<double[]> centroids = new ArrayList<>();
        List<Double> radii = new ArrayList<>();
        int[] sizes = new int[groups.centroids().length];
        Arrays.stream(groups.groupOf()).forEach(g -> sizes[g]++);
        List<Integer> largestFirst = IntStream.range(0, sizes.length)
                .boxed()
                .filter(g -> sizes[g] >= LEAST_OF_CLUSTER)
                .sorted(Comparator.comparingInt((Integer g) -> -sizes[g]))
                .toList();
        for (int group : largestFirst) {
            double[] centroid = groups.centroids()[group];
            double[] distances = IntStream.range(0, points.length)
                    .filter(i -> groups.groupOf()[i] == group)
                    .mapToDouble(i -> Math.sqrt(KMeans.squaredDistance(points[i], centroid)))
                    .sorted()
                    .toArray();
            centroids.add(centroid);
            radii.add(distances[(int) Math.ceil(HELD * distances.length) - 1]);
        }
        return new ErrorClusters(
                mean,
                components,
                centroids.toArray(double[][]::new),
                radii.stream().mapToDouble(Double::doubleValue).toArray());
    }

    int count() {
        return centroids.length;
    }

    /** Number of the group, from 0, whose centroid is nearest, if the embedding is in its ball; −1 otherwise. */
    int clusterOf(float[] embedding) {
        double[] point = project(embedding, mean, components);
        int nearest = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int c = 0; c < centroids.length; c++) {
            double distance = KMeans.squaredDistance(point, centroids[c]);
            if (distance < least) {
                least = distance;
                nearest = c;
            }
        }
        return nearest >= 0 && Math.sqrt(least) <= radii[nearest] ? nearest : -1;
    }

    /** At most so many, evenly spread over the list, so that no drive at its end is left out. */
    private static List<float[]> evenly(List<float[]> all, int most) {
        return all.size() <= most
                ? all
                : IntStream.range(0, most)
                        .mapToObj(i -> all.get((int) ((long) i * all.size() / most)))
                        .toList();
    }

    private static double[] mean(List<float[]> rows) {
        double[] mean = new double[rows.get(0).length];
        for (float[] row : rows) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += row[i] / (double) rows.size();
            }
        }
        return mean;
    }

    /**
     * The principal components, each of length 1, by the eigenvectors of the matrix of inner products of the rows, which is
     * never larger than the number of rows, however long the embeddings are.
     */
    private static double[][] components(List<float[]> rows, double[] mean) {
        double[][] centred = new double[rows.size()][mean.length];
        for (int r = 0; r < centred.length; r++) {
            for (int i = 0; i < mean.length; i++) {
                centred[r][i] = rows.get(r)[i] - mean[i];
            }
        }
        RealMatrix matrix = new Array2DRowRealMatrix(centred, false);
        RealMatrix inner = matrix.multiply(matrix.transpose());
        EigenDecompositionSymmetric eigen = new EigenDecompositionSymmetric(inner);
        double[] values = eigen.getEigenvalues();
        List<double[]> components = new ArrayList<>();
        // What is left of equal embeddings is rounding.
        double rounding =
                1e-12 * rows.stream().mapToDouble(ErrorClusters::squaredLength).sum();
        for (int c = 0; c < Math.min(COMPONENTS, values.length) && values[c] > rounding; c++) {
            double[] component = matrix.preMultiply(eigen.getEigenvector(c)).toArray();
            double length = Math.sqrt(values[c]);
            components.add(Arrays.stream(component).map(v -> v / length).toArray());
        }
        return components.toArray(double[][]::new);
    }

    private static double squaredLength(float[] row) {
        double sum = 0;
        for (float value : row) {
            sum += value * (double) value;
        }
        return sum;
    }

    private static double[] project(float[] embedding, double[] mean, double[][] components) {
        double[] point = new double[components.length];
        for (int c = 0; c < point.length; c++) {
            for (int i = 0; i < mean.length; i++) {
                point[c] += (embedding[i] - mean[i]) * components[c][i];
            }
        }
        return point;
    }
}
