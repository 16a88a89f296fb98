package io.drivetrain.infra.cli.show;

import io.drivetrain.schemas.CollectionRequest;
import io.drivetrain.schemas.Domain;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What kind of drives is missing. */
public final class CollectionTable {
    private CollectionTable() {}

    /** The requests in the order given, each with its reason. */
    public static List<String> lines(Terminal terminal, List<CollectionRequest> requests) {
        List<String> lines = new ArrayList<>();
        for (CollectionRequest request : requests) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %,d more drives of %s, %s",
                    request.getDrives(),
                    terminal.bold(request.getSlice()),
                    purpose(request.getDomain())));
            lines.add("    expected gain: " + gain(request));
            lines.addAll(terminal.wrapped(request.getReason(), 4));
        }
        return lines;
    }

    /** Who must do without a figure still learns the most that there is to gain. */
    private static String gain(CollectionRequest request) {
        if (request.getExpectedGain() != null) {
            return "%s percentage points of test-dev error".formatted(Figures.points(request.getExpectedGain()));
        }
        if (request.getMostGain() != null) {
            return "not known, at most %s points of test-dev error".formatted(Figures.points(request.getMostGain()));
        }
        return switch (request.getDomain()) {
            case SOURCE -> "not known, no measurement supports a figure";
            case TARGET -> "none, they show whether the slice is worth fixing";
        };
    }

    private static String purpose(Domain domain) {
        return switch (domain) {
            case SOURCE -> "to train on";
            case TARGET -> "to measure with";
        };
    }
}
