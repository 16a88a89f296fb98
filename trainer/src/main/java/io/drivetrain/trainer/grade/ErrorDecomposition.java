package io.drivetrain.trainer.grade;

/**
 * The error rate on test, told apart into five terms that sum to it: irreducible, avoidable bias, variance, distribution
 * shift, validation overfitting (Ng, <i>Machine Learning Yearning</i>, chapters 20 to 43; the field guide's waterfall).
 *
 * <p>Rates are in one unit, 0..1 in reports; all of one model in evaluation mode. A term can be negative.
 *
 * @param irreducible human-level or target error rate, given
 * @param train error rate on the whole train split
 * @param trainDev on SOURCE drives not trained on
 * @param testDev on TARGET drives that choices may look at
 * @param test on TARGET drives that nothing was chosen by
 */
public record ErrorDecomposition(double irreducible, double train, double trainDev, double testDev, double test) {

    public double bias() {
        return train - irreducible;
    }

    public double variance() {
        return trainDev - train;
    }

    public double shift() {
        return testDev - trainDev;
    }

    public double validationOverfitting() {
        return test - testDev;
    }

    public double of(Term term) {
        return switch (term) {
            case BIAS -> bias();
            case VARIANCE -> variance();
            case SHIFT -> shift();
            case VALIDATION_OVERFITTING -> validationOverfitting();
        };
    }

    /** The five terms added in the published order; differs from {@link #test()} by rounding alone, below 1e-12. */
    public double sum() {
        return irreducible + bias() + variance() + shift() + validationOverfitting();
    }
}
