package io.drivetrain.schemas.synthesize;

/**
 * Shares of frames with a planted fault, each 0..1; no frame has two.
 *
 * @param wrongLabels the other class is given
 * @param corruptImages truncated, random bytes, or text in place of the image
 * @param unknownClasses a class that the task does not have
 * @param duplicates the sample is sent a second time
 * @param missingLabels no label is given
 */
public record FaultShares(
        double wrongLabels, double corruptImages, double unknownClasses, double duplicates, double missingLabels) {
    /** What the demo plants. */
    public static final FaultShares DEFAULT = new FaultShares(0.02, 0.01, 0.005, 0.005, 0.003);
    /** A clean stream. */
    public static final FaultShares NONE = new FaultShares(0, 0, 0, 0, 0);

    public FaultShares {
        for (double share : new double[] {wrongLabels, corruptImages, unknownClasses, duplicates, missingLabels}) {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("A share of faults is %s; give 0 to 1".formatted(share));
            }
        }
    }

    /** The fault of a frame whose uniform random number is u in 0..1. */
    Fault at(double u) {
        double[] shares = {wrongLabels, corruptImages, unknownClasses, duplicates, missingLabels};
        Fault[] faults = {
            Fault.WRONG_LABEL, Fault.CORRUPT_IMAGE, Fault.UNKNOWN_CLASS, Fault.DUPLICATE, Fault.MISSING_LABEL
        };
        double edge = 0;
        for (int i = 0; i < shares.length; i++) {
            edge += shares[i];
            if (u < edge) {
                return faults[i];
            }
        }
        return Fault.NONE;
    }
}
