package io.drivetrain.infra.cli;

import io.drivetrain.infra.cli.demo.Demo;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}: the whole main job on this machine, explained as it goes. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Run the main job on this machine and explain what it finds.",
        footer = {
            "",
            "Examples:",
            "  ./drivetrain demo",
            "  ./drivetrain demo --small --json demo.json   quick, for CI",
            "  ./drivetrain demo --data photos --later photos/manifest-later.csv",
            "  ./drivetrain demo --keep                     leaves the stack up until Ctrl-C",
            "",
            "A folder holds manifest.csv with the columns path,label and, as they are known, domain (SOURCE or TARGET),"
                    + " drive, frame, capturedAt, labelSource and telemetry.NAME; any others are attributes.",
        })
final class DemoCommand implements Callable<Integer> {
    private static final Pattern SIZE = Pattern.compile("(\\d{2,5})x(\\d{2,5})");

    @Option(names = "--small", description = "The quick version.")
    private boolean small;

    @Option(names = "--json", paramLabel = "FILE", description = "Write everything that was shown as one document.")
    private Path json;

    @Option(names = "--keep", description = "Leave the stack up until Ctrl-C.")
    private boolean keep;

    @Option(names = "--data", paramLabel = "PATH", description = "Your own images instead of drawn scenes.")
    private Path data;

    @Option(names = "--format", paramLabel = "FORMAT", description = "Of --data: folder.")
    private String format;

    @Option(names = "--manifest", paramLabel = "FILE", description = "Of --data. Default: manifest.csv in that folder.")
    private Path manifest;

    @Option(names = "--later", paramLabel = "FILE", description = "A second manifest: the new SOURCE data of step 5.")
    private Path later;

    @Option(names = "--seed", paramLabel = "N", description = "Of scenes and training. Default: ${DEFAULT-VALUE}.")
    private long seed = 42;

    @Option(names = "--size", paramLabel = "WxH", description = "Of the drawn images. Default: ${DEFAULT-VALUE}.")
    private String size = "640x360";

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Folder of the demo's state, emptied at the start. Default: ${DEFAULT-VALUE}.")
    private Path directory = StackOptions.DEMO;

    @Override
    public Integer call() throws Exception {
        Matcher dimensions = SIZE.matcher(size.toLowerCase(Locale.ROOT));
        if (!dimensions.matches()) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE, "--size is '%s'; write width x height, for example 1280x720".formatted(size));
        }
        if (data == null && (manifest != null || later != null || format != null)) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE,
                    "--format, --manifest and --later need --data; name the folder of your images with it");
        }
        if (format != null && !format.equals("folder")) {
            throw new CommandException(ExitCode.WRONG_USAGE, "--format is '%s'; accepted is folder".formatted(format));
        }
        Demo.tell(new Demo.Options(
                directory,
                small,
                Optional.ofNullable(json),
                keep,
                Optional.ofNullable(data),
                Optional.ofNullable(manifest),
                Optional.ofNullable(later),
                seed,
                Integer.parseInt(dimensions.group(1)),
                Integer.parseInt(dimensions.group(2))));
        return ExitCode.DONE.code();
    }
}
