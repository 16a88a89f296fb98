package io.drivetrain.infra.cli.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.CommandException;
import io.drivetrain.infra.cli.ExitCode;
import io.drivetrain.infra.cli.TrainingRequests;
import io.drivetrain.infra.cli.TrainingWatch;
import io.drivetrain.infra.cli.Transfer;
import io.drivetrain.infra.cli.read.RecordJson;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.cli.show.Curve;
import io.drivetrain.infra.cli.show.ProgressBar;
import io.drivetrain.infra.cli.show.SideBySide;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.local.LocalStack;
import io.drivetrain.infra.local.Role;
import io.drivetrain.infra.local.StackListener;
import io.drivetrain.infra.local.StackSettings;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.AlertKind;
import io.drivetrain.schemas.AlertState;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.ShiftFinding;
import io.drivetrain.schemas.ShiftReport;
import io.drivetrain.schemas.ShiftVerdict;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** The six steps. Every number shown was read back from the topics or the table of this run. */
final class DemoStory {
    private static final Duration REDRAW = Duration.ofMillis(150);
    private static final Duration SILENCE = Duration.ofSeconds(90);
    private static final Duration ALERT_PATIENCE = Duration.ofSeconds(25);
    private static final int STEPS = 6;
    private static final int MOST_MALFORMED = 3;

    private final Terminal terminal;
    private final DemoData data;
    private final StackSettings settings;
    private final Clock clock;
    private final LiveView view = new LiveView();
    private final Map<String, Double> seconds = new LinkedHashMap<>();
    private final List<DemoDocument.Round> rounds = new ArrayList<>();
    private final List<String> sentences = new ArrayList<>();
    private final long started = System.nanoTime();
    private LocalStack stack;
    private DrivetrainConfig config;
    private TopicFollower follower;
    private long rawRecords;

