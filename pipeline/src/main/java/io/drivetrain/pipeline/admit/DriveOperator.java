package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.pipeline.split.DriveFacts;
import io.drivetrain.pipeline.split.Places;
import io.drivetrain.pipeline.split.SplitPolicy;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.SliceRule;
import java.time.Instant;
import java.util.Set;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Deals drives to splits and keeps them there. Keyed by drive; the state is one {@link DriveLedger} a drive, kept for
 * ever, because forgetting it could put a drive into two splits.
 */
public final class DriveOperator extends KeyedProcessFunction<String, Claim, Claim> {
    private static final long serialVersionUID = 1L;

    private final DrivetrainConfig config;

    private transient SplitPolicy policy;
    private transient Places places;
    private transient Set<String> sliceAttributes;
    private transient ValueState<DriveLedger> state;

    public DriveOperator(DrivetrainConfig config) {
        this.config = config;
    }

    @Override
    public void open(OpenContext context) {
        policy = SplitPolicy.of(config);
        places = Places.of(config);
        sliceAttributes = config.admission().admitsCorrections()
                ? SliceRule.attributes(config.balance().slices())
                : Set.of();
        state = getRuntimeContext()
                .getState(
                        new ValueStateDescriptor<>("drive-ledger", SourceToSinkType.of(DriveLedger.Form.DRIVE_LEDGER)));
    }

    @Override
    public void processElement(Claim claim, Context context, Collector<Claim> out) throws Exception {
        DriveLedger ledger = state.value();
        FrameOrder.Frame frame = FrameOrder.Frame.of(claim.sampleId(), claim.frameIndex(), claim.capturedAt());
        if (ledger == null) {
            DriveFacts facts = DriveFacts.of(
                    claim.driveId(),
                    claim.domain(),
                    Instant.ofEpochMilli(claim.capturedAt()),
                    claim.attributes(),
                    places);
            ledger = DriveLedger.opened(facts, policy.assign(facts), FrameOrder.opened(frame));
            state.update(ledger);
            out.collect(StageRules.judgeDrive(claim, ledger, null, sliceAttributes));
            return;
        }
        DriveLedger asked = ledger.askedAgain(claim.driveId(), policy);
        FrameOrder.Entry entry = asked.order().enter(frame);
        // A frame that is refused for its domain is of another drive, and says nothing about the order of this one.
        DriveLedger next = asked.domain() == claim.domain() ? asked.ordered(entry.order()) : asked;
        if (!next.equals(ledger)) {
            state.update(next);
        }
        out.collect(StageRules.judgeDrive(claim, asked, entry.contradicted(), sliceAttributes));
    }
}
