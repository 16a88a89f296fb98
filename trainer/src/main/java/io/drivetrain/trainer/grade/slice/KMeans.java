package io.drivetrain.trainer.grade.slice;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * K-means with the seeding of Arthur and Vassilvitskii 2007 (<i>k-means++</i>), and the silhouette of Rousseeuw 1987.
 */
final class KMeans {
    private static final int STARTS = 5;
    private static final int MOST_ROUNDS = 50;

    private KMeans() {}

    /**
     * Points in groups.
     *
     * @param groupOf group of each point
     * @param centroids by group
     * @param spread sum of squared distances of points to their centroids
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Groups(int[] groupOf, double[][] centroids, double spread) {}

    /**
     * Groups points, keeping the tightest of several starts.
     *
     * @param points at least one
     * @param k number of groups, at least 1; a group may be empty where points are equal
     */
    static Groups group(double[][] points, int k, SplittableRandom random) {
        Groups best = null;
        for (int start = 0; start < STARTS; start++) {
            Groups groups = descend(points, seeds(points, k, random));
            if (best == null || groups.spread < best.spread) {
                best = groups;
            }
        }
        return best;
    }

    private static double[][] seeds(double[][] points, int k, SplittableRandom random) {
        double[][] seeds = new double[k][];
        double[] nearest = new double[points.length];
        Arrays.fill(nearest, Double.POSITIVE_INFINITY);
        seeds[0] = points[random.nextInt(points.length)].clone();
        for (int s = 1; s < k; s++) {
            double sum = 0;
            for (int i = 0; i < points.length; i++) {
                nearest[i] = Math.min(nearest[i], squaredDistance(points[i], seeds[s - 1]));
                sum += nearest[i];
            }
            double at = random.nextDouble() * sum;
            int chosen = 0;
            while (chosen < points.length - 1 && at >= nearest[chosen]) {
                at -= nearest[chosen++];
            }
            seeds[s] = points[chosen].clone();
        }
        return seeds;
    }

    private static Groups descend(double[][] points, double[][] centroids) {
        int[] groupOf = new int[points.length];
        Arrays.fill(groupOf, -1);
        boolean moved = true;
        double spread = 0;
        for (int round = 0; moved && round < MOST_ROUNDS; round++) {
            moved = false;
            spread = 0;
            for (int i = 0; i < points.length; i++) {
                int nearest = 0;
                double least = Double.POSITIVE_INFINITY;
                for (int c = 0; c < centroids.length; c++) {
                    double distance = squaredDistance(points[i], centroids[c]);
                    if (distance < least) {
                        least = distance;
                        nearest = c;
                    }
                }
                moved |= groupOf[i] != nearest;
                groupOf[i] = nearest;
                spread += least;
            }
            recentre(points, groupOf, centroids);
        }
        return new Groups(groupOf, centroids, spread);
    }

    /** A group without points keeps its centroid. */
    private static void recentre(double[][] points, int[] groupOf, double[][] centroids) {
        int[] sizes = new int[centroids.length];
        double[][] sums = new double[centroids.length][points[0].length];
        for (int i = 0; i < points.length; i++) {
            sizes[groupOf[i]]++;
            for (int d = 0; d < points[i].length; d++) {
                sums[groupOf[i]][d] += points[i][d];
            }
        }
        for (int c = 0; c < centroids.length; c++) {
            for (int d = 0; sizes[c] > 0 && d < sums[c].length; d++) {
                centroids[c][d] = sums[c][d] / sizes[c];
            }
        }
    }

    /**
     * Mean silhouette, −1..1, of at most so many points, evenly spread; a point alone in its group has 0.
     */
    static double silhouette(double[][] points, int[] groupOf, int k, int most) {
        int count = Math.min(points.length, most);
        int[] of = IntStream.range(0, count)
                .map(i -> (int) ((long) i * points.length / count))
                .toArray();
        double sum = 0;
        for (int i : of) {
            double[] distances = new double[k];
            int[] sizes = new int[k];
            for (int j : of) {
                if (i != j) {
                    distances[groupOf[j]] += Math.sqrt(squaredDistance(points[i], points[j]));
                    sizes[groupOf[j]]++;
                }
            }
            int own = groupOf[i];
            double nearest = IntStream.range(0, k)
                    .filter(g -> g != own && sizes[g] > 0)
                    .mapToDouble(g -> distances[g] / sizes[g])
                    .min()
                    .orElse(0);
            double inside = sizes[own] == 0 ? nearest : distances[own] / sizes[own];
            double larger = Math.max(inside, nearest);
            sum += larger == 0 ? 0 : (nearest - inside) / larger;
        }
        return sum / count;
    }

    static double squaredDistance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return sum;
    }
}
