package io.drivetrain.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabeledSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FolderDatasetTest {
    @TempDir
    Path folder;

    private FolderDataset open(String manifest) throws IOException, DatasetException {
        Files.writeString(folder.resolve("manifest.csv"), manifest);
        return FolderDataset.open(folder, Optional.empty());
    }

    private static List<Collected> all(FolderDataset dataset) throws DatasetException {
        List<Collected> collected = new ArrayList<>();
        try (SampleSource source = dataset.source()) {
            source.forEach(collected::add);
        }
        return collected;
    }

    private static LabeledSample sample(Collected collected) {
        return ((Collected.Sample) collected).sample();
    }

    private static String sentence(Collected collected) {
        return ((Collected.Malformed) collected).sentence();
    }

    private void image(String path) throws IOException {
        Files.createDirectories(folder.resolve(path).getParent());
        Files.write(folder.resolve(path), new byte[] {1, 2, 3});
    }

    @Test
    void rowsBecomeSamplesWithTheirAttributes() throws Exception {
        image("a/1.png");
        image("a/2.png");
        FolderDataset dataset = open("\uFEFFpath,label,domain,drive,weather\r\n"
                + "a/1.png,\"car, red\",source,d1,rainy\r\n\r\na/2.png,,TARGET,d1,\r\n");
        assertThat(dataset.classes()).containsExactly("car, red");
        assertThat(dataset.count()).isEqualTo(2);
        List<Collected> collected = all(dataset);
        LabeledSample first = sample(collected.get(0));
        assertThat(first.getSampleId()).isEqualTo("a/1.png");
        assertThat(first.getLabel()).isEqualTo("car, red");
        assertThat(first.getDomain()).isEqualTo(Domain.SOURCE);
        assertThat(first.getAttributes()).containsOnly(java.util.Map.entry("weather", "rainy"));
        assertThat(first.getImageBytes().remaining()).isEqualTo(3);
        LabeledSample second = sample(collected.get(1));
        assertThat(second.getLabel()).isNull();
        assertThat(second.getFrameIndex()).isEqualTo(1);
        assertThat(second.getCapturedAt()).isAfter(first.getCapturedAt());
    }

    @Test
    void malformedRowsAreReportedWithTheirLineAndTheRestIsRead() throws Exception {
        image("1.png");
        List<Collected> collected = all(open("path,label,domain,drive,frame\n"
                + "1.png,a,SOURCE,d1,0\n"
                + "1.png,a,SOURCE\n"
                + "2.png,a,SOURCE,d1,1\n"
                + "1.png,a,NOWHERE,d1,1\n"
                + "1.png,a,SOURCE,d1,one\n"
                + "1.png,a,SOURCE,,2\n"
                + "1.png,a,SOURCE,d2,7\n"));
        assertThat(collected).hasSize(7);
        assertThat(sentence(collected.get(1))).contains("line 3: 3 cells where the header has 5");
        assertThat(sentence(collected.get(2))).contains("line 4: there is no image '2.png'; add the file");
        assertThat(sentence(collected.get(3))).contains("line 5: the domain is 'NOWHERE'; write SOURCE or TARGET");
        assertThat(sentence(collected.get(4))).contains("line 6: the frame is 'one'");
        assertThat(sentence(collected.get(5))).contains("line 7: no drive");
        assertThat(sample(collected.get(6)).getFrameIndex()).isEqualTo(7);
    }

    @Test
    void aManifestOfLinesGivesDrivesBoxesTimesAndAttributes() throws Exception {
        image("1.png");
        image("2.png");
        Files.writeString(folder.resolve("manifest.jsonl"), """
                \uFEFF{"path":"1.png","label":"car","domain":"target","drive":"d1","frame":4,"weather":"rainy",\
                "attributes":{"lane":2},"labelSource":"ann","labelRevision":2,"capturedAt":"2026-11-24T10:00:00Z",\
                "boxes":[{"category":"car","x1":1,"y1":2,"x2":NaN,"y2":4.5}]}

                {"path":"2.png"}
                """);
        List<Collected> collected = all(FolderDataset.open(folder, Optional.empty()));
        LabeledSample first = sample(collected.get(0));
        assertThat(first.getDomain()).isEqualTo(Domain.TARGET);
        assertThat(first.getFrameIndex()).isEqualTo(4);
        assertThat(first.getCapturedAt()).isEqualTo("2026-11-24T10:00:00Z");
        assertThat(first.getLabelSource()).isEqualTo("ann");
        assertThat(first.getLabelRevision()).isEqualTo(2);
        assertThat(first.getAttributes()).isEqualTo(java.util.Map.of("weather", "rainy", "lane", "2"));
        assertThat(first.getBoxes()).hasSize(1);
        assertThat(first.getBoxes().get(0).getX2()).isNaN();
        LabeledSample second = sample(collected.get(1));
        assertThat(second.getDriveId()).isEqualTo("2.png");
        assertThat(second.getDomain()).isEqualTo(Domain.SOURCE);
        assertThat(second.getLabel()).isNull();
    }

    @Test
    void malformedLinesAreReportedWithLineAndPathAndTheRestIsRead() throws Exception {
        image("1.png");
        Files.writeString(folder.resolve("manifest.jsonl"), """
                {"label":"car"}
                {"path":"1.png"
                ["1.png"]
                {"path":"1.png","frame":-1}
                {"path":"1.png","boxes":[{"category":"car","x1":"left"}]}
                {"path":"1.png","domain":"HERE"}
                {"path":"1.png","capturedAt":"noon"}
                {"path":"../secret.png"}
                {"path":"1.png"} trailing
                {"path":"1.png","label":"car"}
                {"path":"1.png","capturedAt":"+999999999-12-31T00:00:00Z"}
                """);
        List<Collected> collected = all(FolderDataset.open(folder, Optional.empty()));
        assertThat(collected).hasSize(11);
        assertThat(sentence(collected.get(10))).contains("line 11 $.capturedAt: it is '\"+999999999");
        assertThat(sentence(collected.get(0))).endsWith("manifest.jsonl line 1: no path; name the image file");
        assertThat(sentence(collected.get(1))).contains("line 2: this is no JSON object");
        assertThat(sentence(collected.get(2))).contains("line 3 $: it is '[\"1.png\"]' where an object is expected");
        assertThat(sentence(collected.get(3))).contains("line 4 $.frame: it is '-1' where a whole number from 0");
        assertThat(sentence(collected.get(4))).contains("line 5 $.boxes[0].x1: it is '\"left\"'");
        assertThat(sentence(collected.get(5))).contains("$.domain: it is '\"HERE\"' where SOURCE or TARGET");
        assertThat(sentence(collected.get(6))).contains("$.capturedAt");
        assertThat(sentence(collected.get(7))).contains("line 8: the image '../secret.png' is no file of the data set");
        assertThat(sentence(collected.get(8))).contains("line 9");
        assertThat(sample(collected.get(9)).getLabel()).isEqualTo("car");
    }

    @Test
    void missingColumnsAreNamed() {
        assertThatThrownBy(() -> open("path,drive,split\na,b,c\n"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("has no column label (found: path, drive, split)");
    }

    @Test
    void noSuchFolderIsOneSentence() {
        assertThatThrownBy(() -> FolderDataset.open(folder.resolve("nowhere"), Optional.empty()))
                .isInstanceOf(DatasetException.class)
                .hasMessageStartingWith("No such folder: ")
                .hasMessageEndingWith("nowhere; check the path");
    }

    @Test
    void anEmptyManifestIsRefused() {
        assertThatThrownBy(() -> open("path,label,domain,drive\n")).hasMessageContaining("has no rows");
    }

    @Test
    void withoutManifestTheFolderNamesTheClass() throws Exception {
        image("cat/1.jpg");
        image("dog/2.PNG");
        image("dog/notes.txt");
        FolderDataset dataset = FolderDataset.open(folder, Optional.empty());
        assertThat(dataset.classes()).containsExactly("cat", "dog");
        assertThat(all(dataset)).hasSize(2);
        assertThat(sample(all(dataset).get(1)).getDriveId()).isEqualTo("dog/2.PNG");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gtsrb", "traffic-lights"})
    void realFoldersAreRead(String name) throws Exception {
        Path shared = Path.of(System.getProperty("drivetrain.shared", "../../shared"))
                .resolve("data")
                .resolve(name);
        if (!Files.isDirectory(shared)) {
            System.out.println(
                    "Skipped: no real images at " + shared.toAbsolutePath().normalize());
        }
        Assumptions.assumeTrue(Files.isDirectory(shared), "no real images beside the checkout");
        FolderDataset dataset = FolderDataset.open(shared, Optional.empty());
        int read = 0;
        try (SampleSource source = dataset.source()) {
            for (Collected collected : source) {
                assertThat(sample(collected).getImageBytes().remaining()).isPositive();
                if (++read == 200) {
                    break;
                }
            }
        }
        assertThat(read).isEqualTo(200);
        assertThat(dataset.classes()).hasSizeGreaterThan(2).contains(name.equals("gtsrb") ? "yield" : "red");
        assertThat(dataset.medianSide()).isPositive();
    }

    @Test
    void aManifestMaySayTimesAndSourcesAndLeaveDomainAndDriveToTheFlags() throws Exception {
        image("a/1.png");
        image("a/2.png");
        Files.writeString(folder.resolve("manifest.csv"), """
                path,label,frame,capturedAt,labelSource
                a/1.png,car,4,2026-11-24T10:00:00Z,ann
                a/2.png,car,,,
                a/2.png,car,,noon,
                a/2.png,car,,+999999999-12-31T00:00:00Z,
                """);
        DatasetFolder.Read read = DatasetFolder.read(
                new DatasetOptions(
                        folder,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Domain.TARGET,
                        Optional.of(Pattern.compile("^(.*)/")),
                        Optional.of("tool")),
                DatasetFolder.PEDESTRIAN);
        LabeledSample first = read.samples().get(0);
        assertThat(first.getDomain()).isEqualTo(Domain.TARGET);
        assertThat(first.getDriveId()).isEqualTo("a");
        assertThat(first.getFrameIndex()).isEqualTo(4);
        assertThat(first.getCapturedAt()).isEqualTo("2026-11-24T10:00:00Z");
        assertThat(first.getLabelSource()).isEqualTo("ann");
        assertThat(first.getAttributes()).isEmpty();
        assertThat(read.samples()).hasSize(2);
        assertThat(read.samples().get(1).getLabelSource()).isEqualTo("tool");
        assertThat(read.sentences())
                .hasSize(2)
                .first()
                .asString()
                .endsWith("line 4: capturedAt is 'noon'; write a time in UTC such as 2026-11-24T10:00:00Z");
    }

    @Test
    void columnsOfTelemetryBecomeNumbersAndWhatIsNoneIsReportedWithItsLine() throws Exception {
        image("1.png");
        List<Collected> collected = all(open("path,label,drive,frame,telemetry.speed,telemetry.yaw-rate\n"
                + "1.png,a,d,0,13.9,-2e-2\n"
                + "1.png,a,d,1,,0\n"
                + "1.png,a,d,2,fast,0\n"
                + "1.png,a,d,3,NaN,0\n"
                + "1.png,a,d,4,1e999,0\n"
                + "1.png,a,d,5,0x1p3,0\n"));
        assertThat(sample(collected.get(0)).getTelemetry()).isEqualTo(Map.of("speed", 13.9, "yaw-rate", -0.02));
        assertThat(sample(collected.get(0)).getAttributes()).isEmpty();
        assertThat(sample(collected.get(1)).getTelemetry()).isEqualTo(Map.of("yaw-rate", 0.0));
        assertThat(collected.subList(2, 6))
                .extracting(FolderDatasetTest::sentence)
                .satisfiesExactly(
                        text -> assertThat(text)
                                .contains(
                                        "line 4: telemetry.speed is 'fast'; write a finite number such as 13.9, or leave the cell empty"),
                        text -> assertThat(text).contains("line 5: telemetry.speed is 'NaN'"),
                        text -> assertThat(text).contains("line 6: telemetry.speed is '1e999'"),
                        text -> assertThat(text).contains("line 7: telemetry.speed is '0x1p3'"));
    }

    @Test
    void linesHaveTelemetryAsAnObjectOrAsFields() throws Exception {
        image("1.png");
        Files.writeString(folder.resolve("manifest.jsonl"), """
                {"path":"1.png","frame":0,"telemetry":{"speed":13.9,"yaw-rate":null},"telemetry.acceleration":-1}
                {"path":"1.png","frame":1,"telemetry":{"speed":"fast"}}
                {"path":"1.png","frame":2,"telemetry":{"speed":NaN}}
                {"path":"1.png","frame":3,"telemetry":[1]}
                {"path":"1.png","frame":4,"telemetry.speed":true}
                """);
        List<Collected> collected = all(FolderDataset.open(folder, Optional.empty()));
        assertThat(sample(collected.get(0)).getTelemetry()).isEqualTo(Map.of("speed", 13.9, "acceleration", -1.0));
        assertThat(collected.subList(1, 5))
                .extracting(FolderDatasetTest::sentence)
                .satisfiesExactly(
                        text -> assertThat(text)
                                .contains("line 2 $.telemetry.speed")
                                .contains("where a finite number such as 13.9 is expected"),
                        text -> assertThat(text).contains("line 3 $.telemetry.speed"),
                        text -> assertThat(text).contains("line 4 $.telemetry").contains("an object of numbers"),
                        text -> assertThat(text).contains("line 5 $['telemetry.speed']"));
    }

    @Test
    void allFramesOfADriveSayWhenAndWhereItsFrame0Was() throws Exception {
        image("1.png");
        List<Collected> collected = all(open("path,label,drive,frame,capturedAt,latitude,longitude\n"
                + "1.png,a,whole,0,2026-11-24T10:00:00Z,48.1,11.5\n"
                + "1.png,a,whole,1,2026-11-24T10:00:01Z,48.2,11.6\n"
                + "1.png,a,tail,5,2026-11-24T10:00:00Z,48.1,11.5\n"
                + "1.png,a,tail,0,2026-11-24T09:59:59Z,48.1,11.5\n"
                + "1.png,a,undated,0,,,\n"
                + "1.png,a,undated,1,2026-11-24T10:00:00Z,,\n"));
        assertThat(sample(collected.get(0)).getAttributes())
                .containsEntry("drive-started-at", "2026-11-24T10:00:00Z")
                .containsEntry("drive-latitude", "48.1");
        assertThat(sample(collected.get(1)).getAttributes())
                .containsEntry("drive-started-at", "2026-11-24T10:00:00Z")
                .containsEntry("drive-latitude", "48.1")
                .containsEntry("drive-longitude", "11.5")
                .containsEntry("latitude", "48.2");
        assertThat(collected.subList(2, 6))
                .allSatisfy(each -> assertThat(sample(each).getAttributes())
                        .doesNotContainKeys("drive-started-at", "drive-latitude"));
    }

    @Test
    void whatAManifestSaysOfADriveHoldsAndAStartThatIsNoTimeIsReported() throws Exception {
        image("1.png");
        List<Collected> collected = all(open("path,label,drive,frame,capturedAt,drive-started-at\n"
                + "1.png,a,d,0,2026-11-24T10:00:00Z,2026-11-24T09:00:00Z\n"
                + "1.png,a,d,1,2026-11-24T10:00:01Z,2026-11-24T09:00:00Z\n"
                + "1.png,a,d,2,2026-11-24T10:00:02Z,nine\n"));
        assertThat(collected.subList(0, 2))
                .allSatisfy(each -> assertThat(sample(each).getAttributes())
                        .containsEntry("drive-started-at", "2026-11-24T09:00:00Z"));
        assertThat(sentence(collected.get(2))).contains("line 4: drive-started-at is 'nine'; write a time in UTC");
    }

    @Test
    void foldersBehindLinksAreReadAndACircleIsNot() throws Exception {
        image("real/cat/1.jpg");
        Path photos = Files.createDirectories(folder.resolve("photos"));
        Files.createSymbolicLink(photos.resolve("cat"), folder.resolve("real/cat"));
        Files.createSymbolicLink(folder.resolve("real/cat/circle"), folder.resolve("real"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), photos);
        assertThat(all(FolderDataset.open(link, Optional.empty())))
                .extracting(collected -> sample(collected).getLabel())
                .containsExactly("cat");
    }

    @Test
    void aManifestSaysHowOftenALabelWasCorrected() throws Exception {
        image("1.png");
        Files.writeString(folder.resolve("manifest.csv"), """
                path,label,labelRevision
                1.png,car,
                1.png,truck,2
                1.png,truck,-1
                1.png,truck,two
                """);
        List<Collected> collected = all(FolderDataset.open(folder, Optional.empty()));
        assertThat(sample(collected.get(0)).getLabelRevision()).isZero();
        assertThat(sample(collected.get(1)).getLabelRevision()).isEqualTo(2);
        assertThat(sample(collected.get(1)).getAttributes()).isEmpty();
        assertThat(((Collected.Malformed) collected.get(2)).sentence())
                .contains("line 4", "the label revision is", "-1");
        assertThat(((Collected.Malformed) collected.get(3)).sentence())
                .contains("line 5", "write a whole number from 0");
    }

    @Test
    void aLineWithARevisionThatIsNoneIsReported() throws Exception {
        image("1.png");
        Files.writeString(folder.resolve("manifest.jsonl"), """
                {"path":"1.png","label":"car","labelRevision":-1}
                """);
        assertThat(((Collected.Malformed) all(FolderDataset.open(folder, Optional.empty()))
                                .get(0))
                        .sentence())
                .contains("$.labelRevision", "a whole number from 0");
    }

    @Test
    void anEntryThatCorrectsALabelIsAnotherAndOneThatDoesNotIsTheSameAsBefore() {
        Entry.Labels first = new Entry.Labels(Optional.of("car"), Optional.empty(), Map.of(), Optional.empty());
        Entry.Labels corrected = new Entry.Labels(Optional.of("car"), Optional.empty(), Map.of(), Optional.empty(), 1);
        assertThat(entry(first).identity()).isEqualTo("5:1.png3:car-0;-1;-----");
        assertThat(entry(corrected).identity()).isNotEqualTo(entry(first).identity());
    }

    private static Entry entry(Entry.Labels labels) {
        return new Entry.Image("manifest.csv", "line 2", "1.png", List.of("1.png"), labels, Entry.Recording.UNKNOWN);
    }
}
