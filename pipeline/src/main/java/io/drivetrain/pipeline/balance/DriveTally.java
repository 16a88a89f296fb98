package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.SliceRule;
import io.drivetrain.schemas.Split;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What has been counted of one drive. Mutable, because it changes with every sample; {@link #change} makes values of it.
 *
 * <p>Its size is bounded: values of an attribute, sources and refused samples beyond a limit are pooled or forgotten,
 * oldest first.
 */
public final class DriveTally {
    /** Source of labels that do not name one. */
    public static final String UNKNOWN = "unknown";
    /** What is counted together beyond a limit. */
    public static final String OTHER = "other";

    private static final int MOST_VALUES = 16;
    private static final int MOST_SOURCES = 64;
    private static final int MOST_REFUSED = 500;
    private static final int LONGEST_NAME = 64;
    private static final Set<String> SENT_TWICE = Set.of("duplicate-sample-id", "duplicate-content");
    private static final Set<String> SENT_CORRECTED =
            Set.of("duplicate-sample-id", "duplicate-content", "duplicate-id-different-content", "conflicting-labels");

    private static final List<String> TOO_LATE = List.of("duplicate-sample-id");

    private final Map<Stratum, SortedMap<String, Long>> counted = new LinkedHashMap<>();
    private final Map<Stratum, SortedMap<String, Long>> added = new LinkedHashMap<>();
    private final Map<Stratum, SortedMap<String, Long>> corrected = new LinkedHashMap<>();
    private final Set<String> sources = new LinkedHashSet<>();
    private final Map<String, Labels> labels = new TreeMap<>();
    private final Map<String, Refused> refused = new LinkedHashMap<>();
    private final Set<String> contradicting = new LinkedHashSet<>();
    private int testDevGeneration;

    private record Stratum(Split split, String slice) {
        /** Whether both are values of one attribute. */
        private boolean sharesAttribute(Stratum other) {
            int equals = slice.indexOf('=');
            return equals >= 0 && split == other.split && other.slice.startsWith(slice.substring(0, equals + 1));
        }
    }

    private record Refused(String label, String source) {}

    private static final class Labels {
        private long samples;
        private long violations;
        private long corrections;
        private final SortedMap<String, Long> codes = new TreeMap<>();
    }

    /** A tally that does not change with this one, but for what is not yet told. */
    DriveTally copy() {
        DriveTally copy = new DriveTally();
        counted.forEach((stratum, counts) -> copy.counted.put(stratum, new TreeMap<>(counts)));
        copy.sources.addAll(sources);
        copy.refused.putAll(refused);
        copy.contradicting.addAll(contradicting);
        return copy;
    }

    /**
     * Counts one sample. A sample that was only sent twice says nothing about its label and is left out; one that was
     * refused and comes again with another class corrects the source of the first label, and so does one that is refused
     * because its picture was admitted with another label: each revision of a label once, however often it is contradicted,
     * and it is no violation of who corrects. An admitted correction is a label of its source, and the sample moves from the
     * class and the slices that it was counted in. A record that could not be read says nothing about anybody's labels.
     *
     * @param rules what the slices are
     */
    public void add(Counted sample, List<SliceRule> rules) {
        if (sample.sampleId() == null) {
            return;
        }
        if (sample.contradicted() != null && firstContradiction(sample)) {
            Labels of = of(named(sample.contradicted().source()));
            of.corrections++;
            // A label that was corrected before it came was given all the same.
            of.samples += TOO_LATE.equals(sample.violations()) ? 1 : 0;
        }
        String source = named(sample.labelSource());
        if (sample.admitted()) {
            of(source).samples++;
            correctEarlier(sample);
            // A drive keeps its generation as it keeps its split, so the newest sample tells that of all.
            testDevGeneration = sample.seen().testDevGeneration();
            if (sample.former() == null) {
                strata(sample, sample.attributes(), rules)
                        .forEach(stratum -> change(added, stratum, sample.label(), 1));
            } else {
                correct(sample, sample.former(), rules);
            }
        } else if (sample.contradicted() != null && SENT_CORRECTED.containsAll(sample.violations())) {
            correctEarlier(sample);
        } else if (!SENT_TWICE.containsAll(sample.violations())) {
            Labels of = of(source);
            of.samples++;
            of.violations++;
            sample.violations().stream().distinct().forEach(code -> of.codes.merge(code, 1L, Long::sum));
            correctEarlier(sample);
            remember(sample, source);
        }
    }

    private void correct(Counted sample, Counted.Former former, List<SliceRule> rules) {
        Map<String, String> then = former.attributes() == null ? sample.attributes() : former.attributes();
        for (Stratum stratum : strata(sample, then, rules)) {
            // A quality flag may depend on an attribute that forms no slice, so the sample may never have been in this
            // one.
            if (has(stratum, former.label())) {
                change(corrected, stratum, former.label(), -1);
            }
        }
        strata(sample, sample.attributes(), rules).forEach(stratum -> change(corrected, stratum, sample.label(), 1));
    }

    private boolean has(Stratum stratum, String label) {
        long samples = 0;
        for (Map<Stratum, SortedMap<String, Long>> counts : List.of(counted, added, corrected)) {
            samples +=
                    counts.getOrDefault(stratum, Collections.emptySortedMap()).getOrDefault(label, 0L);
        }
        return samples > 0;
    }

    private void correctEarlier(Counted sample) {
        Refused earlier = refused.get(sample.sampleId());
        if (earlier == null || sample.label() == null) {
            return;
        }
        refused.remove(sample.sampleId());
        if (!earlier.label.equals(shortened(sample.label()))) {
            of(earlier.source).corrections++;
        }
    }

    private boolean firstContradiction(Counted sample) {
        // No id holds control characters.
        String label = sample.sampleId() + "\n" + sample.contradicted().revision();
        if (contradicting.size() >= MOST_REFUSED && !contradicting.contains(label)) {
            contradicting.remove(contradicting.iterator().next());
        }
        return contradicting.add(label);
    }

    private void remember(Counted sample, String source) {
        if (sample.label() == null) {
            return;
        }
        if (refused.size() >= MOST_REFUSED) {
            refused.remove(refused.keySet().iterator().next());
        }
        refused.put(sample.sampleId(), new Refused(shortened(sample.label()), source));
    }

    private static void change(Map<Stratum, SortedMap<String, Long>> counts, Stratum stratum, String label, long by) {
        counts.computeIfAbsent(stratum, key -> new TreeMap<>()).merge(label, by, Long::sum);
    }

    /** The whole split, and the slices of a sample with these attributes. */
    private List<Stratum> strata(Counted sample, Map<String, String> attributes, List<SliceRule> rules) {
        List<Stratum> strata = new ArrayList<>();
        strata.add(new Stratum(sample.split(), ""));
        for (SliceRule rule : rules) {
            stratum(sample, attributes, rule).ifPresent(strata::add);
        }
        return strata;
    }

    private Optional<Stratum> stratum(Counted sample, Map<String, String> attributes, SliceRule rule) {
        if (rule instanceof SliceRule.OfMeasurement of) {
            return of.holds(sample.seen().measurements())
                    ? Optional.of(new Stratum(sample.split(), of.slice()))
                    : Optional.empty();
        }
        if (rule instanceof SliceRule.OfFlag of) {
            return sample.seen().flags().contains(of.flag())
                    ? Optional.of(new Stratum(sample.split(), of.slice()))
                    : Optional.empty();
        }
        SliceRule.OfAttribute of = (SliceRule.OfAttribute) rule;
        return Optional.ofNullable(attributes.get(of.name()))
                .map(value -> stratum(sample.split(), of.name(), shortened(value)));
    }

    private Stratum stratum(Split split, String attribute, String value) {
        Stratum stratum = new Stratum(split, attribute + "=" + value);
        if (counted.containsKey(stratum) || added.containsKey(stratum) || corrected.containsKey(stratum)) {
            return stratum;
        }
        long known = Stream.of(counted, added, corrected)
                .flatMap(counts -> counts.keySet().stream())
                .filter(stratum::sharesAttribute)
                .distinct()
                .count();
        return known < MOST_VALUES ? stratum : new Stratum(split, attribute + "=" + OTHER);
    }

    private Labels of(String source) {
        Labels known = labels.get(source);
        if (known != null) {
            return known;
        }
        boolean room = sources.contains(source) || sources.size() + labels.size() < MOST_SOURCES;
        return labels.computeIfAbsent(room ? source : OTHER, name -> new Labels());
    }

    private static String named(String source) {
        return source == null || source.isBlank() ? UNKNOWN : shortened(source);
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_NAME ? text : text.substring(0, LONGEST_NAME);
    }

    /** Returns what was counted since the last time, if anything; from now on it counts as before. */
    public Optional<DriveChange> change(String driveId) {
        if (added.isEmpty() && corrected.isEmpty() && labels.isEmpty()) {
            return Optional.empty();
        }
        List<DriveChange.OfSlice> slices = new ArrayList<>();
        Set<Stratum> changed = new LinkedHashSet<>(added.keySet());
        changed.addAll(corrected.keySet());
        // Where values are counted as one, only all of them tell whether the drive is new.
        counted.keySet().stream()
                .filter(stratum -> changed.stream().anyMatch(stratum::sharesAttribute))
                .toList()
                .forEach(changed::add);
        for (Stratum stratum : changed) {
            SortedMap<String, Long> total = counted.computeIfAbsent(stratum, key -> new TreeMap<>());
            SortedMap<String, Long> more = added.getOrDefault(stratum, new TreeMap<>());
            SortedMap<String, Long> moved = corrected.getOrDefault(stratum, new TreeMap<>());
            slices.add(new DriveChange.OfSlice(stratum.split, stratum.slice, new TreeMap<>(total), more, moved));
            more.forEach((label, count) -> total.merge(label, count, Long::sum));
            moved.forEach((label, count) -> total.merge(label, count, Long::sum));
            total.values().removeIf(count -> count == 0);
        }
        List<DriveChange.OfSource> of = new ArrayList<>();
        labels.forEach((source, counts) -> of.add(new DriveChange.OfSource(
                source,
                counts.samples > 0 && sources.add(source),
                counts.samples,
                counts.violations,
                counts.corrections,
                counts.codes)));
        added.clear();
        corrected.clear();
        labels.clear();
        return Optional.of(new DriveChange(driveId, testDevGeneration, slices, of));
    }

    /** In state, after {@link #change}: what is not yet told is not written. */
    public enum Form implements BinaryForm<DriveTally> {
        DRIVE_TALLY;

        @Override
        public Class<DriveTally> type() {
            return DriveTally.class;
        }

        @Override
        public void write(DriveTally value, DataOutput out) throws IOException {
            out.writeInt(value.counted.size());
            for (Map.Entry<Stratum, SortedMap<String, Long>> entry : value.counted.entrySet()) {
                out.writeByte(entry.getKey().split.ordinal());
                BinaryForm.writeText(entry.getKey().slice, out);
                DriveChange.writeCounts(entry.getValue(), out);
            }
            out.writeInt(value.sources.size());
            for (String source : value.sources) {
                BinaryForm.writeText(source, out);
            }
            out.writeInt(value.refused.size());
            for (Map.Entry<String, Refused> entry : value.refused.entrySet()) {
                BinaryForm.writeText(entry.getKey(), out);
                BinaryForm.writeText(entry.getValue().label, out);
                BinaryForm.writeText(entry.getValue().source, out);
            }
            out.writeInt(value.contradicting.size());
            for (String sampleId : value.contradicting) {
                BinaryForm.writeText(sampleId, out);
            }
        }

        @Override
        public DriveTally read(DataInput in) throws IOException {
            DriveTally tally = new DriveTally();
            for (int left = in.readInt(); left > 0; left--) {
                tally.counted.put(
                        new Stratum(Split.values()[in.readByte()], BinaryForm.readText(in)),
                        DriveChange.readCounts(in));
            }
            for (int left = in.readInt(); left > 0; left--) {
                tally.sources.add(BinaryForm.readText(in));
            }
            for (int left = in.readInt(); left > 0; left--) {
                tally.refused.put(
                        BinaryForm.readText(in), new Refused(BinaryForm.readText(in), BinaryForm.readText(in)));
            }
            for (int left = in.readInt(); left > 0; left--) {
                tally.contradicting.add(BinaryForm.readText(in));
            }
            return tally;
        }
    }
}
