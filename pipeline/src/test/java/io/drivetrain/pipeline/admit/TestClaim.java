package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Violation;
import java.util.List;
import java.util.Map;

/** Builds a clean claim of drive "drive", in train, with one image for all. */
final class TestClaim {
    private final String id;
    private final int frame;
    private String run = "run";
    private String drive = "drive";
    private long annotations = 7;
    private String place;
    private long capturedAt;
    private Domain domain = Domain.SOURCE;
    private String label = "pedestrian";
    private String labelSource = "annotator";
    private int labelRevision;
    private Map<String, String> attributes = Map.of();
    private String sha256 = "11";
    private String perceptualHash = "0123456789abcdef";
    private Split split = Split.TRAIN;
    private List<Violation> violations = List.of();

    TestClaim(String id, int frame) {
        this.id = id;
        this.frame = frame;
        place = "samples.raw-0@" + frame;
        capturedAt = 1000L * frame;
    }

    TestClaim run(String value) {
        run = value;
        return this;
    }

    TestClaim drive(String value) {
        drive = value;
        return this;
    }

    TestClaim annotations(long value) {
        annotations = value;
        return this;
    }

    TestClaim place(String value) {
        place = value;
        return this;
    }

    TestClaim capturedAt(long value) {
        capturedAt = value;
        return this;
    }

    TestClaim domain(Domain value) {
        domain = value;
        return this;
    }

    TestClaim label(String value) {
        label = value;
        return this;
    }

    TestClaim labelSource(String value) {
        labelSource = value;
        return this;
    }

    TestClaim labelRevision(int value) {
        labelRevision = value;
        return this;
    }

    TestClaim attributes(Map<String, String> value) {
        attributes = value;
        return this;
    }

    TestClaim sha256(String value) {
        sha256 = value;
        return this;
    }

    TestClaim hash(long value) {
        perceptualHash = "%016x".formatted(value);
        return this;
    }

    TestClaim flat() {
        perceptualHash = null;
        return this;
    }

    TestClaim split(Split value) {
        split = value;
        return this;
    }

    TestClaim violated() {
        violations = List.of(new Violation("conflicting-labels", "label", label, "planned"));
        return this;
    }

    Claim build() {
        return new Claim(
                0,
                run,
                place,
                id,
                drive,
                frame,
                capturedAt,
                domain,
                label,
                labelSource,
                labelRevision,
                attributes,
                sha256,
                annotations,
                perceptualHash,
                split,
                null,
                violations,
                List.of(),
                null,
                null,
                false);
    }
}
