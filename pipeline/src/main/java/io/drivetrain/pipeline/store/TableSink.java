package io.drivetrain.pipeline.store;

import io.drivetrain.pipeline.OperatorUids;
import io.drivetrain.pipeline.admit.Admitted;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.QualityScores;
import io.drivetrain.schemas.Splits;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.iceberg.DistributionMode;
import org.apache.iceberg.flink.FlinkSchemaUtil;
import org.apache.iceberg.flink.sink.IcebergSink;

/** Appends admitted samples to {@link SampleTable}: files are written as samples come, and committed with a checkpoint. */
public final class TableSink {
    private TableSink() {}

    /**
     * Attaches the table, creating it where there is none, and writes the split plans down in it.
     *
     * @throws io.drivetrain.schemas.ConfigException if the plans would deal drives anew that are in the table
     */
    public static void attach(DataStream<Admitted> admitted, DrivetrainConfig config) {
        SampleTable table = SampleTable.open(config);
        table.takeOver(config.split(), Instant.now());
        DataStream<RowData> rows = admitted.map(new ToRow())
                .returns(InternalTypeInfo.of(FlinkSchemaUtil.convert(SampleTable.SCHEMA)))
                .name("table rows")
                .uid(OperatorUids.TABLE_ROWS);
        IcebergSink.forRowData(rows)
                .table(table.table())
                .tableLoader(SampleTable.loader(config))
                // Shuffling by split would send every image over the network once more, most of them to one writer.
                .distributionMode(DistributionMode.NONE)
                .uidSuffix(OperatorUids.TABLE_SINK)
                .append();
    }

    /** Fields in the order of {@link SampleTable#SCHEMA}. */
    static final class ToRow implements MapFunction<Admitted, RowData> {
        private static final long serialVersionUID = 1L;

        @Override
        public RowData map(Admitted admitted) {
            CuratedSample sample = admitted.sample();
            Measurements measured = sample.getMeasurements();
            return GenericRowData.of(
                    text(sample.getSampleId()),
                    text(sample.getDriveId()),
                    sample.getFrameIndex(),
                    TimestampData.fromInstant(sample.getCapturedAt()),
                    text(sample.getDomain().name()),
                    text(Splits.label(sample.getSplit())),
                    text(sample.getLabel()),
                    text(sample.getLabelSource()),
                    map(sample.getAttributes()),
                    measured.getBrightness(),
                    measured.getContrast(),
                    measured.getDarkShare(),
                    measured.getGlareShare(),
                    measured.getSaturation(),
                    measured.getWarmth(),
                    measured.getSharpness(),
                    measured.getEntropy(),
                    sample.getImageWidth(),
                    sample.getImageHeight(),
                    text(sample.getImageSha256()),
                    GenericRowData.of(bytes(admitted.image()), text(admitted.path())),
                    text(sample.getOrigin().getTopic()),
                    sample.getOrigin().getPartition(),
                    sample.getOrigin().getOffset(),
                    boxes(sample.getBoxes()),
                    new GenericArrayData(
                            sample.getFlags().stream().map(ToRow::text).toArray()),
                    text(sample.getPerceptualHash()),
                    sample.getTestDevGeneration(),
                    quality(sample.getQuality()),
                    numbers(sample.getTelemetry()),
                    sample.getLabelRevision());
        }

        private static RowData quality(QualityScores scores) {
            return scores == null
                    ? null
                    : GenericRowData.of(
                            scores.getDark(),
                            scores.getLight(),
                            scores.getBlurry(),
                            scores.getLowInformation(),
                            scores.getOddAspect());
        }

        private static GenericArrayData boxes(List<Box> boxes) {
            return new GenericArrayData(boxes.stream()
                    .map(box -> GenericRowData.of(
                            text(box.getCategory()), box.getX1(), box.getY1(), box.getX2(), box.getY2()))
                    .toArray());
        }

        private static StringData text(String text) {
            return StringData.fromString(text);
        }

        private static GenericMapData map(Map<String, String> attributes) {
            Map<StringData, StringData> copy = new HashMap<>();
            attributes.forEach((name, value) -> copy.put(text(name), text(value)));
            return new GenericMapData(copy);
        }

        private static GenericMapData numbers(Map<String, Double> telemetry) {
            Map<StringData, Double> copy = new HashMap<>();
            telemetry.forEach((name, value) -> copy.put(text(name), value));
            return new GenericMapData(copy);
        }

        private static byte[] bytes(ByteBuffer buffer) {
            int start = buffer.arrayOffset() + buffer.position();
            byte[] array = buffer.array();
            return start == 0 && buffer.remaining() == array.length
                    ? array
                    : Arrays.copyOfRange(array, start, start + buffer.remaining());
        }
    }
}
