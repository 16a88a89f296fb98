package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.LabeledSample;

/** Whether sample, drive and frame are named so that state, keys and file names can be built on them. */
final class IdentityRules {
    static final int MOST_CHARACTERS = 512;

    private IdentityRules() {}

    static void check(LabeledSample sample, Findings findings) {
        id(ViolationCode.MISSING_SAMPLE_ID, "sampleId", "sample id", sample.getSampleId(), findings);
        id(ViolationCode.MISSING_DRIVE_ID, "driveId", "drive id", sample.getDriveId(), findings);
        if (sample.getFrameIndex() < 0) {
            findings.add(
                    ViolationCode.FRAME_ORDER_BROKEN,
                    "frameIndex",
                    Integer.toString(sample.getFrameIndex()),
                    "Sample %s has the frame index %d; number the frames of a drive from 0 in the order of capture"
                            .formatted(Findings.shown(sample.getSampleId()), sample.getFrameIndex()));
        }
    }

    private static void id(ViolationCode code, String field, String what, String id, Findings findings) {
        String problem = problem(id);
        if (problem != null) {
            findings.add(
                    code,
                    field,
                    id,
                    "The %s '%s' %s; give it 1 to %d printable characters"
                            .formatted(what, Findings.shown(id), problem, MOST_CHARACTERS));
        }
    }

    private static String problem(String id) {
        if (id.isBlank()) {
            return "is blank";
        }
        if (id.length() > MOST_CHARACTERS) {
            return "has %d characters".formatted(id.length());
        }
        return id.chars().anyMatch(Character::isISOControl) ? "holds control characters" : null;
    }
}
