package io.drivetrain.trainer.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.ConfigKey;
import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.trainer.check.doctor.Examination;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DoctorGateTest {
    private static final DoctorFinding PASSED = new DoctorFinding("baselines", "train", 1.0, false, "All is well.", "");
    private static final DoctorFinding LEAKAGE =
            new DoctorFinding("split-leakage", "train, test", 0.2, true, "8 of 10 are copies.", "Split by drive.");
    private static final DoctorFinding SHUFFLED =
            new DoctorFinding("labels-shuffled", "train", 0.0, true, "p = 0.5.", "Permute both.");

    private static Examination found(DoctorFinding... findings) {
        return new Examination(List.of(findings), List.of());
    }

    @Test
    void refusesWhatIsWrongWithTheFirstCauseAndWhatToDo() {
        assertThat(DoctorGate.REFUSE.decide(found(LEAKAGE, SHUFFLED, PASSED), Optional.empty()))
                .isEqualTo(
                        new DoctorGate.Decision.Refuse(
                                "The doctor refuses this training: split-leakage (train, test): 8 of 10 are copies. Split by drive, and 1 more. './drivetrain doctor' shows all findings; with training.doctor=warn it trains nevertheless"));
    }

    @Test
    void warnsAndTrainsWithAllFindingsInTheReport() {
        assertThat(DoctorGate.WARN.decide(found(LEAKAGE, PASSED), Optional.empty()))
                .isInstanceOfSatisfying(DoctorGate.Decision.Train.class, train -> {
                    assertThat(train.findings()).containsExactly(LEAKAGE, PASSED);
                    assertThat(train.message()).startsWith("The doctor warns: split-leakage");
                });
    }

    @ParameterizedTest
    @EnumSource(DoctorGate.class)
    void whatIsHealthyTrainsUnderEverySetting(DoctorGate gate) {
        assertThat(gate.decide(found(PASSED), Optional.empty()))
                .isEqualTo(
                        new DoctorGate.Decision.Train(List.of(PASSED), "The doctor found nothing wrong in 1 checks"));
    }

    @Test
    void whatIsTakenOverFromAnEarlierGateIsSaid() {
        assertThat(DoctorGate.REFUSE.decide(
                        found(PASSED), Optional.of(new ExaminedRecipes.Examined("run-1", List.of(PASSED)))))
                .isEqualTo(
                        new DoctorGate.Decision.Train(
                                List.of(PASSED),
                                "The doctor found nothing wrong in 1 checks, of which 1 were made before run-1, which had the same recipe"));
    }

    @Test
    void everySettingOfTheConfigurationIsAGateAndTheStrictestIsTheDefault() {
        assertThat(List.of("refuse", "warn", "off").stream().map(DoctorGate::parse))
                .containsExactly(DoctorGate.values());
        assertThat(DoctorGate.parse(ConfigKey.TRAINING_DOCTOR.defaultText())).isEqualTo(DoctorGate.REFUSE);
        assertThat(DoctorGate.OFF.looks()).isFalse();
    }
}
