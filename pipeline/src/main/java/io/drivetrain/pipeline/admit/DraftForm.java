package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.QualityScores;
import io.drivetrain.schemas.Split;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A curated sample on its way from inspection to settling, which are of the same version: all fields in the order of the
 * schema. Avro would take three times as long for it, because it looks up every field again.
 */
enum DraftForm implements BinaryForm<CuratedSample> {
    DRAFT;

    private static final int NONE = -1;

    @Override
    public Class<CuratedSample> type() {
        return CuratedSample.class;
    }

    @Override
    public void write(CuratedSample draft, DataOutput out) throws IOException {
        BinaryForm.writeText(draft.getSampleId(), out);
        BinaryForm.writeText(draft.getDriveId(), out);
        out.writeInt(draft.getFrameIndex());
        out.writeLong(draft.getCapturedAt().toEpochMilli());
        out.writeByte(draft.getDomain().ordinal());
        out.writeByte(draft.getSplit().ordinal());
        BinaryForm.writeText(draft.getLabel(), out);
        BinaryForm.writeTexts(draft.getAttributes(), out);
        BinaryForm.writeText(draft.getLabelSource(), out);
        out.writeInt(draft.getImageWidth());
        out.writeInt(draft.getImageHeight());
        BinaryForm.writeText(draft.getImageSha256(), out);
        writeMeasurements(draft.getMeasurements(), out);
        writePixels(draft.getPixels(), out);
        writeOrigin(draft.getOrigin(), out);
        out.writeInt(draft.getTestDevGeneration() == null ? NONE : draft.getTestDevGeneration());
        writeBoxes(draft.getBoxes(), out);
        out.writeInt(draft.getFlags().size());
        for (String flag : draft.getFlags()) {
            BinaryForm.writeText(flag, out);
        }
        BinaryForm.writeText(draft.getPerceptualHash(), out);
        out.writeBoolean(draft.getQuality() != null);
        if (draft.getQuality() != null) {
            writeQuality(draft.getQuality(), out);
        }
        out.writeInt(draft.getTelemetry().size());
        for (Map.Entry<String, Double> measured : draft.getTelemetry().entrySet()) {
            BinaryForm.writeText(measured.getKey(), out);
            out.writeDouble(measured.getValue());
        }
        out.writeInt(draft.getLabelRevision());
        out.writeBoolean(draft.getCorrects());
    }

    @Override
    public CuratedSample read(DataInput in) throws IOException {
        return new CuratedSample(
                BinaryForm.readText(in),
                BinaryForm.readText(in),
                in.readInt(),
                Instant.ofEpochMilli(in.readLong()),
                Domain.values()[in.readByte()],
                Split.values()[in.readByte()],
                BinaryForm.readText(in),
                BinaryForm.readTexts(in),
                BinaryForm.readText(in),
                in.readInt(),
                in.readInt(),
                BinaryForm.readText(in),
                readMeasurements(in),
                new Pixels(in.readInt(), in.readInt(), in.readInt(), ByteBuffer.wrap(BinaryForm.readBytes(in))),
                new Origin(BinaryForm.readText(in), in.readInt(), in.readLong(), Instant.ofEpochMilli(in.readLong())),
                generation(in.readInt()),
                readBoxes(in),
                readFlags(in),
                BinaryForm.readText(in),
                in.readBoolean() ? readQuality(in) : null,
                readTelemetry(in),
                in.readInt(),
                in.readBoolean());
    }

    private static void writeMeasurements(Measurements measured, DataOutput out) throws IOException {
        out.writeDouble(measured.getBrightness());
        out.writeDouble(measured.getContrast());
        out.writeDouble(measured.getDarkShare());
        out.writeDouble(measured.getGlareShare());
        out.writeDouble(measured.getSaturation());
        out.writeDouble(measured.getWarmth());
        out.writeDouble(measured.getSharpness());
        out.writeDouble(measured.getEntropy());
    }

    private static Measurements readMeasurements(DataInput in) throws IOException {
        return new Measurements(
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble());
    }

    private static void writePixels(Pixels pixels, DataOutput out) throws IOException {
        out.writeInt(pixels.getChannels());
        out.writeInt(pixels.getHeight());
        out.writeInt(pixels.getWidth());
        ByteBuffer data = pixels.getData();
        out.writeInt(data.remaining());
        out.write(data.array(), data.arrayOffset() + data.position(), data.remaining());
    }

    private static void writeOrigin(Origin origin, DataOutput out) throws IOException {
        BinaryForm.writeText(origin.getTopic(), out);
        out.writeInt(origin.getPartition());
        out.writeLong(origin.getOffset());
        out.writeLong(origin.getTimestamp().toEpochMilli());
    }

    private static Integer generation(int written) {
        return written == NONE ? null : Integer.valueOf(written);
    }

    private static void writeBoxes(List<Box> boxes, DataOutput out) throws IOException {
        out.writeInt(boxes.size());
        for (Box box : boxes) {
            BinaryForm.writeText(box.getCategory(), out);
            out.writeDouble(box.getX1());
            out.writeDouble(box.getY1());
            out.writeDouble(box.getX2());
            out.writeDouble(box.getY2());
        }
    }

    private static List<Box> readBoxes(DataInput in) throws IOException {
        int count = in.readInt();
        List<Box> boxes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            boxes.add(new Box(
                    BinaryForm.readText(in), in.readDouble(), in.readDouble(), in.readDouble(), in.readDouble()));
        }
        return boxes;
    }

    private static List<String> readFlags(DataInput in) throws IOException {
        int count = in.readInt();
        List<String> flags = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            flags.add(BinaryForm.readText(in));
        }
        return flags;
    }

    private static void writeQuality(QualityScores scores, DataOutput out) throws IOException {
        out.writeDouble(scores.getDark());
        out.writeDouble(scores.getLight());
        out.writeDouble(scores.getBlurry());
        out.writeDouble(scores.getLowInformation());
        out.writeDouble(scores.getOddAspect());
    }

    private static QualityScores readQuality(DataInput in) throws IOException {
        return new QualityScores(in.readDouble(), in.readDouble(), in.readDouble(), in.readDouble(), in.readDouble());
    }

    private static Map<String, Double> readTelemetry(DataInput in) throws IOException {
        Map<String, Double> telemetry = new TreeMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            telemetry.put(BinaryForm.readText(in), in.readDouble());
        }
        return telemetry;
    }
}
