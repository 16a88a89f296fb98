package io.drivetrain.trainer.check.doctor;

import io.drivetrain.schemas.DoctorFinding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Collects the outcomes of checks. */
final class Findings {
    private record Entry(Ailment ailment, DoctorFinding finding) {}

    private final List<Entry> entries = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private int ofData = Integer.MAX_VALUE;

    /**
     * @param subject layer, split, class or sample; empty for the whole
     * @param score 0 to 1, 1 is healthy
     * @param evidence a sentence with figures, in the format of {@link String#format}
     */
    void failed(Ailment ailment, String subject, double score, String evidence, Object... arguments) {
        add(ailment, subject, score, true, evidence, arguments);
    }

    void passed(Ailment ailment, String subject, double score, String evidence, Object... arguments) {
        add(ailment, subject, score, false, evidence, arguments);
    }

    void skipped(String sentence, Object... arguments) {
        skipped.add(String.format(Locale.ROOT, sentence, arguments));
    }

    private void add(
            Ailment ailment, String subject, double score, boolean failed, String evidence, Object... arguments) {
        double bounded = Double.isNaN(score) ? 0 : Math.max(0, Math.min(1, score));
        entries.add(new Entry(
                ailment,
                DoctorFinding.newBuilder()
                        .setCheck(ailment.title())
                        .setSubject(subject)
                        .setScore(bounded)
                        .setFailed(failed)
                        .setEvidence(String.format(Locale.ROOT, evidence, arguments))
                        .setAdvice(failed ? ailment.advice() : "")
                        .build()));
    }

    /** Takes over what a part of the examination found. */
    void add(Findings part) {
        entries.addAll(part.entries);
        skipped.addAll(part.skipped);
    }

    /** What comes from now on is about the recipe and no longer about the samples. */
    void recipeBegins() {
        ofData = entries.size();
    }

    /** Takes over what an earlier examination of the same recipe found. */
    void takeOver(List<DoctorFinding> earlier) {
        for (DoctorFinding finding : earlier) {
            entries.add(new Entry(Ailment.named(finding.getCheck()), finding));
        }
    }

    boolean anyFailed() {
        return entries.stream().anyMatch(entry -> entry.finding().getFailed());
    }

    boolean hasFailed(Ailment ailment) {
        return entries.stream()
                .anyMatch(entry -> entry.ailment() == ailment && entry.finding().getFailed());
    }

    Examination examination() {
        List<DoctorFinding> ordered = entries.stream()
                .sorted(Comparator.comparing((Entry entry) -> !entry.finding().getFailed())
                        .thenComparing(Entry::ailment))
                .map(Entry::finding)
                .toList();
        List<DoctorFinding> ofRecipe =
                entries.stream().skip(ofData).map(Entry::finding).toList();
        return new Examination(ordered, ofRecipe, skipped);
    }
}
