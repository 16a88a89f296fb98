package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.split.Assignment;
import io.drivetrain.pipeline.split.DriveFacts;
import io.drivetrain.pipeline.split.SplitPolicy;
import io.drivetrain.schemas.Domain;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DriveLedgerTest {
    private static final DriveFacts FACTS = new DriveFacts("drive", Domain.SOURCE, TestSamples.START, "place=Jena");
    private static final Assignment ASSIGNMENT =
            SplitPolicy.of(TestSamples.config(Map.of())).assign(FACTS);

    private final DriveLedger opened = DriveLedger.opened(FACTS, ASSIGNMENT, 10, 1000);

    @Test
    void framesMayArriveInAnyOrderAsLongAsTimeAgreesWithIndex() {
        assertThat(opened.enter(12, 1200).inOrder()).isTrue();
        assertThat(opened.enter(3, 300).inOrder()).isTrue();
        assertThat(opened.enter(11, 1000).inOrder())
                .as("two frames of one moment")
                .isTrue();
        assertThat(opened.enter(10, 1000).inOrder()).as("sent again").isTrue();
    }

    @Test
    void aLaterFrameIsNotOlderAndAnEarlierOneNotYounger() {
        assertThat(opened.enter(11, 999).inOrder()).isFalse();
        assertThat(opened.enter(9, 1001).inOrder()).isFalse();
        assertThat(opened.enter(10, 1001).inOrder())
                .as("one index at two times")
                .isFalse();
    }

    @Test
    void oneFrameWithAWrongTimeDoesNotCondemnAllThatFollow() {
        DriveLedger ledger = opened.enter(11, 9_000_000).ledger();
        DriveLedger.Entry second = ledger.enter(12, 1200);
        assertThat(second.inOrder())
                .as("the first that contradicts the wrong one is refused")
                .isFalse();
        DriveLedger.Entry third = second.ledger().enter(13, 1300);
        assertThat(third.inOrder()).as("the second agrees with the first").isTrue();
        assertThat(third.ledger().enter(14, 1400).inOrder()).isTrue();
        assertThat(third.ledger().split()).isEqualTo(opened.split());
    }

    @Test
    void theLedgerSurvivesACheckpoint() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DriveLedger ledger = opened.enter(9, 2000).ledger();
        DriveLedger.Form.DRIVE_LEDGER.write(ledger, new DataOutputStream(out));
        assertThat(DriveLedger.Form.DRIVE_LEDGER.read(new DataInputStream(new ByteArrayInputStream(out.toByteArray()))))
                .isEqualTo(ledger);
    }
}
