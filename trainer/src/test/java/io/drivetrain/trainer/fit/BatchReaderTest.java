package io.drivetrain.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.trainer.build.NetworkSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BatchReaderTest {
    private static final int SIDE = BrightSquares.SIDE;
    private static final int IMAGE = 3 * SIDE * SIDE;

    /** Two drives of four frames, whose number is 0 to 3 in the first and 10 to 13 in the second. */
    private static Drives twoDrives() {
        float[] telemetry = {0, 1, 2, 3, 10, 11, 12, 13};
        return new Drives(BrightSquares.of(8, 1), telemetry, new int[8], 4);
    }

    private static Normalisation asSent() {
        return new Normalisation(List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0), List.of(0.0), List.of(1.0));
    }

    private static NetworkSpec lstm(List<String> telemetry, int length) {
        return new NetworkSpec("lstm", 3, SIDE, SIDE, 2, 1, 1e-3, telemetry, length, 0, 0);
    }

    private static float[] onlyInput(Batch batch) {
        assertThat(batch.inputs()).hasSize(1);
        return batch.inputs().get(0).values();
    }

    @Test
    void telemetrySequenceEndsWithTheSampleAndStaysWithinItsDrive() {
        BatchReader reader = new BatchReader(twoDrives(), asSent(), lstm(List.of("speed"), 3));
        Batch batch = reader.read(new int[] {3, 5, 4}, 0, 3);
        assertThat(batch.inputs().get(0).shape()).containsExactly(3, 1, 3);
        assertThat(onlyInput(batch)).containsExactly(1, 2, 3, 10, 10, 11, 10, 10, 10);
    }

    @Test
    void imageSequenceHoldsTheFramesInTheOrderOfTime() {
        Drives store = twoDrives();
        float[] frames = onlyInput(new BatchReader(store, asSent(), lstm(List.of(), 2)).read(new int[] {5}, 0, 1));
        byte[] image = new byte[IMAGE];
        assertThat(frames).hasSize(2 * IMAGE);
        for (int time = 0; time < 2; time++) {
            store.readPixels(4 + time, image, 0);
            for (int i = 0; i < IMAGE; i += 97) {
                assertThat(frames[time * IMAGE + i]).isCloseTo((image[i] & 0xff) / 255f, within(1e-6f));
            }
        }
    }

    @Test
    void allFramesOfASequenceAreTransformedAsTheLabelledSample() {
        List<String> calls = new ArrayList<>();
        PixelTransform recorded = (pixels, index, position) -> calls.add(index + "@" + position);
        new BatchReader(twoDrives(), asSent(), lstm(List.of(), 3), recorded, Optional.empty())
                .read(new int[] {7, 6}, 1, 2);
        assertThat(calls).containsExactly("6@1", "6@1", "6@1");
    }

    @Test
    void multiInputBatchHoldsPixelsAndTelemetry() {
        NetworkSpec network = new NetworkSpec("multi-input", 3, SIDE, SIDE, 2, 1, 1e-3, List.of("speed"), 1, 0, 0);
        Batch batch = new BatchReader(twoDrives(), asSent(), network).read(new int[] {2, 6}, 0, 2);
        assertThat(batch.inputs()).hasSize(2);
        assertThat(batch.inputs().get(0).shape()).containsExactly(2, 3, SIDE, SIDE);
        assertThat(batch.inputs().get(1).shape()).containsExactly(2, 1);
        assertThat(batch.inputs().get(1).values()).containsExactly(2, 12);
    }

    @Test
    void telemetryIsNormalisedByTrainAndItsMeanStandsForWhatWasNotSent() {
        Drives store = new Drives(BrightSquares.of(4, 1), new float[] {10, Float.NaN, 14, 12}, new int[4], 4);
        Normalisation normalisation = Normalisation.of(store);
        assertThat(normalisation.telemetryMean().get(0)).isCloseTo(12, within(1e-12));
        assertThat(normalisation.telemetryDeviation().get(0)).isCloseTo(Math.sqrt(8 / 3.0), within(1e-12));
        float[] values = onlyInput(
                new BatchReader(store, normalisation, lstm(List.of("speed"), 1)).read(new int[] {0, 1, 2, 3}, 0, 4));
        assertThat(values[0]).isCloseTo((float) -Math.sqrt(1.5), within(1e-6f));
        assertThat(values[1]).isZero();
        assertThat(values[2]).isCloseTo((float) Math.sqrt(1.5), within(1e-6f));
        assertThat(values[3]).isZero();
    }

    @Test
    void telemetryThatWasNeverSentOrNeverVariesIsZero() {
        float[] never = new float[4];
        Arrays.fill(never, Float.NaN);
        for (float[] telemetry : List.of(never, new float[] {7, 7, 7, 7})) {
            Drives store = new Drives(BrightSquares.of(4, 1), telemetry, new int[4], 4);
            float[] values = onlyInput(new BatchReader(store, Normalisation.of(store), lstm(List.of("speed"), 1))
                    .read(new int[] {0, 1}, 0, 2));
            assertThat(values).containsExactly(0, 0);
        }
    }

    @Test
    void samplesWithOtherTelemetryThanTheNetworkReadsAreRefused() {
        assertThatThrownBy(() -> new BatchReader(twoDrives(), asSent(), lstm(List.of("speed", "brake"), 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Cannot give lstm, which reads the telemetry [speed, brake], samples with 1 numbers of telemetry");
    }
}
