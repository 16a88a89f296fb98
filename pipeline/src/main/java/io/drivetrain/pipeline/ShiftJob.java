package io.drivetrain.pipeline;

import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.pipeline.route.OutgoingSink;
import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.pipeline.watch.CuratedSource;
import io.drivetrain.pipeline.watch.DriveMeans;
import io.drivetrain.pipeline.watch.DriveMeansOperator;
import io.drivetrain.pipeline.watch.Frame;
import io.drivetrain.pipeline.watch.ShiftOperator;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;

/**
 * Curated samples to shift reports, alerts and retraining requests, exactly once. One subtask is enough: it sees
 * measurements, not images.
 *
 * <pre>
 * samples.train, samples.test-dev, samples.test ─ by drive ─► drive means ─► windows ─► shift.report, alerts,
 *                                                                                       retraining.requests
 * </pre>
 */
public final class ShiftJob {
    public static final String NAME = "shift";

    private static final String ALL_DRIVES = "all";

    private ShiftJob() {}

    /** Runs the job on the cluster that submits it, or locally. */
    public static void main(String[] args) throws Exception {
        DrivetrainConfig config = ConfigReader.fromArguments(args, System.getenv());
        JobSettings.environment(config, NAME, ShiftJob::define).execute(NAME);
    }

    /** Returns the whole job with its settings, ready to be submitted. */
    public static StreamGraph plan(DrivetrainConfig config) {
        return JobSettings.environment(config, NAME, ShiftJob::define).getStreamGraph();
    }

    /** Adds the job from Kafka to Kafka. */
    public static void define(StreamExecutionEnvironment env, DrivetrainConfig config) {
        DataStream<Frame> frames = env.fromSource(
                        CuratedSource.of(config),
                        WatermarkStrategy.noWatermarks(),
                        "curated samples",
                        SourceToSinkType.of(Frame.Form.FRAME))
                .setParallelism(1)
                .uid(OperatorUids.CURATED_SOURCE);
        define(frames, config, OutgoingSink.exactlyOnce(config, NAME));
    }

    /**
     * Adds the job between the given ends.
     *
     * <p>Committed samples come in bursts, one per checkpoint of the curation; a drive whose frames stretch over several
     * bursts is not cut in two, because it counts as complete only after two intervals without a frame.
     */
    public static void define(DataStream<Frame> frames, DrivetrainConfig config, Sink<Outgoing> kafka) {
        Duration interval = config.flink().checkpointInterval();
        frames.keyBy(Frame::driveId, Types.STRING)
                .process(
                        new DriveMeansOperator(interval.multipliedBy(2)),
                        SourceToSinkType.of(DriveMeans.Form.DRIVE_MEANS))
                .name("drive means")
                .uid(OperatorUids.DRIVE_MEANS)
                .setParallelism(1)
                .keyBy(drive -> ALL_DRIVES, Types.STRING)
                .process(new ShiftOperator(config.shift(), interval), SourceToSinkType.of(Outgoing.Form.OUTGOING))
                .name("shift windows")
                .uid(OperatorUids.SHIFT_WINDOWS)
                .setParallelism(1)
                .sinkTo(kafka)
                .name("reports, alerts, requests")
                .uid(OperatorUids.SHIFT_SINK)
                .setParallelism(1);
    }
}
