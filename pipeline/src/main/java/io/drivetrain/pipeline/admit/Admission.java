package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.RejectedSample;

/** The decision about one raw record. */
public sealed interface Admission {

    /** The record is a sample. */
    record Accepted(Admitted admitted) implements Admission {}

    /** The record is not admitted, for all the reasons given. */
    record Refused(RejectedSample rejected) implements Admission {}
}
