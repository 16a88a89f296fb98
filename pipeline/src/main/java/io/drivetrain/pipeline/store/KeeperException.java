package io.drivetrain.pipeline.store;

/** A command on the snapshots cannot be done; the message is one sentence that says what, where and what to do. */
final class KeeperException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private KeeperException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** The state of things does not allow it: exit code 1. */
    static KeeperException failed(String message) {
        return new KeeperException(1, message);
    }

    /** It was asked in the wrong way: exit code 2. */
    static KeeperException wrongUsage(String message) {
        return new KeeperException(2, message);
    }

    int exitCode() {
        return exitCode;
    }
}
