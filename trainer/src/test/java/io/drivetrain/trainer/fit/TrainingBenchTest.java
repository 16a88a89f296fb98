package io.drivetrain.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingBenchTest {
    private static final TrainingBench.Result RESULT = new TrainingBench.Result(
            "lenet", 2, 1800.5, 180.25, 9.98, null, null, null, null, null, 270_000, 5, "3x64x64", 64);

    @Test
    void jsonIsOneDocumentOfTheAgreedShape() throws JsonProcessingException {
        assertThat(printed(true))
                .isEqualTo(
                        "{\"benchmark\":\"training\",\"unit\":\"images/s\",\"results\":[{\"network\":\"lenet\","
                                + "\"threads\":2,\"ours\":1800.5,\"plainDl4j\":180.25,\"ratioToPlain\":9.98,"
                                + "\"pytorch\":null,\"ratioToPytorch\":null,\"ratioToPytorchLowest\":null,"
                                + "\"ratioToPytorchHighest\":null,\"pytorchVersion\":null,\"parameters\":270000,\"rounds\":5,\"input\":\"3x64x64\",\"batch\":64}]}");
    }

    @Test
    void tableNamesNetworkAndRatio() throws JsonProcessingException {
        assertThat(printed(false)).contains("lenet", "3x64x64", "1800.5", "10.0x", "not there");
    }

    @Test
    void medianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
        assertThat(SpeedMeasurement.median(new double[] {4, 1, 3, 100})).isEqualTo(3.5);
        assertThat(SpeedMeasurement.median(new double[] {5, 1, 3})).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--seconds", "--seconds 3", "--seconds x", "--fast", "--seconds 20 --python"})
    void wrongArgumentsAreRefusedWithWhatIsAccepted(String arguments) {
        assertThatThrownBy(() -> TrainingBench.Options.parse(List.of(arguments.split(" "))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(arguments.endsWith("--python") ? "--python" : "--seconds");
    }

    private static String printed(boolean json) throws JsonProcessingException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        TrainingBench.print(List.of(RESULT), json, out);
        return bytes.toString(StandardCharsets.UTF_8).strip();
    }
}
