package io.drivetrain.pipeline.split;

import io.drivetrain.schemas.Domain;
import java.time.Instant;
import java.util.Objects;

/**
 * What the deal of a drive depends on. It has to be the same for every frame of the drive: the drive stage takes it from
 * the first frame that it binds, and never asks again.
 *
 * @param start capture time of the frame that binds the drive
 * @param place where the drive begins, as {@link Places} writes it; empty if nothing is known
 */
public record DriveFacts(String driveId, Domain domain, Instant start, String place) {
    public DriveFacts {
        Objects.requireNonNull(driveId, "driveId");
        Objects.requireNonNull(domain, "domain");
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(place, "place; give an empty text if it is not known");
    }
}