    DemoStory(Terminal terminal, DemoData data, StackSettings settings, Clock clock) {
        this.terminal = terminal;
        this.data = data;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Tells the story.
     *
     * @param reportFile where the JSON document goes; empty writes it into the demo's folder
     * @param keep whether the stack stays until Ctrl-C
     */
    void tell(Optional<Path> reportFile, boolean keep) throws Exception {
        CountDownLatch stackFailed = new CountDownLatch(1);
        terminal.line(terminal.bold("Drivetrain demo")
                + terminal.dim("  ·  nothing below is scripted: every number is read back from this run"));
        double begin = begin(1, "A local stack: Kafka, Flink and the trainer");
        try (LocalStack launched = LocalStack.launch(settings, listener(stackFailed))) {
            stack = launched;
            config = launched.config();
            AtomicLong sent = new AtomicLong();
            CompletableFuture<Transfer.Result> sending = sendInBackground(data.first(), sent::set);
            for (Role role : Role.OF_A_STACK) {
                stack.await(role);
            }
            end("start", begin);
            try (TopicFollower following = new TopicFollower(config, List.of(Topic.values()), view::take)) {
                follower = following;
                stream(sent, sending);
                curate();
                train();
                shift();
                places(reportFile);
                if (keep) {
                    terminal.line("");
                    terminal.line("The stack stays up until Ctrl-C (--keep).");
                    stackFailed.await();
                    checkHealth();
                }
            }
        }
    }

    private StackListener listener(CountDownLatch stackFailed) {
        return new StackListener() {
            @Override
            public void ready(Role role, double after) {
                terminal.line(String.format(
                        Locale.ROOT, "  %s %-22s after %.1f s", terminal.mark(true), role.title(), after));
            }

            @Override
            public void restarted(Role role, String why) {
                terminal.line("  %s %s; starting it again".formatted(terminal.mark(false), why));
            }

            @Override
            public void told(Role role, boolean good, String sentence) {
                terminal.line("  %s %s".formatted(terminal.mark(good), sentence));
            }

            @Override
            public void failed(String sentence) {
                stackFailed.countDown();
            }
        };
    }

    private double begin(int step, String title) {
        terminal.heading("Step %d of %d  %s".formatted(step, STEPS, title));
        return elapsed();
    }

    private void end(String name, double begin) {
        seconds.put(name, Math.round((elapsed() - begin) * 10) / 10.0);
    }

    private double elapsed() {
        return (System.nanoTime() - started) / 1e9;
    }

    private CompletableFuture<Transfer.Result> sendInBackground(SampleSource source, LongConsumer sent) {
        CompletableFuture<Transfer.Result> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        done.complete(Transfer.all(
                                source,
                                () -> {
                                    stack.await(Role.BROKER);
                                    return config;
                                },
                                sent));
                    } catch (Exception e) {
                        done.completeExceptionally(e);
                    }
                },
                "sender");
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    private void stream(AtomicLong sent, CompletableFuture<Transfer.Result> sending) throws Exception {
        double begin = begin(2, "Labelled images stream into samples.raw");
        terminal.paragraph(data.firstIsAbout(), 2);
        rawRecords = awaitSent(sent, sending, data.firstEntries());
        end("stream", begin);
    }

    private long awaitSent(AtomicLong sent, CompletableFuture<Transfer.Result> sending, long total) throws Exception {
        ProgressBar bar = new ProgressBar("samples.raw", "samples", total, sent.get());
        double begin = elapsed();
        await(sending::isDone, sent::get, () -> bar.text(terminal, sent.get(), elapsed() - begin));
        try {
            Transfer.Result result = sending.get();
            terminal.line(bar.text(terminal, result.sent(), elapsed() - begin));
            showMalformed(result.malformed());
            return result.sent();
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    private void showMalformed(List<String> malformed) {
        malformed.stream().limit(MOST_MALFORMED).forEach(sentence -> terminal.paragraph(sentence, 2));
        if (malformed.size() > MOST_MALFORMED) {
            terminal.line("  ... and %,d more".formatted(malformed.size() - MOST_MALFORMED));
        }
        if (!malformed.isEmpty()) {
            say("  %s %,d entries were left out".formatted(terminal.mark(false), malformed.size()));
        }
    }

    private void curate() throws Exception {
        double begin = begin(3, "Curation: admit or reject, measure, split");
        awaitCurated(rawRecords);
        showCounts();
        end("curate", begin);
    }

    /** Waits until every raw record was either admitted or rejected, and the table has the admitted ones. */
    private void awaitCurated(long rawRecords) throws Exception {
        ProgressBar bar = new ProgressBar("curated", "samples", rawRecords, view.settled());
        double begin = elapsed();
        await(
                () -> view.count(Topic.SAMPLES_RAW) >= rawRecords && view.settled() >= view.count(Topic.SAMPLES_RAW),
                view::settled,
                () -> bar.text(terminal, view.settled(), elapsed() - begin));
        await(
                () -> snapshot().rows() >= view.admitted(),
                () -> snapshot().rows(),
                () -> "  waiting for the table's commit: %,d of %,d rows"
                        .formatted(snapshot().rows(), view.admitted()));
        terminal.endProgress();
    }

    private TableSnapshot snapshot() {
        try {
            return TableSnapshot.read(config);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("Cannot read the table's metadata", e);
        }
    }

    private void showCounts() {
        long raw = view.count(Topic.SAMPLES_RAW);
        terminal.line("  %-28s %,8d".formatted("samples.raw", raw));
        terminal.line("  %-28s %,8d".formatted("samples.rejected", view.count(Topic.SAMPLES_REJECTED)));
        view.rejectedByViolation()
                .forEach((code, count) -> terminal.line(terminal.dim("    %-28s %,6d".formatted(code, count))));
        for (Split split : Split.values()) {
            long count = view.count(Topic.of(split));
            terminal.line("  %-28s %,8d  %s %s"
                    .formatted(
                            Topic.of(split).topicName(),
                            count,
                            terminal.bar(raw == 0 ? 0 : (double) count / raw, 16),
                            terminal.dim("%,d drives".formatted(view.drives(split)))));
        }
        TableSnapshot table = snapshot();
        boolean sums = raw == view.settled() && table.rows() == view.admitted();
        say("  %s raw %,d = rejected %,d + admitted %,d; the Iceberg table has %,d rows"
                .formatted(
                        terminal.mark(sums), raw, view.count(Topic.SAMPLES_REJECTED), view.admitted(), table.rows()));
        List<String> twice = view.drivesInTwoSplits();
        say("  %s %s"
                .formatted(
                        terminal.mark(twice.isEmpty()),
                        twice.isEmpty() ? "no drive is in two splits" : "in two splits: " + String.join(", ", twice)));
    }

    private void say(String sentence) {
        terminal.line(sentence);
        sentences.add(Terminal.plain(sentence).strip());
    }

    private void train() throws Exception {
        double begin = begin(4, "Training, and where the test error comes from");
        terminal.paragraph(data.irreducibleIsAbout(), 2);
        RetrainingRequest request =
                TrainingRequests.post(config, "demo-first", "First training of the demo.", clock.instant());
        round(request.getRequestId(), "MANUAL");
        end("train", begin);
    }

    private TrainingReport round(String requestId, String reason) throws Exception {
        await(
                () -> view.reportOf(requestId).isPresent(),
                () -> view.progressOf(requestId).size(),
                () -> {
                    List<TrainingProgress> steps = view.progressOf(requestId);
                    return steps.isEmpty()
                            ? "  the trainer takes the request"
                            : TrainingWatch.progressLine(terminal, steps);
                },
                () -> failedTraining(requestId));
        terminal.endProgress();
        TrainingReport report = view.reportOf(requestId).orElseThrow();
        Curve.lines(terminal, TrainingWatch.points(view.progressOf(requestId))).forEach(terminal::line);
        terminal.line("");
        TrainingWatch.report(terminal, report);
        rounds.add(new DemoDocument.Round(reason, report));
        return report;
    }

    private Optional<String> failedTraining(String requestId) {
        return view.progressOf(requestId).stream()
                .filter(step -> step.getPhase() == TrainingPhase.FAILED)
                .map(TrainingProgress::getMessage)
                .findFirst();
    }

    private void shift() throws Exception {
        double begin = begin(5, "The shift alarm, and a retraining with new data");
        Optional<Alert> alert = awaitAlert();
        Optional<RetrainingRequest> request = Optional.empty();
        if (alert.isPresent()) {
            request = showAlert(alert.get());
        } else {
            say("  No alert was raised: %s.".formatted(lastWindow()));
        }
        if (data.laterEntries() == 0) {
            terminal.line("");
            terminal.paragraph(
                    "There is no new SOURCE data in this run, so nothing is trained again; --later MANIFEST names some.",
                    2);
            end("shift", begin);
            return;
        }
        // On a slow machine the stream may pause so long that an alert is answered before the new data are sent.
        Optional<RetrainingRequest> waiting = request.filter(this::waits);
        terminal.line("");
        terminal.paragraph(data.laterIsAbout(), 2);
        AtomicLong sent = new AtomicLong();
        CompletableFuture<Transfer.Result> sending = sendInBackground(data.later(), sent::set);
        rawRecords += awaitSent(sent, sending, data.laterEntries());
        awaitCurated(rawRecords);
        showCounts();
        terminal.line("");
        String requestId;
        String reason;
        if (waiting.isPresent()) {
            requestId = waiting.get().getRequestId();
            reason = "ALERT";
        } else {
            terminal.paragraph(
                    request.isPresent()
                            ? "The retraining that the alert asked for was over before the new data came, so the demo asks for another."
                            : "Without an alert nobody asked for a retraining, so the demo asks for one itself.",
                    2);
            requestId = TrainingRequests.post(
                            config, "demo-second", "Second training of the demo, with new data.", clock.instant())
                    .getRequestId();
            reason = "MANUAL";
        }
        TrainingReport before = rounds.get(0).report();
        TrainingReport after = round(requestId, reason);
        compare(before, after);
        end("shift", begin);
    }

    private boolean waits(RetrainingRequest request) {
        return view.progressOf(request.getRequestId()).stream()
                .reduce((earlier, later) -> later)
                .map(TrainingProgress::getPhase)
                .filter(phase -> phase != TrainingPhase.WAITING_FOR_DATA)
                .isEmpty();
    }

    private Optional<Alert> awaitAlert() throws Exception {
        double deadline = elapsed() + ALERT_PATIENCE.toSeconds();
        await(
                () -> raised().isPresent() || elapsed() > deadline,
                () -> (long) elapsed(),
                () -> "  the alarm judges the last windows (%d so far)"
                        .formatted(view.shiftReports().size()));
        terminal.endProgress();
        return raised();
    }

    /** The newest shift alert that was raised; alerts on labels and classes ask for no retraining. */
    private Optional<Alert> raised() {
        return view.alerts().stream()
                .filter(alert -> alert.getKind().equals(AlertKind.COVARIATE_SHIFT.label()))
                .filter(alert -> alert.getState() == AlertState.RAISED)
                .reduce((earlier, later) -> later);
    }

    private String lastWindow() {
        List<ShiftReport> windows = view.shiftReports();
        long drifted = windows.stream()
                .filter(window -> window.getVerdict() == ShiftVerdict.DRIFTED)
                .count();
        return windows.isEmpty()
                ? "there were too few drives for a window"
                : "%d of %d windows drifted, and it takes %d in a row"
                        .formatted(drifted, windows.size(), config.shift().raiseAfter());
    }

    private Optional<RetrainingRequest> showAlert(Alert alert) throws Exception {
        terminal.paragraph(terminal.yellow(terminal.bold("Alert: ")) + alert.getMessage(), 2);
        sentences.add("Alert: " + alert.getMessage());
        terminal.line(terminal.dim(
                "  %-12s %9s %9s %9s %10s".formatted("measurement", "reference", "window", "KS", "p adjusted")));
        for (ShiftFinding finding : alert.getFindings()) {
            terminal.line(String.format(
                    Locale.ROOT,
                    "  %-12s %9.3f %9.3f %9.2f %10.2g %s",
                    finding.getMeasurement(),
                    finding.getReferenceMedian(),
                    finding.getWindowMedian(),
                    finding.getStatistic(),
                    finding.getAdjustedPValue(),
                    finding.getDrifted() ? terminal.red("drifted") : ""));
        }
        double deadline = elapsed() + ALERT_PATIENCE.toSeconds();
        await(
                () -> view.requestOf(alert).isPresent() || elapsed() > deadline,
                () -> (long) elapsed(),
                () -> "  waiting for its retraining request");
        terminal.endProgress();
        Optional<RetrainingRequest> request = view.requestOf(alert);
        request.ifPresentOrElse(
                asked -> terminal.paragraph(
                        "It asked for a retraining (%s on %s). %s"
                                .formatted(
                                        asked.getRequestId(),
                                        Topic.RETRAINING_REQUESTS.topicName(),
                                        view.progressOf(asked.getRequestId()).stream()
                                                .reduce((earlier, later) -> later)
                                                .map(step -> "The trainer says: " + step.getMessage())
                                                .orElse("The trainer waits for new data.")),
                        2),
                () -> terminal.paragraph("Its retraining request has not arrived.", 2));
        return request;
    }

    private void compare(TrainingReport before, TrainingReport after) {
        terminal.line("");
        if (before.getDecomposition() == null || after.getDecomposition() == null) {
            say("  One of the two rounds has no decomposition, so there is nothing to compare.");
            return;
        }
        terminal.line(terminal.bold("  Before and after the new data"));
        SideBySide.lines(terminal, before.getDecomposition(), after.getDecomposition())
                .forEach(terminal::line);
        terminal.line("");
        for (String sentence : List.of(
                SideBySide.sentence(
                        "shift",
                        before.getDecomposition().getShift(),
                        after.getDecomposition().getShift()),
                SideBySide.sentence(
                        "testError",
                        before.getDecomposition().getTestError(),
                        after.getDecomposition().getTestError()))) {
            terminal.paragraph(sentence, 2);
            sentences.add(sentence);
        }
    }

    private void places(Optional<Path> reportFile) throws Exception {
        double begin = begin(6, "Where things are");
        TableSnapshot table = snapshot();
        TrainingReport newest = rounds.get(rounds.size() - 1).report();
        terminal.line("  topics      %d on %s; './drivetrain topics' lists them while the stack is up"
                .formatted(Topic.values().length, config.kafka().bootstrap()));
        terminal.line("  table       %s, snapshot %s, %,d rows"
                .formatted(
                        table.table(),
                        table.snapshotId().isPresent() ? table.snapshotId().getAsLong() : "none",
                        table.rows()));
        terminal.line("              " + table.path());
        terminal.line(
                "  DuckDB      " + String.join("\n              ", table.query().split("\n")));
        showAnswer(table);
        Optional<ModelPublished> model = view.model(newest.getModelId());
        terminal.line("  model       " + model.map(ModelPublished::getUri).orElse(newest.getModelId()));
        terminal.line("  Flink       %s (while the stack is up)"
                .formatted(stack.state().flinkUrl()));
        Path file = reportFile.orElse(settings.directory().resolve("demo.json"));
        terminal.line("  report      %s holds all of the above as JSON".formatted(file));
        terminal.line("  look on     ./drivetrain demo --keep, and in another terminal ./drivetrain report,");
        terminal.line("              alerts, quality or status: the terminal is the dashboard");
        for (String problem : view.unreadable()) {
            say("  %s unreadable record on %s".formatted(terminal.mark(false), problem));
        }
        end("places", begin);
        seconds.put("total", Math.round(elapsed() * 10) / 10.0);
        ObjectNode document = DemoDocument.of(
                view.documentCounts(), view.rejectedByViolation(), table, rounds, view.alerts(), seconds, sentences);
        document.set("model", model.map(published -> RecordJson.of(published)).orElse(null));
        Path parent = file.toAbsolutePath().getParent();
        Files.createDirectories(parent);
        Files.writeString(file, document.toPrettyString() + "\n");
        terminal.line("");
        terminal.line("Done in %s.".formatted(ProgressBar.duration(elapsed())));
    }

    private void showAnswer(TableSnapshot table) throws CommandException {
        List<List<String>> rows;
        try {
            rows = table.answer();
        } catch (SQLException e) {
            throw new CommandException(
                    ExitCode.FAILED,
                    "DuckDB cannot read the table at %s: %s".formatted(table.path(), e.getMessage()),
                    e);
        }
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (int r = 0; r < rows.size(); r++) {
            StringBuilder line = new StringBuilder("              ");
            for (int i = 0; i < columns; i++) {
                line.append(("%" + (i < 2 ? "-" : "") + widths[i] + "s  ")
                        .formatted(rows.get(r).get(i)));
            }
            terminal.line(r == 0 ? terminal.dim(line.toString()) : line.toString());
        }
    }

    private void await(BooleanSupplier done, Supplier<Long> progress, Supplier<String> line) throws Exception {
        await(done, () -> progress.get().intValue(), line, Optional::empty);
    }

    /**
     * Waits for something that the topics will say.
     *
     * @param progress any number that changes as long as things go on
     * @param failed a sentence once it cannot come any more
     */
    private void await(BooleanSupplier done, Counter progress, Supplier<String> line, Supplier<Optional<String>> failed)
            throws Exception {
        long last = -1;
        long changed = System.nanoTime();
        while (!done.getAsBoolean()) {
            checkHealth();
            Optional<String> failure = failed.get();
            if (failure.isPresent()) {
                throw new CommandException(ExitCode.FAILED, failure.get());
            }
            long now = progress.count();
            if (now != last) {
                last = now;
                changed = System.nanoTime();
            } else if (System.nanoTime() - changed > SILENCE.toNanos()) {
                throw new CommandException(
                        ExitCode.FAILED,
                        "Nothing has moved for %d s ('%s'); the logs in %s say why"
                                .formatted(
                                        SILENCE.toSeconds(),
                                        line.get().strip(),
                                        settings.directory().resolve("logs")));
            }
            terminal.progress(line.get());
            TimeUnit.MILLISECONDS.sleep(REDRAW.toMillis());
        }
    }

    @FunctionalInterface
    private interface Counter {
        long count();
    }

    private void checkHealth() throws CommandException {
        if (stack.failure().isPresent()) {
            throw new CommandException(ExitCode.FAILED, stack.failure().get());
        }
        if (follower != null && follower.failure().isPresent()) {
            throw new CommandException(
                    ExitCode.FAILED,
                    "The topics cannot be read any more: "
                            + follower.failure().get().getMessage(),
                    follower.failure().get());
        }
    }
}
