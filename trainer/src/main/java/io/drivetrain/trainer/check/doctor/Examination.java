package io.drivetrain.trainer.check.doctor;

import io.drivetrain.schemas.DoctorFinding;
import java.util.List;
import java.util.Optional;

/**
 * What the doctor found.
 *
 * @param findings failed ones first, the most probable cause first of all, then those that passed
 * @param ofRecipe those of the findings that come of network, loss and updates and hardly of the samples; empty where
 *     this part was not examined
 * @param skipped one sentence for each part of the examination that made no sense after what had been found, or for
 *     which there was too little data
 */
public record Examination(List<DoctorFinding> findings, List<DoctorFinding> ofRecipe, List<String> skipped) {
    public Examination {
        findings = List.copyOf(findings);
        ofRecipe = List.copyOf(ofRecipe);
        skipped = List.copyOf(skipped);
    }

    /** Without findings about the recipe. */
    public Examination(List<DoctorFinding> findings, List<String> skipped) {
        this(findings, List.of(), skipped);
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
