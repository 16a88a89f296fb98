package io.drivetrain.pipeline.admit;

import java.util.Locale;

/** Why a sample is not admitted; codes are stable, new ones may come. */
public enum ViolationCode {
    UNDECODABLE_RECORD,
    MISSING_IMAGE,
    UNDECODABLE_IMAGE,
    DIMENSIONS_OUT_OF_LIMITS,
    MISSING_LABEL,
    UNKNOWN_CLASS,
    DUPLICATE_SAMPLE_ID,
    DRIVE_IN_TWO_DOMAINS;

    /** The code as records carry it: {@code undecodable-image}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
