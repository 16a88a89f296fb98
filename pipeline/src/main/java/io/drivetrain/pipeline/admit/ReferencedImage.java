package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ImageReference;
import io.drivetrain.schemas.objects.ObjectLocation;
import io.drivetrain.schemas.objects.ObjectStore;
import io.drivetrain.schemas.objects.ObjectStoreException;
import io.drivetrain.schemas.objects.WebFiles;
import io.drivetrain.schemas.objects.WebLocation;
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
 * Reads images that a record only refers to: {@code file:} URIs that every task manager can read, {@code s3:} and
 * {@code https:} URIs below the folders of the object store and of web servers that the configuration names, and no others. A record must not be able to make the cluster
 * call any address on the network, and what it says of a file that is not the promised one must not tell what is in that
 * file.
 */
final class ReferencedImage implements AutoCloseable {
    private static final long MAX_BYTES = 64L << 20;
    private static final Nothing OUTSIDE = new Nothing(
            "it is outside of admission.reference-roots; put it below one of these folders, or add its folder to them, and replay");

    private final boolean anyFile;
    private final List<Path> roots;
    private final List<ObjectLocation> folders;
    private final List<WebLocation> webFolders;
    private final DrivetrainConfig.ObjectStoreSettings settings;
    private ObjectStore objects;
    private WebFiles web;

    /**
     * A reader below these folders; nothing is reached before the first reference.
     *
     * @param roots empty if any file may be read, and nothing else
     */
    ReferencedImage(List<String> roots, DrivetrainConfig.ObjectStoreSettings settings) {
        anyFile = roots.isEmpty();
        this.roots = roots.stream()
                .filter(root -> !ObjectLocation.isOne(root) && !WebLocation.isOne(root))
                .map(root -> Path.of(root).toAbsolutePath().normalize())
                .toList();
        folders = roots.stream()
                .filter(ObjectLocation::isOne)
                .map(ObjectLocation::parse)
                .toList();
        webFolders = roots.stream()
                .filter(WebLocation::isOne)
                .map(WebLocation::parse)
                .toList();
        this.settings = settings;
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

    /**
     * Follows a reference.
     *
     * @throws ObjectStoreException if the object store or the web server fails
     */
    Fetched fetch(ImageReference reference) {
        long length = reference.getLength();
        if (length < 0 || length > MAX_BYTES) {
            return new Nothing(
                    "its length %d is not between 0 and %d bytes; correct the reference or make the image smaller"
                            .formatted(length, MAX_BYTES));
        }
        if (ObjectLocation.isOne(reference.getUri())) {
            return object(reference);
        }
        if (WebLocation.isOne(reference.getUri())) {
            return onTheWeb(reference);
        }
        try {
            URI uri = URI.create(reference.getUri());
            if (!"file".equals(uri.getScheme())) {
                return new Nothing(
                        "only file:, s3: and https: URIs are read; send the image inline, or put it on a shared file system or into the object store");
            }
            Path path = Path.of(uri);
            // Before anything is looked up, so that nothing is learnt of files outside.
            if (!anyFile && !below(path.normalize(), roots)) {
                return OUTSIDE;
            }
            if (!Files.isRegularFile(path)) {
                return new Nothing(
                        "there is no such file; put it where every task manager can read it under this path, and replay");
            }
            return anyFile || below(path.toRealPath(), real(roots)) ? checked(reference, path) : OUTSIDE;
        } catch (IllegalArgumentException | FileSystemNotFoundException e) {
            return new Nothing(
                    "it is not a valid URI of a file, such as file:///data/frame.jpg; correct the reference: "
                            + Findings.shown(e.getMessage()));
        } catch (IOException e) {
            return new Nothing("the file cannot be read; give the curation job the right to, and replay: "
                    + Findings.shown(e.getMessage()));
        }
    }

    private Fetched object(ImageReference reference) {
        ObjectLocation place;
        try {
            place = ObjectLocation.parse(reference.getUri());
        } catch (IllegalArgumentException e) {
            return new Nothing("it is no place of an object; correct the reference: " + e.getMessage());
        }
        // Before anything is sent, so that no record chooses what is asked for.
        if (folders.stream().noneMatch(place::below)) {
            return OUTSIDE;
        }
        if (objects == null) {
            objects = ObjectStore.of(settings);
        }
        return checked(reference, objects.read(place, (int) (long) reference.getLength()), "object", "object store");
    }

    private Fetched onTheWeb(ImageReference reference) {
        WebLocation place;
        try {
            place = WebLocation.parse(reference.getUri());
        } catch (IllegalArgumentException e) {
            return new Nothing("it is no place of a file on a web server; correct the reference: " + e.getMessage());
        }
        // Before anything is sent, so that no record chooses which server is called.
        if (webFolders.stream().noneMatch(place::below)) {
            return OUTSIDE;
        }
        if (web == null) {
            web = new WebFiles(settings.timeout());
        }
        return checked(reference, web.read(place, (int) (long) reference.getLength()), "file", "web server");
    }

    private static Fetched checked(ImageReference reference, ObjectStore.Read read, String what, String where) {
        if (read instanceof ObjectStore.Read.Bytes bytes) {
            return checked(reference, bytes.content(), what);
        }
        if (read instanceof ObjectStore.Read.OtherLength) {
            return new Different(
                    "length",
                    Long.toString(reference.getLength()),
                    "the %s does not have the %d bytes of the reference".formatted(what, reference.getLength()));
        }
        return read instanceof ObjectStore.Read.Forbidden forbidden
                ? new Nothing(
                        "the %s does not give the %s to the curation job (%s); give the job the right to read it, and replay"
                                .formatted(where, what, Findings.shown(forbidden.code())))
                : new Nothing("there is no such %s; put it there, and replay".formatted(what));
    }

    private static boolean below(Path path, List<Path> roots) {
        return roots.stream().anyMatch(path::startsWith);
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
        return checked(reference, bytes, "file");
    }

    private static Fetched checked(ImageReference reference, byte[] bytes, String what) {
        ByteBuffer image = ByteBuffer.wrap(bytes);
        String sha256 = ImageHash.sha256(image);
        return sha256.equals(reference.getSha256().toLowerCase(Locale.ROOT))
                ? new Bytes(image, sha256)
                : new Different(
                        "sha256",
                        reference.getSha256(),
                        "the %s's SHA-256 is not the one in the reference".formatted(what));
    }

    @Override
    public void close() {
        if (objects != null) {
            objects.close();
        }
    }
}
