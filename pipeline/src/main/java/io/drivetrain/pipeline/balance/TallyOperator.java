package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.SliceRule;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Keeps one {@link DriveTally} per drive and tells what has changed, once a second and before every checkpoint. Keyed by
 * {@link #key}.
 *
 * <p>Tallies are changed on the heap, so that a sample costs no access to state, and nothing is on the heap only when
 * the checkpoint is taken. A drive without a sample for admission.duplicate-window is forgotten: if it goes on
 * after that, it counts as a drive more, as its images count as new.
 */
public final class TallyOperator extends AbstractStreamOperator<DriveChange>
        implements OneInputStreamOperator<Counted, DriveChange>, BoundedOneInput {
    private static final long serialVersionUID = 1L;

    private static final int MOST_ON_HEAP = 20_000;

    private final List<SliceRule> slices;
    private final Duration memory;
    private final long flushMillis;

    private transient Map<String, DriveTally> touched;
    private transient ValueState<DriveTally> state;
    private transient boolean flushScheduled;

    public TallyOperator(DrivetrainConfig config) {
        slices = config.balance().slices().stream().map(SliceRule::parse).toList();
        memory = config.admission().duplicateWindow();
        flushMillis = Math.max(1, Math.min(1000, config.flink().balanceWindow().toMillis() / 4));
    }

    /** The key of a sample: its drive; "" where that is not known. */
    public static String key(Counted sample) {
        return sample.driveId() == null ? "" : sample.driveId();
    }

    @Override
    public void open() throws Exception {
        super.open();
        touched = new LinkedHashMap<>();
        ValueStateDescriptor<DriveTally> descriptor =
                new ValueStateDescriptor<>("drive-tally", SourceToSinkType.of(DriveTally.Form.DRIVE_TALLY));
        descriptor.enableTimeToLive(StateTtlConfig.newBuilder(memory)
                .setUpdateType(StateTtlConfig.UpdateType.OnCreateAndWrite)
                .setStateVisibility(StateTtlConfig.StateVisibility.NeverReturnExpired)
                .build());
        state = getRuntimeContext().getState(descriptor);
    }

    @Override
    public void processElement(StreamRecord<Counted> element) throws Exception {
        Counted sample = element.getValue();
        String drive = key(sample);
        DriveTally tally = touched.get(drive);
        if (tally == null) {
            // A checkpoint of a heap backend may still be reading the object that is in state.
            tally = Optional.ofNullable(state.value()).map(DriveTally::copy).orElseGet(DriveTally::new);
            touched.put(drive, tally);
        }
        tally.add(sample, slices);
        if (touched.size() >= MOST_ON_HEAP) {
            flush();
        }
        if (!flushScheduled) {
            flushScheduled = true;
            long now = getProcessingTimeService().getCurrentProcessingTime();
            getProcessingTimeService().registerTimer(now + flushMillis, time -> {
                flushScheduled = false;
                flush();
            });
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        flush();
    }

    @Override
    public void endInput() throws Exception {
        flush();
    }

    private void flush() throws Exception {
        for (Map.Entry<String, DriveTally> entry : touched.entrySet()) {
            setCurrentKey(entry.getKey());
            Optional<DriveChange> change = entry.getValue().change(entry.getKey());
            state.update(entry.getValue());
            change.ifPresent(value -> output.collect(new StreamRecord<>(value)));
        }
        touched.clear();
    }
}
