package io.drivetrain.schemas;

/** Bytes that are not the record that was expected; the message says why and is fit for a violation. */
public final class UndecodableRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What kind of bytes they are. */
    public enum Kind {
        /** Nothing of ours, another record of ours, or one of ours that is damaged. */
        NO_SUCH_RECORD,
        /** A record in our encoding whose writer's schema is not known here; a later version may read it. */
        UNKNOWN_SCHEMA
    }

    private final Kind kind;

    public UndecodableRecordException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public UndecodableRecordException(String message, Throwable cause) {
        this(Kind.NO_SUCH_RECORD, message, cause);
    }

    public UndecodableRecordException(String message) {
        this(message, null);
    }

    /** What kind of bytes they are. */
    public Kind kind() {
        return kind;
    }
}
