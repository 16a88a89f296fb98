package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Split;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Whose labels a drive's samples speak against. */
class LabelCorrectionsTest {
    private final DriveTally tally = new DriveTally();

    @Test
    void whoCorrectsAnAdmittedLabelDoesNotViolateAndTheOtherIsCorrectedOnce() {
        add("a", "car", "ann", null);
        for (int i = 0; i < 3; i++) {
            add("a", "truck", "bob", "ann", "duplicate-id-different-content");
            add("b", "truck", "bob", "ann", "conflicting-labels");
        }
        Map<String, DriveChange.OfSource> sources = sources();
        assertThat(sources.keySet()).containsExactly("ann");
        assertThat(sources.get("ann").corrections()).isEqualTo(2);
        assertThat(sources.get("ann").violations()).isZero();
    }

    @Test
    void aCorrectionThatIsWrongInItselfIsAViolationToo() {
        add("a", "truck", "bob", "ann", "drive-in-two-domains", "duplicate-id-different-content");
        Map<String, DriveChange.OfSource> sources = sources();
        assertThat(sources.get("bob").violations()).isEqualTo(1);
        assertThat(sources.get("ann").corrections()).isEqualTo(1);
    }

    @Test
    void eachRevisionOfALabelIsCorrectedOnceAndOneThatComesTooLateWasGivenAllTheSame() {
        tally.add(admitted("car", "cleo", 2, null, null), List.of());
        for (int i = 0; i < 2; i++) {
            tally.add(late("tram", "bob", 1), List.of());
            tally.add(late("bus", "ann", 0), List.of());
        }
        tally.add(admitted("van", "dan", 3, "cleo", "car"), List.of());
        Map<String, DriveChange.OfSource> sources = sources();
        for (String source : List.of("ann", "bob", "cleo")) {
            assertThat(sources.get(source).samples()).as(source).isEqualTo(1);
            assertThat(sources.get(source).corrections()).as(source).isEqualTo(1);
        }
        assertThat(sources.get("dan").samples()).isEqualTo(1);
        assertThat(sources.get("dan").corrections()).isZero();
    }

    /** The label of a revision; of the one before, where it corrects one. */
    private static Counted admitted(String label, String source, int revision, String former, String formerLabel) {
        Counted sample = counted("a", label, source, null);
        return new Counted(
                sample.split(),
                "a",
                "drive",
                label,
                Map.of(),
                source,
                0,
                List.of(),
                former == null ? null : new Counted.Contradicted(former, revision - 1),
                former == null ? null : new Counted.Former(formerLabel, Map.of()),
                sample.seen());
    }

    private static Counted late(String label, String source, int revision) {
        return Counted.refused(
                "a",
                "drive",
                label,
                Map.of(),
                source,
                0,
                List.of("duplicate-sample-id"),
                new Counted.Contradicted(source, revision));
    }

    @Test
    void contradictionsAreRememberedInACheckpoint() throws IOException {
        add("a", "truck", "bob", "ann", "conflicting-labels");
        sources();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DriveTally.Form.DRIVE_TALLY.write(tally, new DataOutputStream(out));
        DriveTally restored =
                DriveTally.Form.DRIVE_TALLY.read(new DataInputStream(new ByteArrayInputStream(out.toByteArray())));
        restored.add(counted("a", "truck", "bob", "ann", "conflicting-labels"), List.of());
        tally.copy().add(counted("a", "truck", "bob", "ann", "conflicting-labels"), List.of());
        assertThat(restored.change("drive")).isEmpty();
    }

    @Test
    void aLongLabelThatComesAgainAsItWasCorrectsNobody() {
        String label = "x".repeat(100);
        add("a", label, "ann", null, "unknown-class");
        add("a", label, "ann", null);
        assertThat(sources().get("ann").corrections()).isZero();
        add("b", label, "ann", null, "unknown-class");
        add("b", "car", "ann", null);
        assertThat(sources().get("ann").corrections()).isEqualTo(1);
    }

    @Test
    void aRecordThatCouldNotBeReadSaysNothingAboutLabels() {
        add(null, null, null, null, "undecodable-record");
        assertThat(tally.change("")).isEmpty();
    }

    private Map<String, DriveChange.OfSource> sources() {
        return tally.change("drive").orElseThrow().sources().stream()
                .collect(Collectors.toMap(DriveChange.OfSource::source, source -> source));
    }

    private void add(String id, String label, String source, String contradicted, String... violations) {
        tally.add(counted(id, label, source, contradicted, violations), List.of());
    }

    private static Counted counted(String id, String label, String source, String contradicted, String... violations) {
        return new Counted(
                violations.length == 0 ? Split.TRAIN : null,
                id,
                "drive",
                label,
                Map.of(),
                source,
                0,
                List.of(violations),
                contradicted == null ? null : new Counted.Contradicted(contradicted, 0),
                null,
                violations.length == 0
                        ? new Counted.Seen(new Measurements(0.5, 0.2, 0.1, 0.0, 0.3, 0.5, 20.0, 7.0), List.of(), 0)
                        : null);
    }
}
