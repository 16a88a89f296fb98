package io.drivetrain.infra.cli.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Topic;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class LeftOutTest {
    @Test
    void hundredsThatCannotBeReadAreOneLine() {
        LeftOut leftOut = new LeftOut();
        for (int offset = 7; offset < 407; offset++) {
            assertThat(leftOut.add(Topic.TRAINING_PROGRESS, offset, "unknown schema"))
                    .isEqualTo(offset == 7);
        }
        leftOut.add(Topic.ALERTS, 3, "no Avro");
        StringWriter told = new StringWriter();
        leftOut.tell(new PrintWriter(told, true));
        assertThat(told.toString().lines())
                .containsExactlyInAnyOrder(
                        "Left out 400 records of training.progress, the first record 7 of training.progress: unknown schema",
                        "Left out record 3 of alerts: no Avro");
    }
}
