package io.drivetrain.trainer.assemble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelectionTest {
    private static final List<String> CLASSES = List.of(Samples.BRIGHT, Samples.DARK);
    private static final PixelShape SHAPE = new PixelShape(3, 16, 16);

    @TempDir
    Path directory;

    private static Offsets all(Split split) {
        return Offsets.of(Map.of(new Offsets.Partition(Topic.of(split).topicName(), 0), 1_000L));
    }

    private SplitView view(Split split, List<CuratedSample> samples, Selection selection) throws Exception {
        try (ShardStore store = ShardStore.open(directory.resolve("" + samples.hashCode()), SHAPE)) {
            if (store.size(split) == 0) {
                for (int i = 0; i < samples.size(); i++) {
                    assertThat(store.append(split, samples.get(i), 0, i)).isInstanceOf(AppendResult.Appended.class);
                }
                store.commit(all(split));
            }
            return store.view(split, all(split), selection);
        }
    }

    private static List<CuratedSample> drives(Split split, int drives, int frames) {
        List<CuratedSample> samples = new ArrayList<>();
        for (int drive = 0; drive < drives; drive++) {
            for (int frame = 0; frame < frames; frame++) {
                samples.add(Samples.sample(split, "drive-" + drive, frame));
            }
        }
        return samples;
    }

    private static Set<String> ids(SplitView view) {
        Set<String> ids = new TreeSet<>();
        for (int i = 0; i < view.size(); i++) {
            ids.add(view.sampleId(i));
        }
        return ids;
    }

    @Test
    void aLimitTakesWholeDrivesAndASmallerOneIsPartOfALargerOne() throws Exception {
        List<CuratedSample> samples = drives(Split.TRAIN, 20, 5);
        SplitView ten = view(Split.TRAIN, samples, new Selection(CLASSES, 10, Optional.empty(), List.of()));
        SplitView thirty = view(Split.TRAIN, samples, new Selection(CLASSES, 33, Optional.empty(), List.of()));

        assertThat(ten.size()).isEqualTo(10);
        assertThat(ten.drives()).hasSize(2);
        assertThat(thirty.size()).isEqualTo(33);
        assertThat(ids(thirty)).containsAll(ids(ten));
        assertThat(thirty.leftOut()).isEqualTo(new SplitView.LeftOut(0, 0, 67));
    }

    @Test
    void onlyTrainIsLimited() throws Exception {
        SplitView view = view(
                Split.TRAIN_DEV,
                drives(Split.TRAIN_DEV, 4, 5),
                new Selection(CLASSES, 10, Optional.empty(), List.of()));

        assertThat(view.size()).isEqualTo(20);
    }

    @Test
    void aTestDevThatWasRotatedCountsNoMore() throws Exception {
        List<CuratedSample> samples = drives(Split.TEST_DEV, 4, 3);
        for (CuratedSample sample : samples) {
            sample.setTestDevGeneration(sample.getDriveId().equals("drive-3") ? 1 : 0);
        }
        SplitView view = view(Split.TEST_DEV, samples, Selection.of(CLASSES));

        assertThat(view.drives()).containsExactly("drive-3");
        assertThat(view.leftOut().ofRetiredTestDev()).isEqualTo(9);
    }

    @Test
    void smallerPixelsAreMeansOfWhatTheyCover() throws Exception {
        List<CuratedSample> samples = drives(Split.TRAIN, 1, 1);
        SplitView stored = view(Split.TRAIN, samples, Selection.of(CLASSES));
        SplitView half =
                view(Split.TRAIN, samples, new Selection(CLASSES, 0, Optional.of(new PixelShape(3, 8, 8)), List.of()));
        byte[] before = new byte[SHAPE.bytes()];
        stored.readPixels(0, before, 0);
        byte[] after = new byte[3 * 8 * 8];
        half.readPixels(0, after, 0);

        assertThat(half.height()).isEqualTo(8);
        for (int channel = 0; channel < 3; channel++) {
            for (int y = 0; y < 8; y++) {
                for (int x = 0; x < 8; x++) {
                    int corner = (channel * 16 + 2 * y) * 16 + 2 * x;
                    double mean = ((before[corner] & 0xff)
                                    + (before[corner + 1] & 0xff)
                                    + (before[corner + 16] & 0xff)
                                    + (before[corner + 17] & 0xff))
                            / 4.0;
                    assertThat(after[(channel * 8 + y) * 8 + x] & 0xff).isEqualTo((int) Math.round(mean));
                }
            }
        }
    }

    @Test
    void aPixelHalfCoveredCountsHalf() {
        byte[] three = {0, 100, (byte) 200};
        AreaAverage average = new AreaAverage(
                (record, into, offset) -> System.arraycopy(three, 0, into, offset, 3),
                new PixelShape(1, 1, 3),
                new PixelShape(1, 1, 2));
        byte[] two = new byte[2];
        average.read(0, two, 0);

        assertThat(two[0] & 0xff).isEqualTo(33);
        assertThat(two[1] & 0xff).isEqualTo(167);
    }

    @Test
    void largerPixelsThanStoredAreRefused() {
        assertThatThrownBy(() -> view(
                        Split.TRAIN,
                        drives(Split.TRAIN, 1, 1),
                        new Selection(CLASSES, 0, Optional.of(new PixelShape(3, 32, 32)), List.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Cannot average pixels of 3x16x16 to 3x32x32");
    }

    @Test
    void telemetryIsReadInTheOrderAskedForAndWhatIsMissingIsNoNumber() throws Exception {
        List<CuratedSample> samples = drives(Split.TRAIN, 1, 2);
        samples.get(0).setTelemetry(Map.of("speed", 12.5, "yaw-rate", 0.25));
        SplitView view =
                view(Split.TRAIN, samples, new Selection(CLASSES, 0, Optional.empty(), List.of("yaw-rate", "speed")));
        float[] numbers = new float[4];
        view.readTelemetry(0, numbers, 0);
        view.readTelemetry(1, numbers, 2);

        assertThat(view.telemetryCount()).isEqualTo(2);
        assertThat(numbers).containsExactly(0.25f, 12.5f, Float.NaN, Float.NaN);
    }
}
