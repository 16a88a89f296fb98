package io.drivetrain.schemas.synthesize;

import io.drivetrain.schemas.synthesize.Conditions.Reflections;
import io.drivetrain.schemas.synthesize.Conditions.TimeOfDay;
import io.drivetrain.schemas.synthesize.Conditions.Weather;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SplittableRandom;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** What windscreen, lens, sensor and encoder make of a painted scene. */
final class Camera {
    static final float JPEG_QUALITY = 0.88f;

    private Camera() {}

    /** Adds reflections, motion blur and sensor noise, in place. */
    static void expose(
            BufferedImage image, Conditions conditions, double horizonY, double speed, SplittableRandom random) {
        int width = image.getWidth();
        int height = image.getHeight();
        int[] pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
        if (conditions.reflections() == Reflections.WET_ROAD || conditions.weather() == Weather.RAINY) {
            wetRoad(pixels, width, height, (int) horizonY, random);
        }
        if (conditions.reflections() == Reflections.WINDSCREEN) {
            windscreen(pixels, width, height, conditions.timeOfDay() != TimeOfDay.DAYTIME, random);
        }
        motionBlur(pixels, width, height, (int) Math.round(speed * width / 200.0));
        double sigma = switch (conditions.timeOfDay()) {
            case DAYTIME -> 2.5;
            case DUSK -> 5;
            case NIGHT -> 8;
        };
        noise(pixels, sigma, random.nextLong());
    }

    /** The upper half mirrored on the road, torn by ripples. */
    private static void wetRoad(int[] pixels, int width, int height, int horizon, SplittableRandom random) {
        double strength = 0.30 + 0.2 * random.nextDouble();
        double phase = random.nextDouble() * 6;
        for (int y = horizon + 2; y < height; y++) {
            int mirrored = Math.max(0, horizon - (int) ((y - horizon) * 0.85));
            double ripple = Math.sin(y * 0.55 + phase) * 2.2;
            double fade = strength * (0.35 + 0.65 * Math.abs(Math.sin(y * 0.21 + phase)));
            for (int x = 0; x < width; x++) {
                int from = Math.max(0, Math.min(width - 1, x + (int) ripple));
                pixels[y * width + x] = blend(pixels[y * width + x], pixels[mirrored * width + from], fade * 0.8);
            }
        }
    }

    /** The dashboard's edge and lights behind the driver, faint across the view. */
    private static void windscreen(int[] pixels, int width, int height, boolean lampsOn, SplittableRandom random) {
        double strength = (lampsOn ? 0.30 : 0.22) + 0.12 * random.nextDouble();
        double slope = (random.nextDouble() - 0.5) * 0.5;
        double band = height * (0.35 + 0.3 * random.nextDouble());
        double thick = height * (0.12 + 0.1 * random.nextDouble());
        int spots = 2 + random.nextInt(3);
        double[] sx = new double[spots];
        double[] sy = new double[spots];
        double[] sr = new double[spots];
        for (int i = 0; i < spots; i++) {
            sx[i] = random.nextDouble() * width;
            sy[i] = random.nextDouble() * height * 0.8;
            sr[i] = height * (0.08 + 0.14 * random.nextDouble());
        }
        int light = lampsOn ? 0xE8D6B0 : 0xF2F4F6;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double d = (y - band - slope * (x - width / 2.0)) / thick;
                double a = Math.abs(d) < 1 ? strength * (1 - d * d) : 0;
                for (int i = 0; i < spots; i++) {
                    double dx = (x - sx[i]) / sr[i];
                    double dy = (y - sy[i]) / sr[i];
                    double r = dx * dx + dy * dy;
                    if (r < 1) {
                        a = Math.max(a, strength * 1.3 * (1 - r));
                    }
                }
                if (a > 0.004) {
                    pixels[y * width + x] = blend(pixels[y * width + x], light, Math.min(0.7, a));
                }
            }
        }
    }

    private static int blend(int a, int b, double share) {
        int w = (int) (share * 256);
        int rb = ((a & 0xFF00FF) * (256 - w) + (b & 0xFF00FF) * w >>> 8) & 0xFF00FF;
        int green = ((a & 0x00FF00) * (256 - w) + (b & 0x00FF00) * w >>> 8) & 0x00FF00;
        return rb | green;
    }

    /** A horizontal box filter of 1 + radius pixels. */
    private static void motionBlur(int[] pixels, int width, int height, int radius) {
        if (radius < 1) {
            return;
        }
        int[] row = new int[width];
        int n = radius + 1;
        for (int y = 0; y < height; y++) {
            System.arraycopy(pixels, y * width, row, 0, width);
            for (int x = 0; x < width; x++) {
                int r = 0;
                int g = 0;
                int b = 0;
                for (int k = 0; k < n; k++) {
                    int p = row[Math.min(width - 1, x + k)];
                    r += p >> 16 & 0xFF;
                    g += p >> 8 & 0xFF;
                    b += p & 0xFF;
                }
                pixels[y * width + x] = (r / n) << 16 | (g / n) << 8 | b / n;
            }
        }
    }

    /** Noise of the given standard deviation, near enough normal: the sum of four uniform bytes (Irwin-Hall). */
    private static void noise(int[] pixels, double sigma, long seed) {
        // The sum of four bytes has a standard deviation of 2 * 256 / sqrt(12) = 147.8.
        int scale = (int) Math.round(sigma / 147.8 * 65536);
        long state = seed | 1;
        for (int i = 0; i < pixels.length; i++) {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            int sum = (int) (state & 0xFF)
                    + (int) (state >>> 8 & 0xFF)
                    + (int) (state >>> 16 & 0xFF)
                    + (int) (state >>> 24 & 0xFF);
            int luma = (sum - 510) * scale >> 16;
            int chroma = ((int) (state >>> 32 & 0xFF) - 128) * scale >> 17;
            int p = pixels[i];
            pixels[i] = clamp((p >> 16 & 0xFF) + luma + chroma) << 16
                    | clamp((p >> 8 & 0xFF) + luma) << 8
                    | clamp((p & 0xFF) + luma - chroma);
        }
    }

    private static int clamp(int v) {
        return v < 0 ? 0 : Math.min(v, 255);
    }

    /** Encodes as JPEG; the quality is above 0 and up to 1. */
    static byte[] jpeg(BufferedImage image, float quality) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream out = new ByteArrayOutputStream(image.getWidth() * image.getHeight() / 4);
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(quality);
            writer.setOutput(stream);
            writer.write(null, new IIOImage(image, null, null), parameters);
            stream.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("Encoding to memory failed", e);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }
}
