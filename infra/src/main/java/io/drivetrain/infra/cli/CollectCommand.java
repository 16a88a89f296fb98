package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.read.RecordJson;
import io.drivetrain.infra.cli.read.Records;
import io.drivetrain.infra.cli.show.CollectionTable;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.CollectionRequest;
import io.drivetrain.schemas.Topic;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code collect}: which drives are missing, by the newest error analysis. */
@Command(
        name = "collect",
        mixinStandardHelpOptions = true,
        description = "List which drives are missing, how many and what they should bring, by the newest report.",
        footer = {"", "Examples:", "  ./drivetrain collect", "  ./drivetrain collect --json | jq '.requests[].slice'"})
final class CollectCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(names = "--run", paramLabel = "ID", description = "Of that run. Default: the newest that asks for drives.")
    private String run;

    @Option(names = "--json", description = "One JSON document on stdout.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        List<CollectionRequest> requests = of(
                Records.all(
                        stack.require(),
                        Topic.COLLECTION_REQUESTS,
                        CollectionRequest.class,
                        spec.commandLine().getErr()),
                run);
        if (json) {
            ObjectNode document = JSON.createObjectNode();
            ArrayNode entries = document.putArray("requests");
            requests.forEach(request -> entries.add(RecordJson.of(request)));
            spec.commandLine().getOut().println(document.toPrettyString());
            return ExitCode.DONE.code();
        }
        Terminal terminal = Terminal.detect();
        if (requests.isEmpty()) {
            terminal.line("No drives are asked for; './drivetrain report --full' shows the error analysis.");
        }
        CollectionTable.lines(terminal, requests).forEach(terminal::line);
        return ExitCode.DONE.code();
    }

    /**
     * The requests of one run, those with the largest expected gain first, those without one last.
     *
     * @param run null for the newest
     */
    static List<CollectionRequest> of(List<CollectionRequest> all, String run) {
        String wanted =
                run != null || all.isEmpty() ? run : all.get(all.size() - 1).getRunId();
        return all.stream()
                .filter(request -> request.getRunId().equals(wanted))
                .sorted(Comparator.comparingDouble((CollectionRequest request) -> request.getExpectedGain() == null
                        ? Double.POSITIVE_INFINITY
                        : -request.getExpectedGain().getValue()))
                .toList();
    }
}
