package io.drivetrain.infra.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnapshotViewTest {
    private static final Terminal PLAIN =
            new Terminal(new PrintStream(new ByteArrayOutputStream()), false, false, true, 100);

    private static JsonNode json(String text) throws Exception {
        return new ObjectMapper().readTree(text.replace('\'', '"'));
    }

    @Test
    void theListShowsTagsModelsCompactionAndFileSizes() throws Exception {
        List<String> lines = SnapshotView.list(PLAIN, json("""
                        {'snapshots': [
                          {'id': 11, 'committedAt': '2026-11-24T13:46:29.123Z', 'operation': 'append', 'current': false,
                           'tags': ['release-1'], 'pinnedBy': ['lenet-1'], 'addedSamples': 454, 'deletedSamples': 0,
                           'samples': 1707, 'files': 17, 'bytes': 33000000, 'averageFileBytes': 1940000},
                          {'id': 13, 'committedAt': '2026-11-24T13:46:49Z', 'operation': 'append', 'current': false,
                           'tags': [], 'pinnedBy': [], 'addedSamples': 0, 'deletedSamples': 0,
                           'samples': 1707, 'files': 17, 'bytes': 33000000, 'averageFileBytes': 1940000},
                          {'id': 12, 'committedAt': '2026-11-24T13:47:14Z', 'operation': 'replace', 'current': true,
                           'tags': [], 'pinnedBy': [], 'addedSamples': 0, 'deletedSamples': 0,
                           'samples': 1707, 'files': 4, 'bytes': 33000000, 'averageFileBytes': 8250000}]}
                        """));
        assertThat(lines).hasSize(4).last().asString().startsWith("1 more brought no sample");
        assertThat(lines.get(1))
                .startsWith("2026-11-24T13:46:29.123Z 11 ")
                .contains("454", "1,707", "33 MB", "1.9 MB")
                .endsWith("release-1, pinned by lenet-1");
        assertThat(lines.get(2)).endsWith("compacted, latest");
    }

    @Test
    void whereLabelsWereCorrectedTheListSaysOfHowManySamples() throws Exception {
        List<String> lines = SnapshotView.list(PLAIN, json("""
                        {'snapshots': [
                          {'id': 11, 'committedAt': '2026-11-24T13:46:29.123Z', 'operation': 'append', 'current': false,
                           'tags': [], 'pinnedBy': [], 'addedSamples': 0, 'deletedSamples': 0, 'corrections': 12,
                           'samples': 5309, 'correctedSamples': 12, 'rows': 5321, 'files': 17}]}
                        """));
        assertThat(lines.get(0)).containsPattern("came +samples +corrected +files");
        assertThat(lines.get(1)).containsPattern(" 0 +5,309 +12 +17 ");
        assertThat(SnapshotView.diff(PLAIN, json("""
                        {'from': {'id': 10, 'samples': 5309, 'correctedSamples': 0},
                         'to': {'id': 11, 'samples': 5309, 'correctedSamples': 12},
                         'samples': {'came': 0, 'went': 0, 'changed': 12}}
                        """)).get(0))
                .endsWith("12 changed; 5,309 samples before, 5,309 (12 corrected) after");
    }

    @Test
    void theDifferenceShowsWhatIsNewAndWhatIsGone() throws Exception {
        List<String> lines = SnapshotView.diff(PLAIN, json("""
                        {'from': {'id': 11, 'tags': ['release-1'], 'samples': 3}, 'to': {'id': 12, 'tags': [], 'samples': 3},
                         'samples': {'came': 1, 'went': 1, 'changed': 1, 'changedFields': {'label': 1}},
                         'classes': [{'class': 'tram', 'before': 1, 'came': 0, 'went': 1, 'after': 0, 'note': 'gone'}],
                         'splits': [],
                         'slices': [{'attribute': 'weather', 'value': 'snowy', 'before': 0, 'came': 1, 'went': 0,
                                     'after': 1, 'note': 'new'}],
                         'differences': [{'sampleId': 'a/1', 'change': 'changed', 'class': 'car', 'classBefore': 'bus',
                                          'split': 'train', 'splitBefore': 'train', 'fields': ['label']}],
                         'differencesLeftOut': 2}
                        """));
        assertThat(lines.get(0)).isEqualTo("release-1 -> 12: 1 came, 1 went, 1 changed; 3 samples before, 3 after");
        assertThat(lines).anyMatch(line -> line.matches("  tram +1 +-1 +0  gone"));
        assertThat(lines).anyMatch(line -> line.matches("  weather=snowy +0 \\+1 .*1  new".replace(" \\+1", " +\\+1")));
        assertThat(lines).contains("~ a/1  bus -> car, train  [\"label\"]", "and 2 more; show them with --limit");
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "999, 999 B", "1500, 1.5 kB", "59000000, 59 MB", "999600, 1.0 MB", "5000000000000, 5.0 TB"})
    void bytesAreSaidAsPeopleSayThem(long bytes, String text) {
        assertThat(SnapshotView.bytes(bytes)).isEqualTo(text);
    }
}
