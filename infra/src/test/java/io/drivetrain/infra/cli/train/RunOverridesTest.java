package io.drivetrain.infra.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.schemas.ConfigException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunOverridesTest {
    @Test
    void flagsAndKeysGoWithTheRequestAndClientKeysStay() {
        assertThat(RunOverrides.of(
                        Map.of("improve.weight-decay", "0.0005", "kafka.bootstrap", "localhost:9092"),
                        Map.of("training.network", "resnet18")))
                .containsOnly(Map.entry("improve.weight-decay", "0.0005"), Map.entry("training.network", "resnet18"));
    }

    @ParameterizedTest
    @CsvSource({
        "training.directory, /tmp, cannot be changed",
        "training.threads, 8, cannot be changed",
        "split.salt, x, cannot be changed",
        "training.netwrok, lenet, did you mean training.network",
        "training.network, resnet19, accepted is",
        "training.limit, -1, accepted is",
        "classes, one, two or more",
        "improve.warm-start, ${env:HOME}, give the value itself"
    })
    void whatTheTrainerWouldRefuseIsRefusedBeforeItIsSent(String key, String value, String reason) {
        assertThatThrownBy(() -> RunOverrides.of(Map.of(key, value), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(key)
                .hasMessageContaining(reason);
    }

    @Test
    void aKeyThatIsGivenByFlagAndBySetIsRefused() {
        assertThatThrownBy(() ->
                        RunOverrides.of(Map.of("training.network", "lenet"), Map.of("training.network", "resnet18")))
                .hasMessageContaining("given twice");
    }
}
