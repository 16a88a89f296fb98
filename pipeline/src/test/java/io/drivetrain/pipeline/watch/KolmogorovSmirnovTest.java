package io.drivetrain.pipeline.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.pipeline.SharedFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KolmogorovSmirnovTest {

    @Test
    void equalSamplesHaveNoDistance() {
        double[] sample = {3, 1, 2, 2};
        assertThat(KolmogorovSmirnov.test(sample, sample)).isEqualTo(new KolmogorovSmirnov.Result(0, 1));
    }

    @Test
    void disjointSamplesHaveTheSmallestPValueOfTheirSizes() {
        double[] low = IntStream.range(0, 20).asDoubleStream().toArray();
        double[] high = IntStream.range(100, 115).asDoubleStream().toArray();
        KolmogorovSmirnov.Result result = KolmogorovSmirnov.test(low, high);
        assertThat(result.statistic()).isEqualTo(1);
        // Two of the 35-choose-15 orders.
        assertThat(result.pValue()).isCloseTo(2 / 3_247_943_160.0, within(1e-20));
    }

    @Test
    void theOrderOfTheSamplesDoesNotMatter() {
        double[] a = {0.1, 0.4, 0.7, 0.2, 0.9};
        double[] b = {0.3, 0.35, 0.8};
        KolmogorovSmirnov.Result forth = KolmogorovSmirnov.test(a, b);
        KolmogorovSmirnov.Result back = KolmogorovSmirnov.test(b, a);
        assertThat(back.statistic()).isEqualTo(forth.statistic());
        assertThat(back.pValue()).isCloseTo(forth.pValue(), within(1e-15));
    }

    @Test
    void emptySamplesAndNaNAreRefused() {
        assertThatThrownBy(() -> KolmogorovSmirnov.test(new double[0], new double[] {1}))
                .hasMessage("Cannot compare a sample of 0 values; leave such a measurement out");
        assertThatThrownBy(() -> KolmogorovSmirnov.test(new double[] {1}, new double[] {1, Double.NaN}))
                .hasMessage("Cannot compare a sample of 2 values with NaN among them; leave such a measurement out");
    }

    @Test
    void exactPValuesAgreeWithScipy() throws Exception {
        Optional<Path> vectors = SharedFolder.find("vectors/two_sample.json");
        assumeTrue(vectors.isPresent(), "Skipped: there is no shared/vectors/two_sample.json beside this checkout");
        JsonNode file = new ObjectMapper().readTree(Files.readString(vectors.get()));
        int checked = 0;
        for (JsonNode vector : file.get("cases")) {
            JsonNode input = vector.get("input");
            if (!"ks".equals(vector.get("kind").asText())
                    || !"exact".equals(input.get("method").asText())
                    || !"two-sided".equals(input.get("alternative").asText())
                    || !vector.get("expected").path("p").isNumber()) {
                continue;
            }
            JsonNode pair = file.get("datasets").get(input.get("pair").asText());
            double[] reference = values(pair.get("ref"));
            double[] current = values(pair.get("cur"));
            if (DoubleStream.concat(Arrays.stream(reference), Arrays.stream(current))
                    .anyMatch(Double::isNaN)) {
                // scipy carries on with NaN, this test refuses it.
                assertThatThrownBy(() -> KolmogorovSmirnov.test(reference, current))
                        .isInstanceOf(IllegalArgumentException.class);
                continue;
            }
            KolmogorovSmirnov.Result result = KolmogorovSmirnov.test(reference, current);
            double p = vector.get("expected").get("p").asDouble();
            assertThat(result.statistic())
                    .as("statistic of %s", vector.get("id"))
                    .isCloseTo(vector.get("expected").get("statistic").asDouble(), within(1e-10));
            assertThat(result.pValue()).as("p of %s", vector.get("id")).isCloseTo(p, within(1e-10 + 1e-6 * p));
            checked++;
        }
        assertThat(checked).isGreaterThan(15);
    }

    private static double[] values(JsonNode array) {
        double[] values = new double[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).isNumber() ? array.get(i).asDouble() : Double.NaN;
        }
        return values;
    }
}
