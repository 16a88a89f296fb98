package io.drivetrain.trainer.fit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.trainer.check.BackendException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Main of the training benchmark: our training path against the same networks of plain Deeplearning4j layers with the
 * settings that Deeplearning4j comes with. The two take turns round by round, so that a busy machine slows both, and
 * each thread count has a JVM of its own, started with the environment that the trainer is started with. Where
 * there is a PyTorch, the same networks in PyTorch take their turn, too.
 *
 * <p>Arguments: {@code [--json] [--seconds N] [--python PATH]}, where N is about how long all of it may take. The result goes to stdout,
 * progress to stderr.
 */
public final class TrainingBench {
    private static final int DEFAULT_SECONDS = 150;
    private static final int SMALLEST_SECONDS = 10;
    private static final String CHILD = "--measure-with-threads";
    private static final String PARENT = "--parent-pid";
    private static final String PYTHON = "--python";
    private static final ObjectMapper JSON = new ObjectMapper();

    private TrainingBench() {}

    /** What the command line asks for; {@code threads} is 0 in the JVM that only starts the others. */
    record Options(boolean json, int seconds, Optional<String> python, int threads, long parentPid) {
        static Options parse(List<String> arguments) {
            boolean json = false;
            int seconds = DEFAULT_SECONDS;
            Optional<String> python = Optional.empty();
            int threads = 0;
            long parentPid = 0;
            for (int i = 0; i < arguments.size(); i++) {
                switch (arguments.get(i)) {
                    case "--json" -> json = true;
                    case "--seconds" -> seconds = BenchArguments.number(arguments, ++i, SMALLEST_SECONDS);
                    case PYTHON -> python = Optional.of(BenchArguments.word(arguments, ++i));
                    case CHILD -> threads = BenchArguments.number(arguments, ++i, 1);
                    case PARENT -> parentPid = BenchArguments.number(arguments, ++i, 1);
                    default ->
                        throw new IllegalArgumentException(
                                "Unknown argument '%s' of the training benchmark; it takes --json, --seconds N and --python PATH"
                                        .formatted(arguments.get(i)));
                }
            }
            return new Options(json, seconds, python, threads, parentPid);
        }
    }

