package io.drivetrain.trainer.assemble;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.MeasurementTaker;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.synthesize.DrawnDrives;
import io.drivetrain.schemas.synthesize.FaultShares;
import io.drivetrain.schemas.synthesize.StreamPlan;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;

/**
 * Drawn drives in the four splits, to try a network and its settings without a stream: SOURCE drives by day, every fifth
 * of them train-dev, and TARGET drives that turn to night, every other one test. All labels are right, so that the
 * irreducible error of the labels is 0. A pure function of seed and selection.
 */
public final class SyntheticDrives {
    /** The classes of the scenes. */
    public static final List<String> CLASSES = DrawnDrives.CLASSES;

    private static final int SOURCE_DRIVES = 120;
    private static final int TARGET_DRIVES = 60;
    private static final int FRAMES = 8;
    private static final int SMALLEST_WIDTH = 160;
    private static final int SMALLEST_HEIGHT = 90;
    private static final Offsets.Partition SOURCE = new Offsets.Partition("synthetic", 0);

    private SyntheticDrives() {}

    /**
     * Draws the drives and selects from them.
     *
     * @param seed another one gives other drives
     * @param wanted shape of the pixels, of 3 channels
     * @return splits that no offsets bound, since nothing was read from Kafka
     */
    public static Assembly draw(long seed, PixelShape wanted, Selection selection) {
        StreamPlan plan = StreamPlan.first(seed, SOURCE_DRIVES, TARGET_DRIVES)
                .withSize(Math.max(SMALLEST_WIDTH, wanted.width()), Math.max(SMALLEST_HEIGHT, wanted.height()))
                .withFramesPerDrive(FRAMES)
                .withFaults(FaultShares.NONE);
        Map<Split, List<CuratedSample>> samples = new EnumMap<>(Split.class);
        Map<Split, List<byte[]>> pixels = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            samples.put(split, new ArrayList<>());
            pixels.put(split, new ArrayList<>());
        }
        int source = 0;
        int target = 0;
        for (StreamPlan.Drive drive : plan.drives()) {
            Split split = drive.domain() == Domain.SOURCE ? ofSource(source++) : ofTarget(target++);
            for (LabeledSample sample : DrawnDrives.draw(plan, drive)) {
                byte[] chw = pixels(sample, wanted);
                samples.get(split).add(curated(sample, split, plan, chw, wanted));
                pixels.get(split).add(chw);
            }
        }
        Map<Split, SplitView> views = new EnumMap<>(Split.class);
        samples.forEach((split, drawn) -> {
            List<byte[]> records = List.copyOf(pixels.get(split));
            SampleIndex.Growing index = new SampleIndex.Growing(SOURCE.topic());
            drawn.forEach(sample -> index.append(sample, SOURCE.partition(), index.size()));
            views.put(
                    split,
                    SplitView.of(
                            split,
                            wanted,
                            index.first(drawn.size(), List.copyOf(drawn)::get),
                            (record, into, offset) ->
                                    System.arraycopy(records.get(record), 0, into, offset, wanted.bytes()),
                            Offsets.of(Map.of(SOURCE, (long) drawn.size())),
                            new Selection(
                                    selection.classes(), selection.limit(), Optional.empty(), selection.telemetry())));
        });
        return new Assembly(views, Offsets.none());
    }

    private static Split ofSource(int number) {
        return number % 5 == 4 ? Split.TRAIN_DEV : Split.TRAIN;
    }

    private static Split ofTarget(int number) {
        return number % 2 == 0 ? Split.TEST_DEV : Split.TEST;
    }

    private static byte[] pixels(LabeledSample sample, PixelShape wanted) {
        BufferedImage image;
        try {
            image = ImageIO.read(new ByteArrayInputStream(sample.getImageBytes().array()));
        } catch (IOException e) {
            throw new UncheckedIOException("Decoding from memory failed", e);
        }
        PixelShape drawn = new PixelShape(3, image.getHeight(), image.getWidth());
        byte[] chw = new byte[drawn.bytes()];
        int area = drawn.height() * drawn.width();
        int[] rgb = image.getRGB(0, 0, drawn.width(), drawn.height(), null, 0, drawn.width());
        for (int i = 0; i < area; i++) {
            chw[i] = (byte) (rgb[i] >> 16);
            chw[area + i] = (byte) (rgb[i] >> 8);
            chw[2 * area + i] = (byte) rgb[i];
        }
        byte[] averaged = new byte[wanted.bytes()];
        new AreaAverage((record, into, offset) -> System.arraycopy(chw, 0, into, offset, chw.length), drawn, wanted)
                .read(0, averaged, 0);
        return averaged;
    }

    /** As curation would have sent it, but for the pixel bytes, which are kept beside it. */
    private static CuratedSample curated(
            LabeledSample sample, Split split, StreamPlan plan, byte[] chw, PixelShape wanted) {
        return CuratedSample.newBuilder()
                .setSampleId(sample.getSampleId())
                .setDriveId(sample.getDriveId())
                .setFrameIndex(sample.getFrameIndex())
                .setCapturedAt(sample.getCapturedAt())
                .setDomain(sample.getDomain())
                .setSplit(split)
                .setLabel(sample.getLabel())
                .setAttributes(sample.getAttributes())
                .setLabelSource(sample.getLabelSource())
                .setImageWidth(plan.width())
                .setImageHeight(plan.height())
                .setImageSha256(sha256(sample.getImageBytes().array()))
                .setMeasurements(MeasurementTaker.measure(chw, wanted.width(), wanted.height()))
                .setPixels(new Pixels(wanted.channels(), wanted.height(), wanted.width(), ByteBuffer.allocate(0)))
                .setOrigin(new Origin(SOURCE.topic(), SOURCE.partition(), 0L, Instant.EPOCH))
                .setBoxes(sample.getBoxes())
                .setTelemetry(sample.getTelemetry())
                .build();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
