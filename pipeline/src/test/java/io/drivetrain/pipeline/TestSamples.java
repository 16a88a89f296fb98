package io.drivetrain.pipeline;

import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabeledSample;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;

/** Small samples and configurations for tests. */
public final class TestSamples {
    public static final Instant START = Instant.parse("2026-11-01T08:00:00Z");

    private TestSamples() {}

    /** The defaults with these keys changed. */
    public static DrivetrainConfig config(Map<String, String> overrides) {
        return ConfigReader.read(Optional.empty(), Map.of(), overrides);
    }

    /** A good sample. */
    public static LabeledSample sample(String drive, int frame, Domain domain, byte[] image) {
        return new LabeledSample(
                drive + "/" + frame,
                drive,
                frame,
                START.plusSeconds(frame),
                domain,
                frame % 2 == 0 ? "pedestrian" : "no-pedestrian",
                List.of(),
                Map.of("timeofday", "daytime"),
                "test",
                ByteBuffer.wrap(image),
                null,
                null,
                Map.of(),
                0);
    }

    public static byte[] jpeg(int width, int height, long seed) {
        return encode(picture(width, height, seed, BufferedImage.TYPE_3BYTE_BGR), "jpg");
    }

    public static byte[] png(int width, int height, long seed, int imageType) {
        return encode(picture(width, height, seed, imageType), "png");
    }

    /** A picture with structure and some noise, so that decoders have something to do. */
    public static BufferedImage picture(int width, int height, long seed, int imageType) {
        Random random = new Random(seed);
        BufferedImage image = new BufferedImage(width, height, imageType);
        Graphics2D graphics = image.createGraphics();
        for (int i = 0; i < 12; i++) {
            graphics.setColor(new Color(random.nextInt(256), random.nextInt(256), random.nextInt(256)));
            graphics.fillRect(
                    random.nextInt(width),
                    random.nextInt(height),
                    1 + random.nextInt(width),
                    1 + random.nextInt(height));
        }
        graphics.dispose();
        return image;
    }

    public static byte[] encode(BufferedImage image, String format) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, format, out)) {
                throw new IllegalArgumentException("No writer for " + format + " of type " + image.getType());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
