package io.drivetrain.pipeline.route;

/** What became of a transaction whose commit the broker has refused. */
enum CommitFate {
    /** Its records can be read. */
    COMMITTED,
    /** Its records will never be read, or nobody knows. */
    LOST,
    /** The broker is about to end it, so it is asked again. */
    UNDECIDED;

    /** In place of a state: the broker forgets a transactional id after transactional.id.expiration.ms. */
    static final String FORGOTTEN = "that it has forgotten the transaction";

    /**
     * Judges by the state that the broker names. Transactional ids end with the checkpoint's number, so that a state says
     * something about that very transaction.
     *
     * <p>{@code Empty} is the state after a producer has asked for another epoch. The client that commits for a job that was
     * restarted asks at once behind the commit, as it changes to transactions of version 2 (KIP-890): one epoch more than
     * the transaction's, then. A transaction that was aborted has cost an epoch before, when it was fenced.
     *
     * @param epochs by how many the producer's epoch has grown since; negative if that is of another producer
     */
    static CommitFate of(String state, int epochs) {
        return switch (state) {
            case "CompleteCommit", "PrepareCommit" -> COMMITTED;
            case "PrepareAbort", "PrepareEpochFence" -> UNDECIDED;
            case "Empty" -> epochs == 1 ? COMMITTED : LOST;
            default -> LOST;
        };
    }
}
