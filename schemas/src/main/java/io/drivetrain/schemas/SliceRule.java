package io.drivetrain.schemas;

import java.io.Serializable;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.avro.Schema;

/** Which slices of class balance a sample belongs to: one entry of {@code balance.slices}. */
public sealed interface SliceRule extends Serializable {
    /** Each value of an attribute is a slice, {@code weather=rainy}. */
    record OfAttribute(String name) implements SliceRule {}

    /** The samples with a quality flag are a slice, {@code flag:dark}. */
    record OfFlag(String flag) implements SliceRule {
        /** Returns the name of the slice. */
        public String slice() {
            return FLAG + flag;
        }
    }

    /**
     * The samples with a measurement on one side of a threshold are a slice, {@code glareShare>0.2}.
     *
     * @param measurement a field of {@link Measurements}
     * @param above whether the slice lies above the threshold, which itself is on neither side
     * @param threshold in the unit of the measurement
     * @param slice the name of the slice, as the configuration writes it
     */
    record OfMeasurement(String measurement, boolean above, double threshold, String slice) implements SliceRule {
        /** Whether a sample with these measurements is in the slice. */
        public boolean holds(Measurements measurements) {
            double value = (Double) measurements.get(measurement);
            return above ? value > threshold : value < threshold;
        }
    }

    /** How an entry that names a flag begins. */
    String FLAG = "flag:";

    /** What {@link #parse} accepts, in words. */
    String ACCEPTED = "an attribute (weather), a measurement with a threshold (brightness<0.2, glareShare>0.2;"
            + " measurements are " + String.join(", ", measurements()) + ") or a quality flag (flag:dark)";

    /** A measurement, a side and a threshold. */
    Pattern THRESHOLD = Pattern.compile("(\\w+)\\s*([<>])\\s*([-+.\\deE]+)");

    /** Names of the attributes that form slices by these entries. */
    static Set<String> attributes(List<String> entries) {
        return entries.stream()
                .map(SliceRule::parse)
                .filter(OfAttribute.class::isInstance)
                .map(rule -> ((OfAttribute) rule).name())
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Reads an entry.
     *
     * @throws IllegalArgumentException if it is none, with what is accepted
     */
    static SliceRule parse(String text) {
        String entry = text.strip();
        Matcher matcher = THRESHOLD.matcher(entry);
        if (matcher.matches() && measurements().contains(matcher.group(1))) {
            try {
                double threshold = Double.parseDouble(matcher.group(3));
                String slice = matcher.group(1) + matcher.group(2) + matcher.group(3);
                return new OfMeasurement(matcher.group(1), matcher.group(2).equals(">"), threshold, slice);
            } catch (NumberFormatException e) {
                throw refused(text);
            }
        }
        if (entry.startsWith(FLAG) && entry.length() > FLAG.length()) {
            return new OfFlag(entry.substring(FLAG.length()));
        }
        if (entry.isEmpty() || entry.startsWith(FLAG) || entry.matches(".*[<>=].*")) {
            throw refused(text);
        }
        return new OfAttribute(entry);
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException("'%s' is no slice; accepted is %s".formatted(text, ACCEPTED));
    }

    private static List<String> measurements() {
        return Measurements.getClassSchema().getFields().stream()
                .map(Schema.Field::name)
                .toList();
    }
}
