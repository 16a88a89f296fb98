package io.drivetrain.trainer.improve.augment;

/** Gaussian blur, separable, with the edge pixels repeated outside. */
final class Blur {
    private static final double REACH_IN_DEVIATIONS = 2.5;

    private Blur() {}

    /**
     * Blurs an image.
     *
     * @param deviation standard deviation in pixels; below a quarter of a pixel nothing happens
     */
    static Image gaussian(Image image, double deviation) {
        Image result = image.blank();
        int plane = image.height() * image.width();
        float[] values = new float[plane];
        for (int channel = 0; channel < image.channels(); channel++) {
            for (int i = 0; i < plane; i++) {
                values[i] = image.values()[channel * plane + i] & 0xff;
            }
            float[] blurred = gaussian(values, image.height(), image.width(), deviation, deviation);
            for (int i = 0; i < plane; i++) {
                result.values()[channel * plane + i] = Image.toByte(blurred[i]);
            }
        }
        return result;
    }

    /** Blurs one plane, with a deviation for each direction. */
    static float[] gaussian(float[] plane, int height, int width, double vertical, double horizontal) {
        float[] byRow = along(plane, kernel(horizontal), height, width, width, 1);
        return along(byRow, kernel(vertical), width, height, 1, width);
    }

    /** @param lines rows or columns, each {@code length} values that are {@code step} apart */
    private static float[] along(float[] plane, float[] kernel, int lines, int length, int lineStep, int step) {
        int reach = kernel.length / 2;
        if (reach == 0) {
            return plane;
        }
        float[] result = new float[plane.length];
        for (int line = 0; line < lines; line++) {
            int begin = line * lineStep;
            for (int i = 0; i < length; i++) {
                float sum = 0;
                for (int k = -reach; k <= reach; k++) {
                    int source = Math.max(0, Math.min(length - 1, i + k));
                    sum += kernel[reach + k] * plane[begin + source * step];
                }
                result[begin + i * step] = sum;
            }
        }
        return result;
    }

    private static float[] kernel(double deviation) {
        if (deviation < 0.25) {
            return new float[] {1};
        }
        int reach = (int) Math.ceil(REACH_IN_DEVIATIONS * deviation);
        float[] kernel = new float[2 * reach + 1];
        float sum = 0;
        for (int k = -reach; k <= reach; k++) {
            kernel[reach + k] = (float) Math.exp(-k * k / (2 * deviation * deviation));
            sum += kernel[reach + k];
        }
        for (int k = 0; k < kernel.length; k++) {
            kernel[k] /= sum;
        }
        return kernel;
    }
}
