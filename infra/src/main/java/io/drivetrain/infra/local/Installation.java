package io.drivetrain.infra.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where the built modules are and how a process of each is started.
 *
 * @param root the folder of the checkout
 */
public record Installation(Path root) {
    /** Finds the checkout from the launcher's property or by walking up from the working directory. */
    public static Installation find() throws StackException {
        String given = System.getProperty("drivetrain.root");
        if (given != null) {
            return new Installation(Path.of(given).toAbsolutePath().normalize());
        }
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("infra")) && Files.isDirectory(folder.resolve("trainer"))) {
                return new Installation(folder);
            }
        }
        throw new StackException("Cannot find Drivetrain's folder; start it with its launcher ./drivetrain");
    }

    /** The Java that runs this process runs the others, too. */
    public static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /**
     * Returns the class path of a module.
     *
     * @param modules the module whose libraries are needed comes last; the others add their classes only
     * @throws StackException if one of them is not built
     */
    public String classPath(String... modules) throws StackException {
        List<String> entries = new ArrayList<>();
        for (String module : modules) {
            entries.add(classes(module).toString());
        }
        Path libraries = root.resolve(modules[modules.length - 1]).resolve("target/classpath.txt");
        try {
            Arrays.stream(Files.readString(libraries).strip().split(File.pathSeparator))
                    .map(this::ownClassesRatherThanJar)
                    .forEach(entries::add);
        } catch (IOException e) {
            throw new StackException(
                    "Module %s is not built (no %s); start with ./drivetrain, which builds it, or run 'mvn compile'"
                            .formatted(modules[modules.length - 1], libraries),
                    e);
        }
        return entries.stream().distinct().collect(Collectors.joining(File.pathSeparator));
    }

    /** A module built alone sees its siblings as installed jars, which may be older than their classes here. */
    private String ownClassesRatherThanJar(String entry) {
        String name = Path.of(entry).getFileName().toString();
        for (String module : List.of("schemas", "ingest", "pipeline", "trainer")) {
            if (name.startsWith("drivetrain-" + module + "-")) {
                return root.resolve(module).resolve("target/classes").toString();
            }
        }
        return entry;
    }

    private Path classes(String module) throws StackException {
        Path classes = root.resolve(module).resolve("target/classes");
        if (!Files.isDirectory(classes)) {
            throw new StackException(
                    "Module %s is not built (no %s); start with ./drivetrain, which builds it, or run 'mvn compile'"
                            .formatted(module, classes));
        }
        return classes;
    }

    /** The logging configuration of the stack's processes. */
    public Path processLogging() {
        return root.resolve("infra/target/classes/log4j2-process.properties");
    }

    /** The logging configuration of what a command starts and shows in its own terminal: errors alone, on stderr. */
    public Path commandLogging() {
        return root.resolve("infra/target/classes/log4j2-cli.properties");
    }
}
