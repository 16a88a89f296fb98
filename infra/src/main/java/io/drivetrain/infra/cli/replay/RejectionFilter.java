package io.drivetrain.infra.cli.replay;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Which rejected samples a command is about; what is empty leaves all in.
 *
 * @param codes of violations, any of which a sample must have
 * @param since rejected at or after
 * @param until rejected before
 * @param place of the raw record, as {@code topic-partition@offset}
 */
public record RejectionFilter(
        Set<String> codes,
        Optional<String> drive,
        Optional<String> sample,
        Optional<Instant> since,
        Optional<Instant> until,
        Optional<String> place) {

    public boolean takes(Rejection rejection) {
        Instant at = rejection.sample().getRejectedAt();
        return (codes.isEmpty() || rejection.codes().stream().anyMatch(codes::contains))
                && (drive.isEmpty() || drive.get().equals(rejection.sample().getDriveId()))
                && (sample.isEmpty() || sample.get().equals(rejection.sample().getSampleId()))
                && (since.isEmpty() || !at.isBefore(since.get()))
                && (until.isEmpty() || at.isBefore(until.get()))
                && (place.isEmpty() || place.get().equals(rejection.place()));
    }
}
