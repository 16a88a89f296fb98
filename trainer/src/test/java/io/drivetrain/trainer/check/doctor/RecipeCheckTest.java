package io.drivetrain.trainer.check.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.RampSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

class RecipeCheckTest {
    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(2);
    }

    static Stream<Arguments> settings() {
        return Stream.of(
                setting("dropout that retains 5 %", "regularisation-too-strong", common -> common.dropOut(0.05)),
                setting(
                        "noise that retains 5 % of the weights",
                        "regularisation-too-strong", common -> common.weightNoise(new DropConnect(0.05))),
                setting(
                        "a momentum of 0.999",
                        "momentum-too-long",
                        common -> common.updater(new Nesterovs(0.01, 0.999))),
                setting(
                        "a beta1 of 0.9999",
                        "momentum-too-long",
                        common -> common.updater(new Adam(1e-3, 0.9999, 0.999, 1e-8))),
                setting(
                        "a rate of 0 from the third update on",
                        "learning-rate-too-low",
                        common -> common.updater(
                                new Adam(new MapSchedule(ScheduleType.ITERATION, Map.of(0, 1e-3, 2, 0.0))))),
                setting(
                        "a rate that each update halves",
                        "learning-rate-too-low",
                        common ->
                                common.updater(new Adam(new ExponentialSchedule(ScheduleType.ITERATION, 1e-3, 0.5)))));
    }

    private static Arguments setting(String name, String check, Consumer<NeuralNetConfiguration.Builder> common) {
        return Arguments.of(name, check, common);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("settings")
    void isNamed(String name, String check, Consumer<NeuralNetConfiguration.Builder> common) {
        assertThat(failed(common))
                .singleElement()
                .satisfies(finding -> assertThat(finding.getCheck()).isEqualTo(check));
    }

    @Test
    void usualSettingsAndAWarmUpAreNot() {
        assertThat(failed(common -> common.dropOut(0.5)
                        .weightNoise(new DropConnect(0.9))
                        .updater(new Adam(new RampSchedule(new FixedSchedule(1e-3), 100)))))
                .isEmpty();
        assertThat(failed(common -> common.updater(new Nesterovs(0.01, 0.99)))).isEmpty();
    }

    private static List<DoctorFinding> failed(Consumer<NeuralNetConfiguration.Builder> common) {
        Findings findings = new Findings();
        RecipeCheck.examine(
                Ward.network(common, Ward.pool(), Ward.dense(), Ward.output())
                        .network()
                        .get(),
                findings);
        return findings.examination().failed();
    }
}
