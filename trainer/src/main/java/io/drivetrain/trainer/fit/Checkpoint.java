package io.drivetrain.trainer.fit;

import java.util.List;

/**
 * Where a fit stands, beside its weights and the state of its optimiser. Everything random is a function of the seed and
 * of these numbers, so that going on from here gives the bits of a fit that was never interrupted.
 *
 * @param request fingerprint of what is fitted to what, as {@link RequestFingerprint} gives it
 * @param epochs that are complete
 * @param batches of the next epoch that are done
 * @param lossSum of those batches, each times its size
 * @param bestEpoch 0 before the first is complete
 * @param best result of that epoch; null before the first is complete
 * @param decidingBest the same with the class weights that decide which epoch is the best
 * @param seconds that the fit has taken so far
 * @param history of the complete epochs
 */
record Checkpoint(
        String request,
        int epochs,
        int batches,
        double lossSum,
        int bestEpoch,
        Evaluation best,
        Evaluation decidingBest,
        double seconds,
        List<EpochProgress> history) {
    static Checkpoint beginning(String request) {
        return new Checkpoint(request, 0, 0, 0, 0, null, null, 0, List.of());
    }
}
