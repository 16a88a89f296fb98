package io.drivetrain.infra.cli;

import io.drivetrain.infra.cli.replay.RejectionFilter;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** Which rejected samples a command is about. */
final class RejectionOptions {
    @Option(names = "--code", paramLabel = "CODE", description = "Only with this violation; repeatable.")
    private Set<String> codes = new LinkedHashSet<>();

    @Option(names = "--drive", paramLabel = "ID", description = "Only of this drive.")
    private String drive;

    @Option(names = "--sample", paramLabel = "ID", description = "Only with this sample id.")
    private String sample;

    @Option(names = "--since", paramLabel = "TIME", description = "Rejected then or later, as 2026-11-01T08:00:00Z.")
    private Instant since;

    @Option(names = "--until", paramLabel = "TIME", description = "Rejected before then.")
    private Instant until;

    @Option(
            names = "--origin",
            paramLabel = "PLACE",
            description = "Only the record from this place, as samples.raw-3@42.")
    private String origin;

    RejectionFilter filter() {
        return new RejectionFilter(
                codes,
                Optional.ofNullable(drive),
                Optional.ofNullable(sample),
                Optional.ofNullable(since),
                Optional.ofNullable(until),
                Optional.ofNullable(origin));
    }
}
