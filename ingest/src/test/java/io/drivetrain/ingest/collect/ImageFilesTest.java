package io.drivetrain.ingest.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFilesTest {
    @TempDir
    private Path root;

    private Path image(String name) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, new byte[] {1});
    }

    @Test
    void aNameWithFoldersIsFoundOnlyWhereThePathEndsWithIt() throws IOException {
        Path one = image("images/video1/1.png");
        ImageFiles images = ImageFiles.anywhereBelow(root);
        assertThat(images.find(List.of("video1/1.png"))).isEqualTo(new ImageFiles.Found.At(one));
        assertThat(images.find(List.of("video2/1.png"))).isEqualTo(new ImageFiles.Found.Nowhere());
        assertThat(images.find(List.of("1.png"))).isEqualTo(new ImageFiles.Found.At(one));
        assertThat(images.find(List.of("./1.png"))).isEqualTo(new ImageFiles.Found.Nowhere());
        assertThat(ImageFiles.anywhereBelow(one.getParent()).find(List.of("video1/1.png")))
                .isEqualTo(new ImageFiles.Found.At(one));
    }

    @Test
    void aLongerNameDecidesWhereTheShorterOneFitsTwice() throws IOException {
        Path one = image("images/video1/1.png");
        Path two = image("images/video2/1.png");
        ImageFiles images = ImageFiles.anywhereBelow(root);
        assertThat(images.find(List.of("1.png"))).isEqualTo(new ImageFiles.Found.Several(one, two));
        assertThat(images.find(List.of("1.png", "video2/1.png"))).isEqualTo(new ImageFiles.Found.At(two));
        assertThat(images.find(List.of("/"))).isEqualTo(new ImageFiles.Found.Outside());
        assertThat(images.find(List.of(".."))).isEqualTo(new ImageFiles.Found.Outside());
    }
}
