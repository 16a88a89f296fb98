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
 * Finds pictures that nearly look the same. Keyed by one band of the look; remembers for
 * admission.near-duplicate-window, from the last new look in the band, which side each look belongs to. Second input:
 * what was reserved here and refused later.
 */
public final class LookOperator extends KeyedCoProcessFunction<String, Claim, Release, Claim> {
    private static final long serialVersionUID = 1L;

    private final DrivetrainConfig config;
    private final int band;
    private final int bits;

    private transient ValueState<Looks> looks;

    /** Takes the band, 0 to {@link Look#BANDS} - 1. */
    public LookOperator(DrivetrainConfig config, int band) {
        this.config = config;
        this.band = band;
        bits = config.admission().nearDuplicateBits();
    }

    @Override
    public void open(OpenContext context) {
        ValueStateDescriptor<Looks> descriptor =
                new ValueStateDescriptor<>("looks", SourceToSinkType.of(Looks.Form.LOOKS));
        descriptor.enableTimeToLive(JobSettings.forgetAfter(config.admission().nearDuplicateWindow()));
        looks = getRuntimeContext().getState(descriptor);
    }

    @Override
    public void processElement1(Claim claim, Context context, Collector<Claim> out) throws Exception {
        if (!claim.clean() || !claim.look().askedIn(band, bits)) {
            out.collect(claim);
            return;
        }
        Looks before = known();
        Claim judged = StageRules.judgeLook(claim, before, bits);
        if (judged.clean()) {
            looks.update(before.with(judged));
        }
        out.collect(judged);
    }

    @Override
    public void processElement2(Release release, Context context, Collector<Claim> out) throws Exception {
        Looks before = known();
        Looks left = before.without(release);
        if (left.known().isEmpty()) {
            looks.clear();
        } else if (!left.equals(before)) {
            looks.update(left);
        }
    }

    private Looks known() throws Exception {
        Looks known = looks.value();
        return known == null ? Looks.NONE : known;
    }
}
