package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.show.ProgressBar;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.ingest.collect.FolderDataset;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.ingest.synthesize.StreamPlan;
import io.drivetrain.ingest.synthesize.SyntheticScenes;
import io.drivetrain.schemas.DrivetrainConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ingest}: images of a folder, or drawn scenes, to samples.raw. */
@Command(
        name = "ingest",
        mixinStandardHelpOptions = true,
        description = "Send labelled images to samples.raw.",
        footer = {
            "",
            "Examples:",
            "  ./drivetrain ingest --format folder photos",
            "  ./drivetrain ingest --format folder photos --manifest photos/manifest-later.csv",
            "  ./drivetrain ingest --format synthetic --source-drives 100 --target-drives 60",
            "  ./drivetrain ingest --format synthetic --night --source-drives 50",
            "",
            "A folder holds manifest.csv with the columns path,label,domain,drive and any attributes;",
            "without one, the name of each image's folder is its class. The classes must be in the configuration",
            "of the stack, for example: ./drivetrain up --set classes=red,green",
        })
final class IngestCommand implements Callable<Integer> {
    /** Where samples may come from. */
    enum Format {
        FOLDER,
        SYNTHETIC
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(names = "--format", required = true, paramLabel = "FORMAT", description = "folder or synthetic.")
    private Format format;

    @Parameters(arity = "0..1", paramLabel = "PATH", description = "Of the folder format.")
    private Path path;

    @Option(names = "--manifest", paramLabel = "FILE", description = "Default: manifest.csv in the folder.")
    private Path manifest;

    @Option(names = "--source-drives", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int sourceDrives = 100;

    @Option(names = "--target-drives", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int targetDrives = 60;

    @Option(names = "--frames", paramLabel = "N", description = "Frames of a drive. Default: ${DEFAULT-VALUE}.")
    private int frames = 12;

    @Option(names = "--night", description = "Only SOURCE drives, by night.")
    private boolean night;

    @Option(names = "--seed", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private long seed = 42;

    @Option(names = "--json", description = "What was sent as one JSON document on stdout.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        SampleSource source = source();
        DrivetrainConfig config = stack.require();
        Terminal terminal = json ? Terminal.onErr() : Terminal.detect();
        ProgressBar bar =
                new ProgressBar("samples.raw", "samples", source.expectedCount().orElse(0), 0);
        long started = System.nanoTime();
        Transfer.Result result = Transfer.all(
                source,
                () -> config,
                sent -> terminal.progress(bar.text(terminal, sent, (System.nanoTime() - started) / 1e9)));
        double seconds = (System.nanoTime() - started) / 1e9;
        result.malformed().forEach(sentence -> spec.commandLine().getErr().println(sentence));
        if (json) {
            ObjectNode document = new ObjectMapper().createObjectNode();
            document.put("sent", result.sent());
            document.put("malformed", result.malformed().size());
            document.put("seconds", seconds);
            spec.commandLine().getOut().println(document.toPrettyString());
        } else {
            terminal.line(bar.text(terminal, result.sent(), seconds));
        }
        return (result.malformed().isEmpty() ? ExitCode.DONE : ExitCode.NEGATIVE).code();
    }

    private SampleSource source() throws CommandException, DatasetException {
        return switch (format) {
            case FOLDER -> {
                if (path == null) {
                    throw new CommandException(
                            ExitCode.WRONG_USAGE,
                            "--format folder needs the folder; for example: ./drivetrain ingest --format folder photos");
                }
                FolderDataset dataset = FolderDataset.open(path, Optional.ofNullable(manifest));
                yield dataset.source();
            }
            case SYNTHETIC -> {
                for (int count : List.of(sourceDrives, targetDrives, frames)) {
                    if (count < 1) {
                        throw new CommandException(
                                ExitCode.WRONG_USAGE, "Numbers of drives and frames must be 1 or more");
                    }
                }
                StreamPlan plan = night
                        ? StreamPlan.nightSource(seed, sourceDrives)
                        : StreamPlan.first(seed, sourceDrives, targetDrives);
                yield SyntheticScenes.source(
                        plan.withFramesPerDrive(frames), Runtime.getRuntime().availableProcessors());
            }
        };
    }
}
