package io.drivetrain.ingest.decode;

import io.drivetrain.ingest.collect.ImageFiles;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.LabelRule;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Derives the class of an image from its boxes or attributes. */
final class BoxLabels {
    private BoxLabels() {}

    /** What a rule says. */
    sealed interface Verdict {
        /** The class, or that there is none. */
        record Decided(Optional<String> label) implements Verdict {}

        /** The class depends on what could not be read. */
        record Undecided(String why) implements Verdict {}
    }

    /** Whether the size of the image must be known. */
    static boolean needsSize(LabelRule rule) {
        return rule instanceof LabelRule.Present present && present.least().minArea() > 0
                || rule instanceof LabelRule.Largest largest && largest.least().minArea() > 0;
    }

    /**
     * Applies a rule.
     *
     * @param boxes in pixels
     * @param complete whether these are all boxes of the image
     * @param size of the image, where {@link #needsSize}
     */
    static Verdict decide(
            LabelRule rule,
            List<Box> boxes,
            boolean complete,
            Optional<ImageFiles.Size> size,
            Map<String, String> attributes) {
        if (needsSize(rule) && size.isEmpty()) {
            return new Verdict.Undecided("the rule for its class needs its width and height, which cannot be read");
        }
        double area = size.map(s -> (double) s.width() * s.height()).orElse(0.0);
        if (rule instanceof LabelRule.Present present) {
            boolean there = boxes.stream()
                    .anyMatch(box -> present.categories().stream()
                                    .anyMatch(category -> category.equalsIgnoreCase(box.getCategory()))
                            && counts(box, present.least(), area));
            return there || complete
                    ? new Verdict.Decided(Optional.of(there ? present.then() : present.otherwise()))
                    : undecided();
        }
        if (rule instanceof LabelRule.Largest largest) {
            if (!complete) {
                return undecided();
            }
            Box best = null;
            for (Box box : boxes) {
                if (counts(box, largest.least(), area) && (best == null || area(box) > area(best))) {
                    best = box;
                }
            }
            return new Verdict.Decided(
                    best == null
                            ? Optional.of(largest.otherwise()).filter(label -> !label.isEmpty())
                            : Optional.of(best.getCategory()));
        }
        return new Verdict.Decided(
                rule instanceof LabelRule.Attribute attribute
                        ? Optional.ofNullable(attributes.get(attribute.name()))
                        : Optional.empty());
    }

    private static Verdict undecided() {
        return new Verdict.Undecided("its class depends on a box that could not be read");
    }

    // A box that is inverted or not finite counts for nothing; curation says so.
    private static boolean counts(Box box, LabelRule.Size least, double imageArea) {
        return box.getY2() - box.getY1() >= least.minHeight() && area(box) >= least.minArea() * imageArea;
    }

    private static double area(Box box) {
        double width = box.getX2() - box.getX1();
        double height = box.getY2() - box.getY1();
        return width < 0 || height < 0 ? Double.NaN : width * height;
    }
}
