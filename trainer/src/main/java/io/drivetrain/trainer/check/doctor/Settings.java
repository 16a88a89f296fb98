package io.drivetrain.trainer.check.doctor;

/**
 * How thoroughly to examine. Limits are counts of work, not seconds, so that the same patient gets the same findings on
 * a slow machine.
 *
 * @param seed of everything random
 * @param scanned most samples of a split whose inputs and labels are looked at
 * @param compared most samples of a split whose pixels are compared with other splits
 * @param multiplications of the overfitting of one batch; with the network's size they give the size of the batch and the number of updates
 */
public record Settings(long seed, int scanned, int compared, double multiplications) {
    /** Seconds on two cores: the fewest with LeNet, most of them with ResNet-101. */
    public static Settings standard(long seed) {
        return new Settings(seed, 600, 1500, 2.5e11);
    }

    public Settings {
        if (scanned < 1 || compared < 1 || !(multiplications > 0)) {
            throw new IllegalArgumentException(
                    "Cannot examine with %d scanned, %d compared samples and %s multiplications: each must be above 0"
                            .formatted(scanned, compared, multiplications));
        }
    }
}
