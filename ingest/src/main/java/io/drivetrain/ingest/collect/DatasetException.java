package io.drivetrain.ingest.collect;

/** A data set that cannot be read at all; the message is one sentence for the user. */
public final class DatasetException extends Exception {
    private static final long serialVersionUID = 1L;

    public DatasetException(String message) {
        super(message);
    }

    public DatasetException(String message, Throwable cause) {
        super(message, cause);
    }
}
