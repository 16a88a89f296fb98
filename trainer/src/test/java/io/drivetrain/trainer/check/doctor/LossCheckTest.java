package io.drivetrain.trainer.check.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossCheckTest {
    @ParameterizedTest(name = "{2}: weights {0} of counts {1}, {3}")
    @CsvSource({
        "3.8 .3 .3 .3 .3, 456 36 36 36 36, frequencies in place of their inverses, true",
        "3 .26 3 3 3, 456 36 36 36 36, inverses in another order which may be meant, false",
        ".26 3.3 3.3 3.3 3.3, 456 36 36 36 36, inverses, false",
        ".5 1.8 1.8 1.8 1.8, 456 36 36 36 36, their roots, false",
        "1 1 1 1 1, 456 36 36 36 36, none, false",
        "3 1 1, 200 190 210, one class important among equals, false",
        "1 3 1, 300 180 120, one class important among unequals, false",
        "1 3 1, 300 290 100, one class important and frequent, false",
        "3 1, 4 1, too few to know, false",
        "3 1 1, 300 0 0, one class only, false",
    })
    void weightsThatFavourTheFrequentAreTold(String weights, String counts, String name, boolean inverted) {
        assertThat(LossCheck.favourTheFrequent(floats(weights), ints(counts)))
                .as(name)
                .isEqualTo(inverted);
    }

    private static float[] floats(String text) {
        String[] words = text.trim().split(" ");
        float[] values = new float[words.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.parseFloat(words[i]);
        }
        return values;
    }

    private static int[] ints(String text) {
        return java.util.Arrays.stream(text.trim().split(" "))
                .mapToInt(Integer::parseInt)
                .toArray();
    }
}
