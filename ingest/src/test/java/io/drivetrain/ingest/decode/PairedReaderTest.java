package io.drivetrain.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabelRule;
import io.drivetrain.schemas.LabeledSample;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairedReaderTest {
    private static final String PERSON =
            "Pedestrian 0.00 0 -0.20 712.40 143.00 810.73 307.92 1.89 0.48 1.20 1.84 1.47 8.41 0.01\n";
    private static final String DONT_CARE =
            "DontCare -1 -1 -10 503.89 169.71 590.61 190.13 -1 -1 -1 -1000 -1000 -1000 -10\n";

    @TempDir
    private Path root;

    private DatasetFolder folder;

    @BeforeEach
    void prepare() {
        folder = new DatasetFolder(root);
    }

    @Test
    void kittiBoxesAreReadAndRegionsWithoutLabelsAreNot() throws Exception {
        folder.image("training/image_2/000000.png", 12, 8)
                .image("training/image_2/000001.png", 12, 8)
                .image("training/image_3/000000.png", 12, 8)
                .text("training/label_2/000000.txt", PERSON + DONT_CARE)
                .text("training/label_2/000001.txt", "");
        DatasetFolder.Read read = folder.read(DatasetFormat.KITTI);
        assertThat(read.malformed()).isEmpty();
        assertThat(read.dataset().images()).isEqualTo(2);
        LabeledSample first = read.samples().get(0);
        assertThat(first.getSampleId()).isEqualTo("kitti/training/image_2/000000.png");
        assertThat(first.getBoxes()).containsExactly(new Box("Pedestrian", 712.40, 143.0, 810.73, 307.92));
        assertThat(read.samples()).extracting(LabeledSample::getLabel).containsExactly("pedestrian", "no-pedestrian");
    }

    @Test
    void malformedKittiLinesAreReportedWithTheirLineAndTheRestIsRead() throws Exception {
        folder.image("image_2/1.png", 12, 8)
                .image("image_2/2.png", 12, 8)
                .image("image_2/3.png", 12, 8)
                .image("image_2/5.png", 12, 8)
                .image("image_2/5.jpg", 12, 8)
                .text("label_2/1.txt", "Car 0 0\n\n" + PERSON + PERSON.replace("712.40", "left"))
                .text("label_2/2.txt", PERSON.replace("712.40", "7l2") + DONT_CARE)
                .text("label_2/4.txt", PERSON)
                .text("label_2/5.txt", PERSON);
        DatasetFolder.Read read = folder.read(DatasetFormat.KITTI);
        assertThat(read.only().getSampleId()).isEqualTo("kitti/image_2/1.png");
        assertThat(read.only().getBoxes()).hasSize(1);
        assertThat(read.sentences())
                .containsExactly(
                        "label_2/1.txt line 1: 3 columns beginning with 'Car' where KITTI has 15, or 16 in results; correct the line",
                        "label_2/1.txt line 4: left is 'left', which is no number; correct it",
                        "label_2/2.txt line 1: left is '7l2', which is no number; correct it",
                        "label_2/2.txt: the image 'kitti/image_2/2.png' is left out: its class depends on a box that could not be read; correct what is reported on it; every object needs a box",
                        "image_2/3.png: there is no label file 'label_2/3.txt'; add it; an empty one says that there is nothing to see",
                        "label_2/4.txt: there is no image 'image_2/4' with the extension jpg, jpeg or png; add the image or remove the label file",
                        "image_2/5.png: there is another image of this name with another extension; remove one of them"
                                .replace(
                                        "5.png",
                                        read.sentences().get(6).startsWith("image_2/5.png") ? "5.png" : "5.jpg"));
    }

    @Test
    void aLineWithoutEndAndACrowdOfBoxesAreBounded() throws Exception {
        folder.image("image_2/1.png", 12, 8)
                .image("image_2/2.png", 12, 8)
                .text("label_2/1.txt", "Car ".repeat(1 << 19))
                .text("label_2/2.txt", PERSON.repeat(10_050));
        DatasetFolder.Read read = folder.read(DatasetFormat.KITTI);
        assertThat(read.kinds()).containsExactly("too-large", "undecided-label", "too-large");
        assertThat(read.only().getBoxes()).hasSize(10_000);
    }

    @Test
    void yoloSharesBecomePixelsAndNamesComeFromYamlOrText() throws Exception {
        folder.image("images/train/a.jpg", 200, 100)
                .image("images/train/b.jpg", 200, 100)
                .text("labels/train/a.txt", "1 0.5 0.5 0.1 0.2\n0 nan 0.5 0.1 0.2 0.9\n")
                .text("data.yaml", "nc: 2\nnames: [car, person]\n");
        DatasetFolder.Read read = folder.read(DatasetFormat.YOLO);
        assertThat(read.malformed()).isEmpty();
        LabeledSample a = read.samples().get(0);
        assertThat(a.getSampleId()).isEqualTo("yolo/images/train/a.jpg");
        assertThat(a.getLabel()).isEqualTo("pedestrian");
        Box box = a.getBoxes().get(0);
        assertThat(box.getX1()).isCloseTo(90, within(1e-9));
        assertThat(box.getY2()).isCloseTo(60, within(1e-9));
        assertThat(a.getBoxes().get(1).getX1()).isNaN();
        // An image without a label file is background.
        assertThat(read.samples().get(1).getLabel()).isEqualTo("no-pedestrian");
        folder.text("data.yaml", "names:\n  0: car\n  1: truck\n");
        assertThat(folder.read(DatasetFormat.YOLO).samples().get(0).getLabel()).isEqualTo("no-pedestrian");
    }

    @Test
    void malformedYoloLinesAndImagesAreReportedAndTheRestIsRead() throws Exception {
        folder.image("a.png", 20, 10)
                .text(
                        "a.txt",
                        "5 0.5 0.5 0.1 0.1\nperson 0.5 0.5 0.1 0.1\n0 0.1 0.1 0.2 0.2 0.3 0.3 0.4 0.4\n0 0.5 half 0.1 0.1\n0 0.5 0.5 0.1 0.1\n")
                .text("b.png", "no image")
                .text("b.txt", "0 0.5 0.5 0.1 0.1\n")
                .text("c.txt", "0 0.5 0.5 0.1 0.1\n")
                .text("classes.txt", "person\ncar\n");
        DatasetFolder.Read read = folder.read(DatasetFormat.YOLO);
        assertThat(read.only().getBoxes()).hasSize(1);
        assertThat(read.sentences())
                .containsExactly(
                        "a.txt line 1: there is no class '5' among 2 names; add its name or correct the index",
                        "a.txt line 2: the class is 'person', which is no whole number; write its index, from 0",
                        "a.txt line 3: 9 columns beginning with '0' where YOLO has 5, or 6 in results; correct the line; polygons are not read",
                        "a.txt line 4: centre y is 'half', which is no number; correct it",
                        "b.txt: width and height of the image, which relative boxes need, cannot be read; replace the image by one that can be decoded",
                        "c.txt: there is no image 'c' with the extension jpg, jpeg or png; add the image or remove the label file");
    }

    @Test
    void withoutNamesOrFilesThereIsOneSentence() throws Exception {
        folder.image("images/a.jpg", 8, 8).text("labels/a.txt", "0 0.5 0.5 0.1 0.1\n");
        assertThatThrownBy(() -> folder.read(DatasetFormat.YOLO))
                .isInstanceOf(DatasetException.class)
                .hasMessageStartingWith("No names of classes (data.yaml, classes.txt) below");
        assertThatThrownBy(() -> folder.read(DatasetFormat.KITTI))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("No folder label_2 below");
    }

    @Test
    void realKittiIsRead() throws Exception {
        Path shared = DatasetFolder.shared("data/label-formats/scalabel/tests/label/testcases/kitti_sample/detection");
        DatasetFolder.Read read = DatasetFolder.read(
                DatasetOptions.of(shared, Optional.empty()), LabelRule.parse("largest min-height=20 else none"));
        assertThat(read.dataset().format()).isEqualTo(DatasetFormat.KITTI);
        assertThat(read.malformed()).isEmpty();
        assertThat(read.samples()).extracting(LabeledSample::getLabel).containsExactly("Pedestrian", "Truck");
        assertThat(read.samples().get(1).getBoxes()).hasSize(3);
    }

    @Test
    void realYoloIsReadAndLabelFilesWithoutImagesAreReported() throws Exception {
        Path shared = DatasetFolder.shared("data/label-formats/yolo-coco128");
        StringBuilder names = new StringBuilder("names:\n");
        for (int i = 0; i < 80; i++) {
            names.append("  ")
                    .append(i)
                    .append(": ")
                    .append(i == 0 ? "person" : "other" + i)
                    .append('\n');
        }
        folder.text("coco.yaml", names.toString());
        DatasetFolder.Read read = DatasetFolder.read(
                new DatasetOptions(
                        shared,
                        Optional.of(DatasetFormat.YOLO),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(root.resolve("coco.yaml")),
                        Optional.empty(),
                        Domain.SOURCE,
                        Optional.empty(),
                        Optional.empty()),
                DatasetFolder.PEDESTRIAN);
        assertThat(read.samples()).hasSize(24);
        assertThat(read.samples().get(0).getBoxes()).isNotEmpty();
        assertThat(read.kinds()).hasSize(104).containsOnly("missing-image");
    }

    private DatasetFolder.Read readAs(Optional<DatasetFormat> format, Optional<Path> labels, Optional<Pattern> drive)
            throws DatasetException {
        return DatasetFolder.read(
                new DatasetOptions(
                        root,
                        format,
                        labels,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Domain.SOURCE,
                        drive,
                        Optional.empty()),
                DatasetFolder.PEDESTRIAN);
    }

    @Test
    void aStrayListOfClassesMakesNoYoloOfAFolderOfClasses() throws Exception {
        folder.image("cat/1.jpg", 8, 8).image("dog/1.jpg", 8, 8).text("classes.txt", "cat\ndog\n");
        DatasetFolder.Read read = readAs(Optional.empty(), Optional.empty(), Optional.empty());
        assertThat(read.dataset().format()).isEqualTo(DatasetFormat.FOLDER);
        assertThat(read.samples()).extracting(LabeledSample::getLabel).containsExactly("cat", "dog");
        assertThatThrownBy(() -> folder.read(DatasetFormat.YOLO))
                .isInstanceOf(DatasetException.class)
                .hasMessageStartingWith("No label file has the name of an image");
    }

    @Test
    void imagesInAFolderWithoutAnyLabelFileAreNotBackground() throws Exception {
        folder.image("images/train/a.jpg", 8, 8)
                .image("images/train/background.jpg", 8, 8)
                .image("images/test/b.jpg", 8, 8)
                .text("labels/train/a.txt", "0 0.5 0.5 0.1 0.2\n")
                .text("classes.txt", "\uFEFFperson\ncar\n");
        DatasetFolder.Read read = readAs(Optional.empty(), Optional.empty(), Optional.empty());
        assertThat(read.samples()).extracting(LabeledSample::getLabel).containsExactly("pedestrian", "no-pedestrian");
        assertThat(read.sentences())
                .containsExactly(
                        "images/test/b.jpg: there is no label file 'labels/test/b.txt'; add it; an empty one says that there is nothing to see");
        assertThat(readAs(Optional.empty(), Optional.of(root.resolve("labels/train")), Optional.empty())
                        .samples())
                .extracting(LabeledSample::getSampleId)
                .containsExactly("yolo/images/train/a.jpg", "yolo/images/train/background.jpg");
    }

    @Test
    void trainAndValidMayLieAboveImagesAndLabels() throws Exception {
        folder.image("train/images/a.jpg", 8, 8)
                .image("valid/images/a.jpg", 8, 8)
                .image("test/images/a.jpg", 8, 8)
                .text("train/labels/a.txt", "0 0.5 0.5 0.1 0.2\n")
                .text("valid/labels/a.txt", "1 0.5 0.5 0.1 0.2\n")
                .text("DATA.YAML", "names: [person, car]\n");
        DatasetFolder.Read read = readAs(Optional.empty(), Optional.empty(), Optional.empty());
        assertThat(read.dataset().format()).isEqualTo(DatasetFormat.YOLO);
        assertThat(read.dataset().images()).isEqualTo(3);
        assertThat(read.samples())
                .extracting(LabeledSample::getSampleId, LabeledSample::getLabel)
                .containsExactly(
                        tuple("yolo/train/images/a.jpg", "pedestrian"),
                        tuple("yolo/valid/images/a.jpg", "no-pedestrian"));
        assertThat(read.kinds()).containsExactly("missing-labels");
    }

    @Test
    void drivesOfKittiAreFoldersBelowOrAboveItsTwo() throws Exception {
        folder.image("training/image_2/0001/0.png", 8, 8).text("training/label_2/0001/0.txt", PERSON);
        assertThat(readAs(Optional.empty(), Optional.empty(), Optional.of(Pattern.compile("image_2/(\\d+)/")))
                        .only()
                        .getDriveId())
                .isEqualTo("kitti/0001");
        folder.image("0002/image_2/0.png", 8, 8).text("0002/label_2/0.txt", PERSON);
        assertThat(readAs(Optional.empty(), Optional.empty(), Optional.empty()).samples())
                .extracting(LabeledSample::getSampleId)
                .containsExactly("kitti/0002/image_2/0.png", "kitti/training/image_2/0001/0.png");
    }
}
