package io.drivetrain.pipeline;

import io.drivetrain.pipeline.admit.Admitted;
import io.drivetrain.pipeline.admit.Claim;
import io.drivetrain.pipeline.admit.ContentOperator;
import io.drivetrain.pipeline.admit.DriveOperator;
import io.drivetrain.pipeline.admit.IdentityOperator;
import io.drivetrain.pipeline.admit.InspectOperator;
import io.drivetrain.pipeline.admit.Inspected;
import io.drivetrain.pipeline.admit.Look;
import io.drivetrain.pipeline.admit.LookOperator;
import io.drivetrain.pipeline.admit.RawRecord;
import io.drivetrain.pipeline.admit.RawSource;
import io.drivetrain.pipeline.admit.Release;
import io.drivetrain.pipeline.admit.ReleaseSource;
import io.drivetrain.pipeline.admit.SettleOperator;
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
 * samples.raw ─► inspect ─┬─ image, pixels ──────────── same machine ───────────────► settle ─┬─► Iceberg table
 *                         └─ claim ─ by drive ─ by bytes ─ by look ×3 ─ by id ─ back home┘    ├─► split topics ───┐
 *                                   curation.released ─┴────────────┘ ▲                       ├┄► rejected ───────┼─► Kafka
 *                                                                     └┄ reserved, refused ┄┄┄┼┄► released ───────┤
 *                                                                                             └┄► counts ─────────┘
 * </pre>
 *
 * <p>An image never crosses a shuffle: what other samples have to say about it is asked with a claim of a few hundred
 * bytes, and settle brings image and answer together (docs/adr/0007).
 */
public final class CurationJob {
    public static final String NAME = "curation";

    // An image waits on the heap for as long as its claim is on the way.
    private static final long CLAIMS_WAIT_MILLIS = 20;

    private CurationJob() {}

    /** Runs the job on the cluster that submits it, or locally. */
    public static void main(String[] args) throws Exception {
        DrivetrainConfig config = ConfigReader.fromArguments(args, System.getenv());
        JobSettings.environment(config, NAME, CurationJob::define).execute(NAME);
    }

    /** Returns the whole job with its settings, ready to be submitted. */
    public static StreamGraph plan(DrivetrainConfig config) {
        return JobSettings.environment(config, NAME, CurationJob::define).getStreamGraph();
    }

    /** Adds the job from Kafka to Kafka and to the table, which is created where there is none. */
    public static void define(StreamExecutionEnvironment env, DrivetrainConfig config) {
        DataStream<RawRecord> raw = env.fromSource(
                        RawSource.of(config), WatermarkStrategy.noWatermarks(), "samples.raw", rawType())
                .uid(OperatorUids.RAW_SOURCE);
        DataStream<Release> released = env.fromSource(
                        ReleaseSource.of(config),
                        WatermarkStrategy.noWatermarks(),
                        "curation.released",
                        SourceToSinkType.of(Release.Form.RELEASE))
                .uid(OperatorUids.RELEASE_SOURCE)
                .setParallelism(1);
        define(
                raw,
                released,
                config,
                OutgoingSink.exactlyOnce(config, NAME),
                admitted -> TableSink.attach(admitted, config));
    }

    /** Adds the job between the given ends. */
    public static void define(
            DataStream<RawRecord> raw,
            DataStream<Release> released,
            DrivetrainConfig config,
            Sink<Outgoing> kafka,
            Consumer<DataStream<Admitted>> table) {
        SingleOutputStreamOperator<Inspected> inspected = raw.process(
                        new InspectOperator(config), SourceToSinkType.of(Inspected.Form.INSPECTED))
                .name("inspect")
                .uid(OperatorUids.INSPECT);
        SingleOutputStreamOperator<Admitted> admitted = inspected
                .connect(judged(inspected.getSideOutput(InspectOperator.CLAIMS), released, config)
                        .partitionCustom((origin, subtasks) -> origin, Claim::origin))
                .process(new SettleOperator(), SourceToSinkType.of(Admitted.Form.ADMITTED))
                .name("settle")
                .uid(OperatorUids.SETTLE);
        table.accept(admitted);
        TypeInformation<Outgoing> outgoingType = SourceToSinkType.of(Outgoing.Form.OUTGOING);
        DataStream<Outgoing> splits = admitted.map(Admitted::outgoing, outgoingType)
                .name("split records")
                .uid(OperatorUids.SPLIT_RECORDS);
        DataStream<Outgoing> balance = BalanceTopology.attach(admitted.getSideOutput(SettleOperator.COUNTED), config);
        splits.union(admitted.getSideOutput(SettleOperator.OUTGOING), balance)
                .sinkTo(kafka)
                .name("splits, rejected, balance")
                .uid(OperatorUids.CURATION_SINK);
    }

    /** Sends claims from memory to memory. */
    static DataStream<Claim> judged(DataStream<Claim> claims, DataStream<Release> released, DrivetrainConfig config) {
        TypeInformation<Claim> claimType = SourceToSinkType.of(Claim.Form.CLAIM);
        SingleOutputStreamOperator<Claim> seen = claims.keyBy(Claim::driveId, Types.STRING)
                .process(new DriveOperator(config), claimType)
                .setBufferTimeout(CLAIMS_WAIT_MILLIS)
                .name("drives")
                .uid(OperatorUids.DRIVE_LEDGERS)
                .keyBy(Claim::sha256, Types.STRING)
                .connect(released.keyBy(Release::sha256, Types.STRING))
                .process(new ContentOperator(config), claimType)
                .setBufferTimeout(CLAIMS_WAIT_MILLIS)
                .name("contents")
                .uid(OperatorUids.SEEN_CONTENT);
        // One after the other: of two pictures that share a band, the later one sees the earlier one there.
        for (int band = 0; band < Look.BANDS; band++) {
            int of = band;
            seen = seen.keyBy(claim -> claim.look().key(of), Types.STRING)
                    .connect(released.keyBy(release -> release.look().key(of), Types.STRING))
                    .process(new LookOperator(config, band), claimType)
                    .setBufferTimeout(CLAIMS_WAIT_MILLIS)
                    .name("looks " + band)
                    .uid(OperatorUids.SEEN_LOOKS + "-" + band);
        }
        return seen.keyBy(Claim::sampleId, Types.STRING)
                .process(new IdentityOperator(config), claimType)
                .setBufferTimeout(CLAIMS_WAIT_MILLIS)
                .name("ids")
                .uid(OperatorUids.SEEN_IDS);
    }

    private static TypeInformation<RawRecord> rawType() {
        return SourceToSinkType.of(RawRecord.Form.RAW_RECORD);
    }
}
