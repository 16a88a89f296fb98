package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.schemas.ClassBalanceReport;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.Topic;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Reports {@link ClassCounts} at the end of every window of processing time that saw a sample. Keyed by the label of the
 * split.
 */
public final class BalanceOperator extends KeyedProcessFunction<String, Counted, Outgoing> {
    private static final long serialVersionUID = 1L;

    private final Duration window;

    private transient ValueState<ClassCounts> state;

    public BalanceOperator(DrivetrainConfig config) {
        window = config.flink().balanceWindow();
    }

    @Override
    public void open(OpenContext context) {
        state = getRuntimeContext()
                .getState(
                        new ValueStateDescriptor<>("class-counts", SourceToSinkType.of(ClassCounts.Form.CLASS_COUNTS)));
    }

    @Override
    public void processElement(Counted sample, Context context, Collector<Outgoing> out) throws Exception {
        long now = context.timerService().currentProcessingTime();
        ClassCounts counts = state.value();
        if (counts == null) {
            counts = ClassCounts.startingAt(now, window);
        }
        if (counts.idle()) {
            counts = counts.nextWindow(now, window);
            context.timerService().registerProcessingTimeTimer(counts.windowStart() + window.toMillis());
        }
        state.update(counts.plus(sample.label()));
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Outgoing> out) throws Exception {
        ClassCounts counts = state.value();
        ClassBalanceReport report = counts.report(Splits.parse(context.getCurrentKey()), window);
        out.collect(Outgoing.of(Topic.CLASS_BALANCE, report.getWindowId(), report));
        state.update(counts.nextWindow(timestamp, window));
    }
}
