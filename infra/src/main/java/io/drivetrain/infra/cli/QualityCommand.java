package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.read.LeftOut;
import io.drivetrain.infra.cli.read.RecordJson;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.cli.show.QualityTable;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.BalanceVerdict;
import io.drivetrain.schemas.ClassBalanceReport;
import io.drivetrain.schemas.ClassShare;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabelSourceReport;
import io.drivetrain.schemas.SourceVerdict;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.WindowKind;
import io.drivetrain.schemas.Wire;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code quality}: the newest windows of class balance and of label sources. */
@Command(
        name = "quality",
        aliases = "balance",
        mixinStandardHelpOptions = true,
        description = "Show the classes of each split (shares, weights, what is lacking or starved, the comparison with"
                + " train or balance.expected) and the label sources; exit code 3 if something differs, is"
                + " starved or stands out, or if train-dev or test-dev has too little of a class to be trusted.",
        footer = {
            "",
            "Examples:",
            "  ./drivetrain quality                  every split and the label sources",
            "  ./drivetrain quality --split test-dev --slices",
            "  ./drivetrain quality --windows time   the last minutes, not the last verdicts",
            "  ./drivetrain quality --json | jq '.classBalance[].classes[].effectiveWeight'"
        })
final class QualityCommand implements Callable<Integer> {
    private static final long NEWEST = 4_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(names = "--split", paramLabel = "SPLIT", description = "One of train, train-dev, test-dev, test.")
    private String split;

    @Option(names = "--slices", description = "Show the slices of each split, too.")
    private boolean slices;

    @Option(
            names = "--windows",
            paramLabel = "KIND",
            description = "time: the last minutes; count: as many drives as a verdict needs. Default: both.")
    private WindowKind windows;

    @Option(names = "--json", description = "One JSON document on stdout.")
    private boolean json;

    /** The newest reports. */
    static final class Newest {
        private final Map<Split, Map<WindowKind, ClassBalanceReport>> balance = new EnumMap<>(Split.class);
        private final Map<WindowKind, LabelSourceReport> sources = new EnumMap<>(WindowKind.class);
        private final LeftOut leftOut = new LeftOut();

        void take(ClassBalanceReport report) {
            balance.computeIfAbsent(report.getSplit(), split -> new EnumMap<>(WindowKind.class))
                    .put(report.getWindowKind(), report);
        }

        void take(LabelSourceReport report) {
            sources.put(report.getWindowKind(), report);
        }

        boolean isEmpty() {
            return balance.isEmpty() && sources.isEmpty();
        }

        ObjectNode document() {
            ObjectNode document = new ObjectMapper().createObjectNode();
            ArrayNode reports = document.putArray("classBalance");
            balance.values().forEach(kinds -> kinds.values().forEach(report -> reports.add(RecordJson.of(report))));
            ArrayNode rates = document.putArray("labelSources");
            sources.values().forEach(report -> rates.add(RecordJson.of(report)));
            return document;
        }

        /** The newest report of a split, with the verdict of its newest window by count if there is one. */
        List<ClassBalanceReport> shown() {
            List<ClassBalanceReport> shown = new ArrayList<>();
            for (Map<WindowKind, ClassBalanceReport> kinds : balance.values()) {
                ClassBalanceReport newest = kinds.values().stream()
                        .max(Comparator.comparing(ClassBalanceReport::getWindowEnd))
                        .orElseThrow();
                ClassBalanceReport judged = kinds.getOrDefault(WindowKind.COUNT, newest);
                shown.add(ClassBalanceReport.newBuilder(newest)
                        .setComparison(judged.getComparison())
                        .setSlices(judged.getSlices())
                        .build());
            }
            return shown;
        }

        Optional<LabelSourceReport> shownSources() {
            return Optional.ofNullable(sources.getOrDefault(WindowKind.COUNT, sources.get(WindowKind.TIME)));
        }

        /** Whether anything differs, is starved, stands out, or is too little to grade a model with. */
        boolean negative() {
            return shown().stream()
                            .anyMatch(report -> report.getComparison() != null
                                            && report.getComparison().getVerdict() == BalanceVerdict.DIFFERENT
                                    || report.getClasses().stream().anyMatch(ClassShare::getStarved)
                                    || QualityTable.notTrustworthy(report))
                    || shownSources().stream()
                            .flatMap(report -> report.getSources().stream())
                            .anyMatch(rate -> rate.getVerdict() == SourceVerdict.STANDS_OUT);
        }
    }

    @Override
    public Integer call() throws Exception {
        Split only = split == null ? null : parsed();
        DrivetrainConfig config = stack.require();
        Newest newest = new Newest();
        TopicFollower.readNewest(
                config,
                List.of(Topic.CLASS_BALANCE, Topic.LABEL_SOURCES),
                NEWEST,
                (topic, record) -> take(topic, record, only, newest));
        newest.leftOut.tell(spec.commandLine().getErr());
        if (newest.isEmpty()) {
            throw new CommandException(
                    ExitCode.FAILED,
                    "No window of class balance has been closed yet; send samples with './drivetrain ingest', and wait for flink.balance-window (%s)"
                            .formatted(config.flink().balanceWindow()));
        }
        if (json) {
            spec.commandLine().getOut().println(newest.document().toPrettyString());
        } else {
            show(newest);
        }
        return (newest.negative() ? ExitCode.NEGATIVE : ExitCode.DONE).code();
    }

    private void take(Topic topic, ConsumerRecord<byte[], byte[]> record, Split only, Newest newest) {
        try {
            if (topic == Topic.CLASS_BALANCE) {
                ClassBalanceReport report = Wire.decode(record.value(), ClassBalanceReport.class);
                if ((only == null || only == report.getSplit()) && wanted(report.getWindowKind())) {
                    newest.take(report);
                }
            } else {
                LabelSourceReport report = Wire.decode(record.value(), LabelSourceReport.class);
                if (wanted(report.getWindowKind())) {
                    newest.take(report);
                }
            }
        } catch (UndecodableRecordException e) {
            newest.leftOut.add(topic, record.offset(), e.getMessage());
        }
    }

    private boolean wanted(WindowKind kind) {
        return windows == null || windows == kind;
    }

    private Split parsed() {
        try {
            return Splits.parse(split);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "Wrong --split: " + e.getMessage(), e);
        }
    }

    private void show(Newest newest) {
        Terminal terminal = Terminal.detect();
        for (ClassBalanceReport report : newest.shown()) {
            QualityTable.classes(terminal, report).forEach(terminal::line);
            if (slices) {
                QualityTable.slices(terminal, report).forEach(terminal::line);
            }
            terminal.line("");
        }
        newest.shownSources()
                .ifPresent(report -> QualityTable.sources(terminal, report).forEach(terminal::line));
    }
}
