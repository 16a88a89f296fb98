package io.drivetrain.trainer.improve;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.LabelSuspect;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.trainer.assemble.Offsets;
import io.drivetrain.trainer.assemble.PixelShape;
import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.assemble.Samples;
import io.drivetrain.trainer.assemble.Selection;
import io.drivetrain.trainer.assemble.ShardStore;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.grade.noise.LabelNoiseReport;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JoinedSplitsTest {
    private static final List<String> CLASSES = List.of(Samples.BRIGHT, Samples.DARK);

    @TempDir
    Path directory;

    private ShardStore store;
    private JoinedSplits joined;

    @BeforeEach
    void store() throws Exception {
        store = ShardStore.open(directory, new PixelShape(3, 16, 16));
        joined = JoinedSplits.of(view(Split.TRAIN, 3), view(Split.TRAIN_DEV, 2));
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    private SplitView view(Split split, int drives) throws Exception {
        int offset = 0;
        for (int drive = 0; drive < drives; drive++) {
            for (int frame = 0; frame < 4; frame++) {
                store.append(split, Samples.sample(split, split + "-" + drive, frame), 0, offset++);
            }
        }
        Offsets all = Offsets.of(Map.of(new Offsets.Partition(Topic.of(split).topicName(), 0), 1_000L));
        store.commit(all);
        return store.view(split, all, Selection.of(CLASSES));
    }

    @Test
    void samplesAreNumberedThrough() {
        DriveSamples samples = joined.samples(2);
        assertThat(samples.drives()).containsExactly("TRAIN-0", "TRAIN-1", "TRAIN-2", "TRAIN_DEV-0", "TRAIN_DEV-1");
        assertThat(samples.driveOf()).containsExactly(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4);
        assertThat(samples.labels()).startsWith(0, 1, 0, 1).hasSize(20);
        assertThat(joined.view(12).split()).isEqualTo(Split.TRAIN_DEV);
        assertThat(joined.indexInView(12)).isZero();
    }

    @Test
    void aSubsetIsAStoreOfItsOwn() {
        SampleStore subset = joined.subset(new int[] {5, 13, 19});
        assertThat(subset.size()).isEqualTo(3);
        assertThat(subset.label(0)).isEqualTo(1);
        assertThat(List.of(subset.drive(0), subset.drive(1), subset.drive(2))).containsExactly(0, 1, 2);
        byte[] ofSubset = new byte[3 * 16 * 16];
        byte[] ofView = new byte[3 * 16 * 16];
        subset.readPixels(1, ofSubset, 0);
        joined.view(13).readPixels(1, ofView, 0);
        assertThat(ofSubset).isEqualTo(ofView);
        assertThat(List.of(subset.channels(), subset.height(), subset.width())).containsExactly(3, 16, 16);
    }

    @Test
    void suspectsAreToldAsRecordsOfTheirSamples() {
        // Sample 0 was not judged, so that position 12 of the judged ones is sample 13.
        int[] judged = IntStream.range(1, 20).toArray();
        List<LabelSuspect> records = LabelSuspects.records(
                List.of(new LabelNoiseReport.Suspect(12, 1, 0, 0.02, 0.97)),
                judged,
                joined,
                CLASSES,
                "run-1",
                Instant.ofEpochSecond(1_700_000_000L));
        assertThat(records).singleElement().satisfies(suspect -> {
            assertThat(suspect.getSampleId()).isEqualTo("TRAIN_DEV-0/1");
            assertThat(suspect.getDriveId()).isEqualTo("TRAIN_DEV-0");
            assertThat(suspect.getSplit()).isEqualTo(Split.TRAIN_DEV);
            assertThat(suspect.getGivenLabel()).isEqualTo(Samples.DARK);
            assertThat(suspect.getSuggestedLabel()).isEqualTo(Samples.BRIGHT);
            assertThat(suspect.getScore()).isEqualTo(0.02);
            assertThat(suspect.getSuggestedProbability()).isEqualTo(0.97);
            assertThat(suspect.getRunId()).isEqualTo("run-1");
        });
    }
}
