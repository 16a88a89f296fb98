package io.drivetrain.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.LabeledSample;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CocoReaderTest {
    private static final String IMAGES =
            "\"images\":[{\"id\":10,\"file_name\":\"b.png\",\"width\":8,\"height\":8,\"date_captured\":\"2013-11-14 11:18:45\"},{\"id\":9,\"file_name\":\"a.png\"}]";
    private static final String ANNOTATIONS =
            "\"annotations\":[{\"id\":1,\"image_id\":10,\"category_id\":1,\"bbox\":[1,2,3,4.5],\"segmentation\":[[1,2]],\"iscrowd\":0},"
                    + "{\"id\":2,\"image_id\":10,\"category_id\":2,\"bbox\":[0,0,1,1]}]";
    private static final String CATEGORIES =
            "\"categories\":[{\"id\":1,\"name\":\"person\",\"supercategory\":\"x\"},{\"id\":2,\"name\":\"car\"}]";

    @TempDir
    private Path root;

    private DatasetFolder folder;

    @BeforeEach
    void prepare() throws Exception {
        folder = new DatasetFolder(root).image("train/a.png", 8, 8).image("train/b.png", 8, 8);
    }

    private DatasetFolder.Read read(String... parts) throws Exception {
        return folder.text(
                        "annotations/instances_train.json",
                        "{\"info\":{\"year\":2017}," + String.join(",", parts) + "}")
                .read(DatasetFormat.COCO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"iac", "ica", "aic", "aci", "cia", "cai"})
    void anyOrderOfTheThreeListsGivesTheSameSamplesInTheOrderOfTheirIds(String order) throws Exception {
        DatasetFolder.Read read = read(order.chars()
                .mapToObj(c -> c == 'i' ? IMAGES : c == 'a' ? ANNOTATIONS : CATEGORIES)
                .toArray(String[]::new));
        assertThat(read.malformed()).isEmpty();
        assertThat(read.dataset().images()).isEqualTo(2);
        assertThat(read.samples()).extracting(LabeledSample::getSampleId).containsExactly("coco/a.png", "coco/b.png");
        assertThat(read.samples()).extracting(LabeledSample::getLabel).containsExactly("no-pedestrian", "pedestrian");
        LabeledSample b = read.samples().get(1);
        assertThat(b.getBoxes())
                .containsExactly(new Box("person", 1.0, 2.0, 4.0, 6.5), new Box("car", 0.0, 0.0, 1.0, 1.0));
        assertThat(b.getCapturedAt()).isEqualTo("2013-11-14T11:18:45Z");
    }

    @Test
    void malformedEntriesAreReportedWithTheirPathAndTheRestIsRead() throws Exception {
        DatasetFolder.Read read = read(
                "\"images\":[{\"id\":1,\"file_name\":\"a.png\"},{\"id\":1,\"file_name\":\"a.png\"},{\"file_name\":\"b.png\"},"
                        + "{\"id\":2},{\"id\":[3],\"file_name\":\"b.png\"},5,{\"id\":\"z\",\"file_name\":\"b.png\"},{\"id\":4,\"file_name\":\"gone.png\"}]",
                "\"annotations\":[{\"image_id\":1,\"category_id\":1,\"bbox\":[1,1,2,2]},"
                        + "{\"image_id\":77,\"category_id\":1,\"bbox\":[1,1,2,2]},"
                        + "{\"bbox\":[1,\"one\",2,2],\"image_id\":\"z\",\"category_id\":1},"
                        + "{\"image_id\":1,\"category_id\":9,\"bbox\":[1,1,2,2]},"
                        + "{\"image_id\":1,\"category_id\":1,\"bbox\":[1,1,2]},"
                        + "{\"category_id\":1,\"bbox\":[1,1,2,2]},"
                        + "{\"image_id\":1,\"category_id\":1}]",
                CATEGORIES);
        assertThat(read.samples()).extracting(LabeledSample::getSampleId).containsExactly("coco/a.png");
        assertThat(read.only().getLabel()).isEqualTo("pedestrian");
        assertThat(read.only().getBoxes()).hasSize(1);
        String file = "annotations/instances_train.json ";
        assertThat(read.sentences())
                .containsExactlyInAnyOrder(
                        file + "$.images[1]: there is an image with the id 1 before; remove one of them",
                        file + "$.images[2]: there is no id; add it",
                        file + "$.images[3]: there is no file_name; add it",
                        file + "$.images[4].id: it is an array where a whole number is expected; correct it",
                        file + "$.images[5]: it is '5' where an object is expected; correct it",
                        file + "$.images[7]: there is no image 'gone.png'; add the file or remove the entry",
                        file
                                + "$.annotations[1]: there is no image with the id 77; add it to images or correct image_id",
                        file + "$.annotations[2].bbox[1]: it is the text 'one' where a number is expected; correct it",
                        file
                                + "$.images[6]: the image 'coco/b.png' is left out: its class depends on a box that could not be read; correct what is reported on it; every object needs a box",
                        file
                                + "$.annotations[3]: there is no category with the id 9; add it to categories or correct category_id",
                        file
                                + "$.annotations[4].bbox: it has 3 numbers where x, y, width and height are expected; give four",
                        file + "$.annotations[5]: there is no image_id; add it",
                        file + "$.annotations[6]: there is no bbox; add it");
    }

    @Test
    void aTruncatedFileIsRefusedBecauseNoImageOfItCouldBeTrusted() {
        assertThatThrownBy(() -> folder.text("coco.json", "{" + IMAGES + ",\"annotations\":[{\"image_id\":9,")
                        .read(DatasetFormat.COCO))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("coco.json line 1 column")
                .hasMessageContaining("nothing of it is used");
    }

    @Test
    void emptyListsAreAnEmptyDataSetAndAFileWithoutImagesIsNone() throws Exception {
        DatasetFolder.Read read = read("\"images\":[]", "\"annotations\":[]");
        assertThat(read.samples()).isEmpty();
        assertThat(read.malformed()).isEmpty();
        assertThatThrownBy(() -> read("\"annotations\":[]"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("has no array 'images'; give a COCO instances file");
    }

    @Test
    void framesOfAVideoAreADriveAndFormatsAreTold() throws Exception {
        folder.text(
                "coco.json",
                "{\"images\":[{\"id\":1,\"file_name\":\"a.png\",\"video_id\":5,\"frame_id\":7},{\"id\":2,\"file_name\":\"b.png\",\"video_id\":5,\"frame_id\":8}],\"annotations\":[]}");
        DatasetFolder.Read read =
                DatasetFolder.read(DatasetOptions.of(root, java.util.Optional.empty()), DatasetFolder.PEDESTRIAN);
        assertThat(read.dataset().format()).isEqualTo(DatasetFormat.COCO);
        assertThat(read.samples()).extracting(LabeledSample::getDriveId).containsOnly("coco/5");
        assertThat(read.samples()).extracting(LabeledSample::getFrameIndex).containsExactly(7, 8);
    }

    @Test
    void withoutAnnotationsNobodyHasLookedForBoxesAndAnEmptyListMeansNone() throws Exception {
        DatasetFolder.Read unlabelled = read(IMAGES, CATEGORIES);
        assertThat(unlabelled.samples())
                .hasSize(2)
                .extracting(LabeledSample::getLabel)
                .containsOnlyNulls();
        assertThat(read(IMAGES, "\"annotations\":[]", CATEGORIES).samples())
                .extracting(LabeledSample::getLabel)
                .containsOnly("no-pedestrian");
    }

    @Test
    void aDateThatNoRecordCanHoldIsMadeUpAsOneThatIsMissingIs() throws Exception {
        DatasetFolder.Read read = read(
                "\"images\":[{\"id\":1,\"file_name\":\"./a.png\",\"date_captured\":\"+999999999-01-01 00:00:00\"}]",
                "\"annotations\":[]");
        assertThat(read.only().getCapturedAt()).isEqualTo("2010-01-01T00:00:00Z");
    }
}
