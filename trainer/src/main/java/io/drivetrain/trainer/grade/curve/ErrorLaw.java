package io.drivetrain.trainer.grade.curve;

/**
 * Error as a power law of the number of training samples (Hestness et al., <i>Deep Learning Scaling is Predictable,
 * Empirically</i>, 2017): {@code floor + scale · samples^−exponent}.
 *
 * @param floor what no number of samples goes below, at least 0
 * @param scale at least 0
 * @param exponent above 0, at most 2
 */
public record ErrorLaw(double floor, double scale, double exponent) {
    private static final double LEAST_EXPONENT = 0.01;
    private static final double MOST_EXPONENT = 2;
    private static final int STEPS = 400;

    /** Error at a number of samples. */
    public double at(double samples) {
        return floor + scale * Math.pow(samples, -exponent);
    }

    /**
     * The law with the least weighted sum of squares: for each exponent of a grid, floor and scale follow linearly,
     * held at 0 where they would be negative.
     *
     * @param samples of each point, at least two different ones
     * @param errors of each point
     * @param variances of the errors, each above 0
     */
    public static ErrorLaw fit(double[] samples, double[] errors, double[] variances) {
        ErrorLaw best = null;
        double least = Double.POSITIVE_INFINITY;
        for (int step = 0; step <= STEPS; step++) {
            double exponent = LEAST_EXPONENT * Math.pow(MOST_EXPONENT / LEAST_EXPONENT, step / (double) STEPS);
            ErrorLaw law = linear(samples, errors, variances, exponent);
            double squares = 0;
            for (int i = 0; i < errors.length; i++) {
                double difference = errors[i] - law.at(samples[i]);
                squares += difference * difference / variances[i];
            }
            if (squares < least) {
                least = squares;
                best = law;
            }
        }
        return best;
    }

    private static ErrorLaw linear(double[] samples, double[] errors, double[] variances, double exponent) {
        // In units of the largest set, so that the sums are of one magnitude for every exponent.
        double largest = 0;
        for (double n : samples) {
            largest = Math.max(largest, n);
        }
        double w = 0;
        double wx = 0;
        double wxx = 0;
        double wy = 0;
        double wxy = 0;
        for (int i = 0; i < errors.length; i++) {
            double weight = 1 / variances[i];
            double x = Math.pow(samples[i] / largest, -exponent);
            w += weight;
            wx += weight * x;
            wxx += weight * x * x;
            wy += weight * errors[i];
            wxy += weight * x * errors[i];
        }
        double determinant = w * wxx - wx * wx;
        double excess = determinant > 0 ? (w * wxy - wx * wy) / determinant : 0;
        double floor = (wy - excess * wx) / w;
        if (excess < 0) {
            excess = 0;
            floor = wy / w;
        } else if (floor < 0) {
            floor = 0;
            excess = Math.max(0, wxy / wxx);
        }
        return new ErrorLaw(floor, excess * Math.pow(largest, exponent), exponent);
    }
}
