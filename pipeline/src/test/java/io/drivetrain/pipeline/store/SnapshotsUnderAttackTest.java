package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.drivetrain.pipeline.store.AskedKeeper.Answer;
import io.drivetrain.schemas.CuratedSample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as somebody types them who has not read the manual, or wants to break the table. */
class SnapshotsUnderAttackTest {
    @TempDir
    private Path folder;

    private StoredSamples stored;

    @BeforeEach
    void table() {
        stored = new StoredSamples(folder);
    }

    private Answer keeper(String... arguments) throws Exception {
        return new AskedKeeper(stored).ask(Clock.systemUTC(), arguments);
    }

    private static Path ofTable(Table table) {
        return Path.of(KeptTable.plainPath(table.location()));
    }

    @Test
    void aBranchOfAnotherEngineIsNoTag() throws Exception {
        Table table = stored.table();
        long first = StoredSamples.append(table, StoredSamples.samples(0, 5));
        table.manageSnapshots().createBranch("feature").commit();
        StoredSamples.append(table, StoredSamples.samples(5, 6));
        for (String option : List.of("--delete", "--move")) {
            Answer refused = keeper("tag", "feature", option);
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.error()).startsWith("'feature' is a branch").contains("another name");
        }
        assertThat(stored.table().refs().get("feature").snapshotId()).isEqualTo(first);
    }

    @Test
    void anExportDeletesNothingThatItDidNotWrite() throws Exception {
        StoredSamples.append(stored.table(), StoredSamples.samples(0, 5));
        Path own = Files.createDirectories(folder.resolve("release.part"));
        Files.writeString(own.resolve("thesis.txt"), "years");
        Answer refused =
                keeper("export", "latest", "--to", folder.resolve("release").toString());
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.error()).contains("release.part is in the way", "--to");
        assertThat(own.resolve("thesis.txt")).hasContent("years");
    }

    @Test
    void twoExportsToOneFolderAtATimeAreOneTooMany() throws Exception {
        StoredSamples.append(stored.table(), StoredSamples.samples(0, 5));
        Path target = folder.resolve("release");
        try (ExportFolder running = ExportFolder.claim(target)) {
            Files.writeString(running.path().resolve("half.parquet"), "PAR1");
            Answer refused = keeper("export", "latest", "--to", target.toString());
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.error()).contains("Another export", "is running");
            assertThat(running.path().resolve("half.parquet")).exists();
        }
        keeper("export", "latest", "--to", target.toString()).result();
        assertThat(folder.resolve("release.part")).doesNotExist();
        assertThat(target.resolve(ExportFolder.MARK)).doesNotExist();
    }

    @Test
    void anExportThatFailsSaysWhereAndLeavesNothing() throws Exception {
        Table table = stored.table();
        StoredSamples.append(table, StoredSamples.samples(0, 5));
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        Answer noFolder =
                keeper("export", "latest", "--to", file.resolve("release").toString());
        assertThat(noFolder.exitCode()).isEqualTo(1);
        assertThat(noFolder.error())
                .startsWith("Cannot export to " + file.resolve("release"))
                .doesNotContain("store.warehouse");

        Path damaged = Path.of(KeptTable.plainPath(new KeptTable(table)
                .files(table.currentSnapshot().snapshotId())
                .get(0)
                .file()
                .location()));
        byte[] parquet = Files.readAllBytes(damaged);
        byte[] longer = Arrays.copyOf(parquet, parquet.length + 1);
        System.arraycopy(parquet, parquet.length - 8, longer, parquet.length - 7, 8);
        Files.write(damaged, longer);
        Answer broken =
                keeper("export", "latest", "--to", folder.resolve("release").toString());
        assertThat(broken.exitCode()).isEqualTo(1);
        assertThat(folder.resolve("release")).doesNotExist();
        assertThat(folder.resolve("release.part")).doesNotExist();

        Files.delete(damaged);
        Answer gone =
                keeper("export", "latest", "--to", folder.resolve("release").toString());
        assertThat(gone.exitCode()).isEqualTo(1);
        assertThat(gone.error()).contains(damaged.getFileName().toString(), "has expired");
        assertThat(folder.resolve("release.part")).doesNotExist();
    }

    @Test
    void anExportIntoTheTableIsRefusedBecauseItsFilesWouldBeReadAsRowsAndExpireAsOrphans() throws Exception {
        Table table = stored.table();
        StoredSamples.append(table, StoredSamples.samples(0, 5));
        Answer refused = keeper(
                "export", "latest", "--to", ofTable(table).resolve("data/copy").toString());
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.error()).contains("folder of the table");
    }

    @Test
    void anExportIntoALinkToAnEmptyFolderIsWrittenOnTheDiskThatTheLinkNames() throws Exception {
        StoredSamples.append(stored.table(), StoredSamples.samples(0, 5));
        Path disk = Files.createDirectories(folder.resolve("disk/release"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), disk);
        keeper("export", "latest", "--to", link.toString()).result();
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(disk.resolve("manifest.json")).exists();
    }

    @Test
    void aTableOfAReleaseWithoutCorrectionsTakesEveryCommandBeforeAndAfterTheJobHasOpenedIt() throws Exception {
        StoredSamples.append(stored.table(), StoredSamples.samples(0, 20));
        stored.table()
                .updateSchema()
                .deleteColumn("telemetry")
                .deleteColumn(SampleTable.LABEL_REVISION)
                .commit();
        for (String name : List.of("old", "new")) {
            keeper("tag", name).result();
            JsonNode diff = keeper("diff", "old", "latest", "--samples").result();
            assertThat(diff.path("samples").path("changed").asLong()).isEqualTo(name.equals("old") ? 0 : 1);
            assertThat(diff.path("from").path("samples").asLong()).isEqualTo(20);
            assertThat(diff.path("to").path("samples").asLong()).isEqualTo(20);
            keeper("export", name, "--to", folder.resolve(name).toString(), "--images")
                    .result();
            keeper("compact", "--min-files", "2").result();
            assertThat(keeper("list").result().path("snapshots").findValues("samples"))
                    .allMatch(samples -> samples.asLong() == 20);
            keeper("expire", "--orphans").result();
            StoredSamples.append(stored.table(), List.of(corrected(1, "cyclist", 1)));
        }
    }

    private static CuratedSample corrected(int number, String label, int revision) {
        CuratedSample sample = StoredSamples.sample(number, label, "clear");
        sample.setAttributes(StoredSamples.sample(number).getAttributes());
        sample.setLabelRevision(revision);
        return sample;
    }

    @Test
    void aSampleOfWhichOnlyAnAttributeWasCorrectedHasChangedInItAlone() throws Exception {
        StoredSamples.append(stored.table(), StoredSamples.samples(0, 20));
        keeper("tag", "before").result();
        CuratedSample slice = corrected(2, "pedestrian", 1);
        slice.setAttributes(Map.of("weather", "snowy", "note", "a, \"b\""));
        CuratedSample other = corrected(4, "pedestrian", 1);
        other.setAttributes(Map.of("weather", other.getAttributes().get("weather"), "note", "seen twice"));
        StoredSamples.append(stored.table(), List.of(slice, other));
        for (boolean compacted : new boolean[] {false, true}) {
            if (compacted) {
                keeper("compact", "--min-files", "2").result();
            }
            JsonNode changed = keeper("diff", "before", "latest").result().path("samples");
            assertThat(changed.path("changed").asLong()).isEqualTo(2);
            assertThat(changed.path("changedFields").toString()).isEqualTo("{\"other\":1,\"slices\":1}");
            JsonNode same = keeper("diff", "latest", "latest").result();
            assertThat(same.path("samples").toString())
                    .isEqualTo("{\"came\":0,\"went\":0,\"changed\":0,\"changedFields\":{}}");
            assertThat(same.path("to").path("samples").asLong()).isEqualTo(20);
        }
    }

    @Test
    void correctedSamplesCountOnceInEverySnapshot() throws Exception {
        Table table = stored.table();
        StoredSamples.append(table, StoredSamples.samples(0, 20));
        StoredSamples.append(table, StoredSamples.samples(20, 25));
        StoredSamples.append(table, List.of(corrected(3, "cyclist", 2), StoredSamples.sample(25)));
        keeper("compact", "--min-files", "2").result();
        StoredSamples.append(
                stored.table(), List.of(corrected(3, "no-pedestrian", 1), corrected(4, "no-pedestrian", 1)));
        // A sample that came with a revision, and has one row.
        StoredSamples.appendAsJob(stored.table(), List.of(corrected(26, "cyclist", 1)), 1);
        List<String> expected = List.of(
                "20 of 20 rows, 0 corrected; came 20, corrections 0",
                "25 of 25 rows, 0 corrected; came 5, corrections 0",
                "26 of 27 rows, 1 corrected; came 1, corrections 1",
                "26 of 27 rows, 1 corrected; came 0, corrections 0",
                "26 of 29 rows, 2 corrected; came 0, corrections 2",
                "27 of 30 rows, 3 corrected; came 1, corrections 0");
        assertThat(counts(keeper("list").result())).isEqualTo(expected);
        assertThat(keeper("files").result().path("snapshot").path("samples").asLong())
                .isEqualTo(27);

        // What comes before a gap is counted alone, and as before.
        String third =
                Long.toString(new KeptTable(stored.table()).snapshots().get(2).id());
        keeper("tag", "release-1", "--snapshot", third).result();
        JsonNode expired = keeper("expire", "--older-than", "0s", "--keep", "3").result();
        assertThat(expired.path("expired").findValuesAsText("samples")).containsExactly("20", "25");
        assertThat(counts(keeper("list").result())).isEqualTo(expected.subList(2, 6));
    }

    private static List<String> counts(JsonNode list) {
        List<String> counts = new ArrayList<>();
        list.path("snapshots")
                .forEach(node -> counts.add("%s of %s rows, %s corrected; came %s, corrections %s"
                        .formatted(
                                node.path("samples"),
                                node.path("rows"),
                                node.path("correctedSamples"),
                                node.path("addedSamples"),
                                node.path("corrections"))));
        return counts;
    }

    @Test
    void noDataFileIsReadToCountWhereNothingWasCorrected() throws Exception {
        Table table = stored.table();
        StoredSamples.append(table, StoredSamples.samples(0, 20));
        StoredSamples.append(table, StoredSamples.samples(20, 40));
        for (Path file : data(table)) {
            Files.delete(file);
        }
        assertThat(keeper("list").result().path("snapshots").findValuesAsText("samples"))
                .containsExactly("20", "40");
    }

    private static List<Path> data(Table table) throws Exception {
        try (Stream<Path> files = Files.walk(ofTable(table).resolve("data"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void aTimeBeforeAGapSaysWhatIsKept() throws Exception {
        Table table = stored.table();
        StoredSamples.appendAsJob(table, StoredSamples.samples(0, 5), 1);
        Instant first = Instant.ofEpochMilli(table.currentSnapshot().timestampMillis());
        keeper("tag", "release-1").result();
        StoredSamples.appendAsJob(table, StoredSamples.samples(5, 10), 2);
        StoredSamples.appendAsJob(table, StoredSamples.samples(10, 15), 3);
        Instant third = Instant.ofEpochMilli(stored.table().currentSnapshot().timestampMillis());
        keeper("expire", "--older-than", "0s", "--keep", "1").result();
        assertThat(keeper("files", first.toString()).error())
                .contains("without a gap they reach back to " + third, "tags of older ones");
        assertThat(keeper("files", "release-1").result().path("files")).hasSize(1);
    }

    @Test
    void aSnapshotThatIsTaggedWhileItExpiresStaysAndSoDoAllOthers() throws Exception {
        Table table = stored.table();
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ids.add(StoredSamples.appendAsJob(table, StoredSamples.samples(i * 20, i * 20 + 20), i));
        }
        KeptTable mine = KeptTable.open(stored.config());
        List<ExpiryPolicy.Decision> decisions = new ExpiryPolicy(Duration.ZERO, 1)
                .decide(
                        mine.snapshots(),
                        mine.current(),
                        mine.refs(),
                        Map.of(),
                        Instant.now().plusSeconds(5));
        keeper("tag", "release-1", "--snapshot", ids.get(1).toString()).result();
        assertThatThrownBy(() -> new Expiry(mine, (label, unit, done, total) -> {}).expire(decisions))
                .isInstanceOf(KeeperException.class)
                .hasMessageContainingAll("Nothing expired", "release-1", "do it again");
        for (int i = 0; i < 4; i++) {
            assertThat(StoredSamples.rows(stored.table(), ids.get(i))).hasSize(20 * (i + 1));
        }
    }

    @Test
    void aCompactionWhoseFirstSnapshotExpiresMeanwhileLosesNothing() throws Exception {
        Table table = stored.table();
        for (int i = 0; i < 6; i++) {
            StoredSamples.appendAsJob(table, StoredSamples.samples(i * 20, i * 20 + 20), i);
        }
        KeptTable mine = KeptTable.open(stored.config());
        boolean[] expired = {false};
        Compaction late = new Compaction(mine, 1 << 20, (label, unit, done, total) -> {
            if (!expired[0]) {
                expired[0] = true;
                expireBehind(120);
            }
        });
        assertThat(late.run(2).conflicts()).isZero();
        Table after = stored.table();
        assertThat(StoredSamples.rows(after, after.currentSnapshot().snapshotId()))
                .hasSize(140);
    }

    private void expireBehind(int next) {
        try {
            StoredSamples.appendAsJob(stored.table(), StoredSamples.samples(next, next + 20), 9);
            assertThat(keeper("expire", "--older-than", "0s", "--keep", "1")
                            .result()
                            .path("expired"))
                    .hasSize(6);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
