package io.drivetrain.infra.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.infra.bench.KillLedger.Admitted;
import io.drivetrain.infra.bench.KillLedger.Label;
import io.drivetrain.infra.bench.KillLedger.Raw;
import io.drivetrain.infra.bench.KillLedger.Rejected;
import io.drivetrain.infra.bench.KillLedger.Row;
import io.drivetrain.infra.bench.KillLedger.Verdict;
import io.drivetrain.schemas.synthesize.Fault;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KillLedgerTest {
    private final KillLedger ledger = new KillLedger(
            Map.of("twice", Fault.DUPLICATE, "corrupt", Fault.CORRUPT_IMAGE, "wrong", Fault.WRONG_LABEL));

    @Test
    void aStreamOfWhichAllCameOutOnceIsClean() {
        through("0@0", "one", "drive", "train");
        through("0@1", "twice", "drive", "train");
        ledger.raw("0@2", new Raw(first("twice"), "image of twice"));
        ledger.rejected(new Rejected("0@2", Set.of("duplicate-sample-id")));
        ledger.raw("0@3", new Raw(first("corrupt"), "damaged"));
        ledger.rejected(new Rejected("0@3", Set.of("truncated-image")));
        through("1@0", "wrong", "other drive", "test");

        Verdict verdict = ledger.verdict();
        assertThat(verdict.problems()).isEmpty();
        assertThat(verdict).extracting(Verdict::lost, Verdict::duplicated).containsExactly(0L, 0L);
        assertThat(verdict)
                .extracting(Verdict::samples, Verdict::admitted, Verdict::rejected, Verdict::rows)
                .containsExactly(5L, 3L, 2L, 3L);
        assertThat(verdict.admittedShare()).isEqualTo(1);
    }

    @Test
    void aRecordWithoutAnOutcomeIsLostAlthoughAnExtraOneMakesUpTheNumber() {
        through("0@0", "one", "drive", "train");
        ledger.raw("0@1", new Raw(first("two"), "image of two"));
        ledger.rejected(new Rejected("0@99", Set.of("missing-label")));

        assertVerdict(1, 1, "the record at 0@1 has no outcome", "an outcome names 0@99, where no record is");
    }

    @Test
    void aGoodSampleThatIsRejectedAsSeenWithoutHavingBeenAdmittedIsLost() {
        ledger.raw("0@0", new Raw(first("one"), "image of one"));
        ledger.rejected(new Rejected("0@0", Set.of("duplicate-sample-id")));

        assertVerdict(1, 0, "sample one with the fault NONE is rejected as [duplicate-sample-id]");
    }

    @Test
    void bothCopiesRejectedAsSeenAreLost() {
        for (String place : Set.of("0@0", "0@1")) {
            ledger.raw(place, new Raw(first("twice"), "image of twice"));
            ledger.rejected(new Rejected(place, Set.of("duplicate-sample-id")));
        }
        assertThat(ledger.verdict().lost()).isEqualTo(2);
    }

    @Test
    void aRejectionThatDoesNotFitTheFaultIsALoss() {
        ledger.raw("0@0", new Raw(first("corrupt"), "damaged"));
        ledger.rejected(new Rejected("0@0", Set.of("unknown-class")));

        assertVerdict(1, 0, "sample corrupt with the fault CORRUPT_IMAGE is rejected as [unknown-class]");
    }

    @Test
    void sameContentNeedsAnAdmittedSampleWithThatContentAndOrderMayDecideTheRest() {
        through("0@0", "one", "drive", "train");
        ledger.raw("0@1", new Raw(first("copy"), "image of one"));
        ledger.rejected(new Rejected("0@1", Set.of("duplicate-content")));
        ledger.raw("0@2", new Raw(first("near"), "nearly image of one"));
        ledger.rejected(new Rejected("0@2", Set.of("near-duplicate-across-splits")));
        assertThat(ledger.verdict().problems()).isEmpty();

        ledger.raw("0@3", new Raw(first("alone"), "image of nobody else"));
        ledger.rejected(new Rejected("0@3", Set.of("duplicate-content")));
        assertVerdict(1, 0, "sample alone with the fault NONE is rejected as [duplicate-content]");
    }

    @Test
    void aFaultySampleThatIsAdmittedIsThereTooOften() {
        through("0@0", "corrupt", "drive", "train");
        assertVerdict(0, 1, "sample corrupt is admitted in spite of CORRUPT_IMAGE");
    }

    @Test
    void outcomesAndRowsThatAreThereTwiceAreCounted() {
        through("0@0", "one", "drive", "train");
        ledger.admitted(new Admitted("0@0", first("one"), "drive", "train", "train", "image of one"));
        ledger.row(new Row(first("one"), "train", "image of one"));
        ledger.row(new Row(first("never sent"), "train", "?"));

        assertVerdict(
                0,
                4,
                "the record at 0@0 has two outcomes",
                "sample one is admitted twice",
                "sample one has two rows",
                "sample never sent has a row and is in no topic");
    }

    @Test
    void aSampleInTheTopicOfAnotherSplitOrADriveInTwoSplitsIsNotWhereItBelongs() {
        ledger.raw("0@0", new Raw(first("one"), "image of one"));
        ledger.admitted(new Admitted("0@0", first("one"), "drive", "test", "train", "image of one"));
        ledger.row(new Row(first("one"), "train", "image of one"));
        through("0@1", "two", "drive", "train-dev");

        assertVerdict(
                2,
                0,
                "sample one of split train is in the topic of test, its drive in train",
                "sample two of split train-dev is in the topic of train-dev, its drive in train");
    }

    @Test
    void aRowThatIsMissingOrDiffersFromTheTopicIsALoss() {
        through("0@0", "one", "drive", "train");
        ledger.raw("0@1", new Raw(first("two"), "image of two"));
        ledger.admitted(new Admitted("0@1", first("two"), "drive", "train", "train", "image of two"));
        ledger.raw("0@2", new Raw(first("three"), "image of three"));
        ledger.admitted(new Admitted("0@2", first("three"), "drive", "train", "train", "image of three"));
        ledger.row(new Row(first("three"), "train", "another image"));

        assertVerdict(
                2, 0, "the row of sample three has another split or image than the topic", "sample two has no row");
    }

    @Test
    void aCorrectionIsThereOnceMoreOnTopicAndTable() {
        through("0@0", "one", "drive", "train");
        ledger.raw("0@1", new Raw(new Label("one", 1), "image of one"));
        ledger.admitted(new Admitted("0@1", new Label("one", 1), "drive", "train", "train", "image of one"));
        assertVerdict(1, 0, "sample one in label revision 1 has no row");

        ledger.row(new Row(new Label("one", 1), "train", "image of one"));
        assertThat(ledger.verdict().problems()).isEmpty();

        ledger.row(new Row(new Label("one", 1), "train", "image of one"));
        assertVerdict(0, 1, "sample one in label revision 1 has two rows");
    }

    private static Label first(String id) {
        return new Label(id, 0);
    }

    private void through(String place, String id, String drive, String split) {
        ledger.raw(place, new Raw(first(id), "image of " + id));
        ledger.admitted(new Admitted(place, first(id), drive, split, split, "image of " + id));
        ledger.row(new Row(first(id), split, "image of " + id));
    }

    private void assertVerdict(long lost, long duplicated, String... problems) {
        Verdict verdict = ledger.verdict();
        assertThat(verdict.problems()).containsExactlyInAnyOrder(problems);
        assertThat(verdict).extracting(Verdict::lost, Verdict::duplicated).containsExactly(lost, duplicated);
    }
}
