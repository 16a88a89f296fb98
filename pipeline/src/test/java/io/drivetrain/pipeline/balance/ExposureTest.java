package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.AlertKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExposureTest {
    @Test
    void aSourceThatIsNewHasMoreOfTheNewLabelsThanOfAll() {
        Exposure retired = Exposure.NONE.plus(900).aged().aged().aged();
        Exposure fresh = Exposure.NONE.plus(100);
        Exposure all = retired.plus(fresh);
        assertThat(fresh.shareOf(all)).isEqualTo(100 / (100 + 900 / 8.0), within(1e-12));
        assertThat(retired.shareOf(all)).isEqualTo(0.9, within(1e-12));
    }

    @Test
    void sourcesThatLabelSideBySideHaveTheirShareOfLabels() {
        Exposure one = Exposure.NONE;
        Exposure other = Exposure.NONE;
        for (int window = 0; window < 2000; window++) {
            one = one.aged().plus(30);
            other = other.aged().plus(10);
        }
        assertThat(one.shareOf(one.plus(other))).isEqualTo(0.75, within(1e-9));
        assertThat(Exposure.NONE.shareOf(one)).isZero();
        assertThat(one.shareOf(one)).isEqualTo(1);
    }

    @Test
    void theCheckpointOfAnEarlierVersionIsReadAndWrittenAsOfNow() throws IOException {
        ByteArrayOutputStream before = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(before);
        out.writeInt(1);
        BinaryForm.writeText("ann", out);
        for (long total : new long[] {70, 2, 1}) {
            out.writeLong(total);
        }
        out.writeBoolean(false);
        out.writeBoolean(false);
        new Alarms(AlertKind.LABEL_SOURCE).write(out);

        DataInputStream in = new DataInputStream(new ByteArrayInputStream(before.toByteArray()));
        ByteArrayOutputStream now = new ByteArrayOutputStream();
        LabelSources.read(TestSamples.config(Map.of()), in, false).write(new DataOutputStream(now));
        assertThat(in.available()).isZero();

        DataInputStream written = new DataInputStream(new ByteArrayInputStream(now.toByteArray()));
        assertThat(written.readInt()).isEqualTo(1);
        assertThat(BinaryForm.readText(written)).isEqualTo("ann");
        assertThat(Exposure.read(written)).isEqualTo(Exposure.NONE.plus(70));
    }
}
