package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.OperatorUids;
import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.schemas.DrivetrainConfig;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * Settled samples to reports and alerts on classes and label sources.
 *
 * <pre>
 * counted ─ by drive ─► tallies ─ changes, one a second and drive ─► windows (one subtask) ─► reports, alerts
 * </pre>
 */
public final class BalanceTopology {
    private BalanceTopology() {}

    /** Returns records for quality.class-balance, quality.label-sources and alerts. */
    public static DataStream<Outgoing> attach(DataStream<Counted> counted, DrivetrainConfig config) {
        return counted.keyBy(TallyOperator::key, Types.STRING)
                .transform(
                        "drive tallies", SourceToSinkType.of(DriveChange.Form.DRIVE_CHANGE), new TallyOperator(config))
                .uid(OperatorUids.DRIVE_TALLIES)
                .transform(
                        "class balance and label sources",
                        SourceToSinkType.of(Outgoing.Form.OUTGOING),
                        new BalanceOperator(config))
                .uid(OperatorUids.BALANCE_WINDOWS)
                .forceNonParallel();
    }
}
