package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.JobSettings;
import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.schemas.DrivetrainConfig;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Finds the same image under two ids. Keyed by the SHA-256 of its bytes; remembers for admission.duplicate-window which
 * sample had them. Second input: what was reserved here and refused later.
 */
public final class ContentOperator extends KeyedCoProcessFunction<String, Claim, Release, Claim> {
    private static final long serialVersionUID = 1L;

    private final DrivetrainConfig config;

    private transient ValueState<Reserved> reserved;

    public ContentOperator(DrivetrainConfig config) {
        this.config = config;
    }

    @Override
    public void open(OpenContext context) {
        ValueStateDescriptor<Reserved> descriptor =
                new ValueStateDescriptor<>("reserved", SourceToSinkType.of(Reserved.Form.RESERVED));
        descriptor.enableTimeToLive(JobSettings.forgetAfter(config.admission().duplicateWindow()));
        reserved = getRuntimeContext().getState(descriptor);
    }

    @Override
    public void processElement1(Claim claim, Context context, Collector<Claim> out) throws Exception {
        if (!claim.clean()) {
            out.collect(claim);
            return;
        }
        Reserved before = reserved.value();
        Claim judged = StageRules.judgeContent(claim, before == null ? null : before.seen());
        if (judged.clean()) {
            reserved.update(
                    before == null
                            ? Reserved.by(judged)
                            : before.with(judged, config.admission().admitsCorrections()));
        }
        out.collect(judged);
    }

    @Override
    public void processElement2(Release release, Context context, Collector<Claim> out) throws Exception {
        Reserved before = reserved.value();
        if (before == null) {
            return;
        }
        Reserved left = before.without(release.holder());
        if (left.holders().free()) {
            reserved.clear();
        } else if (!left.equals(before)) {
            reserved.update(left);
        }
    }
}
