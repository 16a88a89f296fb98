package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.JobSettings;
import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.schemas.DrivetrainConfig;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Finds the same and the nearly same picture. Keyed by {@link Claim#contentKey}; remembers for
 * admission.duplicate-window who came first with a look, and who had exactly these bytes. Second input: what was reserved
 * here and refused later.
 */
public final class ContentOperator extends KeyedCoProcessFunction<String, Claim, Release, Claim> {
    private static final long serialVersionUID = 1L;

    private final DrivetrainConfig config;

    private transient ValueState<Seen> first;
    private transient MapState<String, Seen> others;

    public ContentOperator(DrivetrainConfig config) {
        this.config = config;
    }

    @Override
    public void open(OpenContext context) {
        ValueStateDescriptor<Seen> firstSeen =
                new ValueStateDescriptor<>("first-with-this-look", SourceToSinkType.of(Seen.Form.SEEN));
        MapStateDescriptor<String, Seen> otherSeen =
                new MapStateDescriptor<>("others-with-this-look", Types.STRING, SourceToSinkType.of(Seen.Form.SEEN));
        firstSeen.enableTimeToLive(JobSettings.forgetAfter(config.admission().duplicateWindow()));
        otherSeen.enableTimeToLive(JobSettings.forgetAfter(config.admission().duplicateWindow()));
        first = getRuntimeContext().getState(firstSeen);
        others = getRuntimeContext().getMapState(otherSeen);
    }

    @Override
    public void processElement1(Claim claim, Context context, Collector<Claim> out) throws Exception {
        if (!claim.clean()) {
            out.collect(claim);
            return;
        }
        Seen leader = first.value();
        Seen same = null;
        if (leader != null) {
            // Most looks are seen once; the second state is asked only where there was a first.
            same = leader.sha256().equals(claim.sha256()) ? leader : others.get(claim.sha256());
        }
        Claim judged = StageRules.judgeContent(claim, same, leader);
        if (judged.reserved()) {
            if (leader == null) {
                first.update(Seen.of(judged));
            } else {
                others.put(claim.sha256(), Seen.of(judged));
            }
        }
        out.collect(judged);
    }

    @Override
    public void processElement2(Release release, Context context, Collector<Claim> out) throws Exception {
        Seen leader = first.value();
        if (leader != null && leader.place().equals(release.place())) {
            // The look stays taken if others have it: their split holds for it just as well.
            var rest = others.iterator();
            if (rest.hasNext()) {
                first.update(rest.next().getValue());
                rest.remove();
            } else {
                first.clear();
            }
            return;
        }
        Seen other = others.get(release.sha256());
        if (other != null && other.place().equals(release.place())) {
            others.remove(release.sha256());
        }
    }
}
