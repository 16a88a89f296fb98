package io.drivetrain.trainer.fit;

import java.util.List;

/** Values of the arguments of a benchmark, each after the name of its option. */
final class BenchArguments {
    private BenchArguments() {}

    /** @throws IllegalArgumentException with one sentence if there is none */
    static String word(List<String> arguments, int index) {
        if (index >= arguments.size()) {
            throw new IllegalArgumentException("%s needs a value after it".formatted(arguments.get(index - 1)));
        }
        return arguments.get(index);
    }

    /**
     * @return up to 999,999,999
     * @throws IllegalArgumentException with one sentence if it is no such number
     */
    static int number(List<String> arguments, int index, int least) {
        String value = index < arguments.size() ? arguments.get(index) : "";
        if (!value.matches("\\d{1,9}") || Integer.parseInt(value) < least) {
            throw new IllegalArgumentException("%s needs a whole number of at least %d, got '%s'"
                    .formatted(arguments.get(index - 1), least, value));
        }
        return Integer.parseInt(value);
    }
}
