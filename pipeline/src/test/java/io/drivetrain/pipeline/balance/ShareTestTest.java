package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.BalanceMethod;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers from scipy 1.17.1 unless said otherwise. */
class ShareTestTest {
    private static final double INDEPENDENT = Double.POSITIVE_INFINITY;
    private static final Offset<Double> EXACT = within(1e-10);

    @Test
    void mendelsPeasFollowNineThreeThreeOne() {
        // Mendel (1866): 315 round yellow, 108 round green, 101 wrinkled yellow, 32 wrinkled green.
        ShareTest.Result result = ShareTest.against(
                new double[] {315, 108, 101, 32}, new double[] {9 / 16.0, 3 / 16.0, 3 / 16.0, 1 / 16.0}, INDEPENDENT);
        assertThat(result.method()).isEqualTo(BalanceMethod.ASYMPTOTIC);
        assertThat(result.chiSquared()).isCloseTo(0.4700239808153477, EXACT);
        assertThat(result.gStatistic()).isCloseTo(0.4754452389982333, EXACT);
        assertThat(result.degreesOfFreedom()).isEqualTo(3);
        assertThat(result.pValue()).isCloseTo(0.925425895103616, EXACT);
        assertThat(result.cohensW()).isCloseTo(0.029075193412427203, EXACT);
        assertThat(result.unbiasedW()).isZero();
        assertThat(result.cramersV()).isCloseTo(0.029075193412427203 / Math.sqrt(3), EXACT);
    }

    @Test
    void twoSamplesMakeAContingencyTable() {
        ShareTest.Result result = ShareTest.between(new double[] {30, 10, 60}, new double[] {45, 35, 120}, INDEPENDENT);
        assertThat(result.chiSquared()).isCloseTo(4.0, EXACT);
        assertThat(result.gStatistic()).isCloseTo(4.138092424177707, EXACT);
        assertThat(result.degreesOfFreedom()).isEqualTo(2);
        assertThat(result.pValue()).isCloseTo(0.1353352832366127, EXACT);
        assertThat(result.cramersV()).isCloseTo(0.11547005383792516, EXACT);
    }

    @ParameterizedTest
    @CsvSource({
        "10, 3, 14, 0.050428471450223736",
        "30, 5, 19, 0.001711791682067792",
        "3,  1, 40, 0.09097065105587059",
    })
    void fewDrivesWidenTheTail(double statistic, int freedom, double clusters, double expected) {
        assertThat(ShareTest.upperTail(statistic, freedom, clusters)).isCloseTo(expected, EXACT);
        assertThat(expected).isGreaterThan(ShareTest.upperTail(statistic, freedom, INDEPENDENT));
    }

    @Test
    void smallCountsAreTestedBySimulationThatAgreesWithEnumeration() {
        // Expected: the exact multinomial test in Pearson's order, by enumeration in Python.
        assertSimulated(new double[] {5, 0, 1}, new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0}, 0.053497942386831254);
        assertSimulated(new double[] {3, 1, 0, 2}, new double[] {0.1, 0.2, 0.3, 0.4}, 0.012659);
        assertSimulated(new double[] {9, 1, 0}, new double[] {0.5, 0.3, 0.2}, 0.0371963875);
    }

    private static void assertSimulated(double[] counts, double[] shares, double exact) {
        ShareTest.Result result = ShareTest.against(counts, shares, INDEPENDENT);
        assertThat(result.method()).isEqualTo(BalanceMethod.MONTE_CARLO);
        // Sequential stopping after 25 exceedances leaves a relative standard error of a fifth.
        assertThat(result.pValue()).isBetween(exact * 0.5, exact * 2);
        assertThat(ShareTest.against(counts, shares, INDEPENDENT)).isEqualTo(result);
    }

    @Test
    void smallTablesAreTestedByShufflingThatAgreesWithEnumeration() {
        // Expected: all tables with these margins, by enumeration in Python.
        double p = ShareTest.between(new double[] {6, 1, 0}, new double[] {2, 5, 3}, INDEPENDENT)
                .pValue();
        assertThat(p).isBetween(0.02786918963389554 * 0.5, 0.02786918963389554 * 2);
        ShareTest.Result result = ShareTest.between(new double[] {3, 2}, new double[] {1, 6}, INDEPENDENT);
        assertThat(result.method()).isEqualTo(BalanceMethod.MONTE_CARLO);
        assertThat(result.pValue()).isBetween(0.2222222222222221 * 0.5, 0.2222222222222221 * 2);
    }

    @Test
    void rareClassesOfLargeWindowsAreCountedAsOne() {
        ShareTest.Result result = ShareTest.against(
                new double[] {7000, 2990, 6, 4}, new double[] {0.7, 0.2992, 0.0004, 0.0004}, INDEPENDENT);
        assertThat(result.method()).isEqualTo(BalanceMethod.POOLED);
        assertThat(result.pooled()).containsExactly(2, 3);
        assertThat(result.degreesOfFreedom()).isEqualTo(2);
    }

    @Test
    void oneClassOrNoSampleCannotBeCompared() {
        assertThat(ShareTest.between(new double[] {40}, new double[] {60}, INDEPENDENT)
                        .method())
                .isEqualTo(BalanceMethod.NONE);
        assertThat(ShareTest.between(new double[] {0, 0}, new double[] {60, 3}, INDEPENDENT)
                        .pValue())
                .isEqualTo(1);
    }

    @Test
    void aClassThatTrainNeverHadIsFound() {
        ShareTest.Result result = ShareTest.between(new double[] {50, 50}, new double[] {1000, 0}, INDEPENDENT);
        assertThat(result.pValue()).isLessThanOrEqualTo(1e-4);
        assertThat(result.cohensW()).isFinite().isGreaterThan(1);
    }

    @Test
    void roundingKeepsTheSum() {
        SplittableRandom random = new SplittableRandom(5);
        for (int round = 0; round < 1000; round++) {
            double[] values = random.doubles(1 + random.nextInt(8), 0, 9).toArray();
            long[] whole = ShareTest.whole(values);
            long sum = 0;
            double exact = 0;
            for (int i = 0; i < values.length; i++) {
                assertThat(Math.abs(whole[i] - values[i])).isLessThanOrEqualTo(1);
                sum += whole[i];
                exact += values[i];
            }
            assertThat(sum).isEqualTo((long) Math.floor(exact));
        }
    }

    @Test
    void moreOfTheSameDifferenceIsMoreSignificantButNoLarger() {
        double[] shares = {0.25, 0.75};
        ShareTest.Result few = ShareTest.against(new double[] {35, 65}, shares, INDEPENDENT);
        ShareTest.Result many = ShareTest.against(new double[] {3500, 6500}, shares, INDEPENDENT);
        assertThat(many.pValue()).isLessThan(few.pValue());
        assertThat(many.cohensW()).isCloseTo(few.cohensW(), EXACT);
    }
}
