package io.drivetrain.infra.cli.train;

import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Hears of all runs and picks out what answers one request: its own run or, where it joined another request that asks for
 * the same, that one's. Progress and reports come from two topics, which are not read in step.
 */
public final class Answer {
    private final Map<String, TrainingReport> reports = new HashMap<>();
    private final List<TrainingProgress> steps = new ArrayList<>();
    private String requestId;

    /** @param requestId whose answer is waited for */
    public Answer(String requestId) {
        this.requestId = requestId;
    }

    /** Takes what a run says; returns whether it is about the answer. */
    public boolean hear(TrainingProgress step) {
        if (!requestId.equals(step.getRequestId())) {
            return false;
        }
        steps.add(step);
        if (step.getJoined() != null) {
            requestId = step.getJoined();
        }
        return true;
    }

    public void hear(TrainingReport report) {
        reports.put(report.getRunId(), report);
    }

    /** The request whose run answers. */
    public String requestId() {
        return requestId;
    }

    /** What was said about it so far, oldest first. */
    public List<TrainingProgress> steps() {
        return List.copyOf(steps);
    }

    /** The answer; empty as long as it is not there. */
    public Optional<TrainingReport> report() {
        return reports.values().stream()
                .filter(report -> requestId.equals(report.getRequestId()))
                .findFirst();
    }

    /** The report of another run, if it was heard. */
    public Optional<TrainingReport> reportOf(String runId) {
        return Optional.ofNullable(reports.get(runId));
    }
}
