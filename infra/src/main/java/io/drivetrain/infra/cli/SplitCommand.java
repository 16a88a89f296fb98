package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.show.ProgressBar;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.cli.split.Bound;
import io.drivetrain.infra.cli.split.Explanation;
import io.drivetrain.infra.cli.split.SplitRules;
import io.drivetrain.infra.cli.split.SplitSearch;
import io.drivetrain.infra.cli.split.SplitStory;
import io.drivetrain.infra.cli.split.TableSearch;
import io.drivetrain.schemas.DrivetrainConfig;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code split}: why samples and drives are where they are. */
@Command(
        name = "split",
        mixinStandardHelpOptions = true,
        description =
                "Say why a sample or a drive is in its split, or why it is in none; or show the plans and how many"
                        + " drives each split has.",
        footer = {
            "",
            "Examples:",
            "  ./drivetrain split --explain first-source-0003/000007",
            "  ./drivetrain split --explain first-source-0003/000007 --json",
            "  ./drivetrain split --drive first-source-0003",
            "  ./drivetrain split --plan   fractions; drives per split, now and expected",
            "",
            "Exit code 1: there is no such sample or drive on the topics or in the table."
        })
final class SplitCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @ArgGroup(multiplicity = "1")
    private Subject subject;

    @Option(names = "--json", description = "One JSON document on stdout.")
    private boolean json;

    private SplitSearch.Progress progress;

    /** What is asked about. */
    private static final class Subject {
        @Option(names = "--explain", paramLabel = "SAMPLE_ID", description = "A sample.")
        private String sampleId;

        @Option(names = "--drive", paramLabel = "DRIVE_ID", description = "A drive.")
        private String driveId;

        @Option(names = "--plan", description = "All plans and splits.")
        private boolean plan;
    }

    @Override
    public Integer call() throws Exception {
        DrivetrainConfig config = stack.require();
        Terminal terminal = json ? Terminal.onErr() : Terminal.detect();
        long start = System.nanoTime();
        progress = (topic, done, total) -> terminal.progress(
                new ProgressBar(topic, "offsets", total, 0).text(terminal, done, (System.nanoTime() - start) / 1e9));
        SplitSearch search = new SplitSearch(config, progress);
        if (subject.plan) {
            SplitSearch.Drives drives = search.drives();
            List<JsonNode> today = SplitRules.today(config, drives.first());
            print(
                    SplitStory.plan(config.split().plans(), TableSearch.plansInForce(config), drives, today),
                    SplitStory::showPlan,
                    terminal);
        } else if (subject.driveId != null) {
            print(drive(config, search, subject.driveId), SplitStory::showDrive, terminal);
        } else {
            print(sample(config, search, subject.sampleId), SplitStory::showSample, terminal);
        }
        return ExitCode.DONE.code();
    }

    private void print(ObjectNode document, BiConsumer<JsonNode, Terminal> show, Terminal terminal) {
        terminal.endProgress();
        if (json) {
            spec.commandLine().getOut().println(document.toPrettyString());
        } else {
            show.accept(document, terminal);
        }
    }

    private ObjectNode sample(DrivetrainConfig config, SplitSearch search, String id) throws Exception {
        SplitSearch.Sample found = search.sample(id);
        if (found.admitted() == null) {
            // Topics of a cluster of one's own may forget; the table does not.
            found = new SplitSearch.Sample(
                    TableSearch.sample(config, id).orElse(null), found.refused(), found.records());
        }
        if (found.admitted() == null
                && found.refused().isEmpty()
                && search.alike().isPresent()) {
            return sample(
                            config,
                            new SplitSearch(config, progress),
                            search.alike().get())
                    .put("askedFor", id);
        }
        if (found.admitted() == null && found.refused().isEmpty()) {
            throw new CommandException(
                    ExitCode.FAILED,
                    "Sample '%s' is not found: looked at %,d records of the split topics and samples.rejected, and at the table; it has not come, is not decided on yet, or its reject has expired"
                            .formatted(id, found.records()));
        }
        if (found.admitted() == null) {
            return SplitStory.sample(id, found, null);
        }
        Bound first = drive(
                        config,
                        search.drive(found.admitted().driveId()),
                        found.admitted().driveId())
                .first();
        return SplitStory.sample(id, found, explanation(config, first == null ? found.admitted() : first));
    }

    private static SplitSearch.Drive drive(DrivetrainConfig config, SplitSearch.Drive onTopics, String id)
            throws Exception {
        if (onTopics.first() != null) {
            return onTopics;
        }
        return TableSearch.drive(config, id)
                .map(stored -> new SplitSearch.Drive(
                        stored.first(), stored.admitted(), onTopics.refused(), onTopics.records()))
                .orElse(onTopics);
    }

    private ObjectNode drive(DrivetrainConfig config, SplitSearch search, String id) throws Exception {
        SplitSearch.Drive found = drive(config, search.drive(id), id);
        if (found.first() == null && found.refused().isEmpty() && search.alike().isPresent()) {
            return drive(
                            config,
                            new SplitSearch(config, progress),
                            search.alike().get())
                    .put("askedFor", id);
        }
        if (found.first() == null && found.refused().isEmpty()) {
            throw new CommandException(
                    ExitCode.FAILED,
                    "Drive '%s' is not found: looked at %,d records of the split topics and samples.rejected, and at the table; it has not come, is not decided on yet, or its rejects have expired"
                            .formatted(id, found.records()));
        }
        return SplitStory.drive(id, found, found.first() == null ? null : explanation(config, found.first()));
    }

    private static Explanation explanation(DrivetrainConfig config, Bound first) throws Exception {
        return SplitRules.explanation(config, first, TableSearch.plansInForce(config));
    }
}
