package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ClusteredCountsTest {

    /** With drives of one size, the effect is the variance between drives over that of independent frames. */
    @Test
    void theDesignEffectOfEqualDrivesIsThatOfTheVarianceBetweenThem() {
        long[] pedestrians = {0, 3, 10, 7, 1, 9, 4, 0, 10, 6};
        int frames = 10;
        ClusteredCounts counts = new ClusteredCounts();
        double mean = 0;
        for (long of : pedestrians) {
            counts.grow(Map.of(), Map.of("pedestrian", of, "none", frames - of));
            mean += of / (double) frames / pedestrians.length;
        }
        double between = 0;
        for (long of : pedestrians) {
            between += Math.pow(of / (double) frames - mean, 2) / (pedestrians.length - 1);
        }
        double expected = frames * between / (mean * (1 - mean));
        assertThat(counts.designEffect("pedestrian")).isCloseTo(expected, within(1e-12));
        assertThat(counts.designEffect()).isCloseTo(expected, within(1e-12));
    }

    /** Expected: the variance over 4,000 fresh draws of 40 unequal drives, against the one that is estimated. */
    @Test
    void theDesignEffectIsWhatManyDrawsOfTheSameDrivesShow() {
        SplittableRandom random = new SplittableRandom(3);
        double[] shares = {0.7, 0.3};
        double sum = 0;
        double squares = 0;
        double estimated = 0;
        double samples = 0;
        int draws = 4000;
        for (int draw = 0; draw < draws; draw++) {
            ClusteredCounts counts = BalanceVerdictsTest.population(random, shares, 40, 3);
            double share = counts.share("c1");
            sum += share;
            squares += share * share;
            estimated += counts.designEffect() / draws;
            samples += counts.samples() / (double) draws;
        }
        double variance = squares / draws - Math.pow(sum / draws, 2);
        double shown = variance / (0.3 * 0.7 / samples);
        assertThat(estimated).isCloseTo(shown, within(0.1 * shown));
        assertThat(shown).isGreaterThan(5);
    }

    @Test
    void aRareClassThatIsNotShownHidesNoVarianceWhereOtherDrivesShowIt() {
        ClusteredCounts window = new ClusteredCounts();
        ClusteredCounts training = new ClusteredCounts();
        for (int drive = 0; drive < 20; drive++) {
            window.grow(Map.of(), Map.of("car", drive == 0 ? 19L : 20L, "tram", drive == 0 ? 1L : 0L));
            training.grow(Map.of(), Map.of(drive % 4 == 0 ? "tram" : "car", 20L));
        }
        assertThat(window.designEffect()).isLessThan(1.1);
        assertThat(training.designEffect()).isCloseTo(20 * 20 / 19.0, within(1e-9));
        assertThat(window.designEffect(training)).isBetween(19.0, 20.0);
    }

    @Test
    void drivesThatComeInPiecesCountAsOnce() {
        ClusteredCounts once = new ClusteredCounts();
        ClusteredCounts pieces = new ClusteredCounts();
        SplittableRandom random = new SplittableRandom(5);
        for (int drive = 0; drive < 50; drive++) {
            TreeMap<String, Long> before = new TreeMap<>();
            for (int piece = random.nextInt(1, 5); piece > 0; piece--) {
                Map<String, Long> more = Map.of("c" + random.nextInt(4), random.nextLong(1, 30));
                pieces.grow(before, more);
                more.forEach((label, count) -> before.merge(label, count, Long::sum));
            }
            once.grow(Map.of(), before);
        }
        assertThat(pieces.byClass()).isEqualTo(once.byClass());
        assertThat(pieces.drives()).isEqualTo(once.drives());
        assertThat(pieces.drives("c2")).isEqualTo(once.drives("c2"));
        assertThat(pieces.designEffect()).isCloseTo(once.designEffect(), within(1e-9));
    }

    @Test
    void samplesThatMoveToAnotherClassCountAsIfTheyHadBeenOfItFromTheBeginning() {
        ClusteredCounts corrected = new ClusteredCounts();
        ClusteredCounts right = new ClusteredCounts();
        SplittableRandom random = new SplittableRandom(6);
        for (int drive = 0; drive < 50; drive++) {
            TreeMap<String, Long> counts = new TreeMap<>();
            for (int i = 0; i < 3; i++) {
                counts.merge("c" + random.nextInt(4), random.nextLong(1, 30), Long::sum);
            }
            if (drive == 0) {
                counts.put("wrong", 1L);
            }
            corrected.grow(Map.of(), counts);
            String from = drive == 0 ? "wrong" : counts.firstKey();
            long moved = drive == 0 ? 1 : random.nextLong(1, counts.get(from) + 1);
            corrected.grow(counts, Map.of(from, -moved, "c9", moved));
            counts.merge(from, -moved, Long::sum);
            counts.merge("c9", moved, Long::sum);
            counts.values().removeIf(count -> count == 0);
            right.grow(Map.of(), counts);
        }
        assertThat(corrected.byClass()).isEqualTo(right.byClass()).doesNotContainKey("wrong");
        assertThat(corrected.drives()).isEqualTo(right.drives());
        for (String label : right.byClass().keySet()) {
            assertThat(corrected.drives(label)).as(label).isEqualTo(right.drives(label));
            assertThat(corrected.variance(label)).as(label).isCloseTo(right.variance(label), within(1e-12));
        }
        assertThat(corrected.designEffect()).isCloseTo(right.designEffect(), within(1e-9));
    }

    @Test
    void aClassWithoutSamplesMakesTheImbalanceInfiniteAndIsNamed() {
        ClusteredCounts counts = new ClusteredCounts();
        assertThat(counts.imbalanceRatio(List.of("car", "tram"))).isEmpty();
        counts.grow(Map.of(), Map.of("car", 8L, "cyclist", 2L, "retired", 900L));
        assertThat(counts.imbalanceRatio(List.of("car", "cyclist"))).hasValue(4);
        assertThat(counts.imbalanceRatio(List.of("car", "cyclist", "tram"))).hasValue(Double.POSITIVE_INFINITY);
        assertThat(counts.missing(List.of("car", "cyclist", "tram"))).containsExactly("tram");
    }
}
