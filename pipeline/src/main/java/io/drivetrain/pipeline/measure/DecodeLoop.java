package io.drivetrain.pipeline.measure;

import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_8;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * The yardstick of the curation: nothing but decoding, at the scale that the curation uses, over images in memory, on
 * several threads. Two decoders take turns: OpenCV's libjpeg-turbo, and {@link JpegEighth}, which gives the same pixels
 * and is nearer to libjpeg-turbo called directly; the faster one on this machine is the yardstick.
 */
public final class DecodeLoop {
    private static final String USAGE =
            "Usage: DecodeLoop --images FOLDER [--threads N] [--seconds S] [--width W] [--height H]";
    private static final int TURNS = 2;

    private DecodeLoop() {}

    /** Which decoder. */
    public enum Decoder {
        /** OpenCV's reduced modes, which call libjpeg-turbo. */
        OPEN_CV,
        /** Our own, for JPEGs at an eighth. */
        EIGHTH
    }

    /**
     * What a loop did.
     *
     * @param images decoded, over all threads; 0 if this decoder cannot decode all of them
     * @param bytes encoded size of all of them
     * @param seconds from the first decode to the last, summed over the turns
     */
    public record Result(Decoder decoder, long images, long bytes, int threads, double seconds) {

        public double imagesPerSecond() {
            return seconds == 0 ? 0 : images / seconds;
        }

        private Result plus(Result other) {
            return new Result(decoder, images + other.images, bytes + other.bytes, threads, seconds + other.seconds);
        }
    }

    static String json(Map<Decoder, Result> results) {
        Result open = results.get(Decoder.OPEN_CV);
        Result eighth = results.get(Decoder.EIGHTH);
        Result faster = eighth.imagesPerSecond() > open.imagesPerSecond() ? eighth : open;
        return String.format(
                Locale.ROOT,
                "{\"imagesPerSecond\":%.2f,\"openCv\":%.2f,\"eighth\":%.2f,\"threads\":%d,\"megabytesPerSecond\":%.2f}",
                faster.imagesPerSecond(),
                open.imagesPerSecond(),
                eighth.imagesPerSecond(),
                faster.threads,
                faster.bytes / faster.seconds / 1e6);
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
        out.println(json(measure(images, threads, Duration.ofSeconds(seconds), width, height)));
        return 0;
    }

    /**
     * Decodes the images round and round, each thread from its own place on, the decoders in turns.
     *
     * @param duration of all turns together; a first one of each decoder, to warm up, comes on top
     * @throws IllegalArgumentException if there is no image, or one that cannot be decoded
     */
    public static Map<Decoder, Result> measure(
            List<byte[]> images, int threads, Duration duration, int width, int height) throws InterruptedException {
        if (images.isEmpty()) {
            throw new IllegalArgumentException("Cannot measure without images");
        }
        Duration turn = duration.dividedBy(2L * TURNS);
        Map<Decoder, Result> results = new EnumMap<>(Decoder.class);
        try (OpenCv open = new OpenCv(images, flags(images, width, height))) {
            boolean eighth = isForEighth(images, open.flags);
            for (int i = 0; i <= TURNS; i++) {
                for (Decoder decoder : Decoder.values()) {
                    Result result = decoder == Decoder.EIGHTH && !eighth
                            ? new Result(decoder, 0, 0, threads, 0)
                            : turn(decoder, images, threads, turn, open);
                    if (i > 0) {
                        results.merge(decoder, result, Result::plus);
                    }
                }
            }
        }
        return results;
    }

    private static Result turn(Decoder decoder, List<byte[]> images, int threads, Duration duration, OpenCv open)
            throws InterruptedException {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            long start = System.nanoTime();
            long end = start + duration.toNanos();
            List<Future<long[]>> workers = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int first = t * images.size() / threads;
                workers.add(executor.submit(() -> switch (decoder) {
                    case OPEN_CV -> open.decodeUntil(first, end);
                    case EIGHTH -> eighthUntil(images, first, end);
                }));
            }
            long count = 0;
            long bytes = 0;
            for (Future<long[]> worker : workers) {
                count += worker.get()[0];
                bytes += worker.get()[1];
            }
            return new Result(decoder, count, bytes, threads, (System.nanoTime() - start) / 1e9);
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

    private static boolean isForEighth(List<byte[]> images, int[] flags) {
        JpegEighth decoder = new JpegEighth();
        return Arrays.stream(flags).allMatch(flag -> flag == IMREAD_REDUCED_COLOR_8)
                && images.stream().allMatch(image -> decoder.decode(ByteBuffer.wrap(image)));
    }

    private static long[] eighthUntil(List<byte[]> images, int first, long end) {
        JpegEighth decoder = new JpegEighth();
        long count = 0;
        long bytes = 0;
        for (int i = first; System.nanoTime() < end; i = (i + 1) % images.size()) {
            byte[] image = images.get(i);
            decoder.decode(ByteBuffer.wrap(image));
            count++;
            bytes += image.length;
        }
        return new long[] {count, bytes};
    }

    /** Images in native memory before the clock starts, so that nothing is timed but the decoding. */
    private static final class OpenCv implements AutoCloseable {
        private final List<BytePointer> encoded = new ArrayList<>();
        private final int[] flags;

        OpenCv(List<byte[]> images, int[] flags) {
            this.flags = flags;
            images.forEach(image -> encoded.add(new BytePointer(image)));
        }

        long[] decodeUntil(int first, long end) {
            opencv_core.setNumThreads(1);
            long count = 0;
            long bytes = 0;
            try (Mat decoded = new Mat()) {
                for (int i = first; System.nanoTime() < end; i = (i + 1) % flags.length) {
                    BytePointer image = encoded.get(i);
                    try (Mat input = new Mat(1, (int) image.capacity(), CV_8U, image);
                            Mat result = imdecode(input, flags[i], decoded)) {
                        if (result.empty()) {
                            throw new IllegalArgumentException("Cannot measure an image that cannot be decoded");
                        }
                    }
                    count++;
                    bytes += image.capacity();
                }
            }
            return new long[] {count, bytes};
        }

        @Override
        public void close() {
            encoded.forEach(BytePointer::close);
        }
    }
}
