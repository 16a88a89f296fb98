package io.drivetrain.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.ingest.collect.Feed;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabelRule;
import io.drivetrain.schemas.LabeledSample;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScalabelReaderTest {
    @TempDir
    private Path root;

    private DatasetFolder folder;

    @BeforeEach
    void prepare() {
        folder = new DatasetFolder(root);
    }

    @Test
    void aFrameBecomesASampleWithDriveBoxesAndAttributes() throws Exception {
        folder.image("images/100k/train/a-1.jpg", 64, 48)
                .image("images/100k/train/a-2.jpg", 64, 48)
                .text("labels/det_20/det_train.json", """
                        [{"name":"a-1.jpg","videoName":"a","timestamp":10000,"frameIndex":3,
                          "attributes":{"weather":"rainy","scene":"city street","timeofday":"night","crowd":true,"x":null},
                          "labels":[
                            {"id":"0","category":"pedestrian","box2d":{"x1":1.5,"y1":2,"x2":10,"y2":20},"attributes":{"occluded":true}},
                            {"id":"1","category":"lane","poly2d":[{"vertices":[[1,2],[3,4]],"closed":false}]},
                            {"id":"2","category":"car","box2d":null}]},
                         {"name":"a-2.jpg","videoName":"a","timestamp":10400,"labels":[]}]
                        """);
        DatasetFolder.Read read = folder.read(DatasetFormat.BDD100K);
        assertThat(read.malformed()).isEmpty();
        assertThat(read.dataset().images()).isEqualTo(2);
        LabeledSample first = read.samples().get(0);
        assertThat(first.getSampleId()).isEqualTo("bdd100k/a/a-1.jpg");
        assertThat(first.getDriveId()).isEqualTo("bdd100k/a");
        assertThat(first.getFrameIndex()).isEqualTo(3);
        assertThat(first.getDomain()).isEqualTo(Domain.SOURCE);
        assertThat(first.getLabel()).isEqualTo("pedestrian");
        // Scalabel's x2 and y2 belong to the box.
        assertThat(first.getBoxes()).containsExactly(new Box("pedestrian", 1.5, 2.0, 11.0, 21.0));
        assertThat(first.getAttributes())
                .isEqualTo(Map.of("weather", "rainy", "scene", "city street", "timeofday", "night", "crowd", "true"));
        assertThat(first.getImageBytes().remaining()).isPositive();
        assertThat(first.getImageSha256()).hasSize(64);
        LabeledSample second = read.samples().get(1);
        assertThat(second.getLabel()).isEqualTo("no-pedestrian");
        assertThat(Duration.between(first.getCapturedAt(), second.getCapturedAt()))
                .hasMillis(400);
    }

    @Test
    void aVideoThatIsDatedFromItsFrame0SaysWhenItBeganAndOneWithTimesSinceItsStartDoesNot() throws Exception {
        folder.image("dated/1.png", 8, 8)
                .image("dated/2.png", 8, 8)
                .image("undated/1.png", 8, 8)
                .text("frames.json", """
                [{"name":"1.png","videoName":"dated","timestamp":1795600000000,"frameIndex":0,"labels":[]},
                 {"name":"2.png","videoName":"dated","timestamp":1795600000400,"frameIndex":1,"labels":[]},
                 {"name":"1.png","videoName":"undated","timestamp":0,"frameIndex":0,"labels":[]}]
                """);
        List<LabeledSample> samples = folder.read(DatasetFormat.BDD100K).samples();
        assertThat(samples).hasSize(3);
        assertThat(samples.subList(0, 2))
                .allSatisfy(sample -> assertThat(sample.getAttributes())
                        .isEqualTo(Map.of(
                                "drive-started-at",
                                Instant.ofEpochMilli(1_795_600_000_000L).toString())));
        assertThat(samples.get(2).getAttributes()).isEmpty();
    }

    @Test
    void anObjectWithFramesAndTimesOfDayIsRead() throws Exception {
        folder.image("1.png", 8, 8).text("frames.json", """
                {"config":{"categories":[{"name":"car"}]},"frames":[
                  {"name":"https://example.com/x/1.png","timestamp":1764000000000,"labels":null}]}
                """);
        LabeledSample sample = folder.read(DatasetFormat.BDD100K).only();
        assertThat(sample.getCapturedAt()).isEqualTo("2025-11-24T16:00:00Z");
        assertThat(sample.getDriveId()).isEqualTo("bdd100k/1.png");
        // Nobody has looked for boxes, which is not the same as having found none.
        assertThat(sample.getLabel()).isNull();
    }

    @Test
    void malformedEntriesAreReportedWithTheirPathAndTheRestIsRead() throws Exception {
        folder.image("1.png", 8, 8).image("2.png", 8, 8).image("3.png", 8, 8).text("frames.json", """
                ["no frame",
                 {"videoName":"a"},
                 {"name":17},
                 {"name":"1.png","timestamp":"noon"},
                 {"name":"1.png","labels":{}},
                 {"name":"1.png","labels":[
                    {"category":"person","box2d":{"x1":"1","y1":1,"x2":2,"y2":2}},
                    {"category":"person","box2d":{"x1":1,"y1":1,"x2":2}},
                    {"box2d":{"x1":1,"y1":1,"x2":2,"y2":2}},
                    7,
                    {"category":"person","box2d":{"x1":NaN,"y1":1,"x2":2,"y2":2}},
                    {"category":"person","box2d":{"x1":1,"y1":1,"x2":2,"y2":2}}]},
                 {"name":"2.png","labels":[{"category":"person","box2d":[1,2,3,4]}]},
                 {"name":"gone.png","labels":[]},
                 {"name":"3.png","labels":[]}]
                """);
        DatasetFolder.Read read = folder.read(DatasetFormat.BDD100K);
        assertThat(read.samples())
                .extracting(LabeledSample::getSampleId)
                .containsExactly("bdd100k/1.png", "bdd100k/3.png");
        assertThat(read.samples().get(0).getBoxes()).hasSize(2);
        assertThat(read.samples().get(0).getLabel()).isEqualTo("pedestrian");
        assertThat(read.sentences())
                .containsExactly(
                        "frames.json $[0]: it is the text 'no frame' where a frame, which is an object is expected; correct it",
                        "frames.json $[1]: the frame has no name; name its image file",
                        "frames.json $[2].name: it is '17' where text is expected; correct it",
                        "frames.json $[3].timestamp: it is the text 'noon' where a whole number is expected; correct it",
                        "frames.json $[4].labels: it is an object where an array of labels is expected; correct it",
                        "frames.json $[5].labels[0].box2d.x1: it is the text '1' where a number is expected; correct it",
                        "frames.json $[5].labels[1].box2d: the box lacks one of x1, y1, x2 and y2; give all four",
                        "frames.json $[5].labels[2]: the label has no category; name what the box shows",
                        "frames.json $[5].labels[3]: it is '7' where a label, which is an object is expected; correct it",
                        "frames.json $[6].labels[0].box2d: it is an array where a box with x1, y1, x2 and y2 is expected; correct it",
                        "frames.json $[6]: the image 'bdd100k/2.png' is left out: its class depends on a box that could not be read; correct what is reported on it; every object needs a box",
                        "frames.json $[7]: there is no image 'gone.png'; add the file or remove the entry");
    }

    @Test
    void aFileThatBreaksOffIsReadUpToThere() throws Exception {
        folder.image("1.png", 8, 8)
                .text("a.json", "[{\"name\":\"1.png\",\"labels\":[]},{\"name\":\"2.p")
                .text("b.json", "[{\"name\":\"1.png\",\"videoName\":\"\",\"labels\":[]}]");
        DatasetFolder.Read read = folder.read(DatasetFormat.BDD100K);
        assertThat(read.samples()).hasSize(2);
        assertThat(read.sentences().toString())
                .contains("a.json line 1 column")
                .contains("the rest of the file was not read")
                .doesNotContain("REDACTED");
        assertThat(read.kinds()).containsExactly("broken-syntax");
    }

    @Test
    void anEmptyListHasNoImagesAndAnythingElseIsReported() throws Exception {
        folder.text("frames.json", "[]");
        DatasetOptions options = DatasetOptions.of(root.resolve("frames.json"), DatasetFormat.BDD100K);
        DatasetFolder.Read read = DatasetFolder.read(options, DatasetFolder.PEDESTRIAN);
        assertThat(read.samples()).isEmpty();
        assertThat(read.malformed()).isEmpty();
        folder.text("frames.json", "17");
        assertThat(DatasetFolder.read(options, DatasetFolder.PEDESTRIAN).sentences())
                .singleElement()
                .asString()
                .contains("neither an array of frames");
        folder.text("frames.json", "");
        assertThat(DatasetFolder.read(options, DatasetFolder.PEDESTRIAN).malformed())
                .hasSize(1);
        assertThatThrownBy(() -> folder.read(DatasetFormat.BDD100K))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("No Scalabel JSON below");
    }

    @Test
    void drivesMayBeReadFromNamesAndIdsMayHaveAnotherPrefix() throws Exception {
        folder.image("a1-7.png", 8, 8)
                .image("a1-8.png", 8, 8)
                .text("frames.json", "[{\"name\":\"a1-7.png\",\"labels\":[]},{\"name\":\"a1-8.png\",\"labels\":[]}]");
        DatasetOptions options = new DatasetOptions(
                root,
                Optional.of(DatasetFormat.BDD100K),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("ours"),
                Domain.TARGET,
                Optional.of(Pattern.compile("^(.*)-\\d+\\.")),
                Optional.of("tool-7"));
        List<LabeledSample> samples =
                DatasetFolder.read(options, DatasetFolder.PEDESTRIAN).samples();
        assertThat(samples).extracting(LabeledSample::getDriveId).containsOnly("ours/a1");
        assertThat(samples).extracting(LabeledSample::getFrameIndex).containsExactly(0, 1);
        assertThat(samples).extracting(LabeledSample::getDomain).containsOnly(Domain.TARGET);
        assertThat(samples).extracting(LabeledSample::getLabelSource).containsOnly("tool-7");
    }

    @Test
    void anImageThatLiesInTwoFoldersIsAmbiguousAndOneOutsideIsRefused() throws Exception {
        folder.image("a/1.png", 8, 8)
                .image("b/1.png", 8, 8)
                .text(
                        "frames.json",
                        "[{\"name\":\"1.png\",\"labels\":[]},{\"name\":\"../../../x.png\",\"labels\":[]}]");
        assertThat(folder.read(DatasetFormat.BDD100K).kinds()).containsExactly("ambiguous-image", "unreadable-image");
    }

    @Test
    void realFilesOfScalabelAndBdd100kAreRead() throws Exception {
        Path shared = DatasetFolder.shared("data/label-formats");
        DatasetFolder.Read kitti = DatasetFolder.read(
                new DatasetOptions(
                        shared.resolve("scalabel/tests/label/testcases/kitti_detection.json"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(shared.resolve("scalabel/tests/label/testcases/kitti_sample")),
                        Optional.empty(),
                        Optional.empty(),
                        Domain.SOURCE,
                        Optional.empty(),
                        Optional.empty()),
                DatasetFolder.PEDESTRIAN);
        assertThat(kitti.dataset().format()).isEqualTo(DatasetFormat.BDD100K);
        assertThat(kitti.malformed()).isEmpty();
        assertThat(kitti.samples()).hasSize(4);
        assertThat(kitti.samples().get(0).getBoxes().get(0).getX1()).isEqualTo(712.4);
        assertThat(kitti.samples().get(0).getLabel()).isEqualTo("pedestrian");
        DatasetFolder.Read bdd = DatasetFolder.read(
                DatasetOptions.of(
                        shared.resolve("scalabel/tests/eval/testcases/box_track/track_sample_anns.json"),
                        Optional.empty()),
                LabelRule.parse("largest"));
        assertThat(bdd.samples()).isEmpty();
        assertThat(bdd.kinds()).hasSize((int) bdd.dataset().images()).containsOnly("missing-image");
    }

    @Test
    void anEntryIsIdentifiedByTheSameTextInEveryProcess() throws Exception {
        folder.image("1.png", 8, 8).text("frames.json", """
                [{"name":"1.png","attributes":{"f":"6","e":"5","d":"4","c":"3","b":"2","a":"1"},
                  "labels":[{"category":"car","box2d":{"x1":1,"y1":2,"x2":3,"y2":4}}]}]
                """);
        try (Feed feed =
                Dataset.open(DatasetOptions.of(root, DatasetFormat.BDD100K)).feed(DatasetFolder.PEDESTRIAN, 1 << 20)) {
            assertThat(feed.next().identity())
                    .isEqualTo("13:bdd100k/1.png--6;1:a1:11:b1:21:c1:31:d1:41:e1:51:f1:61;0;1;3:car"
                            + "3ff0000000000000;4000000000000000;4010000000000000;4014000000000000;"
                            + "13:bdd100k/1.png1:020:2010-01-01T00:00:00Z-6:SOURCE");
        }
    }

    @Test
    void anImageIsNotTakenFromTheFolderOfAnotherVideo() throws Exception {
        folder.image("images/video1/000001.jpg", 8, 8)
                .image("images/flat/video3-000001.jpg", 8, 8)
                .text("frames.json", """
                        [{"name":"000001.jpg","videoName":"video1","labels":[]},
                         {"name":"000001.jpg","videoName":"video2","labels":[]},
                         {"name":"cam/000001.jpg","url":"000001.jpg","videoName":"video2","labels":[]},
                         {"name":"video3-000001.jpg","videoName":"video3","labels":[]}]
                        """);
        DatasetFolder.Read read = folder.read(DatasetFormat.BDD100K);
        assertThat(read.samples())
                .extracting(LabeledSample::getSampleId)
                .containsExactly("bdd100k/video1/000001.jpg", "bdd100k/video3/video3-000001.jpg");
        assertThat(read.kinds()).containsExactly("missing-image", "missing-image");
    }

    @Test
    void anObjectWithoutABoxLeavesTheClassOpenAndAPolygonHasABox() throws Exception {
        for (int i = 1; i <= 6; i++) {
            folder.image(i + ".png", 8, 8);
        }
        folder.text("frames.json", """
                [{"name":"1.png","labels":[{"category":"person","poly2d":[
                    {"vertices":[[3,1],[5,2],[4,7]],"types":"LLL","closed":true},{"vertices":[[1,2],[2,2]],"closed":true}]}]},
                 {"name":"2.png","labels":[{"category":"person","rle":{"counts":"x","size":[8,8]}}]},
                 {"name":"3.png","labels":[{"category":"person","box3d":{"location":[1,2,3]}},
                    {"category":"car","box2d":{"x1":1,"y1":1,"x2":2,"y2":2}}]},
                 {"name":"4.png","labels":[{"category":"person","rle":{}},
                    {"category":"person","box2d":{"x1":1,"y1":1,"x2":2,"y2":2}}]},
                 {"name":"5.png","labels":[{"category":"car","box2d":{"x1":1,"y1":1,"x2":2,"y2":2}},
                    {"category":"area/drivable","poly2d":[{"vertices":[[0,0],[8,0],[8,8]],"closed":true}]},
                    {"category":"curb","poly2d":[{"vertices":[[0,0],[8,8]],"closed":false}]}]},
                 {"name":"6.png","labels":[{"category":"direct","poly2d":[{"vertices":[[0,0],[8,0],[8,8]],"closed":true}]}]}]
                """);
        DatasetFolder.Read read = folder.read(DatasetFormat.BDD100K);
        assertThat(read.samples())
                .extracting(LabeledSample::getSampleId, LabeledSample::getLabel)
                .containsExactly(
                        tuple("bdd100k/1.png", "pedestrian"),
                        tuple("bdd100k/2.png", null),
                        tuple("bdd100k/4.png", "pedestrian"),
                        tuple("bdd100k/5.png", "no-pedestrian"),
                        tuple("bdd100k/6.png", null));
        assertThat(read.samples().get(0).getBoxes()).containsExactly(new Box("person", 1.0, 1.0, 5.0, 7.0));
        assertThat(read.samples().get(3).getBoxes()).hasSize(1);
        assertThat(read.kinds()).containsExactly("undecided-label");
    }

    @Test
    void anImageWhoseNameIsNoTextIsNotSoughtInVain() throws Exception {
        folder.text("frames.json", "[{\"name\":\"latin\\ufffd.png\",\"labels\":[]}]");
        assertThat(folder.read(DatasetFormat.BDD100K).sentences())
                .containsExactly(
                        "frames.json $[0]: the name of the image 'latin\uFFFD.png' has bytes that are no UTF-8; rename the file");
    }

    @Test
    void aTimeThatNoRecordCanHoldIsReported() throws Exception {
        folder.image("1.png", 8, 8)
                .text("frames.json", "[{\"name\":\"1.png\",\"timestamp\":999999999999999999,\"labels\":[]}]");
        assertThat(folder.read(DatasetFormat.BDD100K).sentences())
                .containsExactly(
                        "frames.json $[0].timestamp: it is 999999999999999999, which is no time in milliseconds; correct it");
    }

    @Test
    void aFileForEachImageOfTheFirstReleaseOfBdd100kIsRead() throws Exception {
        folder.image("images/100k/train/0000f77c-6257be58.jpg", 64, 48)
                .image("images/100k/train/0001542f-5ce3cf52.jpg", 64, 48)
                .text("labels/100k/train/0000f77c-6257be58.json", """
                        {"name":"0000f77c-6257be58","frames":[{"timestamp":10000,"objects":[
                          {"category":"traffic light","id":0,"attributes":{"occluded":false,"trafficLightColor":"green"},
                           "box2d":{"x1":15.5,"y1":10,"x2":20,"y2":12}},
                          {"category":"person","id":1,"box2d":{"x1":1,"y1":2,"x2":3,"y2":20}},
                          {"category":"area/drivable","id":2,"poly2d":[[1,40,"L"],[60,40,"C"],[30,20,"L"]]},
                          {"category":"lane/road curb","id":3,"poly2d":[[1,40,"L"],[60,40,"L"]]}]}],
                         "attributes":{"weather":"clear","scene":"city street","timeofday":"daytime"}}
                        """)
                .text("labels/100k/train/0001542f-5ce3cf52.json", """
                        {"attributes":{"weather":"rainy","scene":"highway","timeofday":"night"},
                         "name":"0001542f-5ce3cf52","frames":[{"timestamp":10000,"objects":[]}]}
                        """);
        DatasetFolder.Read read =
                DatasetFolder.read(DatasetOptions.of(root, Optional.empty()), DatasetFolder.PEDESTRIAN);
        assertThat(read.dataset().format()).isEqualTo(DatasetFormat.BDD100K);
        assertThat(read.malformed()).isEmpty();
        assertThat(read.dataset().images()).isEqualTo(2);
        assertThat(read.samples())
                .extracting(LabeledSample::getSampleId, LabeledSample::getLabel)
                .containsExactly(
                        tuple("bdd100k/0000f77c-6257be58.jpg", "pedestrian"),
                        tuple("bdd100k/0001542f-5ce3cf52.jpg", "no-pedestrian"));
        LabeledSample first = read.samples().get(0);
        assertThat(first.getBoxes())
                .containsExactly(
                        new Box("traffic light", 15.5, 10.0, 21.0, 13.0), new Box("person", 1.0, 2.0, 4.0, 21.0));
        assertThat(first.getAttributes())
                .isEqualTo(Map.of("weather", "clear", "scene", "city street", "timeofday", "daytime"));
        assertThat(first.getCapturedAt()).isEqualTo("2010-01-01T00:00:10Z");
        assertThat(read.samples().get(1).getAttributes()).containsEntry("timeofday", "night");
    }

    @Test
    void theOneFileOfTheFirstReleaseOfBdd100kIsRead() throws Exception {
        folder.image("images/b1c66a42-6f7d68ca.jpg", 64, 48).text("labels/bdd100k_labels_images_train.json", """
                        [{"name":"b1c66a42-6f7d68ca.jpg",
                          "attributes":{"weather":"overcast","scene":"city street","timeofday":"daytime"},
                          "timestamp":10000,
                          "labels":[
                            {"category":"traffic sign","attributes":{"occluded":false,"truncated":false,
                             "trafficLightColor":"none"},"manualShape":true,"manualAttributes":true,
                             "box2d":{"x1":10,"y1":2.5,"x2":20,"y2":8},"id":0},
                            {"category":"drivable area","attributes":{"areaType":"direct"},"manualShape":true,
                             "poly2d":[{"vertices":[[1,40],[60,40],[30,20]],"types":"LLL","closed":true}],"id":1},
                            {"category":"lane","attributes":{"laneType":"road curb"},
                             "poly2d":[{"vertices":[[1,40],[60,40]],"types":"LL","closed":false}],"id":2}]}]
                        """);
        DatasetFolder.Read read =
                DatasetFolder.read(DatasetOptions.of(root, Optional.empty()), DatasetFolder.PEDESTRIAN);
        assertThat(read.malformed()).isEmpty();
        assertThat(read.only().getBoxes()).containsExactly(new Box("traffic sign", 10.0, 2.5, 21.0, 9.0));
        assertThat(read.only().getLabel()).isEqualTo("no-pedestrian");
    }

    @Test
    void theNewestBoxesOfAnImageAreReadWhereThoseOfTheFirstReleaseLieBesideThem() throws Exception {
        folder.image("images/a.jpg", 8, 8)
                .text("labels/100k/a.json", "{\"name\":\"a\",\"frames\":[{\"objects\":[]}]}")
                .text("labels/bdd100k_labels_images_train.json", "[{\"name\":\"a.jpg\",\"labels\":[]}]");
        assertThat(folder.read(DatasetFormat.BDD100K).dataset().images()).isOne();
        folder.text("labels/det_20/det_train.json", "[{\"name\":\"a.jpg\",\"labels\":[]}]");
        DatasetFolder.Read read = folder.read(DatasetFormat.BDD100K);
        assertThat(read.only().getSampleId()).isEqualTo("bdd100k/a.jpg");
        assertThat(read.dataset().description()).contains("det_train.json");
    }

    @Test
    void whatIsMalformedInTheFirstReleaseIsNamedAndLeavesTheRest() throws Exception {
        folder.image("b.jpg", 8, 8)
                .image("f.jpg", 8, 8)
                .text("a.json", "{\"frames\":[{\"objects\":[]}]}")
                .text(
                        "b.json",
                        "{\"name\":\"b\",\"frames\":[{\"objects\":[{\"category\":\"car\",\"box2d\":{\"x1\":\"1\"}}]},{\"objects\":[]},7]}")
                .text("c.json", "{\"name\":\"c\",\"frames\":[{\"objects\":[]}],\"attributes\":\"clear\"}")
                .text("d.json", "{\"name\":\"d\",\"frames\":[{\"objects\":[]}")
                .text("e.json", "{\"name\":\"e\\u0000\",\"frames\":[{\"objects\":[]}]}")
                .text("f.json", "{\"name\":\"f.jpg\",\"frames\":[{\"objects\":[]}]}");
        DatasetFolder.Read read =
                DatasetFolder.read(DatasetOptions.of(root, DatasetFormat.BDD100K), LabelRule.parse("largest"));
        assertThat(read.samples()).extracting(LabeledSample::getSampleId).containsExactly("bdd100k/f.jpg");
        assertThat(read.sentences())
                .satisfiesExactly(
                        a -> assertThat(a).isEqualTo("a.json $.frames[0]: the frame has no name; name its image file"),
                        b -> assertThat(b).startsWith("b.json $.frames[0].objects[0].box2d.x1: it is the text '1'"),
                        b -> assertThat(b)
                                .startsWith("b.json $.frames[0].objects[0].box2d: the box lacks one of x1, y1, x2"),
                        b -> assertThat(b).isEqualTo("b.json $.frames[1]: the frame has no name; name its image file"),
                        b -> assertThat(b).startsWith("b.json $.frames[2]: it is '7' where a frame"),
                        b -> assertThat(b).startsWith("b.json $.frames[0]: the image 'bdd100k/b.jpg' is left out"),
                        c -> assertThat(c).startsWith("c.json $.attributes: it is the text 'clear' where an object"),
                        d -> assertThat(d).startsWith("d.json line 1 column").contains("the rest of the file"),
                        e -> assertThat(e).startsWith("e.json $.frames[0]: "));
    }

    @Test
    void framesThatStandOneOnALineAreReadAndABrokenLineCostsNoOther() throws Exception {
        for (int i = 1; i <= 5; i++) {
            folder.image(i + ".png", 8, 8);
        }
        folder.text("labels/frames.jsonl", """
                {"name":"1.png","labels":[{"category":"person","box2d":{"x1":1,"y1":1,"x2":2,"y2":2}}]}

                {"name":"2.png","labels":[
                {"name":"3.png","labels":[{"category":"car","box2d":{"x1":true,"y1":1,"x2":2,"y2":2}},
                {"name":"4.png","timestamp":"noon","labels":[]}
                {"name":"5.png","labels":null} {"labels":[]}
                17
                """);
        DatasetFolder.Read read =
                DatasetFolder.read(DatasetOptions.of(root, Optional.empty()), DatasetFolder.PEDESTRIAN);
        assertThat(read.dataset().format()).isEqualTo(DatasetFormat.BDD100K);
        assertThat(read.samples())
                .extracting(LabeledSample::getSampleId, LabeledSample::getLabel)
                .containsExactly(tuple("bdd100k/1.png", "pedestrian"), tuple("bdd100k/5.png", null));
        assertThat(read.sentences())
                .satisfiesExactly(
                        two -> assertThat(two)
                                .startsWith("labels/frames.jsonl line 3 column")
                                .endsWith("correct this line, which was left out"),
                        three -> assertThat(three)
                                .startsWith("labels/frames.jsonl line 4 $.labels[0].box2d.x1: it is 'true'"),
                        three -> assertThat(three).startsWith("labels/frames.jsonl line 4 column"),
                        four -> assertThat(four).startsWith("labels/frames.jsonl line 5 $.timestamp: it is the text"),
                        five -> assertThat(five).startsWith("labels/frames.jsonl line 6 $: the frame has no name"),
                        six -> assertThat(six).startsWith("labels/frames.jsonl line 7 $: there is neither"));
        assertThat(DatasetFolder.read(
                                DatasetOptions.of(root.resolve("labels/frames.jsonl"), Optional.empty()),
                                DatasetFolder.PEDESTRIAN)
                        .dataset()
                        .format())
                .isEqualTo(DatasetFormat.BDD100K);
    }

    @Test
    void objectsOneAfterTheOtherAreReadAndNamedByTheirLine() throws Exception {
        folder.image("1.jpg", 8, 8).image("2.jpg", 8, 8).text("frames.json", """
                {"name":"1.jpg",
                 "labels":[]}
                {"name":"2","frames":[{"objects":[]}]}
                {"labels":[]}
                [{"name":"1.jpg"}]
                """);
        DatasetFolder.Read read = folder.read(DatasetFormat.BDD100K);
        assertThat(read.samples())
                .extracting(LabeledSample::getSampleId)
                .containsExactly("bdd100k/1.jpg", "bdd100k/2.jpg");
        assertThat(read.sentences())
                .containsExactly(
                        "frames.json line 4 $: the frame has no name; name its image file",
                        "frames.json: something follows the frames, and was not read; put all frames into one array");
    }

    @Test
    void linesOfAManifestAreNotTakenForFramesNorIsAnyJsonWithAName() throws Exception {
        folder.image("1.png", 8, 8)
                .text("manifest.jsonl", "{\"path\":\"1.png\",\"label\":\"car\",\"name\":\"x\"}")
                .text("package.json", "{\"name\":\"x\",\"version\":\"1\"}");
        assertThat(Dataset.open(DatasetOptions.of(root, Optional.empty())).format())
                .isEqualTo(DatasetFormat.FOLDER);
        folder.text("manifest.jsonl", "{\"name\":\"1.png\",\"labels\":[]}");
        assertThat(Dataset.open(DatasetOptions.of(root, Optional.empty())).format())
                .isEqualTo(DatasetFormat.BDD100K);
    }
}
