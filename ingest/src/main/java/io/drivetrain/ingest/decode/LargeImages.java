package io.drivetrain.ingest.decode;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ImageReference;
import io.drivetrain.schemas.objects.ObjectLocation;
import io.drivetrain.schemas.objects.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Where images that are too large for a record stay, or go. */
public interface LargeImages extends AutoCloseable {
    /**
     * Returns what the record says in place of the bytes.
     *
     * @param length of the file, in bytes
     * @throws IOException if the file cannot be read
     * @throws io.drivetrain.schemas.objects.ObjectStoreException if the object store fails
     */
    ImageReference refer(Path file, long length) throws IOException;

    @Override
    default void close() {}

    /** They stay in their files. */
    static LargeImages inPlace() {
        return (file, length) -> new ImageReference(file.toUri().toString(), length, Content.sha256(file));
    }

    /** They go to the object store if the configuration names a folder of one, else they stay in their files. */
    static LargeImages of(DrivetrainConfig config) {
        String folder = config.ingest().largeImages();
        return folder.isEmpty() ? inPlace() : new InObjectStore(ObjectLocation.parse(folder), config.objectStore());
    }

    /** Copies each to an object that is called by its content, so that it is there once, however often it is sent. */
    final class InObjectStore implements LargeImages {
        // Curation reads no larger ones, so these need not go anywhere to be refused.
        private static final long MAX_BYTES = 64L << 20;
        private static final int FOLDER_DIGITS = 2;

        private final ObjectLocation folder;
        private final ObjectStore store;

        private InObjectStore(ObjectLocation folder, DrivetrainConfig.ObjectStoreSettings settings) {
            this.folder = folder;
            store = ObjectStore.of(settings);
        }

        @Override
        public ImageReference refer(Path file, long length) throws IOException {
            if (length > MAX_BYTES) {
                return inPlace().refer(file, length);
            }
            // Hash and object are of the same bytes, also while somebody writes to the file.
            byte[] bytes = Files.readAllBytes(file);
            String sha256 = HexFormat.of().formatHex(Content.digest().digest(bytes));
            ObjectLocation place =
                    folder.child(sha256.substring(0, FOLDER_DIGITS)).child(sha256);
            store.writeIfAbsent(place, bytes);
            return new ImageReference(place.uri(), (long) bytes.length, sha256);
        }

        @Override
        public void close() {
            store.close();
        }
    }

    /** What is in a file. */
    final class Content {
        private static final int BUFFER = 1 << 16;

        private Content() {}

        static MessageDigest digest() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("Every Java platform has SHA-256", e);
            }
        }

        private static String sha256(Path file) throws IOException {
            MessageDigest digest = digest();
            byte[] buffer = new byte[BUFFER];
            try (InputStream in = Files.newInputStream(file)) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    digest.update(buffer, 0, read);
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        }
    }
}
