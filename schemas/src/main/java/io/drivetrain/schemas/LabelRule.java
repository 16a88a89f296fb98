package io.drivetrain.schemas;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How an image that comes with boxes or attributes, and without a class, gets its class. Categories are compared without
 * regard to case.
 */
public sealed interface LabelRule extends Serializable {
    /** No class is derived. */
    record None() implements LabelRule {}

    /** One class if there is a large enough box of one of the categories, else another. */
    record Present(String then, List<String> categories, Size least, String otherwise) implements LabelRule {
        public Present {
            categories = List.copyOf(categories);
        }
    }

    /**
     * The category of the box with the largest area, among those that are large enough.
     *
     * @param otherwise the class of an image without such a box; empty text for none
     */
    record Largest(Size least, String otherwise) implements LabelRule {}

    /** The value of an attribute of the image. */
    record Attribute(String name) implements LabelRule {}

    /**
     * The smallest box that counts.
     *
     * @param minHeight in pixels of the original image
     * @param minArea share of the image's area, 0..1
     */
    record Size(double minHeight, double minArea) implements Serializable {
        private String text() {
            return (minHeight > 0 ? " min-height=" + minHeight : "") + (minArea > 0 ? " min-area=" + minArea : "");
        }
    }

    /** What {@link #parse} accepts, in words. */
    String ACCEPTED = "'CLASS if CATEGORY|CATEGORY min-height=PIXELS min-area=SHARE else CLASS',"
            + " 'largest min-height=PIXELS min-area=SHARE else CLASS', 'attribute NAME', or empty;"
            + " min-height and min-area may be left out, so may 'else CLASS' after largest";

    /**
     * Reads a rule.
     *
     * @throws IllegalArgumentException if the text is none, with what is accepted
     */
    static LabelRule parse(String text) {
        String rule = text.strip();
        if (rule.isEmpty()) {
            return new None();
        }
        Matcher present = Patterns.PRESENT.matcher(rule);
        if (present.matches()) {
            List<String> categories = Arrays.stream(present.group(2).split("\\|", -1))
                    .map(String::strip)
                    .toList();
            if (categories.isEmpty() || categories.contains("")) {
                throw wrong(text);
            }
            return new Present(present.group(1), categories, size(present.group(3), text), present.group(4));
        }
        Matcher largest = Patterns.LARGEST.matcher(rule);
        if (largest.matches()) {
            return new Largest(size(largest.group(1), text), largest.group(2) == null ? "" : largest.group(2));
        }
        Matcher attribute = Patterns.ATTRIBUTE.matcher(rule);
        if (attribute.matches()) {
            return new Attribute(attribute.group(1));
        }
        throw wrong(text);
    }

    /** The rule as {@link #parse} takes it. */
    default String text() {
        if (this instanceof Present present) {
            return "%s if %s%s else %s"
                    .formatted(
                            present.then(),
                            String.join("|", present.categories()),
                            present.least().text(),
                            present.otherwise());
        }
        if (this instanceof Largest largest) {
            String otherwise = largest.otherwise().isEmpty() ? "" : " else " + largest.otherwise();
            return "largest" + largest.least().text() + otherwise;
        }
        return this instanceof Attribute attribute ? "attribute " + attribute.name() : "";
    }

    /** The classes that the rule names itself; those it takes from categories or attributes are not among them. */
    default List<String> namedClasses() {
        if (this instanceof Present present) {
            return List.of(present.then(), present.otherwise());
        }
        return this instanceof Largest largest && !largest.otherwise().isEmpty()
                ? List.of(largest.otherwise())
                : List.of();
    }

    private static Size size(String text, String rule) {
        double minHeight = 0;
        double minArea = 0;
        for (String part : text.strip().split("\\s+")) {
            if (part.startsWith("min-height=")) {
                minHeight = number(part, 1e6, rule);
            } else if (part.startsWith("min-area=")) {
                minArea = number(part, 1, rule);
            }
        }
        return new Size(minHeight, minArea);
    }

    private static double number(String part, double high, String rule) {
        try {
            double value = Double.parseDouble(part.substring(part.indexOf('=') + 1));
            if (value >= 0 && value <= high) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Reported below, as a number out of range is.
        }
        throw wrong(rule);
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException("'%s' is no label rule; accepted is %s".formatted(text, ACCEPTED));
    }

    /** Kept apart, because the fields of an interface are public. */
    final class Patterns {
        private static final String SIZE = "((?:\\s+min-(?:height|area)=\\S+)*)";
        private static final Pattern PRESENT =
                Pattern.compile("(\\S.*?)\\s+if\\s+(\\S.*?)" + SIZE + "\\s+else\\s+(.+)");
        private static final Pattern LARGEST = Pattern.compile("largest" + SIZE + "(?:\\s+else\\s+(.+))?");
        private static final Pattern ATTRIBUTE = Pattern.compile("attribute\\s+(\\S.*)");

        private Patterns() {}
    }
}
