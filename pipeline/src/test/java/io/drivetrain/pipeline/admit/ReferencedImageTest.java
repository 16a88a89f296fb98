package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.ImageReference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferencedImageTest {
    private static final byte[] CONTENT = {1, 2, 3};

    @TempDir
    private Path folder;

    private Path inside;
    private Path secret;

    @BeforeEach
    void files() throws IOException {
        inside = Files.createDirectories(folder.resolve("images/day")).resolve("a.jpg");
        secret = Files.createDirectories(folder.resolve("images-of-others")).resolve("secret");
        Files.write(inside, CONTENT);
        Files.write(secret, CONTENT);
    }

    @Test
    void withoutRootsAnyFileMayBeReferredTo() {
        assertThat(fetch(List.of(), secret.toUri().toString())).isInstanceOf(ReferencedImage.Bytes.class);
    }

    @Test
    void withRootsOnlyFilesBelowThemAreLookedAt() throws IOException {
        List<String> roots = List.of(
                folder.resolve("none").toString(), folder.resolve("images").toString());
        assertThat(fetch(roots, inside.toUri().toString())).isInstanceOf(ReferencedImage.Bytes.class);
        Path link = Files.createSymbolicLink(folder.resolve("images/link.jpg"), secret);
        for (String uri : List.of(
                secret.toUri().toString(),
                secret.toUri() + ".missing",
                link.toUri().toString(),
                folder.toUri() + "images/../images-of-others/secret")) {
            assertThat(fetch(roots, uri))
                    .as(uri)
                    .isInstanceOfSatisfying(
                            ReferencedImage.Nothing.class,
                            nothing -> assertThat(nothing.reason())
                                    .isEqualTo(
                                            "it is outside of admission.reference-roots; put it below one of these folders, or add its folder to them, and replay"));
        }
    }

    @Test
    void whatIsFoundInPlaceOfThePromisedIsNotTold() {
        ReferencedImage references = new ReferencedImage(List.of());
        String uri = secret.toUri().toString();
        String sha256 = ImageHash.sha256(ByteBuffer.wrap(CONTENT));
        assertThat(references.fetch(new ImageReference(uri, 77L, sha256)))
                .isEqualTo(new ReferencedImage.Different(
                        "length", "77", "the file does not have the 77 bytes of the reference"));
        assertThat(references.fetch(new ImageReference(uri, 3L, "00")))
                .isEqualTo(new ReferencedImage.Different(
                        "sha256", "00", "the file's SHA-256 is not the one in the reference"));
    }

    private static ReferencedImage.Fetched fetch(List<String> roots, String uri) {
        return new ReferencedImage(roots)
                .fetch(new ImageReference(uri, 3L, ImageHash.sha256(ByteBuffer.wrap(CONTENT))));
    }
}
