package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.read.LeftOut;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.cli.replay.Rejection;
import io.drivetrain.infra.cli.replay.RejectionFilter;
import io.drivetrain.infra.cli.replay.RejectionSummary;
import io.drivetrain.infra.cli.replay.Replayer;
import io.drivetrain.infra.cli.replay.Thumbnails;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code rejected}: what was not admitted, and why. */
@Command(
        name = "rejected",
        mixinStandardHelpOptions = true,
        description = "Summarise and list rejected samples: where they came from, why, and what to do.",
        footer = {
            "",
            "Examples:",
            "  ./drivetrain rejected",
            "  ./drivetrain rejected --code unknown-class --limit 5",
            "  ./drivetrain rejected --code undecodable-image --thumbnails /tmp/rejected",
            "  ./drivetrain rejected --json | jq '.codes[] | {code, samples}'",
            "",
            "'./drivetrain replay' sends them again after a fix; docs/violations.md explains every code."
        })
final class RejectedCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Mixin
    private RejectionOptions options;

    @Option(names = "--limit", paramLabel = "N", description = "List the newest N. Default: ${DEFAULT-VALUE}.")
    private int limit = 20;

    @Option(
            names = "--thumbnails",
            paramLabel = "DIR",
            description = "Write a PNG for each picture that can be shown, and sheet.png with all and their codes.")
    private Path thumbnails;

    @Option(names = "--side", paramLabel = "PIXELS", description = "Of a thumbnail. Default: ${DEFAULT-VALUE}.")
    private int side = 160;

    @Option(names = "--json", description = "One JSON document on stdout.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (limit < 0 || side < 16 || side > 4096) {
            throw new ParameterException(spec.commandLine(), "--limit must be 0 or more and --side 16 to 4096");
        }
        DrivetrainConfig config = stack.require();
        RejectionFilter filter = options.filter();
        RejectionSummary summary = new RejectionSummary(limit);
        LeftOut leftOut = new LeftOut();
        Thumbnails pictures = thumbnails == null ? null : new Thumbnails(thumbnails, side);
        TopicFollower.readAll(config, List.of(Topic.SAMPLES_REJECTED), (topic, record) -> {
            try {
                Rejection rejection = new Rejection(Wire.decode(record.value(), RejectedSample.class));
                if (filter.takes(rejection)) {
                    summary.add(rejection);
                    if (pictures != null) {
                        pictures.add(rejection);
                    }
                }
            } catch (UndecodableRecordException e) {
                leftOut.add(topic, record.offset(), e.getMessage());
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot write to " + thumbnails, e);
            }
        });
        leftOut.tell(spec.commandLine().getErr());
        Set<String> replayed = Replayer.replayed(config);
        if (pictures != null) {
            Terminal.onErr().line(pictures.finish());
        }
        if (json) {
            spec.commandLine()
                    .getOut()
                    .println(document(summary, replayed, leftOut.count()).toPrettyString());
        } else {
            show(summary, replayed, Terminal.detect());
        }
        return ExitCode.DONE.code();
    }

    static ObjectNode document(RejectionSummary summary, Set<String> replayed, long unreadable) {
        ObjectNode document = new ObjectMapper().createObjectNode();
        document.put("samples", summary.samples());
        document.put("unreadable", unreadable);
        ArrayNode codes = document.putArray("codes");
        for (RejectionSummary.Code code : summary.codes()) {
            codes.addObject()
                    .put("code", code.code())
                    .put("samples", code.samples())
                    .put("first", code.first().toString())
                    .put("last", code.last().toString())
                    .put("example", code.example());
        }
        ArrayNode newest = document.putArray("newest");
        for (Rejection rejection : summary.newest()) {
            ObjectNode entry = newest.addObject()
                    .put("origin", rejection.place())
                    .put("sampleId", rejection.sample().getSampleId())
                    .put("driveId", rejection.sample().getDriveId())
                    .put("rejectedAt", rejection.sample().getRejectedAt().toString())
                    .put("replayOf", rejection.replayOf().orElse(null))
                    .put("replayed", replayed.contains(rejection.place()));
            ArrayNode violations = entry.putArray("violations");
            for (Violation violation : rejection.sample().getViolations()) {
                violations
                        .addObject()
                        .put("code", violation.getCode())
                        .put("field", violation.getField())
                        .put("value", violation.getValue())
                        .put("message", violation.getMessage());
            }
        }
        return document;
    }

    static void show(RejectionSummary summary, Set<String> replayed, Terminal terminal) {
        if (summary.samples() == 0) {
            terminal.line("No sample has been rejected, or none that fits.");
            return;
        }
        terminal.line(terminal.bold("%,d rejected".formatted(summary.samples())));
        for (RejectionSummary.Code code : summary.codes()) {
            terminal.line(String.format(
                    Locale.ROOT,
                    "%,9d  %5.1f %%  %-28s last %s",
                    code.samples(),
                    100.0 * code.samples() / summary.samples(),
                    code.code(),
                    code.last()));
            terminal.paragraph("e.g. " + Terminal.foreign(code.example()), 20);
        }
        if (!summary.newest().isEmpty()) {
            terminal.heading("The newest %d".formatted(summary.newest().size()));
        }
        for (Rejection rejection : summary.newest()) {
            String id = rejection.sample().getSampleId();
            terminal.line("%s  %s%s"
                    .formatted(
                            terminal.bold(rejection.place()),
                            id == null ? "(no sample id)" : Terminal.foreign(id),
                            terminal.dim(replayed.contains(rejection.place()) ? "  sent again" : "")));
            rejection
                    .sample()
                    .getViolations()
                    .forEach(violation -> terminal.paragraph(Terminal.foreign(violation.getMessage()), 4));
        }
    }
}
