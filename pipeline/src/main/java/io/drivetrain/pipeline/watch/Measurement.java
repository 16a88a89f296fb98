package io.drivetrain.pipeline.watch;

import io.drivetrain.schemas.Measurements;
import java.util.function.ToDoubleFunction;

/** The measurements that are watched, with the names that reports use; the order is that of the arrays below. */
public enum Measurement {
    BRIGHTNESS("brightness", Measurements::getBrightness),
    CONTRAST("contrast", Measurements::getContrast),
    DARK_SHARE("darkShare", Measurements::getDarkShare),
    GLARE_SHARE("glareShare", Measurements::getGlareShare),
    SATURATION("saturation", Measurements::getSaturation),
    WARMTH("warmth", Measurements::getWarmth),
    SHARPNESS("sharpness", Measurements::getSharpness),
    ENTROPY("entropy", Measurements::getEntropy);

    private final String label;
    private final ToDoubleFunction<Measurements> value;

    Measurement(String label, ToDoubleFunction<Measurements> value) {
        this.label = label;
        this.value = value;
    }

    /** The name of the field in the schema. */
    public String label() {
        return label;
    }

    /** Returns all measurements in the order of this enum. */
    static double[] values(Measurements measurements) {
        Measurement[] all = values();
        double[] values = new double[all.length];
        for (int i = 0; i < all.length; i++) {
            values[i] = all[i].value.applyAsDouble(measurements);
        }
        return values;
    }
}
