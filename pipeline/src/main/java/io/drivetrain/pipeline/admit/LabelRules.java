package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabeledSample;
import java.util.Map;
import java.util.TreeSet;

/** Whether the label is one of the classes. */
final class LabelRules {
    private final TreeSet<String> classes;
    private final Map<String, String> retired;

    LabelRules(DrivetrainConfig config) {
        classes = new TreeSet<>(config.classes());
        retired = config.admission().retiredClasses();
    }

    void check(LabeledSample sample, Findings findings) {
        String label = sample.getLabel();
        String id = Findings.shown(sample.getSampleId());
        if (label == null || label.isBlank()) {
            findings.add(
                    ViolationCode.MISSING_LABEL,
                    "label",
                    label,
                    "Sample %s has no label; label it and send it again".formatted(id));
        } else if (retired.containsKey(label)) {
            String replacement = retired.get(label);
            findings.add(
                    ViolationCode.RETIRED_CLASS,
                    "label",
                    label,
                    "Class '%s' of sample %s is no longer used; %s"
                            .formatted(
                                    Findings.shown(label),
                                    id,
                                    replacement.isEmpty()
                                            ? "label it again, or remove the class from admission.retired-classes"
                                            : "its replacement is '" + replacement + "'"));
        } else if (!classes.contains(label)) {
            findings.add(
                    ViolationCode.UNKNOWN_CLASS,
                    "label",
                    label,
                    "Unknown class '%s' in sample %s; add it to classes in drivetrain.yaml (now %s) or correct the source"
                            .formatted(Findings.shown(label), id, String.join(", ", classes)));
        }
        if (sample.getLabelRevision() < 0) {
            findings.add(
                    ViolationCode.NEGATIVE_LABEL_REVISION,
                    "labelRevision",
                    Integer.toString(sample.getLabelRevision()),
                    "Sample %s has the label revision %d; send 0 with the first label and one more with each correction"
                            .formatted(id, sample.getLabelRevision()));
        }
    }
}
