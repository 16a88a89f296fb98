package io.drivetrain.trainer.improve.ladder;

import io.drivetrain.schemas.Changes;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.TrainingReport;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What earlier runs tried, and what came of it. */
final class Attempts {
    private static final String NETWORK = "training.network";

    /** A gain below this share of the term is not worth a step. */
    private static final double USEFUL = 0.5;

    private final List<TrainingReport> history;
    private final Map<String, String> config;

    /**
     * @param history oldest first
     * @param config keys that a step would change
     */
    Attempts(List<TrainingReport> history, Map<String, String> config) {
        this.history = history;
        this.config = config;
    }

    /** What an earlier try says about trying again. */
    sealed interface Verdict {
        /** Nothing stands against it. */
        record Open() implements Verdict {}

        /** The interval leaves room for a useful gain and for none; the sentence says what came of it. */
        record Unclear(String sentence) implements Verdict {}

        /** It made things worse, or no useful gain is possible; the sentence says what came of it. */
        record Failed(String sentence) implements Verdict {}
    }

    /**
     * What the newest run says that changed the very same keys in the same way, and nothing else, on the same data.
     *
     * @param overrides of the step
     * @param size of the cause's term, above 0
     */
    Verdict of(String step, Map<String, String> overrides, Cause cause, double size) {
        Map<String, String> keys = new TreeMap<>();
        overrides.forEach((key, value) -> {
            String before = config.getOrDefault(key, "");
            if (!before.equals(value)) {
                keys.put(key, "%s -> %s".formatted(shown(before), shown(value)));
            }
        });
        for (int i = history.size() - 1; i >= 0; i--) {
            TrainingReport report = history.get(i);
            Changes changes = report.getChanges();
            if (changes == null
                    || !changes.getKeys().equals(keys)
                    || Baseline.onOtherData(changes)
                    || !sameNetwork(report, overrides)) {
                continue;
            }
            Estimate outcome = changes.getOutcome().get(cause.term());
            if (outcome != null) {
                return verdict(step, report, outcome, cause, size);
            }
        }
        return new Verdict.Open();
    }

    private static Verdict verdict(String step, TrainingReport report, Estimate outcome, Cause cause, double size) {
        boolean worse = Baseline.madeWorse(report.getChanges()) || (outcome.getLow() != null && outcome.getLow() > 0);
        boolean useless = outcome.getLow() != null && outcome.getLow() > -USEFUL * size;
        if (worse || useless) {
            return new Verdict.Failed(sentence(step, report, outcome, cause));
        }
        boolean lowered = outcome.getHigh() != null && outcome.getHigh() < 0;
        return lowered ? new Verdict.Open() : new Verdict.Unclear(sentence(step, report, outcome, cause));
    }

    /** What helps one network may not help another. */
    private boolean sameNetwork(TrainingReport report, Map<String, String> overrides) {
        String after = overrides.getOrDefault(NETWORK, config.getOrDefault(NETWORK, ""));
        return report.getProvenance().getConfig().getOrDefault(NETWORK, after).equals(after);
    }

    private static String sentence(String step, TrainingReport report, Estimate outcome, Cause cause) {
        return String.format(
                Locale.ROOT,
                "%s was tried by %s and changed %s by %+.1f points%s",
                step,
                report.getModelId(),
                cause.title(),
                100 * outcome.getValue(),
                outcome.getLow() == null || outcome.getHigh() == null
                        ? ""
                        : String.format(
                                Locale.ROOT, " (%+.1f to %+.1f)", 100 * outcome.getLow(), 100 * outcome.getHigh()));
    }

    /** As {@link Changes} tells it. */
    private static String shown(String value) {
        return value.isEmpty() ? "(none)" : value;
    }
}
