package io.drivetrain.trainer.grade.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ErrorClustersTest {
    private static float[] near(SplittableRandom random, int dimensions, int axis, float at) {
        float[] embedding = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            embedding[i] = (float) (random.nextDouble() - 0.5);
        }
        embedding[axis] += at;
        return embedding;
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 10);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void groupsThatLieApartAreToldApart(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<float[]> errors = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            errors.add(near(random, 64, i % 3, 6));
        }
        ErrorClusters clusters = ErrorClusters.find(errors, seed).orElseThrow();
        assertThat(clusters.count()).isEqualTo(3);
        int[] ofGroup = new int[3];
        for (int group = 0; group < 3; group++) {
            float[] centre = new float[64];
            centre[group] = 6;
            ofGroup[group] = clusters.clusterOf(centre);
        }
        assertThat(ofGroup).doesNotContain(-1).doesNotHaveDuplicates();
        assertThat(clusters.clusterOf(near(random, 64, 10, 30))).isEqualTo(-1);
    }

    @Test
    void ofFewErrorsOrErrorsThatAreAllTheSameNoGroupIsMade() {
        SplittableRandom random = new SplittableRandom(1);
        List<float[]> few = new ArrayList<>();
        for (int i = 0; i < 19; i++) {
            few.add(near(random, 8, 0, 1));
        }
        assertThat(ErrorClusters.find(few, 1)).isEmpty();
        List<float[]> same = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            same.add(new float[] {1, 2, 3});
        }
        assertThat(ErrorClusters.find(same, 1)).isEmpty();
    }

    @Test
    void silhouetteOfTwoFarPairsIsNearlyOne() {
        double[][] points = {{0}, {1}, {100}, {101}};
        // By hand: (99.5 or 100.5 or so − 1) / that, the mean of the four.
        double outer = 1 - 1 / 100.5;
        double inner = 1 - 1 / 99.5;
        assertThat(KMeans.silhouette(points, new int[] {0, 0, 1, 1}, 2, 10))
                .isCloseTo((outer + inner) / 2, within(1e-12));
        assertThat(KMeans.group(points, 2, new SplittableRandom(3)).spread()).isCloseTo(1, within(1e-12));
    }
}
