package io.drivetrain.trainer.grade.curve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorLawTest {
    private static final double[] SAMPLES = {100, 200, 400, 800, 1600};
    private static final double[] EVEN = {1e-4, 1e-4, 1e-4, 1e-4, 1e-4};

    private static double[] errors(ErrorLaw law) {
        return Arrays.stream(SAMPLES).map(law::at).toArray();
    }

    @ParameterizedTest
    @CsvSource({"0, 0.9, 0.2", "0.05, 2, 0.5", "0.1, 40, 1", "0.02, 3, 0.35"})
    void anExactLawIsFound(double floor, double scale, double exponent) {
        ErrorLaw found = ErrorLaw.fit(SAMPLES, errors(new ErrorLaw(floor, scale, exponent)), EVEN);
        assertThat(found.exponent()).isCloseTo(exponent, within(1e-3 * exponent));
        assertThat(found.floor()).isCloseTo(floor, within(1e-4));
        assertThat(found.at(3200)).isCloseTo(new ErrorLaw(floor, scale, exponent).at(3200), within(1e-5));
    }

    @ParameterizedTest
    @CsvSource({"0.1, 0.11, 0.12, 0.13, 0.14", "0.5, 0.4, 0.3, 0.2, 0.1", "0, 0, 0, 0, 0", "0.9, 0.1, 0.9, 0.1, 0.9"})
    void boundsHoldWhateverThePoints(double a, double b, double c, double d, double e) {
        ErrorLaw law = ErrorLaw.fit(SAMPLES, new double[] {a, b, c, d, e}, EVEN);
        assertThat(law.floor()).isGreaterThanOrEqualTo(0);
        assertThat(law.scale()).isGreaterThanOrEqualTo(0);
        assertThat(law.exponent()).isGreaterThan(0).isLessThanOrEqualTo(2);
        assertThat(law.at(3200)).isLessThanOrEqualTo(law.at(1600));
    }

    @ParameterizedTest
    @CsvSource({"0.2", "0.3"})
    void anUncertainPointWeighsLittle(double outlier) {
        ErrorLaw truth = new ErrorLaw(0.02, 3, 0.5);
        double[] errors = errors(truth);
        errors[1] += outlier;
        double[] variances = EVEN.clone();
        variances[1] = 1e6;
        assertThat(ErrorLaw.fit(SAMPLES, errors, variances).at(3200)).isCloseTo(truth.at(3200), within(1e-3));
    }
}
