package io.drivetrain.trainer.publish;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Folders {@code models/<modelId>}, each with {@code model.zip}, {@code model.json}, {@code provenance.json},
 * {@code report.json} and {@code reference-profile.json}. A folder is written under another name and renamed when it is
 * whole, so whoever finds it finds all of it.
 */
public final class ModelFolder {
    private static final String UNFINISHED = ".unfinished-";
    private static final String REPLACED = ".replaced-";

    private final Path models;

    public ModelFolder(Path models) {
        this.models = models;
    }

    /** Writes a model's own files into a folder. */
    @FunctionalInterface
    public interface Weights {
        void saveTo(Path folder) throws IOException;
    }

    /** Removes what a killed process left half-written. */
    public void clean() throws IOException {
        if (!Files.isDirectory(models)) {
            return;
        }
        List<Path> leftovers;
        try (Stream<Path> entries = Files.list(models)) {
            leftovers = entries.filter(p -> p.getFileName().toString().startsWith(UNFINISHED)
                            || p.getFileName().toString().startsWith(REPLACED))
                    .toList();
        }
        for (Path leftover : leftovers) {
            delete(leftover);
        }
    }

    /**
     * Begins a folder by saving the weights into it under a temporary name.
     *
     * @return the temporary folder, for {@link #finish}
     */
    public Path begin(String modelId, Weights weights) throws IOException {
        Files.createDirectories(models);
        Path unfinished = models.resolve(UNFINISHED + modelId);
        delete(unfinished);
        Files.createDirectory(unfinished);
        weights.saveTo(unfinished);
        return unfinished;
    }

    /**
     * Adds documents and gives the folder its name. A folder of that name holds the same weights and is replaced, so that
     * its documents tell of the newest run.
     *
     * @param documents text by file name
     * @return the folder
     */
    public Path finish(String modelId, Path unfinished, Map<String, String> documents) throws IOException {
        for (Map.Entry<String, String> document : documents.entrySet()) {
            Files.writeString(unfinished.resolve(document.getKey()), document.getValue(), StandardCharsets.UTF_8);
        }
        try (Stream<Path> files = Files.list(unfinished)) {
            for (Path file : files.toList()) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
            }
        }
        Path folder = models.resolve(modelId);
        if (Files.exists(folder)) {
            Path replaced = models.resolve(REPLACED + modelId);
            delete(replaced);
            Files.move(folder, replaced, StandardCopyOption.ATOMIC_MOVE);
            Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
            delete(replaced);
        } else {
            Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
        }
        return folder;
    }

    /** SHA-256 of a file, hex. */
    public static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                DigestInputStream digest = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
            digest.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** Deletes a folder and all in it; one that is not there is no error. */
    public static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> paths = Files.walk(tree)) {
            deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.delete(path);
        }
    }
}
