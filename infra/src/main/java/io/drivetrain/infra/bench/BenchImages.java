package io.drivetrain.infra.bench;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.ingest.synthesize.SyntheticScenes;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.synthesize.FaultShares;
import io.drivetrain.schemas.synthesize.StreamPlan;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/**
 * A stream of any length out of some drawn pictures. Each image is a file of its own, by a number in a comment that no
 * decoder looks at, as the job rejects exact copies; each drive has frames of one domain only.
 */
final class BenchImages {
    private static final int FRAMES = 20;
    private static final int DRAWN = 240;
    private static final float JPEG_QUALITY = 0.86f;
    private static final int PNG_HEADER_BYTES = 33;

    private final List<LabeledSample> drawn;

    private BenchImages(List<LabeledSample> drawn) {
        this.drawn = drawn;
    }

    /** JPEGs of 1280x720, on average about 140 KB. */
    static BenchImages camera(long seed) {
        return draw(
                StreamPlan.first(seed, DRAWN / FRAMES / 2, DRAWN / FRAMES / 2)
                        .withSize(1280, 720)
                        .withFramesPerDrive(FRAMES)
                        .withFaults(FaultShares.NONE)
                        .withJpegQuality(JPEG_QUALITY),
                UnaryOperator.identity());
    }

    /** PNGs of some width, at 16 to 9. */
    static BenchImages small(long seed, int width) {
        return draw(
                StreamPlan.first(seed, DRAWN / FRAMES / 2, DRAWN / FRAMES / 2)
                        .withSize(Math.max(64, width), Math.max(36, width * 9 / 16))
                        .withFramesPerDrive(FRAMES)
                        .withFaults(FaultShares.NONE),
                BenchImages::png);
    }

    private static BenchImages draw(StreamPlan plan, UnaryOperator<byte[]> format) {
        List<LabeledSample> drawn = new ArrayList<>();
        try (SampleSource source =
                SyntheticScenes.source(plan, Runtime.getRuntime().availableProcessors())) {
            for (Collected entry : source) {
                if (entry instanceof Collected.Sample sample) {
                    byte[] image = new byte[sample.sample().getImageBytes().remaining()];
                    sample.sample().getImageBytes().duplicate().get(image);
                    drawn.add(LabeledSample.newBuilder(sample.sample())
                            .setImageBytes(ByteBuffer.wrap(format.apply(image)))
                            .setBoxes(List.of())
                            .build());
                }
            }
        }
        return new BenchImages(drawn);
    }

    private static byte[] png(byte[] jpeg) {
        try {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(jpeg));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(image, "png", out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("Encoding in memory failed", e);
        }
    }

    /** Mean bytes of an image. */
    double meanBytes() {
        return drawn.stream()
                .mapToInt(sample -> sample.getImageBytes().remaining())
                .average()
                .orElse(0);
    }

    /** Writes the drawn pictures as files. */
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < drawn.size(); i++) {
            Files.write(
                    folder.resolve("%05d".formatted(i)),
                    drawn.get(i).getImageBytes().array());
        }
    }

    /**
     * The pictures again and again, each time as samples and drives of their own.
     *
     * @param bytes counts those of the images
     */
    SampleSource stream(long records, AtomicLong bytes) {
        return new SampleSource() {
            @Override
            public OptionalLong expectedCount() {
                return OptionalLong.of(records);
            }

            @Override
            public Iterator<Collected> iterator() {
                return LongStream.range(0, records)
                        .mapToObj(number -> copy(number, bytes))
                        .iterator();
            }

            @Override
            public void close() {}
        };
    }

    private Collected copy(long number, AtomicLong bytes) {
        LabeledSample sample = drawn.get((int) (number % drawn.size()));
        long round = number / drawn.size();
        byte[] image = numbered(sample.getImageBytes().array(), number);
        bytes.addAndGet(image.length);
        return new Collected.Sample(LabeledSample.newBuilder(sample)
                .setSampleId(sample.getSampleId() + "/" + round)
                .setDriveId(sample.getDriveId() + "/" + round)
                .setImageBytes(ByteBuffer.wrap(image))
                .build());
    }

    private static byte[] numbered(byte[] image, long number) {
        byte[] text = "%016x".formatted(number).getBytes(StandardCharsets.US_ASCII);
        return image[0] == (byte) 0xFF ? numberedJpeg(image, text) : numberedPng(image, text);
    }

    private static byte[] numberedJpeg(byte[] image, byte[] text) {
        ByteBuffer out = ByteBuffer.allocate(image.length + 4 + text.length);
        out.put(image, 0, 2).putShort((short) 0xFFFE).putShort((short) (2 + text.length));
        return out.put(text).put(image, 2, image.length - 2).array();
    }

    private static byte[] numberedPng(byte[] image, byte[] text) {
        byte[] chunk = new byte[6 + text.length];
        System.arraycopy("tEXtn\0".getBytes(StandardCharsets.US_ASCII), 0, chunk, 0, 6);
        System.arraycopy(text, 0, chunk, 6, text.length);
        CRC32 crc = new CRC32();
        crc.update(chunk);
        ByteBuffer out = ByteBuffer.allocate(image.length + 8 + chunk.length);
        out.put(image, 0, PNG_HEADER_BYTES).putInt(chunk.length - 4).put(chunk).putInt((int) crc.getValue());
        return out.put(image, PNG_HEADER_BYTES, image.length - PNG_HEADER_BYTES).array();
    }
}
