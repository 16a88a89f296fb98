package io.drivetrain.pipeline.measure;

import io.drivetrain.schemas.DrivetrainConfig.Quality;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How good a picture looks, as CleanVision scores it: every score lies in 0..1, and a low one is a bad one.
 *
 * @param dark 99th percentile of the pixels' brightness
 * @param light 1 - 5th percentile of the pixels' brightness
 * @param blurry from the edges and the spread of the histogram at 64 pixels on the longest side
 * @param lowInformation a tenth of the entropy of the histogram over all channels, in bits
 * @param oddAspect shorter side over longer side
 */
public record ImageQuality(double dark, double light, double blurry, double lowInformation, double oddAspect) {
    static final double ENTROPY_FACTOR = 0.1;
    static final double BLUR_FACTOR = 0.01;
    static final double LEAST_SPREAD = 0.18;

    /** Scores a picture at the size it has. */
    public static ImageQuality of(Picture picture) {
        return of(QualityProperties.of(picture));
    }

    /** Scores what was measured of a picture. */
    public static ImageQuality of(QualityProperties properties) {
        return new ImageQuality(
                properties.percentile99(),
                1 - properties.percentile5(),
                blurScore(properties.blurriness(), properties.grayscaleSpread()),
                informationScore(properties.entropy()),
                properties.aspectRatio());
    }

    /** Scores of blur, 0..1, from the edges' and the histogram's standard deviation. */
    static double blurScore(double blurriness, double grayscaleSpread) {
        return blurScore(blurriness, grayscaleSpread, BLUR_FACTOR, LEAST_SPREAD);
    }

    /** The same with another factor of both deviations, and another spread from which on that of the histogram counts. */
    static double blurScore(double blurriness, double grayscaleSpread, double factor, double leastSpread) {
        double spread = 1 - Math.exp(-grayscaleSpread * factor);
        return Math.min(1, 1 - Math.exp(-blurriness * factor) + (spread > leastSpread ? spread : 0));
    }

    /** Score of information, 0..1, from an entropy in bits. */
    static double informationScore(double entropy) {
        return informationScore(entropy, ENTROPY_FACTOR);
    }

    /** The same with another factor. */
    static double informationScore(double entropy, double factor) {
        return Math.min(1, entropy * factor);
    }

    /**
     * The flags of scores below their thresholds, in the order of {@link QualityFlag}.
     *
     * @param attributes of the sample: a picture taken at night is expected to be dark, so it is not flagged as such
     */
    public List<QualityFlag> flags(Quality thresholds, Map<String, String> attributes) {
        List<QualityFlag> flags = new ArrayList<>(2);
        if (dark < thresholds.dark() && !darkExpected(thresholds, attributes)) {
            flags.add(QualityFlag.DARK);
        }
        if (light < thresholds.light()) {
            flags.add(QualityFlag.LIGHT);
        }
        if (blurry < thresholds.blurry()) {
            flags.add(QualityFlag.BLURRY);
        }
        if (lowInformation < thresholds.lowInformation()) {
            flags.add(QualityFlag.LOW_INFORMATION);
        }
        if (oddAspect < thresholds.oddAspect()) {
            flags.add(QualityFlag.ODD_ASPECT);
        }
        return flags;
    }

    private static boolean darkExpected(Quality thresholds, Map<String, String> attributes) {
        for (String expected : thresholds.darkExpected()) {
            int equals = expected.indexOf('=');
            if (equals > 0 && expected.substring(equals + 1).equals(attributes.get(expected.substring(0, equals)))) {
                return true;
            }
        }
        return false;
    }
}
