package io.drivetrain.trainer.improve.augment;

/**
 * Pixels of one sample.
 *
 * @param values {@code channels × height × width} unsigned bytes in CHW order, never changed by this package
 */
record Image(int channels, int height, int width, byte[] values) {
    /** Most that a value can be. */
    static final int WHITE = 255;

    /** A value on the scale of 0 to 255. */
    int at(int channel, int y, int x) {
        return values[(channel * height + y) * width + x] & 0xff;
    }

    /** The same shape with nothing in it. */
    Image blank() {
        return new Image(channels, height, width, new byte[values.length]);
    }

    /** Writes a value, rounded and held within 0 to 255, while the image is being made. */
    void set(int channel, int y, int x, double value) {
        values[(channel * height + y) * width + x] = toByte(value);
    }

    /** The largest of a pixel's channels, 0 to 255. */
    int brightest(int y, int x) {
        int brightest = 0;
        for (int channel = 0; channel < channels; channel++) {
            brightest = Math.max(brightest, at(channel, y, x));
        }
        return brightest;
    }

    static byte toByte(double value) {
        return (byte) Math.max(0, Math.min(WHITE, (int) (value + 0.5)));
    }
}
