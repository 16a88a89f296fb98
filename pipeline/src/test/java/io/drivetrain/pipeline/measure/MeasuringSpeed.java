package io.drivetrain.pipeline.measure;

import io.drivetrain.pipeline.SharedFolder;
import io.drivetrain.schemas.MeasurementTaker;
import io.drivetrain.schemas.Measurements;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Times decoding and measuring of dash-camera frames, one thread; run its main by hand. */
final class MeasuringSpeed {
    private static final int ROUNDS = 6;
    private static final int IMAGES = 3000;

    private MeasuringSpeed() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = SharedFolder.find("data/label-formats").orElseThrow();
        List<Path> files;
        try (Stream<Path> tree = Files.walk(folder)) {
            files = tree.filter(file -> file.toString().endsWith(".jpg"))
                    .filter(file -> file.toString().contains("hybridnets")
                            || file.toString().contains("yolop"))
                    .sorted()
                    .toList();
        }
        try (ReducedDecoder decoder = new ReducedDecoder(64, 64)) {
            PictureMeasurer measurer = new PictureMeasurer();
            for (int round = 0; round < ROUNDS; round++) {
                long decoding = 0;
                long measuring = 0;
                long taking = 0;
                double sink = 0;
                byte[][] images = new byte[files.size()][];
                for (int i = 0; i < images.length; i++) {
                    images[i] = Files.readAllBytes(files.get(i));
                }
                for (int i = 0; i < IMAGES; i++) {
                    ByteBuffer image = ByteBuffer.wrap(images[i % images.length]);
                    ImageHeader.Readable header = (ImageHeader.Readable) ImageHeader.read(image);
                    long start = System.nanoTime();
                    byte[] chw = ((ReducedDecoder.Pixels) decoder.decode(image, header)).chw();
                    long decoded = System.nanoTime();
                    sink += measurer.measure(decoder.picture(), header.width(), header.height())
                            .quality()
                            .dark();
                    long measured = System.nanoTime();
                    Measurements taken = MeasurementTaker.measure(chw, 64, 64);
                    long end = System.nanoTime();
                    sink += taken.getBrightness();
                    decoding += decoded - start;
                    measuring += measured - decoded;
                    taking += end - measured;
                }
                System.out.printf(
                        Locale.ROOT,
                        "decode %.3f ms, hash and quality %.3f ms, measurements %.3f ms (%d x %d, %.0f)%n",
                        decoding / 1e6 / IMAGES,
                        measuring / 1e6 / IMAGES,
                        taking / 1e6 / IMAGES,
                        decoder.picture().width(),
                        decoder.picture().height(),
                        sink);
            }
        }
    }
}
