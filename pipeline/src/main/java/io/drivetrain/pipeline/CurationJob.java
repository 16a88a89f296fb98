package io.drivetrain.pipeline;

import io.drivetrain.pipeline.admit.AdmitOperator;
import io.drivetrain.pipeline.admit.Admitted;
import io.drivetrain.pipeline.admit.BindDriveOperator;
import io.drivetrain.pipeline.admit.RawRecord;
import io.drivetrain.pipeline.admit.RawSource;
import io.drivetrain.pipeline.balance.BalanceTopology;
import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.pipeline.route.OutgoingSink;
import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.pipeline.store.TableSink;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import java.util.function.Consumer;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;

/**
 * Raw samples to splits and table, exactly once.
 *
 * <pre>
 * samples.raw ─ by drive ─► bind drive ─ by sample ─► admit ─┬─► rows ─► Iceberg table drivetrain.samples
 *                                                            ├─► split records ─────────┐
 *                                                            ├┄┄► rejected ─────────────┼─► Kafka, one transaction
 *                                                            └┄┄► balance ───────────────┘   per checkpoint
 * </pre>
 */
public final class CurationJob {
    public static final String NAME = "curation";

    private CurationJob() {}

    /** Runs the job on the cluster that submits it, or locally. */
    public static void main(String[] args) throws Exception {
        DrivetrainConfig config = ConfigReader.fromArguments(args, System.getenv());
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(JobSettings.configure(config, NAME));
        define(env, config);
        env.execute(NAME);
    }

    /** Returns the whole job with its settings, ready to be submitted. */
    public static StreamGraph plan(DrivetrainConfig config) {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(JobSettings.configure(config, NAME));
        define(env, config);
        return env.getStreamGraph();
    }

    /** Adds the job from Kafka to Kafka and to the table, which is created where there is none. */
    public static void define(StreamExecutionEnvironment env, DrivetrainConfig config) {
        DataStream<RawRecord> raw = env.fromSource(
                        RawSource.of(config), WatermarkStrategy.noWatermarks(), "samples.raw", rawType())
                .uid(OperatorUids.RAW_SOURCE);
        define(raw, config, OutgoingSink.exactlyOnce(config, NAME), admitted -> TableSink.attach(admitted, config));
    }

    /** Adds the job between the given ends. */
    public static void define(
            DataStream<RawRecord> raw,
            DrivetrainConfig config,
            Sink<Outgoing> kafka,
            Consumer<DataStream<Admitted>> table) {
        SingleOutputStreamOperator<Admitted> admitted = raw.keyBy(RawRecord::driveKey, Types.STRING)
                .process(new BindDriveOperator(), rawType())
                .name("bind drive")
                .uid(OperatorUids.DRIVE_DOMAINS)
                .keyBy(RawRecord::sampleKey, Types.STRING)
                .process(new AdmitOperator(config), SourceToSinkType.of(Admitted.Form.ADMITTED))
                .name("admit")
                .uid(OperatorUids.SEEN_SAMPLES);
        table.accept(admitted);
        TypeInformation<Outgoing> outgoingType = SourceToSinkType.of(Outgoing.Form.OUTGOING);
        DataStream<Outgoing> splits = admitted.map(Admitted::outgoing, outgoingType)
                .name("split records")
                .uid(OperatorUids.SPLIT_RECORDS);
        DataStream<Outgoing> balance = BalanceTopology.attach(admitted.getSideOutput(AdmitOperator.COUNTED), config);
        splits.union(admitted.getSideOutput(AdmitOperator.REJECTED), balance)
                .sinkTo(kafka)
                .name("splits, rejected, balance")
                .uid(OperatorUids.CURATION_SINK);
    }

    private static TypeInformation<RawRecord> rawType() {
        return SourceToSinkType.of(RawRecord.Form.RAW_RECORD);
    }
}
