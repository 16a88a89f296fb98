package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.balance.Counted;
import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.ReleasedClaim;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Violation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.CoProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Brings images and verdicts together. First input: inspected records of the same subtask; second: the claims with all
 * that the stages said, sent back to where they came from.
 *
 * <p>What waits here is not in any checkpoint, and need not be: a record and its claim are sent before the same barrier,
 * so when the barriers of both inputs have met, every record before them has met its claim.
 *
 * <p>Main output: admitted samples. Side outputs: rejects and released reservations for Kafka, and what is counted.
 */
public final class SettleOperator extends CoProcessFunction<Inspected, Claim, Admitted>
        implements CheckpointedFunction {
    /** Rejects and released reservations. */
    public static final OutputTag<Outgoing> OUTGOING =
            new OutputTag<>("outgoing", SourceToSinkType.of(Outgoing.Form.OUTGOING));

    /** Every settled sample. */
    public static final OutputTag<Counted> COUNTED =
            new OutputTag<>("counted", SourceToSinkType.of(Counted.Form.COUNTED));

    private static final long serialVersionUID = 1L;

    private transient Map<String, Inspected> waiting;
    private transient Map<String, Claim> early;

    @Override
    public void initializeState(FunctionInitializationContext context) {
        waiting = new HashMap<>();
        early = new HashMap<>();
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
        if (!waiting.isEmpty() || !early.isEmpty()) {
            throw new IllegalStateException(
                    "Checkpoint %d finds %d images without verdict and %d verdicts without image; unaligned checkpoints must be off"
                            .formatted(context.getCheckpointId(), waiting.size(), early.size()));
        }
    }

    @Override
    public void processElement1(Inspected inspected, Context context, Collector<Admitted> out) {
        if (!inspected.clean()) {
            refuse(inspected, inspected.violations(), null, context);
            return;
        }
        String place = inspected.raw().place();
        Claim claim = early.remove(place);
        if (claim == null) {
            waiting.put(place, inspected);
        } else {
            settle(inspected, claim, context, out);
        }
    }

    @Override
    public void processElement2(Claim claim, Context context, Collector<Admitted> out) {
        Inspected inspected = waiting.remove(claim.place());
        if (inspected == null) {
            early.put(claim.place(), claim);
        } else {
            settle(inspected, claim, context, out);
        }
    }

    private static void settle(Inspected inspected, Claim claim, Context context, Collector<Admitted> out) {
        CuratedSample sample = inspected.draft();
        if (!claim.clean()) {
            if (claim.reserved()) {
                String look = claim.look().text();
                ReleasedClaim released = new ReleasedClaim(claim.place(), look, claim.sha256(), claim.run());
                context.output(OUTGOING, Outgoing.of(Topic.CURATION_RELEASED, look, released));
            }
            refuse(inspected, claim.violations(), claim.contradicted(), context);
            return;
        }
        sample.setSplit(claim.split());
        sample.setTestDevGeneration(claim.testDevGeneration());
        sample.setCorrects(claim.former() != null);
        if (!claim.flags().isEmpty()) {
            List<String> flags = new ArrayList<>(sample.getFlags());
            flags.addAll(claim.flags());
            sample.setFlags(flags);
        }
        context.output(COUNTED, Counted.admitted(sample, claim.contradicted(), claim.former()));
        out.collect(new Admitted(sample, inspected.image(), inspected.path()));
    }

    private static void refuse(
            Inspected inspected, List<Violation> violations, Counted.Contradicted contradicted, Context context) {
        Instant now = Instant.ofEpochMilli(context.timerService().currentProcessingTime());
        Inspected.Subject subject = inspected.subject();
        List<String> codes = violations.stream().map(Violation::getCode).toList();
        context.output(
                COUNTED,
                subject == null
                        ? Counted.refused(null, null, null, Map.of(), null, 0, codes, null)
                        : Counted.refused(
                                subject.sampleId(),
                                subject.driveId(),
                                subject.label(),
                                subject.attributes(),
                                subject.labelSource(),
                                subject.capturedAt(),
                                codes,
                                contradicted));
        context.output(OUTGOING, DeadLetter.of(inspected.whole(), subject, violations, now));
    }
}
