package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.pipeline.store.AskedKeeper.Answer;
import io.drivetrain.schemas.CuratedSample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.shaded.org.apache.parquet.example.data.Group;
import org.apache.iceberg.shaded.org.apache.parquet.hadoop.ParquetReader;
import org.apache.iceberg.shaded.org.apache.parquet.hadoop.example.GroupReadSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands on a real table, through the protocol that the command line reads. */
class SnapshotKeeperTest {
    @TempDir
    private Path folder;

    private StoredSamples stored;

    @BeforeEach
    void table() {
        stored = new StoredSamples(folder);
    }

    private Answer keeper(String... arguments) throws Exception {
        return keeper(Clock.systemUTC(), arguments);
    }

    private Answer keeper(Clock clock, String... arguments) throws Exception {
        return new AskedKeeper(stored).ask(clock, arguments);
    }

    private static Clock in(Duration time) {
        return Clock.fixed(Instant.now().plus(time), ZoneOffset.UTC);
    }

    private static long count(String from) throws Exception {
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*), count(DISTINCT sample_id) FROM " + from)) {
            rows.next();
            assertThat(rows.getLong(1)).isEqualTo(rows.getLong(2));
            return rows.getLong(1);
        }
    }

    private static String list(JsonNode files) {
        List<String> quoted = new ArrayList<>();
        files.forEach(file -> quoted.add("'" + file.path("path").asText() + "'"));
        return "read_parquet([" + String.join(", ", quoted) + "], hive_partitioning = true)";
    }

    @Test
    void snapshotsAreListedWithTheirTagsModelsAndFileSizes() throws Exception {
        Table table = stored.table();
        long first = StoredSamples.append(table, StoredSamples.samples(0, 40));
        long second = StoredSamples.append(table, StoredSamples.samples(40, 60));
        assertThat(keeper("tag", "release-1", "--snapshot", Long.toString(first))
                        .result()
                        .path("action")
                        .asText())
                .isEqualTo("created");
        keeper("pin", "lenet-0123", "--snapshot", "release-1").result();
        JsonNode document = keeper("list", "--pins", "lenet-4567=" + second).result();
        JsonNode one = document.path("snapshots").get(0);
        assertThat(one.path("id").asLong()).isEqualTo(first);
        assertThat(one.path("tags").toString()).isEqualTo("[\"release-1\"]");
        assertThat(one.path("pinnedBy").toString()).isEqualTo("[\"lenet-0123\"]");
        assertThat(one.path("addedSamples").asLong()).isEqualTo(40);
        assertThat(one.path("files").asLong()).isEqualTo(4);
        assertThat(one.path("averageFileBytes").asLong()).isGreaterThan(10_000);
        JsonNode two = document.path("snapshots").get(1);
        assertThat(two.path("samples").asLong()).isEqualTo(60);
        assertThat(two.path("pinnedBy").toString()).isEqualTo("[\"lenet-4567\"]");
        assertThat(two.path("current").asBoolean()).isTrue();
    }

    @Test
    void aTagMovesOnlyWhenAskedTo() throws Exception {
        Table table = stored.table();
        long first = StoredSamples.append(table, StoredSamples.samples(0, 5));
        keeper("tag", "release-1").result();
        long second = StoredSamples.append(table, StoredSamples.samples(5, 10));
        Answer refused = keeper("tag", "release-1");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.last().path("error").asText()).contains("--move", Long.toString(first));
        assertThat(keeper("tag", "release-1", "--move")
                        .result()
                        .path("snapshotId")
                        .asLong())
                .isEqualTo(second);
        assertThat(keeper("tag", "release-1", "--delete")
                        .result()
                        .path("action")
                        .asText())
                .isEqualTo("deleted");
        assertThat(keeper("files", "release-1").exitCode()).isEqualTo(2);
    }

    @Test
    void duckDbReadsTheFilesOfEverySnapshotAsTheyAre() throws Exception {
        Table table = stored.table();
        StoredSamples.append(table, StoredSamples.samples(0, 40));
        keeper("tag", "release-1").result();
        StoredSamples.append(table, StoredSamples.samples(40, 100));
        assertThat(count(list(keeper("files", "release-1").result().path("files"))))
                .isEqualTo(40);
        assertThat(count(list(keeper("files").result().path("files")))).isEqualTo(100);
        String folderOfTable = table.location().replaceFirst("^file:(//)?(?=/)", "");
        assertThat(count("read_parquet('" + folderOfTable + "/data/**/*.parquet', hive_partitioning = true)"))
                .isEqualTo(100);
    }

    @Test
    void aPlainParquetReaderReadsTheBytesOfEveryImage() throws Exception {
        Table table = stored.table();
        StoredSamples.append(table, StoredSamples.samples(0, 30));
        int rows = 0;
        for (JsonNode file : keeper("files").result().path("files")) {
            try (ParquetReader<Group> reader = ParquetReader.builder(
                            new GroupReadSupport(),
                            new org.apache.hadoop.fs.Path(file.path("path").asText()))
                    .build()) {
                for (Group row = reader.read(); row != null; row = reader.read()) {
                    String id = row.getString("sample_id", 0);
                    int number = Integer.parseInt(id.substring(id.indexOf('/') + 1));
                    assertThat(row.getGroup("image", 0).getBinary("bytes", 0).getBytes())
                            .isEqualTo(StoredSamples.image(number));
                    rows++;
                }
            }
        }
        assertThat(rows).isEqualTo(30);
    }

    @Test
    void aTimeMeansTheSnapshotOfThen() throws Exception {
        Table table = stored.table();
        StoredSamples.append(table, StoredSamples.samples(0, 5));
        Instant between = Instant.ofEpochMilli(table.currentSnapshot().timestampMillis());
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (!Instant.now().isAfter(between.plusMillis(2)) && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        StoredSamples.append(table, StoredSamples.samples(5, 10));
        assertThat(keeper("files", between.plusMillis(1).toString())
                        .result()
                        .path("snapshot")
                        .path("samples")
                        .asLong())
                .isEqualTo(5);
        assertThat(keeper("files", "2020-01-01").exitCode()).isEqualTo(1);
    }

    @Test
    void theDifferenceOfTwoSnapshotsNamesSamplesClassesSplitsAndSlices() throws Exception {
        Table table = stored.table();
        StoredSamples.append(table, StoredSamples.samples(0, 20));
        keeper("tag", "before").result();
        List<CuratedSample> next = new ArrayList<>(StoredSamples.samples(20, 30));
        next.add(StoredSamples.sample(30, "cyclist", "snowy"));
        StoredSamples.append(table, next);
        // One sample's label is corrected: its row is deleted and comes again.
        rewriteWithout(table, "drive-000/00001", StoredSamples.sample(1, "pedestrian", "rainy"));
        rewriteWithout(table, "drive-001/00006", null);

        JsonNode diff = keeper("diff", "before", "latest", "--samples").result();
        assertThat(diff.path("samples").path("came").asLong()).isEqualTo(11);
        assertThat(diff.path("samples").path("went").asLong()).isEqualTo(1);
        assertThat(diff.path("samples").path("changed").asLong()).isEqualTo(1);
        assertThat(diff.path("samples").path("changedFields").path("label").asLong())
                .isEqualTo(1);
        Map<String, JsonNode> classes = new HashMap<>();
        diff.path("classes").forEach(node -> classes.put(node.path("class").asText(), node));
        assertThat(classes.get("cyclist").path("note").asText()).isEqualTo("new");
        assertThat(classes.get("pedestrian").path("before").asLong()).isEqualTo(10);
        assertThat(classes.get("pedestrian").path("after").asLong()).isEqualTo(15);
        assertThat(diff.path("slices").findValuesAsText("value"))
                .contains("snowy")
                .doesNotContain("a, \"b\"");
        List<String> ids = diff.path("differences").findValuesAsText("sampleId");
        assertThat(ids).hasSize(13).contains("drive-000/00001", "drive-001/00006", "drive-006/00030");
        JsonNode limited =
                keeper("diff", "before", "latest", "--samples", "--limit", "3").result();
        assertThat(limited.path("differences")).hasSize(3);
        assertThat(limited.path("differencesLeftOut").asLong()).isEqualTo(10);
    }

    /** As another engine corrects a row: the file is written again without it. */
    private static void rewriteWithout(Table table, String id, CuratedSample instead) throws Exception {
        table.refresh();
        KeptTable kept = new KeptTable(table);
        for (FileScanTask file : kept.files(kept.current().orElseThrow())) {
            List<CuratedSample> rest = new ArrayList<>();
            boolean holds = false;
            try (var rows = kept.rows(file, table.schema().select("sample_id"), false)) {
                for (var row : rows) {
                    String other = row.getField("sample_id").toString();
                    if (other.equals(id)) {
                        holds = true;
                    } else {
                        rest.add(StoredSamples.sample(Integer.parseInt(other.substring(other.indexOf('/') + 1))));
                    }
                }
            }
            if (holds) {
                if (instead != null) {
                    rest.add(instead);
                }
                var overwrite = table.newOverwrite().deleteFile(file.file());
                for (DataFile written : StoredSamples.write(table, rest)) {
                    overwrite.addFile(written);
                }
                overwrite.commit();
                table.refresh();
                return;
            }
        }
        throw new IllegalStateException("No file holds " + id);
    }

    @Test
    void compactionIsNoDifference() throws Exception {
        Table table = stored.table();
        for (int i = 0; i < 6; i++) {
            StoredSamples.append(table, StoredSamples.samples(i * 20, i * 20 + 20));
        }
        keeper("tag", "before").result();
        keeper("compact").result();
        JsonNode diff = keeper("diff", "before", "latest").result();
        assertThat(diff.path("samples").path("came").asLong()).isZero();
        assertThat(diff.path("samples").path("went").asLong()).isZero();
        assertThat(diff.path("samples").path("changed").asLong()).isZero();
        assertThat(diff.path("splits").findValues("after")).allMatch(after -> after.asLong() == 30);
    }

    @Test
    void compactionPacksSmallFilesAndEveryRowStaysWhatItIs() throws Exception {
        Table table = stored.table();
        for (int i = 0; i < 8; i++) {
            StoredSamples.appendAsJob(table, StoredSamples.samples(i * 20, i * 20 + 20), i);
        }
        long before = table.currentSnapshot().snapshotId();
        Map<String, String> rows = StoredSamples.rows(table, before);
        JsonNode planned = keeper("compact", "--dry-run").result();
        assertThat(planned.path("filesBefore").asLong()).isEqualTo(32);
        Answer answer = keeper("compact");
        assertThat(answer.result().path("filesBefore").asLong()).isEqualTo(32);
        assertThat(answer.result().path("filesAfter").asLong()).isEqualTo(4);
        assertThat(answer.result().path("rows").asLong()).isEqualTo(160);
        assertThat(answer.progress()).isNotEmpty();
        table.refresh();
        long after = table.currentSnapshot().snapshotId();
        assertThat(after).isNotEqualTo(before);
        assertThat(StoredSamples.rows(table, after)).isEqualTo(rows).hasSize(160);
        assertThat(StoredSamples.rows(table, before)).isEqualTo(rows);
        assertThat(keeper("compact").result().path("groups").asLong()).isZero();
        assertThat(count(list(keeper("files").result().path("files")))).isEqualTo(160);
    }

    @Test
    void aTargetSizeSplitsWhatIsPacked() throws Exception {
        Table table = stored.table();
        for (int i = 0; i < 10; i++) {
            StoredSamples.append(table, StoredSamples.samples(i * 20, i * 20 + 20));
        }
        JsonNode result =
                keeper("compact", "--target", "60000", "--min-files", "2").result();
        assertThat(result.path("filesAfter").asLong()).isGreaterThan(4).isLessThan(40);
        table.refresh();
        assertThat(StoredSamples.rows(table, table.currentSnapshot().snapshotId()))
                .hasSize(200);
    }

    @Test
    void theJobMayWriteWhileTheTableIsCompacted() throws Exception {
        Table writers = stored.table();
        for (int i = 0; i < 10; i++) {
            StoredSamples.appendAsJob(writers, StoredSamples.samples(i * 10, i * 10 + 10), i);
        }
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<Integer> writing = thread.submit(() -> {
                int number = 100;
                for (int checkpoint = 10; checkpoint < 50; checkpoint++) {
                    StoredSamples.appendAsJob(writers, StoredSamples.samples(number, number + 10), checkpoint);
                    number += 10;
                }
                return number;
            });
            int compactions = 0;
            while (!writing.isDone()) {
                JsonNode result = keeper("compact", "--min-files", "2").result();
                assertThat(result.path("conflicts").asLong()).isZero();
                compactions += result.path("groups").asInt() > 0 ? 1 : 0;
            }
            int written = writing.get(60, TimeUnit.SECONDS);
            assertThat(compactions).isPositive();
            Table table = stored.table();
            Map<String, String> rows =
                    StoredSamples.rows(table, table.currentSnapshot().snapshotId());
            assertThat(rows).hasSize(written);
            // The same rows in a table that was never compacted.
            StoredSamples other = new StoredSamples(folder.resolve("other"));
            long id = StoredSamples.append(other.table(), StoredSamples.samples(0, written));
            assertThat(rows).isEqualTo(StoredSamples.rows(other.table(), id));
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void filesThatAnotherProcessReplacedMeanwhileAreLeftToIt() throws Exception {
        Table table = stored.table();
        for (int i = 0; i < 6; i++) {
            StoredSamples.append(table, StoredSamples.samples(i * 20, i * 20 + 20));
        }
        KeptTable mine = KeptTable.open(stored.config());
        Compaction late = new Compaction(mine, 1 << 20, (label, unit, done, total) -> {
            if (done == total && mine.table().currentSnapshot().operation().equals("append")) {
                try {
                    new Compaction(KeptTable.open(stored.config()), 1 << 20, (l, u, d, t) -> {}).run(2);
                } catch (java.io.IOException | KeeperException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        Compaction.Result result = late.run(2);
        assertThat(result.conflicts()).isEqualTo(1);
        table.refresh();
        assertThat(StoredSamples.rows(table, table.currentSnapshot().snapshotId()))
                .hasSize(120);
        assertThat(keeper(in(Duration.ofDays(10)), "expire", "--orphans", "--dry-run")
                        .result()
                        .path("orphans")
                        .asLong())
                .isZero();
    }

    @Test
    void expiryKeepsEveryFileOfTaggedAndPinnedSnapshots() throws Exception {
        Table table = stored.table();
        Map<Long, Map<String, String>> contents = new HashMap<>();
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            if (i % 4 == 3) {
                keeper("compact", "--min-files", "2").result();
                table.refresh();
                ids.add(table.currentSnapshot().snapshotId());
            } else {
                ids.add(StoredSamples.appendAsJob(table, StoredSamples.samples(i * 20, i * 20 + 20), i));
            }
            contents.put(ids.get(i), StoredSamples.rows(table, ids.get(i)));
        }
        keeper("tag", "release-1", "--snapshot", ids.get(1).toString()).result();
        keeper("pin", "lenet-0123", "--snapshot", ids.get(5).toString()).result();
        String pins = "--pins";
        String pin = "lenet-4567=" + ids.get(6);
        Clock later = in(Duration.ofDays(31));
        JsonNode dry = keeper(later, "expire", "--older-than", "30d", "--keep", "2", "--dry-run", pins, pin)
                .result();
        assertThat(keeper("list").result().path("snapshots")).hasSize(12);
        JsonNode done = keeper(later, "expire", "--older-than", "30d", "--keep", "2", pins, pin)
                .result();
        assertThat(done.path("expired")).hasSize(dry.path("expired").size()).hasSizeGreaterThanOrEqualTo(6);
        assertThat(done.path("filesDeleted").asLong()).isPositive();
        keeper(later, "expire", "--orphans", "--orphans-older-than", "1d", "--force")
                .result();

        Table after = stored.table();
        List<Long> kept = new ArrayList<>();
        after.snapshots().forEach(snapshot -> kept.add(snapshot.snapshotId()));
        assertThat(kept)
                .contains(ids.get(1), ids.get(5), ids.get(6), ids.get(11))
                .hasSizeLessThan(8);
        for (long id : kept) {
            assertThat(StoredSamples.rows(after, id)).isEqualTo(contents.get(id));
        }
        // The pin that Kafka told of holds now without it.
        assertThat(after.refs()).containsKey("model-lenet-4567");
        // Flink finds its last checkpoint on the way back from the current snapshot.
        long id = ids.get(11);
        while (!after.snapshot(id).summary().containsKey("flink.job-id")) {
            assertThat(after.snapshot(id).parentId()).isNotNull();
            id = after.snapshot(id).parentId();
            assertThat(after.snapshot(id)).isNotNull();
        }
        assertThat(after.snapshot(id).summary()).containsEntry("flink.max-committed-checkpoint-id", "10");
    }

    @Test
    void aModelThatWasTrainedOnTheTopicsKeepsTheSnapshotThatHoldsItsSamples() throws Exception {
        Table table = stored.table();
        StoredSamples.appendAsJob(table, StoredSamples.samples(0, 20), 1);
        Instant published = Instant.ofEpochMilli(table.currentSnapshot().timestampMillis() + 1);
        await(published);
        String pins = "lenet-0123@" + published;
        // What the model saw may not be in the table yet.
        JsonNode early = keeper("expire", "--older-than", "0s", "--keep", "1", "--pins", pins)
                .result();
        assertThat(early.path("modelsWaiting").toString()).isEqualTo("[\"lenet-0123\"]");
        assertThat(keeper("list", "--pins", pins).result().path("modelsWaiting").toString())
                .isEqualTo("[\"lenet-0123\"]");
        StoredSamples.append(table, StoredSamples.samples(20, 30));
        long holds = StoredSamples.appendAsJob(table, StoredSamples.samples(30, 60), 2);
        Map<String, String> rows = StoredSamples.rows(table, holds);
        for (int i = 0; i < 4; i++) {
            StoredSamples.appendAsJob(table, StoredSamples.samples(60 + i * 10, 70 + i * 10), 3 + i);
        }
        JsonNode done = keeper("expire", "--older-than", "0s", "--keep", "1", "--pins", pins)
                .result();
        assertThat(done.path("expired")).hasSize(5);
        // A later expiry knows it by the tag alone.
        keeper("expire", "--older-than", "0s", "--keep", "1").result();
        Table after = stored.table();
        assertThat(after.snapshots()).hasSize(2);
        assertThat(after.refs().get("model-lenet-0123").snapshotId()).isEqualTo(holds);
        assertThat(StoredSamples.rows(after, holds)).isEqualTo(rows).hasSize(60);
    }

    private static void await(Instant time) {
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (Instant.now().isBefore(time) && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(Instant.now()).isAfterOrEqualTo(time);
    }

    @Test
    void filesThatAStoppedJobMayStillCommitAreNoOrphansHoweverOldTheyAre() throws Exception {
        Table table = stored.table();
        Clock later = in(Duration.ofDays(10));
        List<DataFile> first = StoredSamples.write(table, StoredSamples.samples(0, 20));
        StoredSamples.append(table, StoredSamples.samples(20, 40));
        JsonNode never = keeper(later, "expire", "--orphans").result();
        assertThat(never.path("orphans").asLong()).isZero();
        assertThat(never.path("orphansPending").asLong()).isEqualTo(first.size());
        StoredSamples.appendAsJob(table, StoredSamples.samples(40, 60), 1);
        List<DataFile> pending = StoredSamples.write(table, StoredSamples.samples(60, 80));
        for (DataFile file : first) {
            written(file, Duration.ofHours(2));
        }
        JsonNode done = keeper(later, "expire", "--orphans", "--orphans-older-than", "0s", "--force")
                .result();
        assertThat(done.path("orphans").asLong()).isEqualTo(first.size());
        assertThat(done.path("orphansPending").asLong()).isEqualTo(pending.size());
        // The job starts again after ten days and commits them.
        var append = table.newAppend();
        pending.forEach(append::appendFile);
        append.commit();
        table.refresh();
        assertThat(StoredSamples.rows(table, table.currentSnapshot().snapshotId()))
                .hasSize(60);
    }

    private static Path written(DataFile file, Duration ago) throws Exception {
        Path path = Path.of(file.location().replaceFirst("^file:(//)?(?=/)", ""));
        return Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(ago)));
    }

    @Test
    void theDifferenceCountsSlicesByMeasurementAndFlag() throws Exception {
        Table table = stored.table();
        StoredSamples.append(table, StoredSamples.samples(0, 20));
        keeper("tag", "before").result();
        StoredSamples.append(table, StoredSamples.samples(198, 208));
        Map<String, JsonNode> slices = new HashMap<>();
        keeper("diff", "before", "latest")
                .result()
                .path("slices")
                .forEach(node -> slices.put(node.path("value").asText(), node));
        assertThat(slices.get("flag=dark").path("before").asLong()).isEqualTo(5);
        assertThat(slices.get("flag=dark").path("came").asLong()).isEqualTo(2);
        assertThat(slices.get("glare>0.2").path("note").asText()).isEqualTo("new");
        assertThat(slices.get("glare>0.2").path("after").asLong()).isEqualTo(7);
        assertThat(slices).doesNotContainKey("dark>0.5");
    }

    @Test
    void orphansGoOnlyWhenTheyAreOldAndNothingElseGoes() throws Exception {
        Table table = stored.table();
        long id = StoredSamples.appendAsJob(table, StoredSamples.samples(0, 40), 1);
        Map<String, String> rows = StoredSamples.rows(table, id);
        // Written, and never committed.
        List<DataFile> lost = StoredSamples.write(table, StoredSamples.samples(40, 80));
        Path old = written(lost.get(0), Duration.ofDays(4));
        JsonNode dry = keeper("expire", "--orphans", "--dry-run").result();
        assertThat(dry.path("orphans").asLong()).isEqualTo(1);
        assertThat(old).exists();
        assertThat(keeper("expire", "--orphans").result().path("orphans").asLong())
                .isEqualTo(1);
        assertThat(old).doesNotExist();
        for (DataFile file : lost.subList(1, lost.size())) {
            written(file, Duration.ofHours(2));
        }
        keeper(in(Duration.ofDays(10)), "expire", "--orphans").result();
        try (Stream<Path> files = Files.walk(folder.resolve("warehouse"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".parquet")))
                    .hasSize(4);
        }
        assertThat(StoredSamples.rows(stored.table(), id)).isEqualTo(rows);
    }

    @Test
    void anExportIsReadByDuckDbAndHoldsEverySampleAndImage() throws Exception {
        Table table = stored.table();
        StoredSamples.append(table, StoredSamples.samples(0, 40));
        keeper("tag", "release-1").result();
        StoredSamples.append(table, StoredSamples.samples(40, 60));
        table.newDelete()
                .deleteFromRowFilter(Expressions.equal("split", "test"))
                .commit();
        Path target = folder.resolve("exported");
        Answer answer = keeper("export", "release-1", "--to", target.toString(), "--images");
        assertThat(answer.result().path("rows").asLong()).isEqualTo(40);
        assertThat(answer.progress()).isNotEmpty();
        JsonNode manifest =
                new ObjectMapper().readTree(target.resolve("manifest.json").toFile());
        assertThat(manifest.path("classes").path("pedestrian").asLong()).isEqualTo(20);
        assertThat(manifest.path("splits").path("test").asLong()).isEqualTo(10);
        assertThat(manifest.path("data").get(0).path("sha256").asText()).matches("[0-9a-f]{64}");
        assertThat(manifest.path("schema").path("fields").size())
                .isEqualTo(SampleTable.SCHEMA.columns().size());
        assertThat(manifest.path("config").path("store.compression").asText()).isNotEmpty();
        assertThat(count("read_parquet('" + target + "/data/*/*.parquet', hive_partitioning = true)"))
                .isEqualTo(40);
        List<String> lines = Files.readAllLines(target.resolve("images/manifest.csv"));
        assertThat(lines).hasSize(41);
        assertThat(lines.get(0)).isEqualTo("path,label,domain,drive,frame,note,telemetry.speed,weather");
        String first = lines.get(1).substring(0, lines.get(1).indexOf(','));
        assertThat(first).startsWith("test/").endsWith(".jpg");
        int number = Integer.parseInt(first.replaceAll(".*_(\\d+)-.*", "$1"));
        assertThat(lines.get(1))
                .endsWith("\"a, \"\"b\"\"\",%s,clear".formatted(number % 2 == 0 ? number / 1000.0 : ""));
        assertThat(target.resolve("images").resolve(first)).hasBinaryContent(StoredSamples.image(number));
        assertThat(keeper("export", "latest", "--to", target.toString()).exitCode())
                .isEqualTo(2);
        assertThat(folder.resolve("exported.part")).doesNotExist();
    }

    private static CuratedSample corrected(int number, String label, int revision) {
        CuratedSample sample = StoredSamples.sample(number, label, "clear");
        sample.setAttributes(StoredSamples.sample(number).getAttributes());
        sample.setLabelRevision(revision);
        return sample;
    }

    /** Twenty samples; two of them corrected, one of these twice. */
    private void correctedTable() throws Exception {
        Table table = stored.table();
        StoredSamples.append(table, StoredSamples.samples(0, 20));
        keeper("tag", "before").result();
        StoredSamples.append(table, List.of(corrected(3, "cyclist", 2)));
        StoredSamples.append(table, List.of(corrected(3, "no-pedestrian", 1), corrected(4, "no-pedestrian", 1)));
    }

    @Test
    void aCorrectedSampleCountsAsChangedAndOnceInBothDirectionsAndAfterACompaction() throws Exception {
        correctedTable();
        for (boolean compacted : new boolean[] {false, true}) {
            if (compacted) {
                keeper("compact", "--min-files", "2").result();
            }
            JsonNode diff = keeper("diff", "before", "latest", "--samples").result();
            assertThat(diff.path("samples").path("came").asLong()).isZero();
            assertThat(diff.path("samples").path("went").asLong()).isZero();
            assertThat(diff.path("samples").path("changed").asLong()).isEqualTo(2);
            assertThat(diff.path("differences").findValuesAsText("sampleId"))
                    .containsExactlyInAnyOrder("drive-000/00003", "drive-000/00004");
            assertThat(diff.path("differences").findValuesAsText("class"))
                    .containsExactlyInAnyOrder("cyclist", "no-pedestrian");
            Map<String, JsonNode> classes = new HashMap<>();
            diff.path("classes").forEach(node -> classes.put(node.path("class").asText(), node));
            assertThat(classes.get("pedestrian").path("before").asLong()).isEqualTo(10);
            assertThat(classes.get("pedestrian").path("after").asLong()).isEqualTo(9);
            assertThat(classes.get("no-pedestrian").path("after").asLong()).isEqualTo(10);
            assertThat(classes.get("cyclist").path("after").asLong()).isEqualTo(1);
            JsonNode back = keeper("diff", "latest", "before").result();
            assertThat(back.path("samples").path("changed").asLong()).isEqualTo(2);
            assertThat(back.path("samples").path("came").asLong()).isZero();
            assertThat(back.path("samples").path("went").asLong()).isZero();
        }
    }

    @Test
    void anExportHoldsOfACorrectedSampleTheNewestRevisionAlone() throws Exception {
        correctedTable();
        Path target = folder.resolve("exported");
        JsonNode manifest = keeper("export", "latest", "--to", target.toString(), "--images")
                .result();
        assertThat(manifest.path("rows").asLong()).isEqualTo(20);
        assertThat(manifest.path("correctedRowsLeftOut").asLong()).isEqualTo(3);
        assertThat(manifest.path("classes").path("cyclist").asLong()).isEqualTo(1);
        assertThat(manifest.path("classes").path("pedestrian").asLong()).isEqualTo(9);
        assertThat(manifest.path("images").path("images").asLong()).isEqualTo(20);
        String parquet = "read_parquet('" + target + "/data/*/*.parquet', hive_partitioning = true)";
        assertThat(count(parquet)).isEqualTo(20);
        assertThat(count(parquet + " WHERE label = 'cyclist' AND label_revision = 2"))
                .isEqualTo(1);
        assertThat(Files.readAllLines(target.resolve("images/manifest.csv"))).hasSize(21);
        keeper("export", "before", "--to", folder.resolve("then").toString()).result();
        assertThat(count("read_parquet('" + folder + "/then/data/*/*.parquet') WHERE label = 'pedestrian'"))
                .as("an old snapshot says what was true of it")
                .isEqualTo(10);
    }

    @Test
    void theViewThatTheReadmeGivesShowsEverySampleOnce() throws Exception {
        correctedTable();
        String newest =
                "(SELECT * FROM " + list(keeper("files", "latest").result().path("files"))
                        + " QUALIFY row_number() OVER (PARTITION BY sample_id ORDER BY coalesce(label_revision, 0) DESC) = 1)";
        assertThat(count(newest)).isEqualTo(20);
        assertThat(count(newest + " WHERE label = 'cyclist'")).isEqualTo(1);
    }

    @Test
    void whatAKilledExportLeftIsReplaced() throws Exception {
        Table table = stored.table();
        StoredSamples.append(table, StoredSamples.samples(0, 10));
        Path target = folder.resolve("exported");
        Files.createDirectories(folder.resolve("exported.part/data"));
        Files.writeString(folder.resolve("exported.part/data/half.parquet"), "PAR1");
        Files.createFile(folder.resolve("exported.part").resolve(ExportFolder.MARK));
        keeper("export", "latest", "--to", target.toString()).result();
        assertThat(count("read_parquet('" + target + "/data/**/*.parquet')")).isEqualTo(10);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "diff latest | two snapshots",
                "fly | No command",
                "tag latest | another name",
                "expire --older-than soon | --older-than",
                "expire --keep 0 | --keep",
                "expire --orphans --orphans-older-than 0s | --force",
                "expire --orphans --orphans-older-than PT71H | 3d or more",
                "expire --pins lenet-0123 | MODEL@",
                "expire --pins lenet-0123@soon | MODEL@",
                "export latest | needs a folder",
                "compact --target x | --target",
            })
    void wrongUsageIsOneSentence(String arguments, String part) throws Exception {
        StoredSamples.append(stored.table(), StoredSamples.samples(0, 1));
        Answer answer = keeper(arguments.split(" "));
        assertThat(answer.exitCode()).isEqualTo(2);
        assertThat(answer.last().path("error").asText()).contains(part);
    }

    @Test
    void withoutATableTheKeeperSaysHowToGetOne() throws Exception {
        Answer answer = keeper("list");
        assertThat(answer.exitCode()).isEqualTo(1);
        assertThat(answer.last().path("error").asText()).contains("./drivetrain up");
    }
}
