package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.Domain;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Stamps each record with the domain of its drive ({@link DriveDomain}). Keyed by drive; the state is one word per
 * drive and is kept for ever, because forgetting it could put a drive into two splits.
 */
public final class BindDriveOperator extends KeyedProcessFunction<String, RawRecord, RawRecord> {
    private static final long serialVersionUID = 1L;

    private transient ValueState<String> domain;

    @Override
    public void open(OpenContext context) {
        domain = getRuntimeContext().getState(new ValueStateDescriptor<>("domain", Types.STRING));
    }

    @Override
    public void processElement(RawRecord raw, Context context, Collector<RawRecord> out) throws Exception {
        if (raw.claimedDomain().isEmpty()) {
            out.collect(raw);
            return;
        }
        String before = domain.value();
        Domain bound = DriveDomain.bind(
                before == null ? null : Domain.valueOf(before),
                raw.claimedDomain().get());
        if (before == null) {
            domain.update(bound.name());
        }
        out.collect(raw.withDriveDomain(bound));
    }
}
