package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.read.RecordJson;
import io.drivetrain.infra.cli.read.Records;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.AlertKind;
import io.drivetrain.schemas.AlertState;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code alerts}: what stands and what has been cleared. */
@Command(
        name = "alerts",
        mixinStandardHelpOptions = true,
        description = "List the alerts of all kinds, those that stand first; exit code 3 if one stands.",
        footer = {
            "",
            "Examples:",
            "  ./drivetrain alerts",
            "  ./drivetrain alerts --open --kind label-source",
            "  ./drivetrain alerts --json | jq '.alerts[] | select(.open) | .message'"
        })
final class AlertsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(names = "--open", description = "Only those that stand.")
    private boolean open;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description = "covariate-shift, class-imbalance, class-starvation, class-shortage or label-source.")
    private String kind;

    @Option(names = "--json", description = "One JSON document on stdout.")
    private boolean json;

    /**
     * One alert from its beginning to its end.
     *
     * @param newest what was said last
     * @param clearedAt null as long as it stands
     */
    record Episode(Alert raised, Alert newest, Instant clearedAt) {
        boolean open() {
            return clearedAt == null;
        }
    }

    @Override
    public Integer call() throws Exception {
        checkKind();
        DrivetrainConfig config = stack.require();
        List<Alert> alerts = Records.all(
                config, Topic.ALERTS, Alert.class, spec.commandLine().getErr());
        List<Episode> episodes = episodes(alerts).stream()
                .filter(episode -> kind == null || episode.newest.getKind().equals(kind))
                .filter(episode -> !open || episode.open())
                .toList();
        if (json) {
            spec.commandLine().getOut().println(document(episodes).toPrettyString());
        } else {
            show(episodes);
        }
        return (episodes.stream().anyMatch(Episode::open) ? ExitCode.NEGATIVE : ExitCode.DONE).code();
    }

    private void checkKind() {
        List<String> kinds =
                Arrays.stream(AlertKind.values()).map(AlertKind::label).toList();
        if (kind != null && !kinds.contains(kind)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Unknown --kind '%s'; it is one of %s".formatted(kind, String.join(", ", kinds)));
        }
    }

    /** Joins what begins and what ends an episode; those that stand first, then the newest. */
    static List<Episode> episodes(Collection<Alert> alerts) {
        Map<String, Episode> byId = new LinkedHashMap<>();
        for (Alert alert : alerts) {
            Instant cleared = alert.getState() == AlertState.CLEARED ? alert.getAt() : null;
            byId.merge(
                    alert.getAlertId(),
                    new Episode(alert, alert, cleared),
                    (before, now) -> new Episode(before.raised, now.newest, now.clearedAt));
        }
        return byId.values().stream()
                .sorted(Comparator.comparing((Episode episode) -> !episode.open())
                        .thenComparing(
                                episode -> episode.newest.getAt(),
                                Comparator.<Instant>naturalOrder().reversed()))
                .collect(Collectors.toList());
    }

    static ObjectNode document(List<Episode> episodes) {
        ObjectNode document = new ObjectMapper().createObjectNode();
        document.put("open", episodes.stream().filter(Episode::open).count());
        ArrayNode entries = document.putArray("alerts");
        for (Episode episode : episodes) {
            ObjectNode entry = entries.addObject();
            entry.put("alertId", episode.raised.getAlertId());
            entry.put("kind", episode.raised.getKind());
            entry.put("subject", episode.raised.getSubject());
            entry.put("open", episode.open());
            entry.put("since", episode.raised.getSince().toString());
            entry.put("raisedAt", episode.raised.getAt().toString());
            entry.put("clearedAt", episode.clearedAt == null ? null : episode.clearedAt.toString());
            entry.put("message", episode.raised.getMessage());
            ObjectNode record = RecordJson.of(episode.raised);
            entry.set("details", record.get("details"));
            entry.set("findings", record.get("findings"));
        }
        return document;
    }

    private void show(List<Episode> episodes) {
        Terminal terminal = Terminal.detect();
        if (episodes.isEmpty()) {
            terminal.line(open ? "No alert stands." : "No alert has been raised.");
            return;
        }
        for (Episode episode : episodes) {
            Alert alert = episode.raised;
            String state = episode.open() ? terminal.red("open   ") : terminal.green("cleared");
            terminal.line("%s %s %s  %s"
                    .formatted(
                            state,
                            terminal.bold(alert.getKind()),
                            alert.getSubject() == null ? "" : alert.getSubject(),
                            terminal.dim(
                                    episode.open()
                                            ? "raised " + alert.getAt()
                                            : "raised %s, cleared %s".formatted(alert.getAt(), episode.clearedAt))));
            terminal.paragraph(alert.getMessage(), 8);
        }
    }
}
