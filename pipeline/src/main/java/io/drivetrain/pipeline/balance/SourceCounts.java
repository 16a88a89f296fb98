package io.drivetrain.pipeline.balance;

/**
 * Hits among samples that come in drives, with what the drives add to the variance of the rate.
 *
 * @param samples 0 or more
 * @param hits 0..samples
 * @param drives clusters with a sample
 * @param hitSquares Σ hits² over drives
 * @param cross Σ hits × samples over drives
 * @param sampleSquares Σ samples² over drives
 */
record SourceCounts(long samples, long hits, long drives, double hitSquares, double cross, double sampleSquares) {
    static final SourceCounts NONE = new SourceCounts(0, 0, 0, 0, 0, 0);

    /** One drive more. */
    SourceCounts plusDrive(long driveSamples, long driveHits) {
        return new SourceCounts(
                samples + driveSamples,
                hits + driveHits,
                drives + 1,
                hitSquares + (double) driveHits * driveHits,
                cross + (double) driveHits * driveSamples,
                sampleSquares + (double) driveSamples * driveSamples);
    }

    SourceCounts plus(SourceCounts other) {
        return new SourceCounts(
                samples + other.samples,
                hits + other.hits,
                drives + other.drives,
                hitSquares + other.hitSquares,
                cross + other.cross,
                sampleSquares + other.sampleSquares);
    }

    SourceCounts minus(SourceCounts part) {
        return new SourceCounts(
                samples - part.samples,
                hits - part.hits,
                drives - part.drives,
                hitSquares - part.hitSquares,
                cross - part.cross,
                sampleSquares - part.sampleSquares);
    }

    /** Hits over samples, 0..1; 0 without samples. */
    double rate() {
        return samples == 0 ? 0 : (double) hits / samples;
    }

    /** Σ (hits - rate × samples)² over drives. */
    private double residuals() {
        double rate = rate();
        return Math.max(0, hitSquares - 2 * rate * cross + rate * rate * sampleSquares);
    }

    private double independent() {
        return samples * rate() * (1 - rate());
    }

    /**
     * How many samples of a drive tell as much as one, at least 1: within both groups, so that a group with another
     * rate does not pass for one whose drives differ.
     */
    static double designEffect(SourceCounts one, SourceCounts others) {
        double independent = one.independent() + others.independent();
        double drives = one.drives + others.drives;
        if (independent <= 0 || drives <= 2) {
            double samples = (double) one.samples + others.samples;
            return samples == 0 ? 1 : Math.max(1, (one.sampleSquares + others.sampleSquares) / samples);
        }
        return Math.max(1, (one.residuals() + others.residuals()) / independent * drives / (drives - 2));
    }
}
