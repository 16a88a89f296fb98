package io.drivetrain.infra.local;

import java.util.Optional;

/**
 * What the Flink process tells its supervisor of a job that it goes on with, as a line of its output.
 *
 * @param about the job; what is told later of the same takes its place
 * @param good whether a trouble is over
 */
record JobNotice(String about, boolean good, String sentence) {
    /** The line without the word that it begins with. */
    String line() {
        return "%s %s %s".formatted(about, good ? "+" : "-", sentence.replaceAll("\\s+", " "));
    }

    /** Reads {@link #line}; empty if it is none. */
    static Optional<JobNotice> parse(String line) {
        String[] parts = line.split(" ", 3);
        return parts.length == 3 && (parts[1].equals("+") || parts[1].equals("-"))
                ? Optional.of(new JobNotice(parts[0], parts[1].equals("+"), parts[2]))
                : Optional.empty();
    }
}
