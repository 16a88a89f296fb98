package io.drivetrain.trainer.assemble;

/** The shards on disk cannot be written or read; the message is one sentence that says where and what to do. */
public final class ShardException extends Exception {
    private static final long serialVersionUID = 1L;

    public ShardException(String message, Throwable cause) {
        super(message, cause);
    }

    public ShardException(String message) {
        super(message);
    }
}
