package io.drivetrain.trainer.assemble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardStoreTest {
    private static final PixelShape SHAPE = new PixelShape(3, 16, 16);
    private static final List<String> CLASSES = List.of(Samples.BRIGHT, Samples.DARK);

    @TempDir
    Path directory;

    private ShardStore open() throws ShardException {
        return ShardStore.open(directory.resolve("shards"), SHAPE);
    }

    private static Offsets train(long next) {
        return Offsets.of(Map.of(partition(Split.TRAIN), next));
    }

    private static Offsets.Partition partition(Split split) {
        return new Offsets.Partition(Topic.of(split).topicName(), 0);
    }

    private static void append(ShardStore store, int from, int to) throws ShardException {
        for (int i = from; i < to; i++) {
            store.append(Split.TRAIN, Samples.sample(Split.TRAIN, "drive-" + i % 3, i / 3), 0, i);
        }
    }

    private static List<String> ids(SplitView view) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < view.size(); i++) {
            ids.add(view.sampleId(i));
        }
        return ids;
    }

    @Test
    void whatWasCommittedIsThereAfterARestart() throws Exception {
        try (ShardStore store = open()) {
            append(store, 0, 30);
            store.commit(train(30));
        }
        try (ShardStore store = open()) {
            assertThat(store.position()).isEqualTo(train(30));
            SplitView view = store.view(Split.TRAIN, train(30), Selection.of(CLASSES));
            assertThat(view.size()).isEqualTo(30);
            CuratedSample expected = Samples.sample(Split.TRAIN, "drive-1", 4);
            int index = ids(view).indexOf("drive-1/4");
            byte[] pixels = new byte[SHAPE.bytes() + 5];
            view.readPixels(index, pixels, 5);
            assertThat(Arrays.copyOfRange(pixels, 5, pixels.length))
                    .isEqualTo(expected.getPixels().getData().array());
            assertThat(view.measurements(index)).isEqualTo(expected.getMeasurements());
            assertThat(view.attributes(index)).isEqualTo(expected.getAttributes());
            assertThat(view.label(index)).isZero();
        }
    }

    @Test
    void whatWasAppendedAfterTheLastCommitIsForgottenAndCanBeAppendedAgain() throws Exception {
        try (ShardStore store = open()) {
            append(store, 0, 10);
            store.commit(train(10));
            append(store, 10, 17);
            // No commit: as after a kill, the files are longer than the commit says.
        }
        try (ShardStore store = open()) {
            assertThat(store.position()).isEqualTo(train(10));
            assertThat(store.size(Split.TRAIN)).isEqualTo(10);
            append(store, 10, 20);
            store.commit(train(20));
            assertThat(ids(store.view(Split.TRAIN, train(20), Selection.of(CLASSES))))
                    .hasSize(20)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void anEntryThatWasHalfWrittenWhenTheProcessWasKilledIsCutOff() throws Exception {
        try (ShardStore store = open()) {
            append(store, 0, 10);
            store.commit(train(10));
        }
        for (String file : List.of("pixels.bin", "index.bin")) {
            Files.write(
                    directory.resolve("shards/train").resolve(file), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
        }
        try (ShardStore store = open()) {
            append(store, 10, 12);
            store.commit(train(12));
        }
        try (ShardStore store = open()) {
            assertThat(store.view(Split.TRAIN, train(12), Selection.of(CLASSES)).size())
                    .isEqualTo(12);
        }
    }

    @Test
    void aCommitThatWasHalfWrittenLeavesTheOneBefore() throws Exception {
        try (ShardStore store = open()) {
            append(store, 0, 10);
            store.commit(train(10));
        }
        Files.writeString(directory.resolve("shards/commit.json.tmp"), "{\"splits\": {\"tra");
        try (ShardStore store = open()) {
            assertThat(store.size(Split.TRAIN)).isEqualTo(10);
        }
    }

    @Test
    void readersSeeCommittedSamplesOnly() throws Exception {
        try (ShardStore store = open()) {
            append(store, 0, 10);
            assertThat(store.size(Split.TRAIN)).isZero();
            assertThat(store.view(Split.TRAIN, train(10), Selection.of(CLASSES)).size())
                    .isZero();
            assertThat(store.trainDrivesSince(Offsets.none())).isZero();
            store.commit(train(10));
            assertThat(store.size(Split.TRAIN)).isEqualTo(10);
            assertThat(store.trainDrivesSince(Offsets.none())).isEqualTo(3);
        }
    }

    @Test
    void aViewStaysAsItIsWhileTheStoreGrows() throws Exception {
        try (ShardStore store = open()) {
            append(store, 0, 10);
            store.commit(train(10));
            SplitView view = store.view(Split.TRAIN, train(10), Selection.of(CLASSES));
            append(store, 10, 40);
            store.commit(train(40));
            assertThat(view.size()).isEqualTo(10);
            assertThat(store.view(Split.TRAIN, train(40), Selection.of(CLASSES)).size())
                    .isEqualTo(40);
        }
    }

    @Test
    void whatARecordSaysIsReadFromTheDiskAlsoAfterTheStoreHasGrownAndWasOpenedAgain() throws Exception {
        SplitView before;
        try (ShardStore store = open()) {
            append(store, 0, 10);
            store.commit(train(10));
            before = store.view(Split.TRAIN, train(10), Selection.of(CLASSES));
            append(store, 10, 1000);
            store.commit(train(1000));
            assertThat(before.attributes(9)).containsEntry("weather", "clear");
            assertThat(before.measurements(9).getBrightness()).isEqualTo(0.2);
            assertThat(before.sampleId(9)).isEqualTo("drive-2/2");
        }
        try (ShardStore store = open()) {
            SplitView after = store.view(Split.TRAIN, train(1000), Selection.of(CLASSES));
            for (int i = 0; i < after.size(); i++) {
                CuratedSample sample =
                        Samples.sample(Split.TRAIN, after.drives().get(after.drive(i)), after.frame(i));
                CuratedSample stored = after.record(i);
                assertThat(stored.getPixels().getData().remaining()).isZero();
                stored.setPixels(sample.getPixels());
                assertThat(stored).isEqualTo(sample);
                assertThat(after.sampleId(i)).isEqualTo(sample.getSampleId());
                assertThat(after.labelName(i)).isEqualTo(sample.getLabel());
            }
        }
    }

    @Test
    void framesOfOneNumberAreInTheOrderOfTheirIds() throws Exception {
        try (ShardStore store = open()) {
            int offset = 0;
            for (String id : List.of("c", "a", "d", "b")) {
                CuratedSample sample = Samples.sample(Split.TRAIN, "drive", 0);
                sample.setSampleId(id);
                store.append(Split.TRAIN, sample, 0, offset++);
            }
            store.append(Split.TRAIN, Samples.sample(Split.TRAIN, "drive", -1), 0, offset++);
            store.commit(train(offset));
            assertThat(ids(store.view(Split.TRAIN, train(offset), Selection.of(CLASSES))))
                    .containsExactly("drive/-1", "a", "b", "c", "d");
        }
    }

    @Test
    void hashesOfIdsAreThoseOfTheirTextsInWhateverScript() throws Exception {
        try (ShardStore store = open()) {
            int offset = 0;
            for (String id : List.of("cam-0/17", "Straße/3", "夜/🚗/9", "")) {
                CuratedSample sample = Samples.sample(Split.TRAIN, "drive", offset);
                sample.setSampleId(id);
                store.append(Split.TRAIN, sample, 0, offset++);
            }
            store.commit(train(offset));
            Ids ids = store.view(Split.TRAIN, train(offset), Selection.of(CLASSES))
                    .ids();
            assertThat(IntStream.range(0, offset).mapToObj(ids))
                    .containsExactly("cam-0/17", "Straße/3", "夜/🚗/9", "")
                    .map(String::hashCode)
                    .isEqualTo(IntStream.range(0, 4).mapToObj(ids::hash).toList());
        }
    }

    @Test
    void anIndexOfAMillionSamplesTakesLessThanAQuarterOfHalfAGigabyte() throws Exception {
        PixelShape dot = new PixelShape(3, 1, 1);
        CuratedSample sample = Samples.sample(Split.TRAIN, "7d9f1c52-1e0b-4a49-9d5f-3c2f7d0c8e11", 0, Samples.DARK, 1);
        int samples = 20_000;
        try (ShardStore store = ShardStore.open(directory.resolve("dots"), dot)) {
            for (int i = 0; i < samples; i++) {
                sample.setSampleId("%s/%d".formatted(sample.getDriveId(), i));
                sample.setFrameIndex(i);
                store.append(Split.TRAIN, sample, 0, i);
            }
            store.commit(train(samples));
            assertThat(store.heapBytes() / samples * 1_000_000L).isBetween(1L, 128L << 20);
            assertThat(store.view(Split.TRAIN, train(samples), Selection.of(CLASSES))
                            .sampleId(samples - 1))
                    .isEqualTo("7d9f1c52-1e0b-4a49-9d5f-3c2f7d0c8e11/19999");
        }
    }

    @Test
    void offsetsBoundWhatAViewHolds() throws Exception {
        try (ShardStore store = open()) {
            append(store, 0, 30);
            store.commit(train(30));
            assertThat(store.view(Split.TRAIN, train(12), Selection.of(CLASSES)).size())
                    .isEqualTo(12);
            assertThat(store.view(Split.TRAIN, Offsets.none(), Selection.of(CLASSES))
                            .size())
                    .isZero();
        }
    }

    @Test
    void theOrderOfArrivalChangesNeitherOrderNorFingerprint() throws Exception {
        List<CuratedSample> samples = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            samples.add(Samples.sample(Split.TRAIN, "drive-" + i % 4, i / 4));
        }
        List<String> orders = new ArrayList<>();
        List<String> fingerprints = new ArrayList<>();
        for (int run = 0; run < 3; run++) {
            Collections.shuffle(samples, new Random(run));
            try (ShardStore store = ShardStore.open(directory.resolve("run" + run), SHAPE)) {
                for (int i = 0; i < samples.size(); i++) {
                    store.append(Split.TRAIN, samples.get(i), 0, i);
                }
                store.commit(train(40));
                Assembly assembly = Assembly.of(store, train(40), Selection.of(CLASSES));
                orders.add(ids(assembly.view(Split.TRAIN)).toString());
                fingerprints.add(assembly.fingerprint());
            }
        }
        assertThat(orders).containsOnly(orders.get(0));
        assertThat(fingerprints).containsOnly(fingerprints.get(0));
        assertThat(orders.get(0)).startsWith("[drive-0/0, drive-0/1, drive-0/2");
    }

    @Test
    void anotherPixelOrLabelGivesAnotherFingerprint() throws Exception {
        List<String> fingerprints = new ArrayList<>();
        for (int change = 0; change < 3; change++) {
            CuratedSample sample = Samples.sample(Split.TRAIN, "drive", 0);
            if (change == 1) {
                sample.getPixels().getData().array()[7]++;
            } else if (change == 2) {
                sample.setLabel(Samples.DARK);
            }
            try (ShardStore store = ShardStore.open(directory.resolve("change" + change), SHAPE)) {
                store.append(Split.TRAIN, sample, 0, 0);
                store.commit(train(1));
                fingerprints.add(
                        Assembly.of(store, train(1), Selection.of(CLASSES)).fingerprint());
            }
        }
        assertThat(fingerprints).doesNotHaveDuplicates();
    }

    @Test
    void aSampleOfAnotherSizeIsSkippedWithASentence() throws Exception {
        try (ShardStore store = open()) {
            AppendResult result =
                    store.append(Split.TRAIN, Samples.sample(Split.TRAIN, "drive", 0, Samples.DARK, 32), 0, 0);
            assertThat(result)
                    .isEqualTo(new AppendResult.Skipped(
                            "Sample drive/0 has pixels of 3x32x32 (3072 bytes), training wants 3x16x16; run curation and"
                                    + " training with the same image.width and image.height, and curate again what has"
                                    + " another size"));
            store.commit(train(1));
            assertThat(store.size(Split.TRAIN)).isZero();
            assertThat(store.position()).isEqualTo(train(1));
        }
    }

    @Test
    void skippedRecordsAreCountedThroughARestart() throws Exception {
        try (ShardStore store = open()) {
            store.skip("first");
            store.skip("second");
            store.commit(train(2));
            store.skip("never committed");
        }
        try (ShardStore store = open()) {
            assertThat(store.skips()).isEqualTo(new ShardStore.Skips(2, "second"));
        }
    }

    @Test
    void aSampleOfAClassThatIsNotConfiguredIsLeftOutAndCounted() throws Exception {
        try (ShardStore store = open()) {
            append(store, 0, 10);
            store.commit(train(10));
            SplitView view = store.view(Split.TRAIN, train(10), Selection.of(List.of(Samples.DARK, "other")));
            assertThat(view.size() + view.leftOut().ofOtherClasses()).isEqualTo(10);
            assertThat(view.leftOut().ofOtherClasses()).isPositive();
            assertThat(view.labels()).containsOnly(0);
        }
    }

    @Test
    void newDrivesAreThoseWithoutARecordBeforeTheOffsets() throws Exception {
        try (ShardStore store = open()) {
            append(store, 0, 9);
            store.append(Split.TRAIN, Samples.sample(Split.TRAIN, "late", 0), 0, 9);
            store.commit(train(10));
            assertThat(store.trainDrivesSince(train(9))).isEqualTo(1);
            assertThat(store.trainSamplesSince(train(9))).isEqualTo(1);
            assertThat(store.trainDrivesSince(train(1))).isEqualTo(3);
            assertThat(store.trainDrivesSince(train(10))).isZero();
        }
    }

    @Test
    void aDriveThatGoesOnInAnotherPartitionIsKnownFromEither() throws Exception {
        Offsets.Partition other = new Offsets.Partition("samples.train", 5);
        try (ShardStore store = open()) {
            store.append(Split.TRAIN, Samples.sample(Split.TRAIN, "moved", 0), 0, 7);
            store.append(Split.TRAIN, Samples.sample(Split.TRAIN, "moved", 1), 5, 2);
            store.append(Split.TRAIN, Samples.sample(Split.TRAIN, "moved", 2), 0, 8);
            store.commit(train(9));
            assertThat(store.trainDrivesSince(train(7))).isEqualTo(1);
            assertThat(store.trainDrivesSince(train(8))).isZero();
            assertThat(store.trainDrivesSince(Offsets.of(Map.of(other, 2L)))).isEqualTo(1);
            assertThat(store.trainDrivesSince(Offsets.of(Map.of(other, 3L)))).isZero();
        }
    }

    @Test
    void aFolderOfAnotherShapeIsRefused() throws Exception {
        try (ShardStore store = open()) {
            store.commit(train(0));
        }
        assertThatThrownBy(() -> ShardStore.open(directory.resolve("shards"), new PixelShape(3, 8, 8)))
                .isInstanceOf(ShardException.class)
                .hasMessageContaining("holds samples of 3x16x16, configured are 3x8x8");
    }

    @Test
    void aShardShorterThanItsCommitIsReportedAsDamaged() throws Exception {
        try (ShardStore store = open()) {
            append(store, 0, 10);
            store.commit(train(10));
        }
        try (RandomAccessFile file = new RandomAccessFile(
                directory.resolve("shards/train/pixels.bin").toFile(), "rw")) {
            file.setLength(100);
        }
        assertThatThrownBy(this::open)
                .isInstanceOf(ShardException.class)
                .hasMessageContaining("is damaged (it is shorter than its commit says)")
                .hasMessageContaining("it is then read from Kafka again");
    }

    @Test
    void aFlippedBitInTheIndexIsReportedAsDamaged() throws Exception {
        try (ShardStore store = open()) {
            append(store, 0, 10);
            store.commit(train(10));
        }
        Path index = directory.resolve("shards/train/index.bin");
        byte[] bytes = Files.readAllBytes(index);
        bytes[60] ^= 4;
        Files.write(index, bytes);
        assertThatThrownBy(this::open)
                .isInstanceOf(ShardException.class)
                .hasMessageContaining("entry 0 fails its checksum");
    }

    @Test
    void aFolderThatCannotBeMadeIsOneSentence() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> ShardStore.open(file.resolve("shards"), SHAPE))
                .isInstanceOf(ShardException.class)
                .hasMessageContaining("check training.directory, rights and space");
    }

    @Test
    void samplesAreReadAcrossTheWindowsOfTheMap() throws Exception {
        // 3x1024x1024 makes windows of 85 samples; small ones of 349525 would need a gigabyte to cross.
        PixelShape large = new PixelShape(3, 1024, 1024);
        try (ShardStore store = ShardStore.open(directory.resolve("large"), large)) {
            byte[] pixels = new byte[large.bytes()];
            for (int i = 0; i < 90; i++) {
                CuratedSample sample = Samples.sample(Split.TEST, "drive", i);
                pixels[large.bytes() - 1] = (byte) i;
                sample.setPixels(new Pixels(3, 1024, 1024, ByteBuffer.wrap(pixels.clone())));
                store.append(Split.TEST, sample, 0, i);
            }
            Offsets upTo = Offsets.of(Map.of(partition(Split.TEST), 90L));
            store.commit(upTo);
            SplitView view = store.view(Split.TEST, upTo, Selection.of(CLASSES));
            for (int i : new int[] {0, 84, 85, 89}) {
                view.readPixels(i, pixels, 0);
                assertThat(pixels[large.bytes() - 1]).isEqualTo((byte) i);
            }
        }
    }

    @Test
    void whoOnlyReadsSeesWhatIsCommittedAndLeavesTheRestToTheWriter() throws Exception {
        Path root = directory.resolve("shards");
        assertThat(ShardStore.openReadOnly(root, SHAPE)).isEmpty();
        assertThat(ShardStore.committed(root)).isEmpty();
        try (ShardStore writer = open()) {
            append(writer, 0, 5);
            writer.commit(train(5));
            append(writer, 5, 9);
            try (ShardStore reader = ShardStore.openReadOnly(root, SHAPE).orElseThrow()) {
                assertThat(reader.size(Split.TRAIN)).isEqualTo(5);
                assertThat(reader.position()).isEqualTo(train(5));
                assertThat(ShardStore.committed(root)).contains(train(5));
                SplitView view = reader.view(Split.TRAIN, train(5), Selection.of(CLASSES));
                assertThat(ids(view)).hasSize(5);
                byte[] pixels = new byte[SHAPE.bytes()];
                view.readPixels(4, pixels, 0);
                assertThat(pixels).isNotEqualTo(new byte[SHAPE.bytes()]);
            }
            writer.commit(train(9));
            assertThat(writer.size(Split.TRAIN)).isEqualTo(9);
        }
        try (ShardStore again = open()) {
            assertThat(again.size(Split.TRAIN)).isEqualTo(9);
        }
    }

    private static CuratedSample revised(String label, int revision) {
        CuratedSample sample = Samples.sample(Split.TRAIN, "drive-1", 1);
        sample.setLabel(label);
        sample.setLabelRevision(revision);
        return sample;
    }

    @Test
    void theHighestRevisionOfALabelHoldsWhateverOrderTheyArriveInAndAfterARestartToo() throws Exception {
        List<CuratedSample> records = List.of(
                revised(Samples.BRIGHT, 0),
                revised(Samples.DARK, 1),
                revised(Samples.BRIGHT, 2),
                Samples.sample(Split.TRAIN, "drive-1", 2));
        List<String> fingerprints = new ArrayList<>();
        for (int seed = 0; seed < 24; seed++) {
            List<CuratedSample> order = new ArrayList<>(records);
            Collections.shuffle(order, new Random(seed));
            Path root = directory.resolve("seed" + seed);
            try (ShardStore store = ShardStore.open(root, SHAPE)) {
                for (int i = 0; i < order.size(); i++) {
                    store.append(Split.TRAIN, order.get(i), 0, i);
                    store.commit(train(i + 1));
                }
                assertThat(store.size(Split.TRAIN)).as("seed %d", seed).isEqualTo(2);
                assertThat(store.sizes()).containsEntry("train", 2L);
            }
            try (ShardStore store = ShardStore.open(root, SHAPE)) {
                assertThat(store.size(Split.TRAIN)).isEqualTo(2);
                Assembly assembly = Assembly.of(store, train(4), Selection.of(CLASSES));
                SplitView view = assembly.view(Split.TRAIN);
                assertThat(ids(view)).as("seed %d", seed).containsExactly("drive-1/1", "drive-1/2");
                assertThat(view.labelName(0)).isEqualTo(Samples.BRIGHT);
                fingerprints.add(assembly.fingerprint());
            }
        }
        assertThat(fingerprints).containsOnly(fingerprints.get(0));
    }

    @Test
    void aModelThatIsPinnedBeforeACorrectionIsTrainedOnWhatWasTrueThen() throws Exception {
        try (ShardStore store = open()) {
            store.append(Split.TRAIN, revised(Samples.DARK, 0), 0, 0);
            store.commit(train(1));
            String before = Assembly.of(store, train(1), Selection.of(CLASSES)).fingerprint();
            store.append(Split.TRAIN, revised(Samples.BRIGHT, 1), 0, 1);
            store.commit(train(2));
            SplitView pinned = store.view(Split.TRAIN, train(1), Selection.of(CLASSES));
            assertThat(pinned.labelName(0)).isEqualTo(Samples.DARK);
            assertThat(Assembly.of(store, train(1), Selection.of(CLASSES)).fingerprint())
                    .isEqualTo(before);
            assertThat(store.view(Split.TRAIN, train(2), Selection.of(CLASSES)).labelName(0))
                    .isEqualTo(Samples.BRIGHT);
        }
    }

    @Test
    void ofTwoRecordsOfOneRevisionTheFirstOnItsTopicHolds() throws Exception {
        try (ShardStore store = open()) {
            store.append(Split.TRAIN, revised(Samples.DARK, 1), 0, 5);
            store.append(Split.TRAIN, revised(Samples.BRIGHT, 1), 0, 3);
            store.commit(train(6));
            SplitView view = store.view(Split.TRAIN, train(6), Selection.of(CLASSES));
            assertThat(view.size()).isEqualTo(1);
            assertThat(view.labelName(0)).isEqualTo(Samples.BRIGHT);
        }
    }

    @Test
    void aLabelThatWasCorrectedToAClassThatIsNotSelectedLeavesNoOlderOneBehind() throws Exception {
        try (ShardStore store = open()) {
            store.append(Split.TRAIN, revised(Samples.DARK, 0), 0, 0);
            store.append(Split.TRAIN, revised("other", 1), 0, 1);
            store.commit(train(2));
            SplitView view = store.view(Split.TRAIN, train(2), Selection.of(CLASSES));
            assertThat(view.size()).isZero();
            assertThat(view.leftOut().ofOtherClasses()).isEqualTo(1);
        }
    }
}
