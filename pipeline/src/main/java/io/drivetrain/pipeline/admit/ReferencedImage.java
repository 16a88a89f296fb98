package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Reads images that a record only refers to: {@code file:} URIs that every task manager can read, and no others. A
 * record must not be able to make the cluster call any address on the network.
 */
final class ReferencedImage {
    private static final long MAX_BYTES = 64L << 20;

    private ReferencedImage() {}

    /** What a reference leads to. */
    sealed interface Fetched {}

    /** The bytes it promises, checked by length and hash. */
    record Bytes(ByteBuffer image, String sha256) implements Fetched {}

    /** Nothing that can be read, and why. */
    record Nothing(String reason) implements Fetched {}

    /**
     * Other bytes than it promises.
     *
     * @param field of the reference
     * @param found in place of what the field says
     */
    record Different(String field, String found, String reason) implements Fetched {}

    /** Follows a reference. */
    static Fetched fetch(ImageReference reference) {
        long length = reference.getLength();
        if (length < 0 || length > MAX_BYTES) {
            return new Nothing("its length %d is not between 0 and %d bytes".formatted(length, MAX_BYTES));
        }
        try {
            URI uri = URI.create(reference.getUri());
            if (!"file".equals(uri.getScheme())) {
                return new Nothing(
                        "only file: URIs are read, not http:, s3: or others; send the image inline or put it on a shared file system");
            }
            Path path = Path.of(uri);
            if (!Files.isRegularFile(path)) {
                return new Nothing("there is no such file");
            }
            return checked(reference, path);
        } catch (IllegalArgumentException | FileSystemNotFoundException e) {
            return new Nothing("it is not a valid URI of a file: " + Findings.shown(e.getMessage()));
        } catch (IOException e) {
            return new Nothing("the file cannot be read: " + Findings.shown(e.getMessage()));
        }
    }

    private static Fetched checked(ImageReference reference, Path path) throws IOException {
        int length = (int) (long) reference.getLength();
        long size = Files.size(path);
        if (size != length) {
            return new Different(
                    "length",
                    Long.toString(size),
                    "the file has %d bytes, the reference says %d".formatted(size, length));
        }
        byte[] bytes;
        // The file may be growing, so no more is read than was promised.
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(length);
        }
        if (bytes.length != length) {
            return new Different(
                    "length",
                    Integer.toString(bytes.length),
                    "the file shrank to %d bytes while it was read".formatted(bytes.length));
        }
        ByteBuffer image = ByteBuffer.wrap(bytes);
        String sha256 = ImageHash.sha256(image);
        return sha256.equals(reference.getSha256().toLowerCase(Locale.ROOT))
                ? new Bytes(image, sha256)
                : new Different("sha256", sha256, "the file's SHA-256 is not the one in the reference");
    }
}
