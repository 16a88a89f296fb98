package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.Domain;

/**
 * Which domain a drive belongs to: that of its first readable sample, for ever. Later samples that claim the other
 * domain are rejected, because they would put one drive into two splits.
 */
public final class DriveDomain {
    private DriveDomain() {}

    /** Returns the domain of the drive, given what it was bound to before (null if nothing) and what is claimed now. */
    public static Domain bind(Domain before, Domain claimed) {
        return before == null ? claimed : before;
    }
}
