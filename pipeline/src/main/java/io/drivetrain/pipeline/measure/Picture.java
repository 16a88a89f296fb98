package io.drivetrain.pipeline.measure;

/**
 * Decoded pixels.
 *
 * @param width pixels, 1 or more
 * @param height pixels, 1 or more
 * @param samples unsigned bytes, interleaved, rows from the top; may be longer than the picture, where a buffer is used
 *     again, and must not be changed
 */
public record Picture(int width, int height, Mode mode, byte[] samples) {

    /** Which samples a pixel has, in which order; the names are Pillow's, but for BGR, which is OpenCV's. */
    public enum Mode {
        L(1, 0, 0, 0),
        LA(2, 0, 0, 0),
        RGB(3, 0, 1, 2),
        RGBA(4, 0, 1, 2),
        BGR(3, 2, 1, 0);

        private final int samples;
        private final int red;
        private final int green;
        private final int blue;

        Mode(int samples, int red, int green, int blue) {
            this.samples = samples;
            this.red = red;
            this.green = green;
            this.blue = blue;
        }

        /** Samples of one pixel, 1 to 4. */
        public int samples() {
            return samples;
        }

        /** Where red is among the samples of a pixel. */
        public int red() {
            return red;
        }

        /** Where green is among the samples of a pixel. */
        public int green() {
            return green;
        }

        /** Where blue is among the samples of a pixel. */
        public int blue() {
            return blue;
        }

        /** Whether pixels have a colour, and not only a lightness. */
        public boolean coloured() {
            return samples >= 3;
        }

        /** Whether the last sample of a pixel is its opacity. */
        public boolean transparent() {
            return this == LA || this == RGBA;
        }
    }

    public Picture {
        if (width < 1 || height < 1 || samples.length < (long) width * height * mode.samples()) {
            throw new IllegalArgumentException(
                    "Cannot make a picture of %d x %d pixels in %s from %d bytes; it needs one byte a sample"
                            .formatted(width, height, mode, samples.length));
        }
    }

    /** Pixels in all. */
    public int area() {
        return width * height;
    }

    /**
     * Luma of every pixel, 0..255, rows from the top: Rec. 601 in 16-bit fixed point, as Pillow converts to L; opacity
     * is ignored.
     */
    public byte[] luma() {
        byte[] luma = new byte[area()];
        int step = mode.samples();
        for (int i = 0, p = 0; i < luma.length; i++, p += step) {
            luma[i] = mode.coloured()
                    ? (byte) luma(
                            samples[p + mode.red()] & 0xFF,
                            samples[p + mode.green()] & 0xFF,
                            samples[p + mode.blue()] & 0xFF)
                    : samples[p];
        }
        return luma;
    }

    /** Luma of every pixel as OpenCV converts RGB to grey: in 15-bit fixed point, now and then one level off Pillow's. */
    public byte[] openCvLuma() {
        byte[] luma = new byte[area()];
        int step = mode.samples();
        for (int i = 0, p = 0; i < luma.length; i++, p += step) {
            int red = samples[p + mode.red()] & 0xFF;
            int green = samples[p + mode.green()] & 0xFF;
            int blue = samples[p + mode.blue()] & 0xFF;
            luma[i] = (byte) (9798 * red + 19235 * green + 3735 * blue + 0x4000 >> 15);
        }
        return luma;
    }

    /** Luma of one pixel, 0..255, as Pillow computes it. */
    static int luma(int red, int green, int blue) {
        return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
    }
}
