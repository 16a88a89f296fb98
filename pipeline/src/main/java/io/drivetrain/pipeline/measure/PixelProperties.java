package io.drivetrain.pipeline.measure;

import io.drivetrain.pipeline.measure.Edges.Kernel;
import java.util.Optional;

/**
 * The image properties of Deepchecks: of the lightness 0.2125 R + 0.7154 G + 0.0721 B on 0..1 in coloured pictures, of
 * the raw 0..255 in others. Opacity is ignored.
 *
 * @param brightness mean
 * @param contrast standard deviation
 * @param texture variance of the Laplacian
 * @param area in pixels
 * @param aspectRatio height over width
 * @param relativeIntensity mean share of red, green and blue in a pixel, 0..1; empty without colour
 */
public record PixelProperties(
        double brightness,
        double contrast,
        double texture,
        long area,
        double aspectRatio,
        Optional<double[]> relativeIntensity) {

    private static final int COLOURS = 3;
    private static final double MAXIMUM = 255;

    /** Measures a picture. */
    public static PixelProperties of(Picture picture) {
        double[] lightness = lightness(picture);
        double mean = mean(lightness);
        double squares = 0;
        for (double value : lightness) {
            squares += (value - mean) * (value - mean);
        }
        return new PixelProperties(
                mean,
                Math.sqrt(squares / lightness.length),
                Edges.varianceOfLaplacian(lightness, picture.width(), picture.height(), Kernel.SIDES),
                picture.area(),
                (double) picture.height() / picture.width(),
                picture.mode().coloured() ? Optional.of(intensity(picture)) : Optional.empty());
    }

    private static double[] lightness(Picture picture) {
        Picture.Mode mode = picture.mode();
        byte[] samples = picture.samples();
        double[] lightness = new double[picture.area()];
        for (int i = 0, p = 0; i < lightness.length; i++, p += mode.samples()) {
            lightness[i] = mode.coloured()
                    ? 0.2125 * ((samples[p + mode.red()] & 0xFF) / MAXIMUM)
                            + 0.7154 * ((samples[p + mode.green()] & 0xFF) / MAXIMUM)
                            + 0.0721 * ((samples[p + mode.blue()] & 0xFF) / MAXIMUM)
                    : samples[p] & 0xFF;
        }
        return lightness;
    }

    private static double[] intensity(Picture picture) {
        Picture.Mode mode = picture.mode();
        int[] at = {mode.red(), mode.green(), mode.blue()};
        double[] intensity = new double[COLOURS];
        for (int i = 0, p = 0; i < picture.area(); i++, p += mode.samples()) {
            int sum = 0;
            for (int colour : at) {
                sum += picture.samples()[p + colour] & 0xFF;
            }
            for (int c = 0; c < COLOURS && sum > 0; c++) {
                intensity[c] += (double) (picture.samples()[p + at[c]] & 0xFF) / sum;
            }
        }
        for (int c = 0; c < COLOURS; c++) {
            intensity[c] /= picture.area();
        }
        return intensity;
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
