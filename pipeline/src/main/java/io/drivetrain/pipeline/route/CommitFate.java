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
     */
    static CommitFate of(String state) {
        return switch (state) {
            case "CompleteCommit", "PrepareCommit" -> COMMITTED;
            case "PrepareAbort", "PrepareEpochFence" -> UNDECIDED;
            default -> LOST;
        };
    }
}
