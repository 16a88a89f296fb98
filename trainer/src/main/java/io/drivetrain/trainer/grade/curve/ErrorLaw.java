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
    private static final int STEPS = 60;
    private static final int HALVINGS = 40;

    /** Error at a number of samples. */
    public double at(double samples) {
        return floor + scale * Math.pow(samples, -exponent);
    }

    /**
     * The law with the least weighted sum of squares: for each exponent of a grid, floor and scale follow linearly,
     * held at 0 where they would be negative; then the grid is halved around the best.
     *
     * @param samples of each point, at least two different ones
     * @param errors of each point
     * @param variances of the errors, each above 0
     */
    public static ErrorLaw fit(double[] samples, double[] errors, double[] variances) {
        double least = Math.log(LEAST_EXPONENT);
        double most = Math.log(MOST_EXPONENT);
        double step = (most - least) / STEPS;
        ErrorLaw best = linear(samples, errors, variances, MOST_EXPONENT);
        for (int i = 0; i < STEPS; i++) {
            best = better(
                    best, linear(samples, errors, variances, Math.exp(least + i * step)), samples, errors, variances);
        }
        for (int halving = 0; halving < HALVINGS; halving++) {
            double middle = Math.log(best.exponent);
            for (double logExponent : new double[] {middle - step, middle + step}) {
                double exponent = Math.min(MOST_EXPONENT, Math.max(LEAST_EXPONENT, Math.exp(logExponent)));
                best = better(best, linear(samples, errors, variances, exponent), samples, errors, variances);
            }
            step /= 2;
        }
        return best;
    }

    private static ErrorLaw better(
            ErrorLaw one, ErrorLaw other, double[] samples, double[] errors, double[] variances) {
        return other.squares(samples, errors, variances) < one.squares(samples, errors, variances) ? other : one;
    }

    private double squares(double[] samples, double[] errors, double[] variances) {
        double squares = 0;
        for (int i = 0; i < errors.length; i++) {
            squares += Math.pow(errors[i] - at(samples[i]), 2) / variances[i];
        }
        return squares;
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
