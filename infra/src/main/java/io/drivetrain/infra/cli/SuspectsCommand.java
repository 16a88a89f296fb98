package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.read.RecordJson;
import io.drivetrain.infra.cli.read.Records;
import io.drivetrain.infra.cli.read.Thumbnails;
import io.drivetrain.infra.cli.show.SuspectTable;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabelSuspect;
import io.drivetrain.schemas.Topic;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code suspects}: samples whose label is probably wrong. */
@Command(
        name = "suspects",
        mixinStandardHelpOptions = true,
        description = {
            "List the samples whose label is probably wrong, the most suspect first.",
            "A model that has not seen them confidently contradicts it. They come from runs with"
                    + " analysis.label-noise-folds above 0."
        },
        footer = {
            "",
            "Examples:",
            "  ./drivetrain train --set analysis.label-noise-folds=5",
            "  ./drivetrain suspects --most 50 --thumbnails suspects",
            "  ./drivetrain suspects --given pedestrian --json | jq -r '.suspects[].sampleId'"
        })
final class SuspectsCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(names = "--run", paramLabel = "ID", description = "Of that run. Default: the newest that looked for them.")
    private String run;

    @Option(names = "--given", paramLabel = "CLASS", description = "Only those with this label.")
    private String given;

    @Option(names = "--most", paramLabel = "N", description = "At most so many. Default: ${DEFAULT-VALUE}.")
    private int most = 20;

    @Option(
            names = "--thumbnails",
            paramLabel = "DIR",
            description = "Write the pixels that training saw there, as PNG.")
    private Path thumbnails;

    @Option(names = "--json", description = "One JSON document on stdout.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (most < 1) {
            throw new CommandException(ExitCode.WRONG_USAGE, "--most must be 1 or more");
        }
        DrivetrainConfig config = stack.require();
        List<LabelSuspect> all = of(
                Records.all(
                        config,
                        Topic.LABELS_SUSPECT,
                        LabelSuspect.class,
                        spec.commandLine().getErr()),
                run,
                given);
        List<LabelSuspect> shown = all.subList(0, Math.min(most, all.size()));
        int written = thumbnails == null ? 0 : Thumbnails.write(config, shown, thumbnails);
        if (json) {
            spec.commandLine().getOut().println(document(all.size(), shown).toPrettyString());
            return ExitCode.DONE.code();
        }
        Terminal terminal = Terminal.detect();
        if (all.isEmpty()) {
            terminal.paragraph(
                    "No suspects are known. './drivetrain train --set analysis.label-noise-folds=5' looks for them, which takes about six times as long as a training.",
                    0);
            return ExitCode.DONE.code();
        }
        SuspectTable.lines(terminal, shown).forEach(terminal::line);
        terminal.line(terminal.dim("  %,d of %,d suspects of run %s"
                .formatted(shown.size(), all.size(), all.get(0).getRunId())));
        if (thumbnails != null) {
            terminal.line("  %d images are in %s".formatted(written, thumbnails));
        }
        return ExitCode.DONE.code();
    }

    /**
     * The suspects of one run, each sample once, the most suspect first.
     *
     * @param run null for the newest
     * @param given null for every label
     */
    static List<LabelSuspect> of(List<LabelSuspect> all, String run, String given) {
        String wanted =
                run != null || all.isEmpty() ? run : all.get(all.size() - 1).getRunId();
        Map<String, LabelSuspect> bySample = new LinkedHashMap<>();
        all.stream()
                .filter(suspect -> suspect.getRunId().equals(wanted))
                .filter(suspect -> given == null || suspect.getGivenLabel().equals(given))
                .forEach(suspect -> bySample.put(suspect.getSampleId(), suspect));
        return bySample.values().stream()
                .sorted(Comparator.comparingDouble(LabelSuspect::getScore).thenComparing(LabelSuspect::getSampleId))
                .toList();
    }

    private static ObjectNode document(int known, List<LabelSuspect> shown) {
        ObjectNode document = JSON.createObjectNode();
        document.put("known", known);
        ArrayNode entries = document.putArray("suspects");
        shown.forEach(suspect -> entries.add(RecordJson.of(suspect)));
        return document;
    }
}
