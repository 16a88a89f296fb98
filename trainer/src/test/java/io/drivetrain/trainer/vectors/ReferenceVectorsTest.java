package io.drivetrain.trainer.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares our figures with those of other libraries, from any folder of the format that {@code
 * shared/vectors/README.md} describes: {@code mvn -pl trainer test -Dtest='ReferenceVectors*' -Dvectors.dir=DIR}.
 */
class ReferenceVectorsTest {
    /** A further group is one more class here. */
    static Stream<VectorGroup> groups() {
        return Stream.of(new LabelErrorVectors());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("groups")
    void everyFigureEqualsItsReference(VectorGroup group) throws IOException {
        PrintStream out = System.out;
        Optional<Path> folder = folder();
        if (folder.isEmpty()) {
            out.println(
                    "Skipped: there is no folder shared/vectors beside the checkout; name one by -Dvectors.dir=DIR");
        }
        assumeTrue(folder.isPresent(), "no reference vectors; name a folder by -Dvectors.dir=DIR");
        assertThat(folder.get()).as("the folder of reference vectors").isDirectory();
        Path file = folder.get().resolve(group.file());
        if (!Files.isRegularFile(file)) {
            out.println("Skipped: there is no " + file.toAbsolutePath().normalize());
        }
        assumeTrue(Files.isRegularFile(file), "the folder has no " + group.file());
        VectorRun run = VectorRun.of(group, file);
        run.print(out);
        assertThat(run.failures()).as("differences from %s", file).isEmpty();
        assertThat(run.passed()).as("cases that passed").isPositive();
    }

    private static Optional<Path> folder() {
        String given = System.getProperty("vectors.dir");
        if (given == null) {
            return SharedFolder.find("vectors");
        }
        // Maven runs tests in the folder of the module, people give paths from where they are.
        Path fromRoot = Path.of("..").resolve(given);
        return Optional.of(Files.isDirectory(Path.of(given)) ? Path.of(given) : fromRoot);
    }
}
