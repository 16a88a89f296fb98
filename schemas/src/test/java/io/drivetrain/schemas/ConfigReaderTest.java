package io.drivetrain.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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
        assertThat(config.split())
                .isEqualTo(new DrivetrainConfig.SplitSettings(
                        "2026-11",
                        0.2,
                        0.5,
                        List.of(),
                        null,
                        0,
                        List.of(),
                        Duration.ZERO,
                        Duration.ofDays(1),
                        SplitPlan.Scope.DOMAIN,
                        0.05,
                        0.002,
                        List.of("place", "road", "car"),
                        SplitPlan.UnknownPlace.NONE));
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
    void plansOfThePastAreReadFromTheHistory() throws IOException {
        Optional<Path> file = yaml("""
                split:
                  train-dev-fraction: 0.1
                  history:
                    - until=2026-10-01T00:00:00Z salt=old train-dev-fraction=0.3 test-fraction=0.5 adopt-fraction=0 embargo=none
                    - until=2026-12-01T00:00:00Z salt=old train-dev-fraction=0.2 test-fraction=0.5 adopt-fraction=0.1 adopt-from=2026-11-05T00:00:00Z embargo=PT30M embargo-block=P1D embargo-scope=domain place-cell=0.05 place-margin=0.002 unknown-place=one-place
                  rotate-test-dev-at: [2026-11-01T00:00:00Z, 2026-12-01T00:00:00Z]
                """);
        DrivetrainConfig.SplitSettings split =
                ConfigReader.read(file, Map.of(), Map.of()).split();
        assertThat(split.plans()).extracting(SplitPlan::trainDevFraction).containsExactly(0.3, 0.2, 0.1);
        assertThat(split.plans().get(0).scheme().salt()).isEqualTo("old");
        assertThat(split.plans().get(1).scheme().embargo()).isEqualTo(Duration.ofMinutes(30));
        assertThat(split.plans().get(1).scheme().unknownPlace()).isEqualTo(SplitPlan.UnknownPlace.ONE_PLACE);
        assertThat(split.plans().get(1).adoptFrom()).contains(Instant.parse("2026-11-05T00:00:00Z"));
        assertThat(split.plans().get(2).adoptFrom()).isEmpty();
        assertThat(split.plans().get(2).until()).isEmpty();
        assertThat(split.rotateTestDevAt()).hasSize(2);
    }

    @Test
    void aPlanSaysItselfAsALineOfTheHistory() {
        SplitPlan plan = SplitPlan.parse(
                "until=2026-10-01T00:00:00Z salt=s train-dev-fraction=0.3 test-fraction=0.4 adopt-fraction=0.1 adopt-from=2026-09-01T00:00:00Z embargo=PT30M embargo-block=PT12H embargo-scope=all place-cell=0.1 place-margin=0.01 unknown-place=one-place");
        assertThat(SplitPlan.parse(plan.asHistory(plan.until().orElseThrow()))).isEqualTo(plan);
        SplitPlan today = ConfigReader.read(Optional.empty(), Map.of(), Map.of())
                .split()
                .plans()
                .get(0);
        assertThat(SplitPlan.parseAny(today.asText())).isEqualTo(today);
        assertThat(today.asText())
                .isEqualTo("salt=2026-11 train-dev-fraction=0.2 test-fraction=0.5 adopt-fraction=0.0 embargo=none");
    }

    @Test
    void aPlanOfThePastDoesNotInheritWhatItLeavesOut() {
        String whole = "until=2026-10-01T00:00:00Z salt=s train-dev-fraction=0.2 test-fraction=0.5";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SplitPlan.parse(whole))
                .withMessageContaining("lacks adopt-fraction, embargo; a plan of the past says all of its values");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SplitPlan.parse(whole + " adopt-fraction=0.1 embargo=none"))
                .withMessageContaining("lacks adopt-from;");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SplitPlan.parse(whole + " adopt-fraction=0 embargo=PT1H embargo-block=P1D"))
                .withMessageContaining("lacks embargo-scope, place-cell, place-margin, unknown-place;");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SplitPlan.parse(whole + " adopt-fraction=0 embargo=never"))
                .withMessageContaining(
                        "embargo is 'never'; accepted is a duration above zero, for example PT30M, or none");
    }

    @Test
    void theExampleInTheMeaningOfTheHistoryIsAWholePlan() {
        String meaning = ConfigKey.SPLIT_HISTORY.meaning();
        String example = meaning.substring(meaning.indexOf("until="), meaning.indexOf("';"));
        assertThat(SplitPlan.parse(example).scheme().salt()).isEqualTo(ConfigKey.SPLIT_SALT.defaultText());
    }

    @Test
    void aSaltThatTheHistoryCouldNotSayIsAProblem() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigReader.read(Optional.empty(), Map.of(), Map.of("split.salt", "my salt")))
                .withMessageContaining("salt 'my salt' holds a blank or a comma");
    }

    @Test
    void plansThatContradictEachOtherOrThemselvesAreProblems() {
        ConfigException e = catchThrowableOfType(
                ConfigException.class,
                () -> ConfigReader.read(
                        Optional.empty(),
                        Map.of(),
                        Map.of(
                                "split.history",
                                "until=2026-12-01T00:00:00Z %1$s,until=2026-11-01T00:00:00Z %1$s,%1$s,until=2027-01-01T00:00:00Z speed=3,until=soon"
                                        .formatted(
                                                "salt=s train-dev-fraction=0.1 test-fraction=0.5 adopt-fraction=0 embargo=none"),
                                "split.test-fraction",
                                "0.7",
                                "split.adopt-fraction",
                                "0.4",
                                "split.rotate-test-dev-at",
                                "2026-12-01T00:00:00Z,2026-11-01T00:00:00Z")));
        assertThat(e.problems())
                .hasSize(7)
                .anyMatch(p -> p.contains("split.history[1] ends at 2026-11-01T00:00:00Z"))
                .anyMatch(p -> p.contains("split.history[2]") && p.contains("until when"))
                .anyMatch(p -> p.contains("'speed=3' is no part of a plan"))
                .anyMatch(p -> p.contains("until is 'soon'"))
                .anyMatch(p -> p.contains("sum to more than 1"))
                .anyMatch(p -> p.contains("without split.adopt-from"))
                .anyMatch(p -> p.contains("split.rotate-test-dev-at") && p.contains("ascending"));
    }

    @Test
    void anEmbargoBlockOfNoMillisecondIsRefused() {
        ConfigException e = catchThrowableOfType(
                ConfigException.class,
                () -> ConfigReader.read(
                        Optional.empty(),
                        Map.of(),
                        Map.of("split.embargo", "PT0.0000001S", "split.embargo-block", "PT0.0000002S")));
        assertThat(e.problems()).singleElement().asString().contains("is less than a millisecond");
    }

    @Test
    void brokenYamlNamesTheLine() throws IOException {
        Optional<Path> file = yaml("kafka:\n  bootstrap: [a\n");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigReader.read(file, Map.of(), Map.of()))
                .withMessageContaining(
                        "is not YAML (line 3: expected ',' or ']', but got <stream end>); correct that line");
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
