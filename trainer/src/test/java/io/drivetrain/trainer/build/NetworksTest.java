package io.drivetrain.trainer.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class NetworksTest {
    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lenet", "resnet18"})
    void sameSpecificationGivesTheSameWeights(String name) {
        NetworkSpec spec = new NetworkSpec(name, 3, 32, 32, 2, 7, 1e-3);
        assertThat(Networks.build(spec).params()).isEqualTo(Networks.build(spec).params());
    }

    @ParameterizedTest
    @ValueSource(strings = {"lenet", "resnet18"})
    void ourLayersComputeWhatPlainLayersCompute(String name) {
        NetworkSpec spec = new NetworkSpec(name, 3, 32, 32, 4, 7, 1e-3);
        INDArray pixels = Nd4j.rand(DataType.FLOAT, 3, 3, 32, 32);
        INDArray ours = Networks.build(spec).outputSingle(false, pixels);
        INDArray plain = Networks.build(spec, LayerFamily.PLAIN).outputSingle(false, pixels);
        assertThat(ours.equalsWithEps(plain, 1e-4)).as("%s%n%s", ours, plain).isTrue();
    }

    @Test
    void differentSeedsGiveDifferentWeights() {
        ComputationGraph one = Networks.build(new NetworkSpec("lenet", 3, 32, 32, 2, 1, 1e-3));
        ComputationGraph two = Networks.build(new NetworkSpec("lenet", 3, 32, 32, 2, 2, 1e-3));
        assertThat(one.params()).isNotEqualTo(two.params());
    }

    @Test
    void smallestInputOfTheAdmissionRulesFitsLeNet() {
        ComputationGraph graph = Networks.build(new NetworkSpec("lenet", 1, 16, 16, 2, 1, 1e-3));
        assertThat(graph.outputSingle(false, Nd4j.zeros(DataType.FLOAT, 1, 1, 16, 16))
                        .columns())
                .isEqualTo(2);
    }

    @Test
    void unknownNetworkIsRefusedWithTheKnownNames() {
        assertThatThrownBy(() -> new NetworkSpec("lenet5", 3, 64, 64, 2, 1, 1e-3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Unknown network 'lenet5'; training.network must be one of [dense, lenet, lstm, multi-input, resnet101, resnet18, resnet50]");
    }

    @Test
    void inputTooSmallForTheNetworkIsRefused() {
        assertThatThrownBy(() -> new NetworkSpec("lenet", 3, 8, 64, 2, 1, 1e-3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "lenet needs inputs of at least 16×16 pixels, got 8×64; raise image.height and image.width");
    }

    @Test
    void oneClassIsRefused() {
        assertThatThrownBy(() -> new NetworkSpec("lenet", 3, 64, 64, 1, 1, 1e-3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a classifier needs at least 2");
    }
}
