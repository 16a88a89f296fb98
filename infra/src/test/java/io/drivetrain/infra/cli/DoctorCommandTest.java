package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.infra.cli.read.FindingsJson;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.DrivetrainConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DoctorCommandTest {
    @TempDir
    private Path folder;

    private static DoctorFinding finding(boolean failed) {
        return new DoctorFinding("input-not-normalised", "input", failed ? 0.1 : 1, failed, "mean 127", "normalise");
    }

    @Test
    void theDoctorsProcessReadsTheSameConfiguration() throws Exception {
        DrivetrainConfig config = ConfigReader.read(
                Optional.empty(),
                Map.of(),
                Map.of(
                        "training.network", "resnet18",
                        "classes", "car,truck,bus",
                        "improve.augment", "flip,brightness=0.3",
                        "kafka.properties.security.protocol", "SSL"));
        Path file = folder.resolve("drivetrain.yaml");
        new ObjectMapper().writeValue(file.toFile(), DoctorCommand.keys(config));
        assertThat(ConfigReader.read(Optional.of(file), Map.of(), Map.of())).isEqualTo(config);
    }

    @Test
    void oneFailedFindingIsANegativeVerdict() throws Exception {
        assertThat(DoctorCommand.verdict(List.of(finding(false), finding(true))))
                .isEqualTo(ExitCode.NEGATIVE);
        assertThat(DoctorCommand.verdict(List.of(finding(false)))).isEqualTo(ExitCode.DONE);
    }

    @Test
    void aDoctorThatMadeNoCheckHasNotFoundThatAllIsWell() {
        assertThatThrownBy(() -> DoctorCommand.verdict(List.of()))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("no check");
    }

    @Test
    void findingsAreReadFromTheDocument() {
        assertThat(FindingsJson.parse("""
                        {"findings": [{"check": "input-not-normalised", "subject": "input", "score": 0.1, "failed": true,
                          "evidence": "mean 127", "advice": "normalise"}]}""")).contains(List.of(finding(true)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"findings\": 1}", "{\"findings\": [{\"check\": \"x\"}]}"})
    void whatIsNoDocumentOfTheDoctorIsNotTakenForHealth(String text) {
        assertThat(FindingsJson.parse(text)).isEmpty();
    }
}
