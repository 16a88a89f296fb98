package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.Split;
import java.util.Optional;

/** Values with intervals, as reports hold them. */
final class Estimates {
    private Estimates() {}

    static Estimate of(double value, Optional<Interval> interval) {
        return new Estimate(
                value,
                interval.map(Interval::low).orElse(null),
                interval.map(Interval::high).orElse(null));
    }

    static Decomposition decomposition(ErrorDecomposition decomposition, ClusterBootstrap.Intervals intervals) {
        return new Decomposition(
                of(decomposition.test(), intervals.of(Split.TEST)),
                of(decomposition.irreducible(), Optional.empty()),
                of(decomposition.bias(), intervals.of(Term.BIAS)),
                of(decomposition.variance(), intervals.of(Term.VARIANCE)),
                of(decomposition.shift(), intervals.of(Term.SHIFT)),
                of(decomposition.validationOverfitting(), intervals.of(Term.VALIDATION_OVERFITTING)));
    }
}
