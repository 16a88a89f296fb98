package io.drivetrain.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConfigReaderTest {
    @TempDir
    Path folder;

    private Optional<Path> yaml(String text) throws IOException {
        return Optional.of(Files.writeString(folder.resolve("drivetrain.yaml"), text));
    }

    @Test
    void defaultsAreTheDocumentedOnes() {
        DrivetrainConfig config = ConfigReader.read(Optional.empty(), Map.of(), Map.of());
        assertThat(config.classes()).containsExactly("pedestrian", "no-pedestrian");
        assertThat(config.image()).isEqualTo(new DrivetrainConfig.Image(64, 64));
        assertThat(config.flink().checkpointInterval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.split()).isEqualTo(new DrivetrainConfig.SplitSettings("2026-11", 0.2, 0.5));
        assertThat(config.training().seed()).isEqualTo(42);
    }

    @ParameterizedTest
    @EnumSource(ConfigKey.class)
    void everyDefaultIsAcceptedAndEveryKeyCanBeSetByFlag(ConfigKey key) {
        assertThat(key.accepts(key.defaultText())).isTrue();
        DrivetrainConfig config = ConfigReader.read(Optional.empty(), Map.of(), Map.of(key.path(), key.defaultText()));
        assertThat(config.asText()).containsEntry(key.path(), key.defaultText());
    }

    @Test
    void flagWinsOverEnvironmentAndEnvironmentOverFile() throws IOException {
        Optional<Path> file = yaml("training:\n  seed: 1\n  batch-size: 8\n  patience: 2\n");
        DrivetrainConfig config = ConfigReader.read(
                file,
                Map.of("DRIVETRAIN_TRAINING_SEED", "2", "DRIVETRAIN_TRAINING_BATCH_SIZE", "16"),
                Map.of("training.seed", "3"));
        assertThat(config.training().seed()).isEqualTo(3);
        assertThat(config.training().batchSize()).isEqualTo(16);
        assertThat(config.training().patience()).isEqualTo(2);
    }

    @Test
    void allProblemsAreReportedTogetherWithPathValueAndWhatIsAccepted() throws IOException {
        Optional<Path> file = yaml("trainin:\n  seed: 1\nimage:\n  width: wide\nsplit:\n  test-fraction: 1.5\n");
        ConfigException e = catchThrowableOfType(
                ConfigException.class, () -> ConfigReader.read(file, Map.of(), Map.of("flink.balance-window", "5")));
        assertThat(e.problems())
                .hasSize(4)
                .anyMatch(p -> p.contains("trainin.seed") && p.contains("did you mean training.seed?"))
                .anyMatch(p -> p.contains("image.width is 'wide'") && p.contains("a whole number from 8 to 1024"))
                .anyMatch(p -> p.contains("split.test-fraction is '1.5'") && p.contains("a number from 0 to 1"))
                .anyMatch(p -> p.contains("flink.balance-window is '5'") && p.contains("PT10S"));
    }

    @Test
    void listsAreListsInTheFileAndCommaSeparatedInAFlag() throws IOException {
        Optional<Path> file = yaml("""
                admission:
                  formats: [png]
                  retired-classes: [tram, walker=pedestrian]
                  vocabulary:
                    weather: [clear, partly cloudy]
                    light: [dim, bright]
                """);
        DrivetrainConfig.Admission admission = ConfigReader.read(
                        file, Map.of(), Map.of("admission.vocabulary.scene", "", "admission.max-age", "P30D"))
                .admission();
        assertThat(admission.formats()).containsExactly("png");
        assertThat(admission.retiredClasses()).isEqualTo(Map.of("tram", "", "walker", "pedestrian"));
        assertThat(admission.vocabulary())
                .containsEntry("weather", List.of("clear", "partly cloudy"))
                .containsEntry("light", List.of("dim", "bright"))
                .containsKey("timeofday")
                .doesNotContainKey("scene");
        assertThat(admission.maxAge()).isEqualTo(Duration.ofDays(30));
    }

    @Test
    void listsWithUnknownElementsAndRetiredClassesInUseAreProblems() {
        ConfigException e = catchThrowableOfType(
                ConfigException.class,
                () -> ConfigReader.read(
                        Optional.empty(),
                        Map.of(),
                        Map.of(
                                "admission.formats",
                                "png,gif",
                                "admission.retired-classes",
                                "pedestrian,tram=train",
                                "admission.max-age",
                                "old")));
        assertThat(e.problems())
                .hasSize(4)
                .anyMatch(p -> p.contains("admission.formats is 'png,gif'") && p.contains("one or more of jpeg, png"))
                .anyMatch(p -> p.contains("'pedestrian' is in classes and in admission.retired-classes"))
                .anyMatch(p -> p.contains("replaces 'tram' by 'train', which is none of classes"))
                .anyMatch(p -> p.contains("admission.max-age is 'old'") && p.contains("or empty"));
    }

    @Test
    void brokenYamlNamesTheLine() throws IOException {
        Optional<Path> file = yaml("kafka:\n  bootstrap: [a\n");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigReader.read(file, Map.of(), Map.of()))
                .withMessageContaining("is not YAML (line ");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigReader.read(Optional.of(folder.resolve("no.yaml")), Map.of(), Map.of()))
                .withMessageContaining("no.yaml")
                .withMessageContaining("check the path given with --config");
    }

    @Test
    void secretsComeFromTheEnvironmentAndAreNotShown() throws IOException {
        Optional<Path> file = yaml("kafka:\n  properties:\n    sasl.jaas.config: \"x ${env:SECRET}\"\n");
        DrivetrainConfig config = ConfigReader.read(file, Map.of("SECRET", "pass$word"), Map.of());
        assertThat(config.kafka().properties()).containsEntry("sasl.jaas.config", "x pass$word");
        assertThat(config.toString()).doesNotContain("pass$word");
        assertThat(config.asText().toString()).doesNotContain("pass$word");
    }

    @Test
    void aMissingSecretIsNamed() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigReader.read(
                        Optional.empty(), Map.of(), Map.of("kafka.properties.ssl.key.password", "${env:NOPE}")))
                .withMessageContaining("environment variable NOPE, which is not set");
    }

    @Test
    void classesAreAListInTheFileAndCommaSeparatedInAFlag() throws IOException {
        assertThat(ConfigReader.read(yaml("classes: [red, green]\n"), Map.of(), Map.of())
                        .classes())
                .containsExactly("red", "green");
        assertThat(ConfigReader.read(Optional.empty(), Map.of(), Map.of("classes", "a, b,c"))
                        .classes())
                .containsExactly("a", "b", "c");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigReader.read(Optional.empty(), Map.of(), Map.of("classes", "a,a")))
                .withMessageContaining("two or more different names");
    }

    @Test
    void processArgumentsAreRead() {
        DrivetrainConfig config = ConfigReader.fromArguments(
                new String[] {"--parent-pid", "7", "--set", "training.seed=9", "--set", "split.salt=a=b"}, Map.of());
        assertThat(config.training().seed()).isEqualTo(9);
        assertThat(config.split().salt()).isEqualTo("a=b");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigReader.fromArguments(new String[] {"--set"}, Map.of()))
                .withMessageContaining("--set needs a value");
    }
}
