package io.drivetrain.trainer.check.doctor;

/**
 * Least-squares line through pairs of numbers.
 *
 * @param slope of y over x
 * @param intercept of y at x = 0
 * @param determination share of the variance of y that the line explains, 0 to 1; NaN where x or y never varies
 */
record Affine(double slope, double intercept, double determination) {
    double at(double x) {
        return slope * x + intercept;
    }

    /** Sums of pairs, from which a line follows. */
    static final class Sums {
        private double count;
        private double x;
        private double y;
        private double xx;
        private double xy;
        private double yy;

        void add(double oneX, double oneY) {
            count++;
            x += oneX;
            y += oneY;
            xx += oneX * oneX;
            xy += oneX * oneY;
            yy += oneY * oneY;
        }

        void add(Sums other) {
            count += other.count;
            x += other.x;
            y += other.y;
            xx += other.xx;
            xy += other.xy;
            yy += other.yy;
        }

        double count() {
            return count;
        }

        double meanX() {
            return x / count;
        }

        /** Whether x does, beyond the rest that sums of floats leave. */
        boolean varies() {
            return !Double.isNaN(line().determination()) || deviationX() > 1e-4 * (1 + Math.abs(meanX()));
        }

        double deviationX() {
            return Math.sqrt(Math.max(0, xx / count - x / count * (x / count)));
        }

        double meanY() {
            return y / count;
        }

        double deviationY() {
            return Math.sqrt(Math.max(0, yy / count - meanY() * meanY()));
        }

        Affine line() {
            double varianceX = xx / count - x / count * (x / count);
            double varianceY = yy / count - y / count * (y / count);
            double covariance = xy / count - x / count * (y / count);
            // Relative to the squares, since sums of floats leave a rest.
            if (varianceX <= 1e-9 * (1 + xx / count) || varianceY <= 1e-12 * (1 + yy / count)) {
                return new Affine(0, y / count, Double.NaN);
            }
            double slope = covariance / varianceX;
            return new Affine(
                    slope, (y - slope * x) / count, Math.min(1, covariance * covariance / (varianceX * varianceY)));
        }
    }
}
