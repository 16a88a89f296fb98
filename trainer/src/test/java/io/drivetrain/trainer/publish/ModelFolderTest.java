package io.drivetrain.trainer.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
    @TempDir
    Path models;

    private Path publish(String content, String report) throws IOException {
        ModelFolder folder = new ModelFolder(models);
        Path unfinished = folder.begin("lenet-1", to -> Files.writeString(to.resolve("model.zip"), content));
        return folder.finish("lenet-1", unfinished, Map.of("report.json", report));
    }

    @Test
    void aFolderHasItsNameOnlyWhenItIsWhole() throws IOException {
        ModelFolder folder = new ModelFolder(models);
        Path unfinished = folder.begin("lenet-1", to -> Files.writeString(to.resolve("model.zip"), "weights"));
        assertThat(models.resolve("lenet-1")).doesNotExist();
        folder.finish("lenet-1", unfinished, Map.of("report.json", "{}"));
        assertThat(models).isDirectoryContaining("glob:**/lenet-1");
        assertThat(models.resolve("lenet-1/model.zip")).hasContent("weights");
        assertThat(models.resolve("lenet-1/report.json")).hasContent("{}");
    }

    @Test
    void theSameModelOfALaterRunTellsOfThatRun() throws IOException {
        publish("weights", "first");
        assertThat(publish("weights", "second").resolve("report.json")).hasContent("second");
        assertThat(models).isDirectoryNotContaining("glob:**/.*");
    }

    @Test
    void whatAKilledProcessLeftIsRemovedAndWholeModelsStay() throws IOException {
        publish("weights", "whole");
        new ModelFolder(models).begin("lenet-2", to -> Files.writeString(to.resolve("model.zip"), "half"));
        new ModelFolder(models).clean();
        assertThat(models).isDirectoryNotContaining("glob:**/.*");
        assertThat(models.resolve("lenet-1/report.json")).hasContent("whole");
    }

    @Test
    void aModelThatCannotBeSavedLeavesNoFolderOfItsName() {
        assertThatThrownBy(() -> new ModelFolder(models).begin("lenet-3", to -> {
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(IOException.class);
        assertThat(models.resolve("lenet-3")).doesNotExist();
    }

    @Test
    void filesAreHashedAsSha256sumDoes() throws IOException {
        Path file = Files.writeString(models.resolve("abc"), "abc");
        assertThat(ModelFolder.sha256(file))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
