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

    @Test
    void theLedgerSurvivesACheckpoint() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FrameOrder order = FrameOrder.opened(FrameOrder.Frame.of("drive/10", 10, 1000));
        DriveLedger ledger = DriveLedger.opened(
                FACTS,
                ASSIGNMENT,
                order.enter(FrameOrder.Frame.of("drive/9", 9, 2000)).order());
        DriveLedger.Form.DRIVE_LEDGER.write(ledger, new DataOutputStream(out));
        assertThat(DriveLedger.Form.DRIVE_LEDGER.read(new DataInputStream(new ByteArrayInputStream(out.toByteArray()))))
                .isEqualTo(ledger);
    }
}
