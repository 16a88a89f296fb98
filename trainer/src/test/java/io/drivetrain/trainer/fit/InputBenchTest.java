package io.drivetrain.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.schemas.Split;
import io.drivetrain.trainer.assemble.PixelShape;
import io.drivetrain.trainer.assemble.Selection;
import io.drivetrain.trainer.assemble.ShardException;
import io.drivetrain.trainer.assemble.ShardStore;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.check.NativeBackend;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputBenchTest {
    private static final InputPathMeasurement.Result RESULT = new InputPathMeasurement.Result(
            40_000,
            8_000,
            2_000,
            80,
            500,
            100,
            25,
            2,
            retraining(1.55),
            List.of(retraining(2.05), retraining(1.45), retraining(1.55)),
            new InputPathMeasurement.FirstBatch(990_000, 90, 0.7, 0.2, 6.5, 0.1, 0.05, 7.55));

    private static InputPathMeasurement.FirstBatch retraining(double seconds) {
        return new InputPathMeasurement.FirstBatch(1_000_000, 90, 0.7, 0.2, 0.5, 0.1, 0.05, seconds);
    }

    @Test
    void optionsAreRead() {
        assertThat(InputBench.Options.parse(List.of("--json", "--threads", "1", "--samples", "5000", "--dir", "d")))
                .isEqualTo(new InputBench.Options(true, 1, 60, 5000, Path.of("d")));
        assertThat(InputBench.Options.parse(List.of()))
                .isEqualTo(new InputBench.Options(false, 0, 60, 1_000_000, Path.of(".")));
    }

    @Test
    void whatCannotBeReadIsNamed() {
        assertThatThrownBy(() -> InputBench.Options.parse(List.of("--fast")))
                .hasMessage(
                        "Unknown argument '--fast' of the input benchmark; it takes --json, --threads N, --seconds N, --samples N and --dir DIR");
        assertThatThrownBy(() -> InputBench.Options.parse(List.of("--samples", "many")))
                .hasMessage("--samples needs a whole number of at least 1, got 'many'");
    }

    @Test
    void tableAndJsonSayTheSame() throws Exception {
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        InputBench.print(RESULT, false, new PrintStream(table, true, StandardCharsets.UTF_8));
        assertThat(table.toString(StandardCharsets.UTF_8))
                .contains(
                        "40000",
                        "500x",
                        "8000",
                        "100x",
                        "2000",
                        "25x",
                        "First training: first batch of 990,000 samples on disk 7.55 s",
                        "Retraining, its recipe known to the doctor (the median of 2.05, 1.45, 1.55 s): first batch of 1,000,000 samples on disk 1.55 s");
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        InputBench.print(RESULT, true, new PrintStream(json, true, StandardCharsets.UTF_8));
        assertThat(new ObjectMapper()
                        .readTree(json.toString(StandardCharsets.UTF_8))
                        .get("ratio")
                        .asDouble())
                .isEqualTo(500);
    }

    @Test
    void everyStepOfTheRealPathIsTimedOnAStoreOnDisk(@TempDir Path folder) throws Exception {
        NativeBackend.start(1);
        NetworkSpec spec = new NetworkSpec("lenet", 3, 16, 16, StoredNoise.CLASSES.size(), 1, 1e-3);
        try (ShardStore store = StoredNoise.fill(folder, new PixelShape(3, 16, 16), 5000, 100)) {
            InputPathMeasurement.FirstBatches both =
                    InputPathMeasurement.firstBatches(store, spec, 1, folder.resolve("checkpoint"));
            InputPathMeasurement.FirstBatch first = both.retraining();
            assertThat(both.retrainings())
                    .hasSize(InputPathMeasurement.RETRAININGS)
                    .contains(first);
            assertThat(both.retrainings().stream().filter(retraining -> retraining.seconds() < first.seconds()))
                    .hasSizeLessThanOrEqualTo(InputPathMeasurement.RETRAININGS / 2);

            assertThat(both.firstTraining().samples()).isCloseTo(4950, within(2));
            assertThat(first.samples()).isEqualTo(5000);
            assertThat(first.selectSeconds()
                            + first.doctorSeconds()
                            + first.startSeconds()
                            + first.fingerprintSeconds()
                            + first.batchSeconds())
                    .isCloseTo(first.seconds(), within(1e-3));
            SplitView train = store.view(Split.TRAIN, store.position(), Selection.of(StoredNoise.CLASSES));
            assertThat(train.drives()).hasSize(3 * 16).isSorted();
            assertThat(train.frame(0)).isZero();
            assertThat(train.frame(1)).isEqualTo(1);
        }
    }

    @Test
    void aDiskWithTooLittleSpaceIsNamedBeforeAnythingIsWritten(@TempDir Path folder) {
        assertThatThrownBy(() -> StoredNoise.fill(folder, new PixelShape(3, 1000, 1000), Integer.MAX_VALUE - 1, 1))
                .isInstanceOf(ShardException.class)
                .hasMessageContaining("--dir");
        assertThat(folder).isEmptyDirectory();
    }
}
