package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Measurements;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Whether attributes have values that slices can be built on, and whether they can be true of the pixels. */
final class AttributeRules {
    private static final int MOST_ATTRIBUTES = 100;

    private final Map<String, List<String>> vocabulary;
    private final boolean againstPixels;
    private final double nightBrightness;

    AttributeRules(DrivetrainConfig.Admission limits) {
        vocabulary = limits.vocabulary();
        againstPixels = limits.checkAttributesAgainstPixels();
        nightBrightness = limits.nightBrightness();
    }

    void check(LabeledSample sample, Findings findings) {
        Map<String, String> attributes = sample.getAttributes();
        String id = Findings.shown(sample.getSampleId());
        if (attributes.size() > MOST_ATTRIBUTES) {
            findings.add(
                    ViolationCode.RECORD_TOO_LARGE,
                    "attributes",
                    attributes.size() + " attributes",
                    "Sample %s has %d attributes, at most %d are admitted; keep those that slices are made by"
                            .formatted(id, attributes.size(), MOST_ATTRIBUTES));
            return;
        }
        // In alphabetical order, so that the same record gets the same violations everywhere.
        new TreeMap<>(attributes).forEach((name, value) -> check(name, value, id, findings));
        String source = sample.getLabelSource();
        if (source != null && tooLong(source)) {
            tooLong("labelSource", source, id, findings);
        }
    }

    private void check(String name, String value, String id, Findings findings) {
        List<String> allowed = vocabulary.get(name);
        if (tooLong(name) || tooLong(value)) {
            tooLong("attributes." + name, tooLong(name) ? name : value, id, findings);
        } else if (allowed != null && !allowed.contains(value)) {
            findings.add(
                    ViolationCode.ATTRIBUTE_NOT_IN_VOCABULARY,
                    "attributes." + name,
                    value,
                    "The %s of sample %s is '%s'; allowed are %s: correct it, or add it to admission.vocabulary.%s"
                            .formatted(
                                    Findings.shown(name),
                                    id,
                                    Findings.shown(value),
                                    String.join(", ", allowed),
                                    Findings.shown(name)));
        }
    }

    private static boolean tooLong(String text) {
        return text.length() > IdentityRules.MOST_CHARACTERS;
    }

    private static void tooLong(String field, String text, String id, Findings findings) {
        findings.add(
                ViolationCode.RECORD_TOO_LARGE,
                field,
                text,
                "A text of sample %s has %d characters, at most %d are admitted; shorten it"
                        .formatted(id, text.length(), IdentityRules.MOST_CHARACTERS));
    }

    /** Checks what attributes say about light against the light in the picture, if the configuration asks for it. */
    void checkPixels(LabeledSample sample, Measurements measurements, Findings findings) {
        double brightness = measurements.getBrightness();
        if (againstPixels
                && "daytime".equals(sample.getAttributes().get("timeofday"))
                && brightness < nightBrightness) {
            findings.add(
                    ViolationCode.ATTRIBUTE_CONTRADICTS_PIXELS,
                    "attributes.timeofday",
                    "daytime",
                    String.format(
                            Locale.ROOT,
                            "Sample %s is said to be daytime, but its brightness is %.3f, below %s; correct the attribute, or switch off admission.check-attributes-against-pixels",
                            Findings.shown(sample.getSampleId()),
                            brightness,
                            nightBrightness));
        }
    }
}
