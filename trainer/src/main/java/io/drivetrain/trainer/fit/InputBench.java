package io.drivetrain.trainer.fit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.trainer.assemble.ShardException;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeThreads;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Main of the input benchmark: how many times faster samples reach the device than ResNet-18 takes them, from a store on
 * disk with a number of samples, and how long a training on that many waits for its first batch.
 *
 * <p>Arguments: {@code [--json] [--threads N] [--seconds N] [--samples N] [--dir DIR]}, DIR being a folder that the store is
 * made in and left in. The result goes to stdout.
 */
public final class InputBench {
    private static final int DEFAULT_SECONDS = 60;
    private static final int DEFAULT_SAMPLES = 1_000_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private InputBench() {}

    /** What the command line asks for; {@code threads} is 0 for every core. */
    record Options(boolean json, int threads, int seconds, int samples, Path directory) {
        static Options parse(List<String> arguments) {
            boolean json = false;
            int threads = 0;
            int seconds = DEFAULT_SECONDS;
            int samples = DEFAULT_SAMPLES;
            Path directory = Path.of(".");
            for (int i = 0; i < arguments.size(); i++) {
                switch (arguments.get(i)) {
                    case "--json" -> json = true;
                    case "--threads" -> threads = BenchArguments.number(arguments, ++i, 1);
                    case "--seconds" -> seconds = BenchArguments.number(arguments, ++i, 1);
                    case "--samples" -> samples = BenchArguments.number(arguments, ++i, 1);
                    case "--dir" -> directory = Path.of(BenchArguments.word(arguments, ++i));
                    default ->
                        throw new IllegalArgumentException(
                                "Unknown argument '%s' of the input benchmark; it takes --json, --threads N, --seconds N, --samples N and --dir DIR"
                                        .formatted(arguments.get(i)));
                }
            }
            return new Options(json, threads, seconds, samples, directory);
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
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
            print(
                    InputPathMeasurement.measure(threads, options.seconds(), options.samples(), options.directory()),
                    options.json(),
                    System.out);
        } catch (BackendException | ShardException | IOException e) {
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
                "%d thread(s); medians of %d interleaved rounds; the ratio is how many times faster samples come than ResNet-18 takes them.%n",
                result.threads(),
                InputPathMeasurement.ROUNDS);
        print("First training", result.firstBatchOfFirstTraining(), out);
        print(
                "Retraining, its recipe known to the doctor (the median of %s s)"
                        .formatted(result.retrainings().stream()
                                .map(retraining -> String.format(Locale.ROOT, "%.2f", retraining.seconds()))
                                .collect(Collectors.joining(", "))),
                result.firstBatch(),
                out);
    }

    private static void print(String training, InputPathMeasurement.FirstBatch first, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%s: first batch of %,d samples on disk %.2f s after the request: select and sort %.2f s, labels, pixel statistics and network %.2f s, doctor %.2f s, fingerprint %.2f s, order and batch %.2f s; %,d MB of heap for the samples' index.%n",
                training,
                first.samples(),
                first.seconds(),
                first.selectSeconds(),
                first.startSeconds(),
                first.doctorSeconds(),
                first.fingerprintSeconds(),
                first.batchSeconds(),
                first.heapMegabytes());
    }
}
