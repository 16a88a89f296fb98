package io.drivetrain.trainer.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunConfigTest {
    private static final DrivetrainConfig BASE = ConfigReader.read(
            Optional.empty(),
            Map.of(),
            Map.of("classes", "a,b", "kafka.properties.ssl.key.password", "secret", "training.seed", "7"));

    private static String refusal(Map<String, String> overrides) {
        return ((RunConfig.Refused) RunConfig.of(BASE, overrides)).reason();
    }

    @Test
    void aRequestChangesItsKeysAndNoOther() {
        DrivetrainConfig config = ((RunConfig.Accepted)
                        RunConfig.of(BASE, Map.of("training.network", "resnet18", "classes", "a,c")))
                .config();

        assertThat(config.training().network()).isEqualTo("resnet18");
        assertThat(config.classes()).containsExactly("a", "c");
        assertThat(config.training().seed()).isEqualTo(7);
        assertThat(config.kafka()).isEqualTo(BASE.kafka());
    }

    @Test
    void keysOfThisMachineAreNotARequestsToChange() {
        assertThat(refusal(Map.of("kafka.bootstrap", "elsewhere:1", "training.directory", "elsewhere")))
                .startsWith(
                        "A request may not change kafka.bootstrap, training.directory; it may change keys of training., image.");
    }

    @Test
    void aRequestReadsNoFileAndNoEnvironment() {
        assertThat(refusal(Map.of("improve.warm-start", "${file:/etc/hostname}")))
                .isEqualTo("A request may not refer to files or the environment, as improve.warm-start does; give the"
                        + " value itself");
    }

    @Test
    void everyValueThatIsNotAcceptedIsNamed() {
        assertThat(refusal(Map.of("training.network", "alexnet", "training.batch-size", "0", "training.nonsense", "1")))
                .contains("training.network is 'alexnet'", "training.batch-size is '0'", "training.nonsense");
    }
}
