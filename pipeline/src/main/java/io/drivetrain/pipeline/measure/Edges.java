package io.drivetrain.pipeline.measure;

/**
 * Sharpness as OpenCV's Laplacian has it: the border is reflected without its own pixel ({@code BORDER_REFLECT_101}).
 */
public final class Edges {
    private Edges() {}

    /** The 3 x 3 kernels: centre, sides and corners. */
    public enum Kernel {
        /** OpenCV's ksize 1. */
        SIDES(-4, 1, 0),
        /** OpenCV's ksize 3. */
        CORNERS(-8, 0, 2);

        private final int centre;
        private final int side;
        private final int corner;

        Kernel(int centre, int side, int corner) {
            this.centre = centre;
            this.side = side;
            this.corner = corner;
        }
    }

    /**
     * Variance of the Laplacian.
     *
     * @param samples of any unit, rows from the top, width * height of them
     */
    public static double varianceOfLaplacian(double[] samples, int width, int height, Kernel kernel) {
        double[] edges = new double[width * height];
        double sum = 0;
        for (int y = 0, i = 0; y < height; y++) {
            int above = reflect(y - 1, height) * width;
            int below = reflect(y + 1, height) * width;
            int here = y * width;
            for (int x = 0; x < width; x++, i++) {
                int left = reflect(x - 1, width);
                int right = reflect(x + 1, width);
                edges[i] = kernel.centre * samples[i]
                        + kernel.side
                                * (samples[above + x]
                                        + samples[below + x]
                                        + samples[here + left]
                                        + samples[here + right])
                        + kernel.corner
                                * (samples[above + left]
                                        + samples[above + right]
                                        + samples[below + left]
                                        + samples[below + right]);
                sum += edges[i];
            }
        }
        double mean = sum / edges.length;
        double squares = 0;
        for (double edge : edges) {
            squares += (edge - mean) * (edge - mean);
        }
        return squares / edges.length;
    }

    private static int reflect(int index, int size) {
        if (size == 1) {
            return 0;
        }
        return index < 0 ? -index : index >= size ? 2 * size - 2 - index : index;
    }
}
