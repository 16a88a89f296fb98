package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.pipeline.SharedFolder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultipleTestingTest {

    @Test
    void holmStepsDownFromTheSmallest() {
        assertThat(MultipleTesting.holm(new double[] {0.01, 0.04, 0.03, 0.005}))
                .containsExactly(new double[] {0.03, 0.06, 0.06, 0.02}, within(1e-12));
        assertThat(MultipleTesting.holm(new double[0])).isEmpty();
    }

    @Test
    void benjaminiHochbergStepsUpFromTheLargest() {
        // The fifteen p-values of Benjamini and Hochberg (1995), section 3.2: four discoveries at 0.05, Bonferroni
        // three.
        double[] thrombolysis = {
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0000
        };
        double[] adjusted = MultipleTesting.benjaminiHochberg(thrombolysis);
        assertThat(adjusted[3]).isLessThanOrEqualTo(0.05);
        assertThat(adjusted[4]).isGreaterThan(0.05);
        double[] holm = MultipleTesting.holm(thrombolysis);
        assertThat(holm[2]).isLessThanOrEqualTo(0.05);
        assertThat(holm[3]).isGreaterThan(0.05);
    }

    @Test
    void bothAgreeWithTheReferenceVectors() throws Exception {
        Optional<Path> file = SharedFolder.find("vectors/multiple_testing.json");
        assumeTrue(file.isPresent(), "no reference vectors beside this checkout");
        int checked = 0;
        for (JsonNode sample : new ObjectMapper().readTree(file.get().toFile()).get("cases")) {
            String method = sample.at("/input/method").asText();
            if (!sample.get("kind").asText().equals("adjusted")
                    || !(method.equals("holm") || method.equals("fdr_bh"))) {
                continue;
            }
            double[] p = doubles(sample.at("/input/p"));
            double[] adjusted = method.equals("holm") ? MultipleTesting.holm(p) : MultipleTesting.benjaminiHochberg(p);
            assertThat(adjusted)
                    .as(sample.get("id").asText())
                    .containsExactly(doubles(sample.at("/expected/adjusted")), within(1e-9));
            checked++;
        }
        assertThat(checked).isGreaterThan(10);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void adjustedValuesKeepTheOrderAndHolmIsNeverBelow(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            double[] p = random.doubles(1 + random.nextInt(30)).toArray();
            double[] holm = MultipleTesting.holm(p);
            double[] hochberg = MultipleTesting.benjaminiHochberg(p);
            for (int i = 0; i < p.length; i++) {
                assertThat(holm[i]).isBetween(p[i], Math.min(1, p[i] * p.length) + 1e-15);
                assertThat(hochberg[i]).isBetween(p[i] - 1e-15, holm[i] + 1e-15);
                for (int j = 0; j < p.length; j++) {
                    if (p[i] < p[j]) {
                        assertThat(holm[i]).isLessThanOrEqualTo(holm[j]);
                        assertThat(hochberg[i]).isLessThanOrEqualTo(hochberg[j]);
                    }
                }
            }
        }
    }

    private static double[] doubles(JsonNode array) {
        double[] values = new double[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asDouble();
        }
        return values;
    }
}
