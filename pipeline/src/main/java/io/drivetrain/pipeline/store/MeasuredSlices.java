package io.drivetrain.pipeline.store;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** The slices that a sample belongs to by what was measured in its image, beside those by its attributes. */
final class MeasuredSlices {
    private static final double MUCH_GLARE = 0.2;
    private static final double MOSTLY_DARK = 0.5;

    private MeasuredSlices() {}

    /**
     * Returns the slices, each under a name that no attribute has: {@code glare>0.2}, {@code dark>0.5}, and
     * {@code flag=CODE} for each flag of image quality.
     *
     * @param glareShare share of overexposed pixels, 0 to 1
     * @param darkShare share of dark pixels, 0 to 1
     * @param flags codes such as {@code blurry}
     */
    static Map<String, String> of(double glareShare, double darkShare, Collection<String> flags) {
        Map<String, String> slices = new TreeMap<>();
        if (glareShare > MUCH_GLARE) {
            slices.put("measured.glare", "glare>" + MUCH_GLARE);
        }
        if (darkShare > MOSTLY_DARK) {
            slices.put("measured.dark", "dark>" + MOSTLY_DARK);
        }
        flags.forEach(flag -> slices.put("flag." + flag, "flag=" + flag));
        return slices;
    }
}
