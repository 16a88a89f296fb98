package io.drivetrain.schemas;

import java.util.List;

/** Which keys a request may change for its own run: what decides weights and report, and nothing about a machine. */
public final class RequestKeys {
    /** Sections, each with a dot at its end, and single keys. */
    public static final List<String> CHANGEABLE =
            List.of("training.", "image.", "improve.", "analysis.", "balance.beta", "classes");

    /** Keys of those sections that are about the trainer's machine. */
    public static final List<String> FIXED = List.of("training.directory", "training.threads");

    private static final String ANALYSIS = "analysis.";

    private RequestKeys() {}

    /** Whether a request may change the key and other weights come of it; what only asks for more in the report does not. */
    public static boolean decidesWeights(String key) {
        return changeable(key) && !key.startsWith(ANALYSIS);
    }

    /** Whether a request may change the key. */
    public static boolean changeable(String key) {
        return CHANGEABLE.stream()
                        .anyMatch(prefix -> prefix.endsWith(".") ? key.startsWith(prefix) : key.equals(prefix))
                && !FIXED.contains(key);
    }
}
