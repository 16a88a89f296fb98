package io.drivetrain.infra.local;

/** The local stack cannot start or go on; the message is one sentence for a person. */
public final class StackException extends Exception {
    private static final long serialVersionUID = 1L;

    public StackException(String message) {
        super(message);
    }

    public StackException(String message, Throwable cause) {
        super(message, cause);
    }
}
