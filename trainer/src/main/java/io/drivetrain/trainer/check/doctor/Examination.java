package io.drivetrain.trainer.check.doctor;

import io.drivetrain.schemas.DoctorFinding;
import java.util.List;
import java.util.Optional;

/**
 * What the doctor found.
 *
 * @param findings failed ones first, the most probable cause first of all, then those that passed
 * @param skipped one sentence for each part of the examination that made no sense after what had been found, or for
 *     which there was too little data
 */
public record Examination(List<DoctorFinding> findings, List<String> skipped) {
    public Examination {
        findings = List.copyOf(findings);
        skipped = List.copyOf(skipped);
    }

    /** Whether no finding failed. */
    public boolean healthy() {
        return primary().isEmpty();
    }

    /** The failed finding to look at first: what comes earlier on the way from sample to weight explains what is later. */
    public Optional<DoctorFinding> primary() {
        return findings.stream().filter(DoctorFinding::getFailed).findFirst();
    }

    /** The failed findings in order. */
    public List<DoctorFinding> failed() {
        return findings.stream().filter(DoctorFinding::getFailed).toList();
    }
}
