package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.trainer.check.doctor.Examination;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What {@code training.doctor} makes of an examination before a training. */
enum DoctorGate {
    /** Trains only what the doctor finds nothing wrong with. */
    REFUSE,
    /** Trains, and says in the report what is wrong. */
    WARN,
    /** Does not look. */
    OFF;

    /** Whether to train. */
    sealed interface Decision {
        /**
         * @param findings for the report
         * @param message for whoever follows the training
         */
        record Train(List<DoctorFinding> findings, String message) implements Decision {}

        /** The reason is a sentence with the probable cause first, and says what to do. */
        record Refuse(String reason) implements Decision {}
    }

    static DoctorGate parse(String setting) {
        return valueOf(setting.toUpperCase(Locale.ROOT));
    }

    boolean looks() {
        return this != OFF;
    }

    /** @param known what was taken over from an earlier examination of the same recipe */
    Decision decide(Examination examination, Optional<ExaminedRecipes.Examined> known) {
        List<DoctorFinding> failed = examination.failed();
        if (failed.isEmpty()) {
            return new Decision.Train(
                    examination.findings(),
                    "The doctor found nothing wrong in %d checks%s"
                            .formatted(
                                    examination.findings().size(),
                                    known.map(earlier -> ", of which %d were made before %s, which had the same recipe"
                                                    .formatted(
                                                            earlier.findings().size(), earlier.runId()))
                                            .orElse("")));
        }
        String found = found(failed);
        return switch (this) {
            case REFUSE ->
                new Decision.Refuse(
                        "The doctor refuses this training: %s. './drivetrain doctor' shows all findings; with training.doctor=warn it trains nevertheless"
                                .formatted(found));
            case WARN, OFF -> new Decision.Train(examination.findings(), "The doctor warns: %s".formatted(found));
        };
    }

    private static String found(List<DoctorFinding> failed) {
        DoctorFinding first = failed.get(0);
        String subject = first.getSubject().isEmpty() ? "" : " (%s)".formatted(first.getSubject());
        String others = failed.size() == 1 ? "" : ", and %d more".formatted(failed.size() - 1);
        return "%s%s: %s %s%s"
                .formatted(first.getCheck(), subject, first.getEvidence(), withoutStop(first.getAdvice()), others);
    }

    private static String withoutStop(String sentence) {
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }
}
