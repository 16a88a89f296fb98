package io.drivetrain.trainer.improve.augment;

import java.util.SplittableRandom;

/**
 * A day scene as the camera might see it at night: darker by a gamma, shifted to blue, noisier, with small bright spots
 * kept as lights that glow.
 */
final class Night {
    /** Gamma rises by this, and brightness falls by the share, from day to the darkest night. */
    private static final double GAMMA = 0.9;

    private static final double DIMMING = 0.62;

    /** Red and green that the darkest night takes beyond blue; lamps and the moon leave most of the blue. */
    private static final double[] LOSS_BY_CHANNEL = {0.34, 0.18, 0};

    /** Noise of a small sensor at high gain, in levels of 255. */
    private static final double NOISE = 5;

    /** Brightness, and its excess over the surroundings, from which a spot counts as a light; levels of 255. */
    private static final double LIGHT_FROM = 150;

    private static final double LIGHT_RANGE = 60;
    private static final double EXCESS_FROM = 35;
    private static final double EXCESS_RANGE = 50;

    /** Surroundings and glow as shares of the height. */
    private static final double SURROUNDINGS = 0.08;

    private static final double GLOW = 0.035;

    /** Mean level of 255 from which an image counts as day. */
    private static final double DAY = 80;

    private Night() {}

    /**
     * Darkens an image; one that is dark already is darkened less, as a night is not doubled.
     *
     * @param darkness of a day image, from 0 (none) to 1
     */
    static Image of(Image image, double darkness, SplittableRandom random) {
        double mean = 0;
        for (int channel = 0; channel < image.channels(); channel++) {
            mean += Tones.mean(image, channel) / image.channels();
        }
        return darkened(image, darkness * Math.min(1, mean / DAY), random);
    }

    private static Image darkened(Image day, double darkness, SplittableRandom random) {
        float[] lights = lights(day);
        float[] glow = Blur.gaussian(lights, day.height(), day.width(), GLOW * day.height(), GLOW * day.height());
        Image night = day.blank();
        int plane = day.height() * day.width();
        for (int channel = 0; channel < day.channels(); channel++) {
            double loss = day.channels() == LOSS_BY_CHANNEL.length ? LOSS_BY_CHANNEL[channel] : 0;
            double scale = (1 - DIMMING * darkness) * (1 - loss * darkness);
            double[] table = new double[Image.WHITE + 1];
            for (int level = 0; level < table.length; level++) {
                table[level] = Image.WHITE * scale * Math.pow((double) level / Image.WHITE, 1 + GAMMA * darkness);
            }
            for (int i = 0; i < plane; i++) {
                int level = day.values()[channel * plane + i] & 0xff;
                double light = Math.max(lights[i], Math.min(1, 0.6 * glow[i]));
                double value = table[level] * (1 - light) + level * light;
                value += NOISE * darkness * random.nextGaussian();
                night.values()[channel * plane + i] = Image.toByte(value);
            }
        }
        return night;
    }

    /** How much of a light each pixel is, 0 to 1: bright, and brighter than around it, which a sky is not. */
    private static float[] lights(Image image) {
        int height = image.height();
        int width = image.width();
        float[] brightest = new float[height * width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                brightest[y * width + x] = image.brightest(y, x);
            }
        }
        float[] around = Blur.gaussian(brightest, height, width, SURROUNDINGS * height, SURROUNDINGS * height);
        float[] lights = new float[brightest.length];
        for (int i = 0; i < lights.length; i++) {
            double bright = (brightest[i] - LIGHT_FROM) / LIGHT_RANGE;
            double excess = (brightest[i] - around[i] - EXCESS_FROM) / EXCESS_RANGE;
            lights[i] = (float) Math.max(0, Math.min(1, Math.min(bright, excess)));
        }
        return lights;
    }
}
