package io.drivetrain.pipeline.watch;

import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.AlertState;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Runs {@link WindowedShift} on complete drives. All drives have the same key. Drives are collected for the settling
 * period, in processing time, so that those which complete together are taken in the order of capture.
 */
public final class ShiftOperator extends KeyedProcessFunction<String, DriveMeans, Outgoing> {
    private static final long serialVersionUID = 1L;

    private final DrivetrainConfig.Shift settings;
    private final Duration settle;

    private transient WindowedShift windows;
    private transient ListState<DriveMeans> arrived;
    private transient ValueState<WatchState> watch;

    public ShiftOperator(DrivetrainConfig.Shift settings, Duration settle) {
        this.settings = settings;
        this.settle = settle;
    }

    @Override
    public void open(OpenContext context) {
        windows = new WindowedShift(settings);
        arrived = getRuntimeContext()
                .getListState(new ListStateDescriptor<>("arrived", SourceToSinkType.of(DriveMeans.Form.DRIVE_MEANS)));
        watch = getRuntimeContext()
                .getState(new ValueStateDescriptor<>("watch", SourceToSinkType.of(WatchState.Form.WATCH_STATE)));
    }

    @Override
    public void processElement(DriveMeans drive, Context context, Collector<Outgoing> out) throws Exception {
        arrived.add(drive);
        // Equal timers are one, so all drives within one settling period share the timer at its end.
        long length = Math.max(1, settle.toMillis());
        long now = context.timerService().currentProcessingTime();
        context.timerService().registerProcessingTimeTimer((now / length + 1) * length);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Outgoing> out) throws Exception {
        List<DriveMeans> completed = new ArrayList<>();
        arrived.get().forEach(completed::add);
        arrived.clear();
        WatchState before = watch.value();
        Instant now = Instant.ofEpochMilli(timestamp);
        WindowedShift.Step step = windows.next(before == null ? WatchState.empty() : before, completed, now);
        watch.update(step.state());
        for (WindowedShift.Cut cut : step.cuts()) {
            out.collect(Outgoing.of(Topic.SHIFT_REPORT, cut.report().getWindowId(), cut.report()));
            cut.alert().ifPresent(alert -> emit(alert, out));
        }
    }

    private static void emit(Alert alert, Collector<Outgoing> out) {
        out.collect(Outgoing.of(Topic.ALERTS, alert.getAlertId(), alert));
        if (alert.getState() == AlertState.RAISED) {
            String requestId = "alert/" + alert.getAlertId();
            RetrainingRequest request = new RetrainingRequest(
                    requestId,
                    RetrainingReason.ALERT,
                    alert.getAlertId(),
                    alert.getMessage(),
                    null,
                    Map.of(),
                    "",
                    null,
                    null,
                    alert.getAt());
            out.collect(Outgoing.of(Topic.RETRAINING_REQUESTS, requestId, request));
        }
    }
}
