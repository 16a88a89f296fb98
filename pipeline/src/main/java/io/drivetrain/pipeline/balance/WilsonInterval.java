package io.drivetrain.pipeline.balance;

/**
 * The score interval of a share (Wilson 1927), two-sided, 95 %.
 *
 * @param low 0..1
 * @param high 0..1
 */
public record WilsonInterval(double low, double high) {
    /** The 0.975 quantile of the standard normal distribution. */
    private static final double Z = 1.959963984540054;

    /**
     * Returns the interval.
     *
     * @param share 0..1
     * @param samples above 0; effective numbers of samples need not be whole
     */
    public static WilsonInterval of(double share, double samples) {
        if (!(share >= 0 && share <= 1 && samples > 0)) {
            throw new IllegalArgumentException(
                    "No interval for a share of %s of %s samples; a share is 0..1 and samples are above 0"
                            .formatted(share, samples));
        }
        double squares = Z * Z / samples;
        double centre = (share + squares / 2) / (1 + squares);
        double half = Z * Math.sqrt(share * (1 - share) / samples + squares / (4 * samples)) / (1 + squares);
        return new WilsonInterval(Math.max(0, centre - half), Math.min(1, centre + half));
    }
}
