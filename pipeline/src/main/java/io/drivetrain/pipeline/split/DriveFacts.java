package io.drivetrain.pipeline.split;

import io.drivetrain.schemas.Domain;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;

/**
 * What the deal of a drive depends on. It has to be the same for every frame of the drive: the drive stage takes it from
 * the first frame that it binds. Where the frames say themselves when and where their drive began, it does not matter
 * which of them comes first.
 *
 * @param start when the drive began; if it does not say so, capture time of the frame that binds it
 * @param place where the drive begins, as {@link Places} writes it; empty if nothing is known
 */
public record DriveFacts(String driveId, Domain domain, Instant start, String place) {
    /** The attribute of a frame that says when its drive began, a time in UTC. */
    public static final String STARTED_AT = Places.OF_DRIVE + "started-at";

    /** Longer than any drive; a frame that says it is later than this in its drive says something wrong. */
    private static final Duration LONGEST = Duration.ofDays(30);

    public DriveFacts {
        Objects.requireNonNull(driveId, "driveId");
        Objects.requireNonNull(domain, "domain");
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(place, "place; give an empty text if it is not known");
    }

    /**
     * What a frame says of its drive.
     *
     * @param capturedAt of the frame
     */
    public static DriveFacts of(
            String driveId, Domain domain, Instant capturedAt, Map<String, String> attributes, Places places) {
        return new DriveFacts(driveId, domain, start(capturedAt, attributes.get(STARTED_AT)), places.of(attributes));
    }

    /** A start that is no time, after the frame or very long before it is none. */
    private static Instant start(Instant capturedAt, String startedAt) {
        if (startedAt == null) {
            return capturedAt;
        }
        try {
            Instant start = Instant.parse(startedAt.strip()).truncatedTo(ChronoUnit.MILLIS);
            return start.isAfter(capturedAt) || start.isBefore(capturedAt.minus(LONGEST)) ? capturedAt : start;
        } catch (DateTimeParseException e) {
            return capturedAt;
        }
    }
}
