package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.build.NetworkSpec;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A network in PyTorch on the CPU, in a process of its own that trains when it is asked to and otherwise sleeps. PyTorch
 * is not part of Drivetrain: where no Python has it, there is no such yardstick.
 */
final class PytorchYardstick implements AutoCloseable {
    static final String HOW_TO_GET_IT =
            "There is no PyTorch to compare with: install it (Debian: apt-get install python3-torch; elsewhere: pip install"
                    + " torch --index-url https://download.pytorch.org/whl/cpu), or name a Python that has it with --python PATH";

    private static final String SCRIPT = "pytorch_yardstick.py";
    private static final int SECONDS_TO_IMPORT = 60;

    /** How long OpenMP's waiting threads keep a core busy; PyTorch's as it comes, ours as the trainer is started. */
    static final String SPINS = "GOMP_SPINCOUNT";

    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter requests;
    private final Path folder;
    private final String version;

    private PytorchYardstick(
            Process process, BufferedReader answers, BufferedWriter requests, Path folder, String version) {
        this.process = process;
        this.answers = answers;
        this.requests = requests;
        this.folder = folder;
        this.version = version;
    }

    /**
     * A Python that can import PyTorch.
     *
     * @param named by the user; empty to try {@code python3} of the PATH and then the system's
     */
    static Optional<String> python(Optional<String> named) throws InterruptedException {
        List<String> candidates = named.map(List::of).orElse(List.of("python3", "/usr/bin/python3"));
        for (String candidate : candidates) {
            if (hasPytorch(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private static boolean hasPytorch(String python) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(python, "-c", "import torch")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor(SECONDS_TO_IMPORT, TimeUnit.SECONDS)) {
                return process.exitValue() == 0;
            }
            process.destroyForcibly();
            return false;
        } catch (IOException e) {
            // No such program, which answers the question.
            return false;
        }
    }

    /**
     * Starts the process and waits until its network is built.
     *
     * @param samples that it trains on again and again, in batches of {@code batch}
     * @param parameters of our network, running statistics of batch normalisation included
     * @throws IOException if PyTorch does not start or its network has another number of parameters
     */
    static PytorchYardstick start(
            String python, NetworkSpec spec, int threads, int batch, Batch samples, long parameters)
            throws IOException {
        Path folder = Files.createTempDirectory("drivetrain-pytorch-");
        try (InputStream script = PytorchYardstick.class.getResourceAsStream(SCRIPT)) {
            Files.copy(script, folder.resolve(SCRIPT));
            Files.write(folder.resolve("data"), bytes(samples));
            ProcessBuilder builder = new ProcessBuilder(Stream.of(
                                    python,
                                    folder.resolve(SCRIPT),
                                    spec.name(),
                                    threads,
                                    batch,
                                    samples.size(),
                                    spec.channels(),
                                    spec.height(),
                                    spec.width(),
                                    spec.classes(),
                                    spec.learningRate(),
                                    folder.resolve("data"))
                            .map(Object::toString)
                            .toList())
                    .redirectError(ProcessBuilder.Redirect.INHERIT);
            builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
            builder.environment().remove(SPINS);
            return ready(builder.start(), folder, spec, parameters);
        } catch (IOException e) {
            delete(folder);
            throw e;
        }
    }

    private static PytorchYardstick ready(Process process, Path folder, NetworkSpec spec, long parameters)
            throws IOException {
        BufferedReader answers = process.inputReader(StandardCharsets.UTF_8);
        try {
            String[] ready = answer(answers, "ready");
            if (Long.parseLong(ready[2]) != parameters) {
                throw new IOException(
                        "%s has %d parameters here and %s in PyTorch; the two are to be the same network (%s)"
                                .formatted(spec.name(), parameters, ready[2], SCRIPT));
            }
            return new PytorchYardstick(
                    process, answers, process.outputWriter(StandardCharsets.UTF_8), folder, ready[1]);
        } catch (IOException e) {
            process.destroy();
            throw e;
        }
    }

    /** Pixels as floats and then labels, as the script reads them. */
    private static byte[] bytes(Batch samples) {
        float[] pixels = samples.inputs().get(0).values();
        ByteBuffer buffer = ByteBuffer.allocate(Float.BYTES * (pixels.length + samples.size()))
                .order(ByteOrder.nativeOrder());
        for (float pixel : pixels) {
            buffer.putFloat(pixel);
        }
        for (int label : samples.labels()) {
            buffer.putInt(label);
        }
        return buffer.array();
    }

    String version() {
        return version;
    }

    /** Trains for about that many seconds, at least once over the samples. */
    double imagesPerSecond(double seconds) throws IOException {
        requests.write(seconds + "\n");
        requests.flush();
        String[] answer = answer(answers, "");
        if (!Double.isFinite(Double.parseDouble(answer[2]))) {
            throw new IOException(
                    "The loss of PyTorch's network is %s; its speed says nothing then".formatted(answer[2]));
        }
        return Double.parseDouble(answer[0]) / Double.parseDouble(answer[1]);
    }

    private static String[] answer(BufferedReader answers, String begin) throws IOException {
        String line = answers.readLine();
        String[] words = line == null ? new String[0] : line.split(" ");
        if (words.length != 3 || !words[0].startsWith(begin)) {
            throw new IOException("PyTorch answered '%s'; its message is above".formatted(line));
        }
        return words;
    }

    private static void delete(Path folder) throws IOException {
        Files.deleteIfExists(folder.resolve("data"));
        Files.deleteIfExists(folder.resolve(SCRIPT));
        Files.deleteIfExists(folder);
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        delete(folder);
    }
}
