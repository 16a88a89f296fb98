package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabeledSample;
import java.time.Duration;
import java.time.Instant;

/** Whether the capture time can be true. */
final class TimeRules {
    private final Duration maxSkew;
    private final Duration maxAge;

    TimeRules(DrivetrainConfig.Admission limits) {
        maxSkew = limits.maxClockSkew();
        maxAge = limits.maxAge();
    }

    /** Checks the capture time against the time of curation. */
    void check(LabeledSample sample, Instant now, Findings findings) {
        Instant captured = sample.getCapturedAt();
        String id = Findings.shown(sample.getSampleId());
        if (captured.toEpochMilli() <= 0) {
            findings.add(
                    ViolationCode.CAPTURE_TIME_MISSING,
                    "capturedAt",
                    captured.toString(),
                    "Sample %s has the capture time %s, which no camera had; send the time of capture"
                            .formatted(id, captured));
        } else if (captured.isAfter(now.plus(maxSkew))) {
            findings.add(
                    ViolationCode.CAPTURE_TIME_IN_FUTURE,
                    "capturedAt",
                    captured.toString(),
                    "Sample %s was captured at %s, later than now, %s, by more than admission.max-clock-skew of %s; set the car's clock and correct the times"
                            .formatted(id, captured, now, maxSkew));
        } else if (!maxAge.isZero() && captured.isBefore(now.minus(maxAge))) {
            findings.add(
                    ViolationCode.CAPTURE_TIME_TOO_OLD,
                    "capturedAt",
                    captured.toString(),
                    "Sample %s was captured at %s, longer ago than admission.max-age of %s; raise it if old images are wanted"
                            .formatted(id, captured, inDays(maxAge)));
        }
    }

    /** As the configuration has it: Java itself writes a year as PT8760H. */
    private static String inDays(Duration duration) {
        long days = duration.toDays();
        return duration.equals(Duration.ofDays(days)) ? "P%dD".formatted(days) : duration.toString();
    }
}
