package io.drivetrain.ingest.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeTest {
    @TempDir
    private Path root;

    @Test
    void linksAreFollowedAndOnesInACircleOrToNowhereArePassedOver() throws Exception {
        Path elsewhere = Files.createDirectories(root.resolve("elsewhere/deeper"));
        Files.createFile(elsewhere.resolve("1.png"));
        Path folder = Files.createDirectories(root.resolve("folder"));
        Files.createSymbolicLink(folder.resolve("a"), elsewhere);
        Files.createSymbolicLink(elsewhere.resolve("circle"), elsewhere.getParent());
        Files.createSymbolicLink(folder.resolve("b.png"), root.resolve("nowhere.png"));
        Path link = Files.createSymbolicLink(root.resolve("link"), folder);
        List<Path> found = Tree.files(link, ImageFiles::isImage);
        assertThat(found).containsExactly(link.resolve("a/1.png"));
        assertThat(Tree.folders(link, 1, path -> path.endsWith("a"))).containsExactly(link.resolve("a"));
    }
}
