package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.ImageReference;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Reads images that a record only refers to; only {@code file:} URIs that every task manager can read. */
public final class ReferencedImage {
    private static final long MAX_BYTES = 64L << 20;

    private ReferencedImage() {}

    /** What a reference leads to. */
    public sealed interface Fetched {}

    /** The bytes it promises, checked by length and hash. */
    public record Bytes(ByteBuffer image) implements Fetched {}

    /** Nothing usable, and why. */
    public record Nothing(String reason) implements Fetched {}

    /** Follows a reference. */
    public static Fetched fetch(ImageReference reference) {
        if (reference.getLength() < 0 || reference.getLength() > MAX_BYTES) {
            return new Nothing(
                    "its length %d is not between 0 and %d bytes".formatted(reference.getLength(), MAX_BYTES));
        }
        try {
            URI uri = URI.create(reference.getUri());
            if (!"file".equals(uri.getScheme())) {
                return new Nothing("only file: URIs are read; send the image inline or put it on a shared file system");
            }
            Path path = Path.of(uri);
            if (!Files.isRegularFile(path)) {
                return new Nothing("there is no such file");
            }
            if (Files.size(path) != reference.getLength()) {
                return new Nothing("the file has %d bytes, the reference says %d"
                        .formatted(Files.size(path), reference.getLength()));
            }
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path));
            String expected = reference.getSha256().toLowerCase(Locale.ROOT);
            return ImageHash.sha256(bytes).equals(expected)
                    ? new Bytes(bytes)
                    : new Nothing("the file's SHA-256 is not the one in the reference");
        } catch (IllegalArgumentException | FileSystemNotFoundException e) {
            return new Nothing("it is not a valid URI of a file: " + e.getMessage());
        } catch (IOException e) {
            return new Nothing("the file cannot be read: " + e.getMessage());
        }
    }
}
