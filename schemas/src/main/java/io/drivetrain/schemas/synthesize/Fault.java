package io.drivetrain.schemas.synthesize;

/** What was planted in a frame. */
public enum Fault {
    NONE,
    WRONG_LABEL,
    CORRUPT_IMAGE,
    UNKNOWN_CLASS,
    DUPLICATE,
    MISSING_LABEL
}
