package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.MetricDecomposition;
import io.drivetrain.schemas.SplitQuality;
import io.drivetrain.schemas.SplitResult;
import java.util.List;
import java.util.Optional;

/**
 * The graded part of a training report.
 *
 * @param splits train, train-dev, test-dev, test, in this order
 * @param decomposition empty when a split is empty
 * @param dominant the largest positive term that is distinguishable from zero
 * @param distinguishable the terms whose interval excludes zero, in the order of the decomposition
 * @param notEnoughData one sentence for each split or term that has too little data
 * @param verdict two or three sentences: what dominates and what to do next
 * @param metrics the decomposition by each further metric that was asked for
 * @param quality calibration and the figures of each class, of the splits that have samples; empty without probabilities
 */
public record Grade(
        List<SplitResult> splits,
        Optional<Decomposition> decomposition,
        Optional<Term> dominant,
        List<Term> distinguishable,
        List<String> notEnoughData,
        String verdict,
        List<MetricDecomposition> metrics,
        List<SplitQuality> quality) {
    public Grade {
        splits = List.copyOf(splits);
        distinguishable = List.copyOf(distinguishable);
        notEnoughData = List.copyOf(notEnoughData);
        metrics = List.copyOf(metrics);
        quality = List.copyOf(quality);
    }
}