    /**
     * One line of the result, all speeds in images per second.
     *
     * @param ratioToPlain median over the rounds of ours divided by plain, each of the same round
     * @param pytorch speed of the same network in PyTorch on ready batches; null where there is none
     * @param ratioToPytorch median over the rounds of ours divided by PyTorch's, each of the same round
     * @param ratioToPytorchLowest of the rounds
     * @param ratioToPytorchHighest of the rounds
     * @param pytorchVersion as PyTorch says it
     * @param parameters of the network, the same in both, running statistics of batch normalisation included
     * @param rounds in which the sides took turns
     * @param input channels, rows and columns of one image
     * @param batch images of one weight update
     */
    record Result(
            String network,
            int threads,
            double ours,
            double plainDl4j,
            double ratioToPlain,
            Double pytorch,
            Double ratioToPytorch,
            Double ratioToPytorchLowest,
            Double ratioToPytorchHighest,
            String pytorchVersion,
            long parameters,
            int rounds,
            String input,
            int batch) {}

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
            if (options.threads() > 0) {
                measure(options);
            } else {
                Optional<String> python = PytorchYardstick.python(options.python());
                if (python.isEmpty()) {
                    System.err.println(PytorchYardstick.HOW_TO_GET_IT);
                    if (options.python().isPresent()) {
                        System.exit(2);
                    }
                }
                print(startOneByThreadCount(options, python), options.json(), System.out);
            }
        } catch (BackendException | IOException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private static void measure(Options options) throws BackendException, InterruptedException, IOException {
        SpeedMeasurement measurement = SpeedMeasurement.start(options.threads(), options.python(), options.parentPid());
        for (SpeedMeasurement.Subject subject : SpeedMeasurement.SUBJECTS) {
            double seconds = (double) options.seconds() / SpeedMeasurement.SUBJECTS.size();
            Result result = measurement.of(subject, seconds);
            System.out.println(JSON.writeValueAsString(result));
            System.err.printf(
                    Locale.ROOT,
                    "%s, %d thread(s): %.1f images/s, plain Deeplearning4j %.1f, PyTorch %s%n",
                    result.network(),
                    result.threads(),
                    result.ours(),
                    result.plainDl4j(),
                    againstPytorch(result));
        }
    }

    private static List<Result> startOneByThreadCount(Options options, Optional<String> python)
            throws IOException, InterruptedException {
        int[] threadCounts = IntStream.of(1, Runtime.getRuntime().availableProcessors())
                .distinct()
                .toArray();
        List<Result> results = new ArrayList<>();
        for (int threads : threadCounts) {
            results.addAll(runChild(threads, options.seconds() / threadCounts.length, python));
        }
        results.sort(Comparator.comparing(Result::network).thenComparing(Result::threads));
        return results;
    }

    private static List<Result> runChild(int threads, int seconds, Optional<String> python)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path")));
        String logging = System.getProperty("log4j2.configurationFile");
        if (logging != null) {
            command.add(1, "-Dlog4j2.configurationFile=" + logging);
        }
        Stream.of(
                        TrainingBench.class.getName(),
                        CHILD,
                        threads,
                        "--seconds",
                        Math.max(SMALLEST_SECONDS, seconds),
                        PARENT,
                        ProcessHandle.current().pid())
                .map(Object::toString)
                .forEach(command::add);
        python.ifPresent(path -> command.addAll(List.of(PYTHON, path)));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
        builder.environment().putIfAbsent(PytorchYardstick.SPINS, "1000");
        Process child = builder.start();
        Thread stopper = new Thread(child::destroy, "stop-measurement");
        Runtime.getRuntime().addShutdownHook(stopper);
        List<Result> results = new ArrayList<>();
        try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                results.add(JSON.readValue(line, Result.class));
            }
        }
        int exit = child.waitFor();
        Runtime.getRuntime().removeShutdownHook(stopper);
        if (exit != 0) {
            throw new IOException("The measurement with %d thread(s) ended with exit code %d; its message is above"
                    .formatted(threads, exit));
        }
        return results;
    }

    /** The result as one JSON document, or as a table for people. */
    static void print(List<Result> results, boolean json, PrintStream out) throws JsonProcessingException {
        if (json) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("benchmark", "training");
            document.put("unit", "images/s");
            document.put("results", results);
            out.println(JSON.writeValueAsString(document));
            return;
        }
        out.printf(
                "%-10s %-10s %5s %8s %10s %12s %8s  %s%n",
                "network", "input", "batch", "threads", "ours", "plain DL4J", "ratio", "PyTorch");
        for (Result result : results) {
            out.printf(
                    Locale.ROOT,
                    "%-10s %-10s %5d %8d %10.1f %12.1f %7.1fx  %s%n",
                    result.network(),
                    result.input(),
                    result.batch(),
                    result.threads(),
                    result.ours(),
                    result.plainDl4j(),
                    result.ratioToPlain(),
                    againstPytorch(result));
        }
        out.println(
                "Training speed in images per second (forward, backward, Adam); medians of interleaved rounds. In brackets the smallest and largest ratio of a round.");
    }

    private static String againstPytorch(Result result) {
        return result.pytorch() == null
                ? "not there"
                : String.format(
                        Locale.ROOT,
                        "%.1f, ratio %.2f (%.2f to %.2f in %d rounds; %s)",
                        result.pytorch(),
                        result.ratioToPytorch(),
                        result.ratioToPytorchLowest(),
                        result.ratioToPytorchHighest(),
                        result.rounds(),
                        result.pytorchVersion());
    }
}
