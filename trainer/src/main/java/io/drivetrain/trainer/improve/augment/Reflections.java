package io.drivetrain.trainer.improve.augment;

/** What water and glass add to a scene. */
final class Reflections {
    /** A wet road mirrors streaks: blurred along the line of sight more than across it, as shares of the height. */
    private static final double STREAK = 0.05;

    private static final double ACROSS = 0.012;

    /** Wet asphalt is darker than dry. */
    private static final double WET_DARKENING = 0.25;

    private Reflections() {}

    /**
     * A wet road: what is above the horizon mirrored below it.
     *
     * @param horizon row of the mirror, as a share of the height, 0 to 1
     * @param opacity of the mirror image next to the horizon, 0 to 1; it halves towards the lower edge
     */
    static Image wetRoad(Image image, double horizon, double opacity) {
        int height = image.height();
        int width = image.width();
        int mirror = (int) Math.round(horizon * height);
        Image result = new Image(image.channels(), height, width, image.values().clone());
        float[] upsideDown = new float[height * width];
        for (int channel = 0; channel < image.channels(); channel++) {
            for (int y = 0; y < height; y++) {
                int source = y < mirror ? y : Math.max(0, 2 * mirror - 1 - y);
                for (int x = 0; x < width; x++) {
                    upsideDown[y * width + x] = image.at(channel, source, x);
                }
            }
            float[] streaks = Blur.gaussian(upsideDown, height, width, STREAK * height, ACROSS * height);
            for (int y = mirror; y < height; y++) {
                double depth = (double) (y - mirror) / Math.max(1, height - mirror);
                double share = opacity * (1 - depth / 2);
                for (int x = 0; x < width; x++) {
                    double road = image.at(channel, y, x) * (1 - WET_DARKENING * opacity);
                    result.set(channel, y, x, road * (1 - share) + streaks[y * width + x] * share);
                }
            }
        }
        return result;
    }

    /**
     * Glare in the windscreen: a veil of white that is densest at a point, with a streak through it.
     *
     * @param centreY row of the densest point, as a share of the height
     * @param centreX column of it, as a share of the width
     * @param angle of the streak in radians
     * @param opacity at the densest point, 0 to 1
     */
    static Image glare(Image image, double centreY, double centreX, double angle, double opacity) {
        Image result = image.blank();
        double sine = Math.sin(angle);
        double cosine = Math.cos(angle);
        for (int y = 0; y < image.height(); y++) {
            double dy = (y + 0.5) / image.height() - centreY;
            for (int x = 0; x < image.width(); x++) {
                double dx = (x + 0.5) / image.width() - centreX;
                double along = dx * cosine + dy * sine;
                double across = dy * cosine - dx * sine;
                double veil = Math.exp(-(dx * dx + dy * dy) / 0.08);
                double streak = 0.7 * Math.exp(-across * across / 0.0012 - along * along / 0.35);
                double white = Math.min(1, opacity * Math.max(veil, streak));
                for (int channel = 0; channel < image.channels(); channel++) {
                    int value = image.at(channel, y, x);
                    result.set(channel, y, x, value + (Image.WHITE - value) * white);
                }
            }
        }
        return result;
    }
}
