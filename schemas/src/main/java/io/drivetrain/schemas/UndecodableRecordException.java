package io.drivetrain.schemas;

/** Bytes that are not the record that was expected; the message says why and is fit for a violation. */
public final class UndecodableRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    public UndecodableRecordException(String message, Throwable cause) {
        super(message, cause);
    }

    public UndecodableRecordException(String message) {
        super(message);
    }
}
