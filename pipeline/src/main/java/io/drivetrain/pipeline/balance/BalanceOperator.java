package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Runs {@link ClassBalance} and {@link LabelSources} on what the drives have gained. One subtask: it compares splits and
 * sources with each other, and gets one record a second for each drive that moves.
 */
public final class BalanceOperator extends AbstractStreamOperator<Outgoing>
        implements OneInputStreamOperator<DriveChange, Outgoing> {
    private static final long serialVersionUID = 1L;

    private static final int VERSION = 3;

    /** Without the age of labels. */
    private static final int VERSION_2 = 2;

    private final DrivetrainConfig config;

    private transient ClassBalance balance;
    private transient LabelSources sources;
    private transient ListState<byte[]> state;
    private transient boolean timerSet;

    public BalanceOperator(DrivetrainConfig config) {
        this.config = config;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        state = context.getOperatorStateStore()
                .getListState(new ListStateDescriptor<>(
                        "class-balance", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
        balance = new ClassBalance(config);
        sources = new LabelSources(config);
        for (byte[] bytes : state.get()) {
            restore(bytes);
        }
    }

    private void restore(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        int version = in.readInt();
        if (version != VERSION && version != VERSION_2) {
            throw new IOException(
                    "The checkpoint holds class balance of version %d, this one reads version %d; resume with the version that wrote it"
                            .formatted(version, VERSION));
        }
        balance = ClassBalance.read(config, in);
        sources = LabelSources.read(config, in, version == VERSION);
    }

    @Override
    public void open() throws Exception {
        super.open();
        setTimer();
    }

    @Override
    public void processElement(StreamRecord<DriveChange> element) {
        long now = getProcessingTimeService().getCurrentProcessingTime();
        DriveChange change = element.getValue();
        emit(balance.add(change, now).and(sources.add(change, now)));
        setTimer();
    }

    private void setTimer() {
        Optional<Long> end = Stream.of(balance.nextEnd(), sources.nextEnd())
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder());
        if (timerSet || end.isEmpty()) {
            return;
        }
        timerSet = true;
        getProcessingTimeService().registerTimer(end.get(), time -> {
            timerSet = false;
            long now = getProcessingTimeService().getCurrentProcessingTime();
            emit(balance.endOfTime(now).and(sources.endOfTime(now)));
            setTimer();
        });
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(VERSION);
        balance.write(out);
        sources.write(out);
        state.clear();
        state.add(bytes.toByteArray());
    }

    private void emit(Published published) {
        published.balance().forEach(report -> send(Outgoing.of(Topic.CLASS_BALANCE, report.getWindowId(), report)));
        published.sources().forEach(report -> send(Outgoing.of(Topic.LABEL_SOURCES, report.getWindowId(), report)));
        published.alerts().forEach(alert -> send(Outgoing.of(Topic.ALERTS, alert.getAlertId(), alert)));
    }

    private void send(Outgoing outgoing) {
        output.collect(new StreamRecord<>(outgoing));
    }
}
