package io.drivetrain.pipeline.watch;

import io.drivetrain.pipeline.route.SourceToSinkType;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Averages the frames of each drive and passes the drive on when it is complete: when no frame of it has come for the
 * quiet period, in processing time. Keyed by drive; state and timer are gone afterwards. Frames that come later make a
 * part of their own, which {@link WindowedShift} adds to the drive.
 */
public final class DriveMeansOperator extends KeyedProcessFunction<String, Frame, DriveMeans> {
    private static final long serialVersionUID = 1L;

    private final Duration quiet;

    private transient ValueState<DriveMeans> means;
    private transient ValueState<Long> latest;

    public DriveMeansOperator(Duration quiet) {
        this.quiet = quiet;
    }

    @Override
    public void open(OpenContext context) {
        means = getRuntimeContext()
                .getState(new ValueStateDescriptor<>("means", SourceToSinkType.of(DriveMeans.Form.DRIVE_MEANS)));
        latest = getRuntimeContext().getState(new ValueStateDescriptor<>("latest", Types.LONG));
    }

    @Override
    public void processElement(Frame frame, Context context, Collector<DriveMeans> out) throws Exception {
        long now = context.timerService().currentProcessingTime();
        DriveMeans before = means.value();
        if (before == null) {
            context.timerService().registerProcessingTimeTimer(now + quiet.toMillis());
        }
        means.update(before == null ? DriveMeans.of(frame) : before.plus(DriveMeans.of(frame)));
        latest.update(now);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<DriveMeans> out) throws Exception {
        long due = latest.value() + quiet.toMillis();
        if (due > timestamp) {
            context.timerService().registerProcessingTimeTimer(due);
            return;
        }
        out.collect(means.value());
        means.clear();
        latest.clear();
    }
}
