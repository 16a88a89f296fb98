package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads images that a record only refers to: {@code file:} URIs that every task manager can read, and no others. A
 * record must not be able to make the cluster call any address on the network, and what it says of a file that is not the
 * promised one must not tell what is in that file.
 */
final class ReferencedImage {
    private static final long MAX_BYTES = 64L << 20;
    private static final Nothing OUTSIDE = new Nothing(
            "it is outside of admission.reference-roots; put it below one of these folders, or add its folder to them, and replay");

    private final List<Path> roots;

    /**
     * A reader below these folders.
     *
     * @param roots empty if any file may be read
     */
    ReferencedImage(List<String> roots) {
        this.roots = roots.stream()
                .map(root -> Path.of(root).toAbsolutePath().normalize())
                .toList();
    }

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
     * @param promised what the field says
     */
    record Different(String field, String promised, String reason) implements Fetched {}

    /** Follows a reference. */
    Fetched fetch(ImageReference reference) {
        long length = reference.getLength();
        if (length < 0 || length > MAX_BYTES) {
            return new Nothing(
                    "its length %d is not between 0 and %d bytes; correct the reference or make the image smaller"
                            .formatted(length, MAX_BYTES));
        }
        try {
            URI uri = URI.create(reference.getUri());
            if (!"file".equals(uri.getScheme())) {
                return new Nothing(
                        "only file: URIs are read, not http:, s3: or others; send the image inline or put it on a shared file system");
            }
            Path path = Path.of(uri);
            // Before anything is looked up, so that nothing is learnt of files outside.
            if (!allowed(path.normalize(), roots)) {
                return OUTSIDE;
            }
            if (!Files.isRegularFile(path)) {
                return new Nothing(
                        "there is no such file; put it where every task manager can read it under this path, and replay");
            }
            return roots.isEmpty() || allowed(path.toRealPath(), real(roots)) ? checked(reference, path) : OUTSIDE;
        } catch (IllegalArgumentException | FileSystemNotFoundException e) {
            return new Nothing(
                    "it is not a valid URI of a file, such as file:///data/frame.jpg; correct the reference: "
                            + Findings.shown(e.getMessage()));
        } catch (IOException e) {
            return new Nothing("the file cannot be read; give the curation job the right to, and replay: "
                    + Findings.shown(e.getMessage()));
        }
    }

    private static boolean allowed(Path path, List<Path> roots) {
        return roots.isEmpty() || roots.stream().anyMatch(path::startsWith);
    }

    private static List<Path> real(List<Path> roots) throws IOException {
        List<Path> real = new ArrayList<>();
        for (Path root : roots) {
            if (Files.exists(root)) {
                real.add(root.toRealPath());
            }
        }
        return real;
    }

    private static Fetched checked(ImageReference reference, Path path) throws IOException {
        int length = (int) (long) reference.getLength();
        if (Files.size(path) != length) {
            return new Different(
                    "length",
                    Integer.toString(length),
                    "the file does not have the %d bytes of the reference".formatted(length));
        }
        byte[] bytes;
        // The file may be growing, so no more is read than was promised.
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(length);
        }
        if (bytes.length != length) {
            return new Different(
                    "length",
                    Integer.toString(length),
                    "the file shrank below the %d bytes of the reference while it was read".formatted(length));
        }
        ByteBuffer image = ByteBuffer.wrap(bytes);
        String sha256 = ImageHash.sha256(image);
        return sha256.equals(reference.getSha256().toLowerCase(Locale.ROOT))
                ? new Bytes(image, sha256)
                : new Different("sha256", reference.getSha256(), "the file's SHA-256 is not the one in the reference");
    }
}
