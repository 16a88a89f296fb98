package io.drivetrain.infra.bench;

import io.drivetrain.schemas.synthesize.Fault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What went into the curation and what came out, and what of it is lost or there too often. Raw records are told apart by
 * their place on Kafka, admitted samples by id and label revision; a rejection has to fit the fault that was planted in its sample.
 */
final class KillLedger {
    private static final Set<String> CORRUPT = Set.of("truncated-image", "undecodable-image", "format-not-allowed");

    /** What another sample decides that came before, here and there another one. */
    private static final Set<String> BY_ORDER = Set.of("near-duplicate-across-splits", "conflicting-labels");

    private static final int TOLD = 5;

    /**
     * A record of samples.raw.
     *
     * @param image its hash
     */
    record Raw(Label label, String image) {
        String sampleId() {
            return label.sampleId;
        }
    }

    /**
     * A record of a split topic.
     *
     * @param topicSplit what the topic is for
     * @param split what the record says
     * @param image its hash
     */
    record Admitted(String place, Label label, String driveId, String topicSplit, String split, String image) {
        String sampleId() {
            return label.sampleId;
        }
    }

    /**
     * What is there once: a sample, and each correction of it.
     *
     * @param revision 0 for the sample as it first came
     */
    record Label(String sampleId, int revision) {
        @Override
        public String toString() {
            return revision == 0 ? sampleId : sampleId + " in label revision " + revision;
        }
    }

    /** A record of samples.rejected. */
    record Rejected(String place, Set<String> codes) {}

    /**
     * A row of the table.
     *
     * @param image the hash of the bytes that are there
     */
    record Row(Label label, String split, String image) {}

    /**
     * The result.
     *
     * @param lost raw records without an outcome, wrongly rejected or not where they belong, in a topic or in the table
     * @param duplicated outcomes and rows that are there more than once, without a raw record, or of a sample with a fault
     * @param faultFree samples and corrections that are to be admitted
     * @param problems the first of what was found, one sentence each
     */
    record Verdict(
            long samples,
            long admitted,
            long rejected,
            long rows,
            long lost,
            long duplicated,
            long faultFree,
            List<String> problems) {
        /** How many of the samples without a fault are admitted, 0..1. */
        double admittedShare() {
            return faultFree == 0 ? 0 : (double) admitted / faultFree;
        }
    }

    private final Map<String, Fault> faults;
    private final Map<String, Raw> raw = new HashMap<>();
    private final List<Admitted> admitted = new ArrayList<>();
    private final List<Rejected> rejected = new ArrayList<>();
    private final List<Row> rows = new ArrayList<>();

    /**
     * An empty one.
     *
     * @param faults that were planted, by sample id
     */
    KillLedger(Map<String, Fault> faults) {
        this.faults = faults;
    }

    /**
     * Notes a record of samples.raw.
     *
     * @param place partition and offset
     */
    void raw(String place, Raw record) {
        raw.put(place, record);
    }

    void admitted(Admitted record) {
        admitted.add(record);
    }

    void rejected(Rejected record) {
        rejected.add(record);
    }

    void row(Row row) {
        rows.add(row);
    }

