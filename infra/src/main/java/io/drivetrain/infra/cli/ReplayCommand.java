package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.replay.Replayer;
import io.drivetrain.infra.cli.replay.Replayer.Outcome;
import io.drivetrain.infra.cli.show.Terminal;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code replay}: rejected samples once more. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Send rejected samples again, as they came, after a fix of the configuration or the job; say what passed.",
            "Each rejection is sent at most once, also if a replay is killed and started again; what is rejected again is"
                    + " a rejection of its own, which a later replay sends after the next fix."
        },
        footer = {
            "",
            "Examples:",
            "  ./drivetrain replay --code unknown-class --dry-run",
            "  ./drivetrain replay --code unknown-class",
            "  ./drivetrain replay --drive drive-17 --again --json",
            "",
            "Exit code 3: some were rejected again, or curation has not decided on them in time, or are too large."
        })
final class ReplayCommand implements Callable<Integer> {
    private static final int NAMED = 10;

    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Mixin
    private RejectionOptions options;

    @Option(names = "--dry-run", description = "Count, and send nothing.")
    private boolean dryRun;

    @Option(names = "--again", description = "Send also what has been sent again before.")
    private boolean again;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "For curation's decisions, 0 not to wait. Default: ${DEFAULT-VALUE}.")
    private int wait = 60;

    @Option(names = "--json", description = "One JSON document on stdout.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (wait < 0) {
            throw new ParameterException(spec.commandLine(), "--wait must be 0 or more");
        }
        Terminal err = Terminal.onErr();
        Replayer replayer = new Replayer(stack.require());
        Replayer.Sent sent =
                replayer.send(options.filter(), again, dryRun, count -> err.progress("sent %,d".formatted(count)));
        err.endProgress();
        Map<String, Outcome> outcomes = replayer.await(
                sent,
                Duration.ofSeconds(dryRun ? 0 : wait),
                decided -> err.progress(
                        "decided %,d of %,d".formatted(decided, sent.before().size())));
        err.endProgress();
        if (json) {
            spec.commandLine().getOut().println(document(sent, outcomes, dryRun).toPrettyString());
        } else {
            show(sent, outcomes.values(), dryRun, Terminal.detect());
        }
        boolean allPassed =
                outcomes.values().stream().allMatch(outcome -> outcome.split().isPresent());
        return (dryRun || allPassed && sent.tooLarge().isEmpty() ? ExitCode.DONE : ExitCode.NEGATIVE).code();
    }

    /** What became of all records that had the same codes. */
    private static final class Line {
        private long sent;
        private long passed;
        private long undecided;
        private final Map<String, Long> again = new TreeMap<>();

        void add(Outcome outcome) {
            sent++;
            passed += outcome.split().isPresent() ? 1 : 0;
            undecided += outcome.decided() ? 0 : 1;
            if (!outcome.after().isEmpty()) {
                again.merge(String.join(", ", outcome.after()), 1L, Long::sum);
            }
        }
    }

    private static Map<String, Line> lines(Collection<Outcome> outcomes) {
        Map<String, Line> lines = new TreeMap<>();
        for (Outcome outcome : outcomes) {
            lines.computeIfAbsent(String.join(", ", outcome.before()), codes -> new Line())
                    .add(outcome);
        }
        return lines;
    }

    static ObjectNode document(Replayer.Sent sent, Map<String, Outcome> outcomes, boolean dryRun) {
        ObjectNode document = new ObjectMapper().createObjectNode();
        document.put("dryRun", dryRun);
        document.put("matched", sent.matched());
        document.put("sentBefore", sent.skipped());
        document.put("sent", dryRun ? 0 : outcomes.size());
        document.put("wouldSend", dryRun ? outcomes.size() : 0);
        document.put(
                "passed",
                outcomes.values().stream().filter(o -> o.split().isPresent()).count());
        document.put(
                "rejectedAgain",
                outcomes.values().stream().filter(o -> !o.after().isEmpty()).count());
        document.put(
                "undecided",
                dryRun
                        ? 0
                        : outcomes.values().stream().filter(o -> !o.decided()).count());
        strings(document.putArray("tooLarge"), sent.tooLarge());
        ArrayNode records = document.putArray("records");
        outcomes.forEach((place, outcome) -> {
            ObjectNode record = records.addObject().put("origin", place);
            strings(record.putArray("before"), outcome.before());
            record.put("split", outcome.split().orElse(null));
            strings(record.putArray("after"), outcome.after());
        });
        return document;
    }

    private static void strings(ArrayNode array, List<String> values) {
        values.forEach(array::add);
    }

    private static void show(Replayer.Sent sent, Collection<Outcome> outcomes, boolean dryRun, Terminal terminal) {
        if (!sent.tooLarge().isEmpty()) {
            terminal.line(
                    "%,d left out, too large for samples.raw with the header that a replay adds; raise its max.message.bytes: %s%s"
                            .formatted(
                                    sent.tooLarge().size(),
                                    sent.tooLarge().stream().limit(NAMED).collect(Collectors.joining(", ")),
                                    sent.tooLarge().size() > NAMED ? " and more, see --json" : ""));
        }
        if (outcomes.isEmpty()) {
            if (!sent.tooLarge().isEmpty()) {
                return;
            }
            terminal.line(
                    sent.matched() == 0
                            ? "No rejected sample fits; './drivetrain rejected' lists them."
                            : "All %,d that fit have been sent again before; --again sends them once more."
                                    .formatted(sent.matched()));
            return;
        }
        terminal.line("%s %,d%s"
                .formatted(
                        dryRun ? "Would send again" : "Sent again",
                        outcomes.size(),
                        sent.skipped() == 0 ? "" : "; %,d more were sent before".formatted(sent.skipped())));
        lines(outcomes).forEach((codes, line) -> {
            String fate = dryRun
                    ? ""
                    : ": %,d passed%s"
                            .formatted(
                                    line.passed,
                                    line.undecided == 0 ? "" : ", %,d not yet decided".formatted(line.undecided));
            terminal.line("%,9d  %s%s".formatted(line.sent, codes, fate));
            line.again.forEach(
                    (after, count) -> terminal.line("           %,d rejected again: %s".formatted(count, after)));
        });
    }
}
