package io.drivetrain.pipeline.measure;

import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * The yardstick of the curation: nothing but OpenCV's decode, at the scale that the curation uses, over images in memory,
 * on several threads.
 */
public final class DecodeLoop {
    private static final String USAGE =
            "Usage: DecodeLoop --images FOLDER [--threads N] [--seconds S] [--width W] [--height H]";

    private DecodeLoop() {}

    /**
     * What the loop did.
     *
     * @param images decoded, over all threads
     * @param bytes encoded size of all of them
     * @param seconds from the first decode to the last
     */
    public record Result(long images, long bytes, int threads, double seconds) {

        public double imagesPerSecond() {
            return images / seconds;
        }

        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"imagesPerSecond\":%.2f,\"images\":%d,\"threads\":%d,\"seconds\":%.3f,\"megabytesPerSecond\":%.2f}",
                    imagesPerSecond(),
                    images,
                    threads,
                    seconds,
                    bytes / seconds / 1e6);
        }
    }

    /** Measures the images of a folder and prints one line of JSON. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        System.exit(run(arguments, System.out, System.err));
    }

    static int run(String[] arguments, PrintStream out, PrintStream err) throws IOException, InterruptedException {
        Path folder = null;
        int threads = Runtime.getRuntime().availableProcessors();
        int seconds = 5;
        int width = 64;
        int height = 64;
        try {
            for (int i = 0; i + 1 < arguments.length; i += 2) {
                String value = arguments[i + 1];
                switch (arguments[i]) {
                    case "--images" -> folder = Path.of(value);
                    case "--threads" -> threads = Integer.parseInt(value);
                    case "--seconds" -> seconds = Integer.parseInt(value);
                    case "--width" -> width = Integer.parseInt(value);
                    case "--height" -> height = Integer.parseInt(value);
                    default -> throw new IllegalArgumentException("there is no option " + arguments[i]);
                }
            }
            if (folder == null || arguments.length % 2 != 0 || !Files.isDirectory(folder)) {
                throw new IllegalArgumentException("--images must name a folder");
            }
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage() + ". " + USAGE);
            return 2;
        }
        List<byte[]> images = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                byte[] bytes = Files.readAllBytes(file);
                if (ImageHeader.read(ByteBuffer.wrap(bytes)) instanceof ImageHeader.Readable) {
                    images.add(bytes);
                }
            }
        }
        if (images.isEmpty()) {
            err.println("There is no JPEG or PNG in " + folder);
            return 1;
        }
        out.println(measure(images, threads, Duration.ofSeconds(seconds), width, height)
                .json());
        return 0;
    }

    /**
     * Decodes the images round and round until the time is over, each thread from its own place on.
     *
     * @throws IllegalArgumentException if there is no image, or one without a readable header
     */
    public static Result measure(List<byte[]> images, int threads, Duration duration, int width, int height)
            throws InterruptedException {
        if (images.isEmpty()) {
            throw new IllegalArgumentException("Cannot measure without images");
        }
        int[] flags = flags(images, width, height);
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            long start = System.nanoTime();
            long end = start + duration.toNanos();
            List<Future<long[]>> workers = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int first = t * images.size() / threads;
                workers.add(executor.submit(() -> decodeUntil(images, flags, first, end)));
            }
            long count = 0;
            long bytes = 0;
            for (Future<long[]> worker : workers) {
                count += worker.get()[0];
                bytes += worker.get()[1];
            }
            return new Result(count, bytes, threads, (System.nanoTime() - start) / 1e9);
        } catch (ExecutionException e) {
            throw new IllegalStateException("A decoding thread failed: " + e.getCause(), e);
        } finally {
            executor.shutdownNow();
        }
    }

    private static int[] flags(List<byte[]> images, int width, int height) {
        try (ReducedDecoder decoder = new ReducedDecoder(width, height)) {
            return images.stream()
                    .mapToInt(bytes -> {
                        if (ImageHeader.read(ByteBuffer.wrap(bytes)) instanceof ImageHeader.Readable header) {
                            return ReducedDecoder.flag(decoder.reduction(header));
                        }
                        throw new IllegalArgumentException("Cannot measure an image without a readable header");
                    })
                    .toArray();
        }
    }

    private static long[] decodeUntil(List<byte[]> images, int[] flags, int first, long end) {
        opencv_core.setNumThreads(1);
        long largest = images.stream().mapToInt(image -> image.length).max().orElse(1);
        long count = 0;
        long bytes = 0;
        try (BytePointer encoded = new BytePointer(largest);
                Mat decoded = new Mat()) {
            for (int i = first; System.nanoTime() < end; i = (i + 1) % images.size()) {
                byte[] image = images.get(i);
                encoded.position(0).put(image, 0, image.length);
                try (Mat input = new Mat(1, image.length, CV_8U, encoded);
                        Mat result = imdecode(input, flags[i], decoded)) {
                    if (result.empty()) {
                        throw new IllegalArgumentException("Cannot measure an image that cannot be decoded");
                    }
                }
                count++;
                bytes += image.length;
            }
        }
        return new long[] {count, bytes};
    }
}
