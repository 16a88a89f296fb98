package io.drivetrain.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Split;
import io.drivetrain.trainer.assemble.Assembly;
import io.drivetrain.trainer.assemble.PixelShape;
import io.drivetrain.trainer.assemble.Selection;
import io.drivetrain.trainer.assemble.SyntheticDrives;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import io.drivetrain.trainer.check.doctor.Settings;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyntheticDrivesFitTest {
    private static final int SIDE = 32;
    private static final List<String> TELEMETRY = List.of("speed", "yaw-rate");

    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lenet", "multi-input"})
    void theDoctorFindsNothingWrongWithDrawnScenes(String name) throws InterruptedException {
        Assembly drawn = SyntheticDrives.draw(
                42,
                new PixelShape(3, SIDE, SIDE),
                new Selection(SyntheticDrives.CLASSES, 0, Optional.empty(), TELEMETRY));
        NetworkSpec network = new NetworkSpec(name, 3, SIDE, SIDE, 2, 42, 3e-4, TELEMETRY, 1, 0, 0);
        FitCheckup.Outcome outcome = FitCheckup.of(
                new FitRequest(
                        drawn.view(Split.TRAIN),
                        drawn.view(Split.TRAIN_DEV),
                        network,
                        new FitSettings(2, 2, 64, 42, 2),
                        Optional.empty(),
                        Optional.empty()),
                SyntheticDrives.CLASSES,
                FitCheckup.NamedSplit.of(drawn.view(Split.TRAIN)),
                Stream.of(Split.TRAIN_DEV, Split.TEST_DEV, Split.TEST)
                        .map(split -> FitCheckup.NamedSplit.of(drawn.view(split)))
                        .toList());
        assertThat(outcome).isInstanceOf(FitCheckup.Outcome.Ready.class);
        try (FitCheckup checkup = ((FitCheckup.Outcome.Ready) outcome).checkup()) {
            assertThat(checkup.examine(Settings.standard(42)).failed()).isEmpty();
        }
    }
}
