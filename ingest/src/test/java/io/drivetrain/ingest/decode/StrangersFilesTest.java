package io.drivetrain.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.schemas.LabeledSample;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Label files as the tools of strangers write them. */
class StrangersFilesTest {
    private static final String PERSON = "Pedestrian 0 0 -0.2 1.0 2.0 3.0 4.0 1.89 0.48 1.2 1.84 1.47 8.41 0.01";

    @TempDir
    private Path root;

    private DatasetFolder folder;

    @BeforeEach
    void images() throws Exception {
        folder = new DatasetFolder(root)
                .image("a.png", 8, 8)
                .image("b.png", 8, 8)
                .image("c.png", 8, 8);
    }

    private DatasetFolder.Read manifest(String text, Charset charset) throws Exception {
        Files.write(root.resolve("manifest.csv"), text.getBytes(charset));
        return folder.read(DatasetFormat.FOLDER);
    }

    private DatasetFolder.Read manifest(String text) throws Exception {
        return manifest(text, StandardCharsets.UTF_8);
    }

    private static void assertReads(DatasetFolder.Read read, String... names) {
        assertThat(read.samples()).extracting(LabeledSample::getSampleId).containsExactly(names);
    }

    // ---- manifests

    @ParameterizedTest
    @ValueSource(strings = {",", ";", "\t"})
    void aManifestMayBeSeparatedAsSpreadsheetsDoIt(String separator) throws Exception {
        DatasetFolder.Read read =
                manifest("path,label,note\na.png,x,\"1,2;3\t4\"\n".replaceAll("[,](?=[a-z\"])", separator));
        assertThat(read.only().getLabel()).isEqualTo("x");
        assertThat(read.only().getAttributes()).containsExactly(entry("note", "1,2;3\t4"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void linesMayEndAsOnAnySystemAndAreCountedAsEditorsCount(String end) throws Exception {
        DatasetFolder.Read read = manifest(
                String.join(end, "path,label,note", "", "a.png,x,\"two", "lines\"", "missing.png,x,n", "b.png,y,n"));
        assertReads(read, "a.png", "b.png");
        assertThat(read.sentences()).singleElement().asString().contains("manifest.csv line 5: there is no image");
    }

    @Test
    void unicodeTextOfASpreadsheetIsRead() throws Exception {
        DatasetFolder.Read read = manifest("path\tlabel\r\na.png\tgr\u00fcn\r\n", StandardCharsets.UTF_16);
        assertThat(read.only().getLabel()).isEqualTo("gr\u00fcn");
    }

    @Test
    void aRowInAnotherEncodingIsLeftOutAndTheRestIsRead() throws Exception {
        DatasetFolder.Read read = manifest("path,label\na.png,gr\u00fcn\nb.png,red\n", StandardCharsets.ISO_8859_1);
        assertReads(read, "b.png");
        assertThat(read.sentences())
                .containsExactly(
                        root.resolve("manifest.csv") + " line 2: the line is not UTF-8 text; save the file as UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"b.png,\"y", "\"b.png\"x,y", "\"b.png"})
    void anOpenQuoteCostsOneRowAndNotTheFile(String broken) throws Exception {
        DatasetFolder.Read read = manifest("path,label\na.png,x\n" + broken + "\nc.png,z\n");
        assertReads(read, "a.png", "c.png");
        assertThat(read.sentences())
                .containsExactly(root.resolve("manifest.csv")
                        + " line 3: this is no row of a CSV; close its quotes, and double those within quotes");
        assertThat(read.dataset().images()).isEqualTo(3);
    }

    @Test
    void twoOpenQuotesCostTwoRows() throws Exception {
        DatasetFolder.Read read = manifest("path,label\na.png,\"x\nb.png,y\nc.png,\"z\na.png,x\n");
        assertReads(read, "b.png", "a.png");
        assertThat(read.sentences())
                .extracting(sentence -> sentence.replaceAll(".* (line \\d+): .*", "$1"))
                .containsExactly("line 2", "line 4");
    }

    @Test
    void aColumnThatNumbersTheRowsIsNoAttribute() throws Exception {
        assertThat(manifest(",path,label,weather\n0,a.png,x,rainy\n").only().getAttributes())
                .containsExactly(entry("weather", "rainy"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"path,label,label", "path,label,drive,drive", "path,label,telemetry."})
    void columnsOfWhichNobodyKnowsWhatTheyMeanAreRefused(String header) {
        assertThatThrownBy(() -> manifest(header + "\na.png,x,y\n"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining(
                        header.endsWith(".") ? "'telemetry.' without a name" : "twice; remove or rename one");
    }

    @Test
    void aNegativeFrameIsReported() throws Exception {
        assertThat(manifest("path,label,frame\na.png,x,-1\nb.png,x,0\n").sentences())
                .singleElement()
                .asString()
                .endsWith("line 2: the frame is '-1'; write a whole number from 0");
    }

    @Test
    void pathsMayBeWrittenOnWindows() throws Exception {
        folder.image("day one/d.png", 8, 8);
        assertThat(manifest("path,label\nday one\\d.png,x\n")
                        .only()
                        .getImageBytes()
                        .remaining())
                .isPositive();
    }

    @Test
    void aFieldThatIsThereTwiceOrAttributesThatAreNoneAreReportedAndTheRestIsRead() throws Exception {
        folder.text(
                "manifest.jsonl",
                "{\"path\":\"a.png\",\"label\":\"x\",\"label\":\"y\"}\n{\"path\":\"b.png\",\"attributes\":\"night\"}\n{\"path\":\"c.png\",\"label\":\"z\"}\n");
        DatasetFolder.Read read = folder.read(DatasetFormat.FOLDER);
        assertReads(read, "c.png");
        assertThat(read.sentences()).hasSize(2);
        assertThat(read.sentences().get(0)).contains("line 1").contains("Duplicate field 'label'");
        assertThat(read.sentences().get(1)).contains("line 2 $.attributes: it is '\"night\"'");
    }

    // ---- folders

    @Test
    void whatMacOsAddsToArchivesIsNoImage() throws Exception {
        folder.image("x/d.png", 8, 8)
                .text("x/._d.png", "Mac OS X")
                .text("__MACOSX/x/._d.png", "Mac OS X")
                .image(".thumbnails/d.png", 2, 2);
        assertReads(folder.read(DatasetFormat.FOLDER), "a.png", "b.png", "c.png", "x/d.png");
    }

    @Test
    void aHiddenFolderMakesNoNameAmbiguous() throws Exception {
        folder.image("images/d.png", 8, 8)
                .image("images/.thumbnails/d.png", 2, 2)
                .text("l.json", "[{\"name\":\"d.png\",\"labels\":[]}]");
        assertReads(folder.read(DatasetFormat.BDD100K), "bdd100k/d.png");
    }

    // ---- Scalabel

    @Test
    void aCommaAfterTheLastOneDoesNotCostTheRestOfTheFile() throws Exception {
        folder.text("l.json", "[{\"name\":\"a.png\",\"labels\":[],},{\"name\":\"b.png\",\"labels\":[]},]");
        DatasetFolder.Read read = folder.read(DatasetFormat.BDD100K);
        assertThat(read.malformed()).isEmpty();
        assertReads(read, "bdd100k/a.png", "bdd100k/b.png");
    }

    @Test
    void labelsThatAreThereTwiceDoNotHideEachOther() throws Exception {
        folder.text(
                "l.json",
                "[{\"name\":\"a.png\",\"labels\":[{\"category\":\"person\",\"box2d\":{\"x1\":1,\"y1\":1,\"x2\":2,\"y2\":2}}],\"labels\":[]},{\"name\":\"b.png\",\"labels\":[]}]");
        DatasetFolder.Read read = folder.read(DatasetFormat.BDD100K);
        assertReads(read, "bdd100k/b.png");
        assertThat(read.sentences()).containsExactly("l.json $[0].labels: the frame has this field twice; remove one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[%s]\n[%s]", "{\"frames\":[%s],\"config\":{\"x\":[1]}} [%s]"})
    void whatFollowsTheFramesIsReported(String file) throws Exception {
        folder.text(
                "l.json", file.formatted("{\"name\":\"a.png\",\"labels\":[]}", "{\"name\":\"b.png\",\"labels\":[]}"));
        DatasetFolder.Read read = folder.read(DatasetFormat.BDD100K);
        assertReads(read, "bdd100k/a.png");
        assertThat(read.sentences())
                .containsExactly(
                        "l.json: something follows the frames, and was not read; put all frames into one array");
    }

    @Test
    void whatFollowsTheFramesInTheirObjectIsNoFault() throws Exception {
        folder.text("l.json", "{\"frames\":[{\"name\":\"a.png\",\"labels\":[]}],\"config\":{\"categories\":[1]}}");
        assertThat(folder.read(DatasetFormat.BDD100K).malformed()).isEmpty();
    }

    @Test
    void whereDeepNestingEndsTheReadingIsSaid() throws Exception {
        folder.text("l.json", "[{\"name\":\"a.png\",\"labels\":[]},\n{\"x\":" + "[".repeat(5000));
        DatasetFolder.Read read = folder.read(DatasetFormat.BDD100K);
        assertReads(read, "bdd100k/a.png");
        assertThat(read.sentences()).singleElement().asString().startsWith("l.json line 2 column 10");
    }

    // ---- COCO

    @ParameterizedTest
    @ValueSource(strings = {"1:\"1\"", "\"1\":1", "\"1\":\"1\"", "\"seven\":\"seven\"", "\"007\":\"007\""})
    void anIdIsTheSameInQuotes(String ids) throws Exception {
        String[] id = ids.split(":");
        folder.text(
                "l.json",
                "{\"images\":[{\"id\":%s,\"file_name\":\"a.png\"}],\"annotations\":[{\"image_id\":%s,\"category_id\":\"1\",\"bbox\":[1,1,2,2]}],\"categories\":[{\"id\":1,\"name\":\"person\"}]}"
                        .formatted(id[0], id[1]));
        DatasetFolder.Read read = folder.read(DatasetFormat.COCO);
        assertThat(read.malformed()).isEmpty();
        assertThat(read.only().getLabel()).isEqualTo("pedestrian");
    }

    @Test
    void imagesOfOneIdAreLeftOutAsTheirBoxesAreAnybodys() throws Exception {
        folder.text(
                "l.json",
                "{\"images\":[{\"id\":1,\"file_name\":\"a.png\"},{\"id\":2,\"file_name\":\"b.png\"},{\"id\":1,\"file_name\":\"c.png\"}],\"annotations\":[{\"image_id\":1,\"category_id\":1,\"bbox\":[1,1,2,2]}],\"categories\":[{\"id\":1,\"name\":\"person\"},{\"id\":1,\"name\":\"car\"}]}");
        DatasetFolder.Read read = folder.read(DatasetFormat.COCO);
        assertReads(read, "coco/b.png");
        assertThat(read.sentences())
                .containsExactlyInAnyOrder(
                        "l.json $.categories[1]: the category with the id 1 is 'car', and was 'person' before, which holds; give each category an id of its own",
                        "l.json $.images[2]: there is another image, 'a.png', with the id 1 before, so that nobody knows whose the boxes are; both are left out; give each image an id of its own");
    }

    // ---- KITTI and YOLO

    @Test
    void labelFilesMayHaveAnyCaseAndEncodingWithAMark() throws Exception {
        folder.image("image_2/1.png", 8, 8)
                .image("image_2/2.png", 8, 8)
                .image("image_2/3.png", 8, 8)
                .text("label_2/1.TXT", PERSON)
                .text("label_2/2.txt", "\uFEFF" + PERSON + "\r" + PERSON + " 0.9")
                .text("label_2/._2.txt", "Mac OS X");
        Files.write(root.resolve("label_2/3.txt"), PERSON.getBytes(StandardCharsets.UTF_16));
        DatasetFolder.Read read = folder.read(DatasetFormat.KITTI);
        assertThat(read.sentences()).isEmpty();
        assertThat(read.samples())
                .extracting(sample -> sample.getBoxes().size())
                .containsExactly(1, 2, 1);
    }

    @Test
    void aTrafficLightMayBeOff() throws Exception {
        folder.text("data.yaml", "names: [red, off, no, yes]\n")
                .image("images/d.png", 10, 10)
                .text("labels/d.txt", "1 .5 .5 .2 .2\n2 .5 .5 .2 .2\n3 .5 .5 .2 .2\n");
        assertThat(folder.read(DatasetFormat.YOLO).samples().get(0).getBoxes())
                .extracting(box -> box.getCategory())
                .containsExactly("off", "no", "yes");
    }
}
