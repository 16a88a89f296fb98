package io.drivetrain.trainer.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComputeCapabilityTest {
    @ParameterizedTest(name = "{0} of {1}: {2}")
    @CsvSource({
        "Tesla K40m, 3.5, false",
        "Tesla K80, 3.7, true",
        "Tesla T4, 7.5, true",
        "NVIDIA A100-SXM4-80GB, 8.0, true",
        "NVIDIA A10, 8.6, true",
        "NVIDIA GeForce RTX 4090, 8.9, true",
        "NVIDIA H100 80GB HBM3, 9.0, false",
        "NVIDIA H200, 9.0, false",
        "NVIDIA B200, 10.0, false",
        "NVIDIA GeForce RTX 5090, 12.0, false"
    })
    void cardRunsTheBackendOnlyIfItHasItsMachineCode(String name, String capability, boolean runs) {
        List<ComputeCapability.Card> cards = ComputeCapability.cardsIn(name + ", " + capability + "\n");
        assertThat(cards).hasSize(1);
        assertThat(cards.get(0).name()).isEqualTo(name);
        assertThat(ComputeCapability.objectionTo(cards).isEmpty()).isEqualTo(runs);
    }

    @Test
    void objectionNamesTheCardItsCapabilityAndWhatWorks() {
        Optional<String> objection =
                ComputeCapability.objectionTo(ComputeCapability.cardsIn("NVIDIA H100 80GB HBM3, 9.0"));
        assertThat(objection)
                .contains("NVIDIA H100 80GB HBM3 has compute capability 9.0, for which ND4J's CUDA backend has no code;"
                        + " cards of compute capability 3.7 to 8.9 work (for example T4, A100, A10, RTX 30xx and 40xx);"
                        + " on this machine build the default CPU profile instead: mvn -Pcpu verify");
    }

    @Test
    void firstOfSeveralCardsDecides() {
        String both = "Tesla T4, 7.5\nNVIDIA H100 80GB HBM3, 9.0\n";
        assertThat(ComputeCapability.objectionTo(ComputeCapability.cardsIn(both)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"''", "No devices were found", "'Tesla T4, [N/A]'"})
    void outputWithoutACardIsAnObjection(String output) {
        assertThat(ComputeCapability.objectionTo(ComputeCapability.cardsIn(output)))
                .hasValueSatisfying(message -> assertThat(message).startsWith("The cuda profile needs an NVIDIA card"));
    }
}
