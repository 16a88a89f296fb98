package io.drivetrain.trainer.schedule;

/** The trainer cannot serve; the message is one sentence for the user. */
public final class TrainerException extends Exception {
    private static final long serialVersionUID = 1L;

    public TrainerException(String message, Throwable cause) {
        super(message, cause);
    }

    public TrainerException(String message) {
        super(message);
    }
}
