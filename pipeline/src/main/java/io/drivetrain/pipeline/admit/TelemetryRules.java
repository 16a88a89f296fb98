package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.LabeledSample;
import java.util.Map;
import java.util.TreeMap;

/** Whether what the car measured are numbers that a network can read. */
final class TelemetryRules {
    private static final int MOST_NUMBERS = 100;

    private TelemetryRules() {}

    static void check(LabeledSample sample, Findings findings) {
        Map<String, Double> telemetry = sample.getTelemetry();
        String id = Findings.shown(sample.getSampleId());
        if (telemetry.size() > MOST_NUMBERS) {
            findings.add(
                    ViolationCode.RECORD_TOO_LARGE,
                    "telemetry",
                    telemetry.size() + " numbers",
                    "Sample %s has %d numbers of telemetry, at most %d are admitted; keep those that networks read"
                            .formatted(id, telemetry.size(), MOST_NUMBERS));
            return;
        }
        // In alphabetical order, so that the same record gets the same violations everywhere.
        new TreeMap<>(telemetry).forEach((name, value) -> check(name, value, id, findings));
    }

    private static void check(String name, double value, String id, Findings findings) {
        if (name.length() > IdentityRules.MOST_CHARACTERS) {
            findings.add(
                    ViolationCode.RECORD_TOO_LARGE,
                    "telemetry." + name,
                    name,
                    "A name in the telemetry of sample %s has %d characters, at most %d are admitted; shorten it"
                            .formatted(id, name.length(), IdentityRules.MOST_CHARACTERS));
        } else if (!Double.isFinite(value)) {
            findings.add(
                    ViolationCode.TELEMETRY_NOT_FINITE,
                    "telemetry." + name,
                    Double.toString(value),
                    "The %s of sample %s is %s; leave it out where it was not measured, and correct the tool that wrote it"
                            .formatted(Findings.shown(name), id, value));
        }
    }
}
