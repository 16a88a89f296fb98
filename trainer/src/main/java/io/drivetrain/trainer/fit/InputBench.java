package io.drivetrain.trainer.fit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeThreads;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * Main of the input benchmark: how many times faster samples reach the device than ResNet-18 takes them, or, with a
 * number of samples, how long a training on that many waits for its first batch.
 *
 * <p>Arguments: {@code [--json] [--threads N] [--seconds N | --samples N]}. The result goes to stdout.
 */
public final class InputBench {
    private static final int DEFAULT_SECONDS = 60;
    private static final ObjectMapper JSON = new ObjectMapper();

    private InputBench() {}

    /** What the command line asks for; {@code samples} is 0 for the throughput, {@code threads} 0 for every core. */
    record Options(boolean json, int threads, int seconds, int samples) {
        static Options parse(List<String> arguments) {
            boolean json = false;
            int threads = 0;
            int seconds = DEFAULT_SECONDS;
            int samples = 0;
            for (int i = 0; i < arguments.size(); i++) {
                switch (arguments.get(i)) {
                    case "--json" -> json = true;
                    case "--threads" -> threads = number(arguments, ++i);
                    case "--seconds" -> seconds = number(arguments, ++i);
                    case "--samples" -> samples = number(arguments, ++i);
                    default ->
                        throw new IllegalArgumentException(
                                "Unknown argument '%s' of the input benchmark; it takes --json, --threads N, --seconds N and --samples N"
                                        .formatted(arguments.get(i)));
                }
            }
            return new Options(json, threads, seconds, samples);
        }

        private static int number(List<String> arguments, int index) {
            String value = index < arguments.size() ? arguments.get(index) : "";
            if (!value.matches("[1-9]\\d{0,8}")) {
                throw new IllegalArgumentException(
                        "%s needs a whole number of at least 1, got '%s'".formatted(arguments.get(index - 1), value));
            }
            return Integer.parseInt(value);
        }
    }

    public static void main(String[] arguments) throws InterruptedException, JsonProcessingException {
        Options options;
        try {
            options = Options.parse(List.of(arguments));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        try {
            int threads = NativeThreads.resolve(options.threads());
            if (options.samples() > 0) {
                print(InputPathMeasurement.firstBatch(threads, options.samples()), options.json(), System.out);
            } else {
                print(InputPathMeasurement.measure(threads, options.seconds()), options.json(), System.out);
            }
        } catch (BackendException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    static void print(InputPathMeasurement.Result result, boolean json, PrintStream out)
            throws JsonProcessingException {
        if (json) {
            out.println(JSON.writeValueAsString(result));
            return;
        }
        out.printf(Locale.ROOT, "%-44s %10s %8s%n", "images/s, 3x64x64", "", "ratio");
        out.printf(Locale.ROOT, "%-44s %10.0f%n", "ResNet-18 training", result.resnet18());
        out.printf(Locale.ROOT, "%-44s %10.0f %7.0fx%n", "input path", result.plain(), result.ratio());
        out.printf(
                Locale.ROOT,
                "%-44s %10.0f %7.0fx%n",
                "with flip, crop, brightness, contrast",
                result.usual(),
                result.usualRatio());
        out.printf(Locale.ROOT, "%-44s %10.0f %7.0fx%n", "with every augmentation", result.all(), result.allRatio());
        out.printf(
                Locale.ROOT,
                "%d thread(s); medians of interleaved rounds; the ratio is how many times faster samples come than ResNet-18 takes them.%n",
                result.threads());
    }

    static void print(InputPathMeasurement.FirstBatch result, boolean json, PrintStream out)
            throws JsonProcessingException {
        if (json) {
            out.println(JSON.writeValueAsString(result));
            return;
        }
        out.printf(
                Locale.ROOT,
                "First batch of %,d samples after %.2f s: labels %.2f s, pixel statistics %.2f s, order %.2f s, the rest network and batch.%n",
                result.samples(),
                result.seconds(),
                result.objectionSeconds(),
                result.normalisationSeconds(),
                result.orderSeconds());
    }
}
