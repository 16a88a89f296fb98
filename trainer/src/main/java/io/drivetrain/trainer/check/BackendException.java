package io.drivetrain.trainer.check;

/** This machine or build cannot train as asked; the message is meant for the user. */
public final class BackendException extends Exception {
    private static final long serialVersionUID = 1L;

    public BackendException(String message) {
        super(message);
    }

    public BackendException(String message, Throwable cause) {
        super(message, cause);
    }
}