    /** Counts. */
    Verdict verdict() {
        Count lost = new Count();
        Count duplicated = new Count();
        Map<Label, Admitted> byLabel = new HashMap<>();
        Set<String> admittedIds = new HashSet<>();
        Set<String> admittedImages = new HashSet<>();
        Map<String, String> splitOfDrive = new HashMap<>();
        Set<String> decided = new HashSet<>();
        for (Admitted sample : admitted) {
            once(decided, sample.place(), duplicated);
            if (byLabel.putIfAbsent(sample.label(), sample) != null) {
                duplicated.add("sample %s is admitted twice", sample.label());
            }
            admittedIds.add(sample.sampleId());
            admittedImages.add(sample.image());
            String ofDrive = splitOfDrive.computeIfAbsent(sample.driveId(), drive -> sample.split());
            if (!sample.split().equals(sample.topicSplit()) || !sample.split().equals(ofDrive)) {
                lost.add(
                        "sample %s of split %s is in the topic of %s, its drive in %s",
                        sample.sampleId(), sample.split(), sample.topicSplit(), ofDrive);
            }
            Raw original = raw.get(sample.place());
            if (original != null
                    && (!original.label().equals(sample.label())
                            || !original.image().equals(sample.image()))) {
                lost.add("sample %s is not what was sent at %s", sample.label(), sample.place());
            }
            if (codesOf(sample.sampleId()) != null) {
                duplicated.add(
                        "sample %s is admitted in spite of %s", sample.sampleId(), faults.get(sample.sampleId()));
            }
        }
        for (Rejected record : rejected) {
            once(decided, record.place(), duplicated);
            Raw original = raw.get(record.place());
            if (original != null && !justified(record.codes(), original, admittedIds, admittedImages)) {
                lost.add(
                        "sample %s with the fault %s is rejected as %s",
                        original.sampleId(), faults.getOrDefault(original.sampleId(), Fault.NONE), record.codes());
            }
        }
        raw.keySet().stream()
                .filter(place -> !decided.contains(place))
                .forEach(place -> lost.add("the record at %s has no outcome", place));
        countRows(byLabel, lost, duplicated);
        Set<String> problems = new LinkedHashSet<>(lost.told);
        problems.addAll(duplicated.told);
        return new Verdict(
                raw.size(),
                admitted.size(),
                rejected.size(),
                rows.size(),
                lost.number,
                duplicated.number,
                faultFree(),
                List.copyOf(problems));
    }

    private void once(Set<String> decided, String place, Count duplicated) {
        if (!decided.add(place)) {
            duplicated.add("the record at %s has two outcomes", place);
        } else if (!raw.containsKey(place)) {
            duplicated.add("an outcome names %s, where no record is", place);
        }
    }

    private void countRows(Map<Label, Admitted> byLabel, Count lost, Count duplicated) {
        Set<Label> inTable = new HashSet<>();
        for (Row row : rows) {
            if (!inTable.add(row.label())) {
                duplicated.add("sample %s has two rows", row.label());
                continue;
            }
            Admitted sample = byLabel.get(row.label());
            if (sample == null) {
                duplicated.add("sample %s has a row and is in no topic", row.label());
            } else if (!row.split().equals(sample.split()) || !row.image().equals(sample.image())) {
                lost.add("the row of sample %s has another split or image than the topic", row.label());
            }
        }
        byLabel.keySet().stream()
                .filter(label -> !inTable.contains(label))
                .forEach(label -> lost.add("sample %s has no row", label));
    }

    private boolean justified(Set<String> codes, Raw original, Set<String> ids, Set<String> images) {
        Set<String> planted = codesOf(original.sampleId());
        if (planted != null) {
            return codes.stream().anyMatch(planted::contains);
        }
        return !codes.isEmpty()
                && codes.stream().allMatch(code -> switch (code) {
                    case "duplicate-sample-id", "duplicate-id-different-content" ->
                        faults.get(original.sampleId()) == Fault.DUPLICATE && ids.contains(original.sampleId());
                    case "duplicate-content", "conflicting-labels" -> images.contains(original.image());
                    default -> BY_ORDER.contains(code);
                });
    }

    /** The codes of which a sample has to have one; null if it may be admitted. */
    private Set<String> codesOf(String sampleId) {
        return switch (faults.getOrDefault(sampleId, Fault.NONE)) {
            case CORRUPT_IMAGE -> CORRUPT;
            case UNKNOWN_CLASS -> Set.of("unknown-class");
            case MISSING_LABEL -> Set.of("missing-label");
            case NONE, WRONG_LABEL, DUPLICATE -> null;
        };
    }

    private long faultFree() {
        return raw.values().stream()
                .map(Raw::label)
                .distinct()
                .filter(label -> codesOf(label.sampleId) == null)
                .count();
    }

    /** A number, and the first few of what it counts. */
    private static final class Count {
        private final List<String> told = new ArrayList<>();
        private long number;

        void add(String sentence, Object... parts) {
            number++;
            if (told.size() < TOLD) {
                told.add(sentence.formatted(parts));
            }
        }
    }
}
