package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.balance.Counted;
import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Violation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Runs {@link AdmissionRules} on every record. Keyed by sample id; remembers for admission.duplicate-window where an id
 * was admitted. Ids of rejects are not remembered, so that a corrected sample can be sent again.
 *
 * <p>Main output: admitted samples. Side outputs: rejects, and what the class balance counts.
 */
public final class AdmitOperator extends KeyedProcessFunction<String, RawRecord, Admitted> {
    /** Records for samples.rejected. */
    public static final OutputTag<Outgoing> REJECTED =
            new OutputTag<>("rejected", SourceToSinkType.of(Outgoing.Form.OUTGOING));

    /** Split and class of every admitted sample. */
    public static final OutputTag<Counted> COUNTED =
            new OutputTag<>("counted", SourceToSinkType.of(Counted.Form.COUNTED));

    private static final long serialVersionUID = 1L;

    private final DrivetrainConfig config;

    private transient AdmissionRules rules;
    private transient ValueState<String> admittedAt;

    public AdmitOperator(DrivetrainConfig config) {
        this.config = config;
    }

    @Override
    public void open(OpenContext context) {
        rules = new AdmissionRules(config);
        ValueStateDescriptor<String> descriptor = new ValueStateDescriptor<>("admitted-at", Types.STRING);
        descriptor.enableTimeToLive(StateTtlConfig.newBuilder(config.admission().duplicateWindow())
                .setUpdateType(StateTtlConfig.UpdateType.OnCreateAndWrite)
                .setStateVisibility(StateTtlConfig.StateVisibility.NeverReturnExpired)
                .build());
        admittedAt = getRuntimeContext().getState(descriptor);
    }

    @Override
    public void processElement(RawRecord raw, Context context, Collector<Admitted> out) throws Exception {
        Instant now = Instant.ofEpochMilli(context.timerService().currentProcessingTime());
        Admission admission = rules.judge(raw, Optional.ofNullable(admittedAt.value()), now);
        if (admission instanceof Admission.Accepted accepted) {
            admittedAt.update(raw.place());
            CuratedSample sample = accepted.admitted().sample();
            context.output(
                    COUNTED,
                    new Counted(
                            sample.getSplit(),
                            sample.getSampleId(),
                            sample.getDriveId(),
                            sample.getLabel(),
                            sample.getAttributes(),
                            sample.getLabelSource(),
                            sample.getCapturedAt().toEpochMilli(),
                            List.of(),
                            null));
            out.collect(accepted.admitted());
        } else if (admission instanceof Admission.Refused refused) {
            RejectedSample rejected = refused.rejected();
            context.output(
                    COUNTED,
                    new Counted(
                            null,
                            rejected.getSampleId(),
                            rejected.getDriveId(),
                            null,
                            Map.of(),
                            null,
                            0,
                            rejected.getViolations().stream()
                                    .map(Violation::getCode)
                                    .toList(),
                            null));
            context.output(REJECTED, DeadLetter.of(raw, rejected));
        }
    }

    @Override
    public void close() {
        if (rules != null) {
            rules.close();
        }
    }
}
