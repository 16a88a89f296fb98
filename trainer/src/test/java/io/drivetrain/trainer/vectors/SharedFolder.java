package io.drivetrain.trainer.vectors;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds test data that lies beside the checkout and not in it. */
public final class SharedFolder {
    private SharedFolder() {}

    /** Looks below -Ddrivetrain.shared, or below a folder named shared beside any parent of the working directory. */
    public static Optional<Path> find(String path) {
        String given = System.getProperty("drivetrain.shared");
        if (given != null) {
            return Optional.of(Path.of(given, path)).filter(Files::exists);
        }
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path candidate = folder.resolve("shared").resolve(path);
            if (Files.exists(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }
}
