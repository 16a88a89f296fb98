package io.drivetrain.schemas.synthesize;

import io.drivetrain.schemas.synthesize.Conditions.TimeOfDay;
import io.drivetrain.schemas.synthesize.Conditions.Weather;
import java.awt.Color;
import java.util.SplittableRandom;

/** How much of which light falls on a surface; colours are 0xRRGGBB before light. */
final class Palette {
    private final Conditions conditions;
    private final double ambient;
    private final double headlights;

    Palette(Conditions conditions, SplittableRandom random) {
        this.conditions = conditions;
        double level = switch (conditions.timeOfDay()) {
            case DAYTIME -> 0.85 + 0.25 * random.nextDouble();
            case DUSK -> 0.40 + 0.10 * random.nextDouble();
            case NIGHT -> 0.13 + 0.08 * random.nextDouble();
        };
        this.ambient = conditions.weather() == Weather.CLEAR ? level : level * 0.85;
        this.headlights = conditions.timeOfDay() == TimeOfDay.DAYTIME
                ? 0
                : (conditions.timeOfDay() == TimeOfDay.NIGHT ? 0.75 : 0.25) * (0.8 + 0.4 * random.nextDouble());
    }

    boolean night() {
        return conditions.timeOfDay() == TimeOfDay.NIGHT;
    }

    boolean lampsOn() {
        return conditions.timeOfDay() != TimeOfDay.DAYTIME;
    }

    /**
     * A surface under this light.
     *
     * @param x metres to the right of the camera's axis
     * @param z metres ahead
     * @param up metres above the road: headlights reach low things best
     */
    Color lit(int rgb, double x, double z, double up) {
        double spread = 1.3 + 0.16 * z;
        double beam = headlights
                * Math.exp(-(x * x) / (spread * spread))
                * Math.min(1, 11 / (z + 4))
                * (up < 0.9 ? 1 : Math.max(0.12, 1 - 0.75 * (up - 0.9)));
        double level = ambient + beam;
        // Far things fade into the air, by day into a light haze, by night into the dark.
        double haze = Math.min(0.6, Math.max(0, z - 15) / 120);
        double[] air = air();
        double[] tint = tint();
        int[] out = new int[3];
        for (int c = 0; c < 3; c++) {
            double base = ((rgb >> (16 - 8 * c)) & 0xFF) * level * tint[c];
            out[c] = (int) Math.max(0, Math.min(255, base * (1 - haze) + air[c] * haze));
        }
        return new Color(out[0], out[1], out[2]);
    }

    private double[] tint() {
        return switch (conditions.timeOfDay()) {
            case DAYTIME ->
                conditions.weather() == Weather.CLEAR
                        ? new double[] {1.03, 1.0, 0.95}
                        : new double[] {0.95, 0.98, 1.02};
            case DUSK -> new double[] {1.15, 0.95, 0.85};
            case NIGHT -> new double[] {1.0, 0.96, 0.88};
        };
    }

    private double[] air() {
        return switch (conditions.timeOfDay()) {
            case DAYTIME ->
                conditions.weather() == Weather.CLEAR ? new double[] {200, 215, 230} : new double[] {175, 180, 185};
            case DUSK -> new double[] {120, 95, 95};
            case NIGHT -> new double[] {12, 14, 24};
        };
    }

    Color skyTop() {
        return switch (conditions.timeOfDay()) {
            case DAYTIME -> conditions.weather() == Weather.CLEAR ? new Color(86, 140, 208) : new Color(150, 158, 166);
            case DUSK -> conditions.weather() == Weather.CLEAR ? new Color(44, 52, 92) : new Color(62, 64, 76);
            case NIGHT -> new Color(7, 9, 20);
        };
    }

    Color skyAtHorizon() {
        return switch (conditions.timeOfDay()) {
            case DAYTIME -> conditions.weather() == Weather.CLEAR ? new Color(202, 222, 238) : new Color(196, 199, 202);
            case DUSK -> conditions.weather() == Weather.CLEAR ? new Color(226, 138, 88) : new Color(134, 110, 104);
            case NIGHT -> new Color(30, 29, 40);
        };
    }

    /** How bright a window with its light on appears. */
    Color windowGlow(SplittableRandom random) {
        int warm = 190 + random.nextInt(60);
        return new Color(warm, (int) (warm * 0.82), (int) (warm * 0.52));
    }
}
