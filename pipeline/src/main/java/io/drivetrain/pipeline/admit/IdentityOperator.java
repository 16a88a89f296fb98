package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.JobSettings;
import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.schemas.DrivetrainConfig;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Finds ids that come twice. Keyed by sample id; the last stage, so an id is remembered, for admission.duplicate-window,
 * only if its sample is admitted: a refused one can be sent again. A correction takes the place of what it corrects.
 */
public final class IdentityOperator extends KeyedProcessFunction<String, Claim, Claim> {
    private static final long serialVersionUID = 1L;

    private final DrivetrainConfig config;

    private transient ValueState<Seen> admitted;

    public IdentityOperator(DrivetrainConfig config) {
        this.config = config;
    }

    @Override
    public void open(OpenContext context) {
        ValueStateDescriptor<Seen> descriptor =
                new ValueStateDescriptor<>("admitted", SourceToSinkType.of(Seen.Form.SEEN));
        descriptor.enableTimeToLive(JobSettings.forgetAfter(config.admission().duplicateWindow()));
        admitted = getRuntimeContext().getState(descriptor);
    }

    @Override
    public void processElement(Claim claim, Context context, Collector<Claim> out) throws Exception {
        boolean corrections = config.admission().admitsCorrections();
        Claim judged = StageRules.judgeIdentity(claim, admitted.value(), corrections);
        if (judged.clean()) {
            admitted.update(Seen.of(judged, corrections ? judged.attributes() : null));
        }
        out.collect(judged);
    }
}
