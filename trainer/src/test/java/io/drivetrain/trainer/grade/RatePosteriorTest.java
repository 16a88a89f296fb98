package io.drivetrain.trainer.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RatePosteriorTest {
    private static final double[] LOG_ODDS = {-5, -4.5, -4, -3.5, -3, -2.5, -2};
    private static final double[] WEIGHTS = {0.05, 0.1, 0.2, 0.3, 0.2, 0.1, 0.05};

    /** Sure of one correlation. */
    private static RatePosterior posterior(double correlation) {
        return new RatePosterior(
                LOG_ODDS, WEIGHTS, new double[] {correlation, correlation + 1e-9}, new double[] {0.5, 0.5});
    }

    private static SplitErrors drives(int count, int samples, int wrong) {
        long[] sizes = new long[count];
        long[] errors = new long[count];
        Arrays.fill(sizes, samples);
        Arrays.fill(errors, 0, wrong, samples);
        return new SplitErrors(sizes, errors);
    }

    /** 3 errors of 60: of independent samples, of samples worth a third as much, and of drives that are worth one each. */
    @ParameterizedTest(name = "correlation {0}: as {1} samples")
    @CsvSource({"0, 60", "0.5, 20", "1, 12"})
    void theMedianIsWhereThatOfAsManyIndependentSamplesIs(double correlation, double worth) {
        long[] samples = new long[12];
        long[] errors = new long[12];
        Arrays.fill(samples, 5);
        errors[0] = 3;
        RatePosterior moved = posterior(correlation).around(new SplitErrors(samples, errors));

        assertThat(RatePosterior.rate(moved.logOddsAt(0.5)))
                .isCloseTo((0.05 * worth + 1.0 / 6) / (worth + 1.0 / 3), within(1e-6));
    }

    @Test
    void theShapeStays() {
        RatePosterior before = posterior(0.1);
        RatePosterior moved = before.around(drives(100, 5, 40));
        double move = moved.logOddsAt(0.5) - before.logOddsAt(0.5);

        assertThat(move).isGreaterThan(2);
        assertThat(moved.weights()).isEqualTo(WEIGHTS);
        for (double probability : new double[] {0.025, 0.2, 0.8, 0.975}) {
            assertThat(moved.logOddsAt(probability)).isCloseTo(before.logOddsAt(probability) + move, within(1e-9));
        }
    }

    @Test
    void aRateThatHasNoLogOddsMovesNothing() {
        assertThat(posterior(0.1).around(drives(10, 5, 0)).logOdds()).isEqualTo(LOG_ODDS);
        assertThat(posterior(0.1).around(drives(10, 5, 10)).logOdds()).isEqualTo(LOG_ODDS);
    }

    @Test
    void drivesThatAreWhollyWrongDoNotPullItAway() {
        RatePosterior posterior = RatePosterior.of(List.of(drives(200, 40, 4))).get(0);

        assertThat(RatePosterior.rate(posterior.logOddsAt(0.5))).isBetween(0.019, 0.022);
        assertThat(RatePosterior.rate(posterior.logOddsAt(0.025))).isBetween(0.003, 0.012);
        assertThat(RatePosterior.rate(posterior.logOddsAt(0.975))).isBetween(0.035, 0.09);
    }
}
