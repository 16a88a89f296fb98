package io.drivetrain.trainer.fit;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.Topic;
import io.drivetrain.trainer.assemble.Offsets;
import io.drivetrain.trainer.assemble.PixelShape;
import io.drivetrain.trainer.assemble.ShardException;
import io.drivetrain.trainer.assemble.ShardStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Fills a trainer's store as Kafka would: frames of several cars at a time, whose drives have ids in no order, over several
 * partitions, each record with what curation sends. Only the pixels are noise, dark or bright by class.
 */
final class StoredNoise {
    static final List<String> CLASSES = List.of("pedestrian", "vehicle");
    static final List<String> TELEMETRY = List.of("speed", "yaw-rate", "steering-angle");

    private static final int CARS = 16;
    private static final int FRAMES_OF_A_DRIVE = 120;
    private static final int PARTITIONS = 4;
    private static final int NOISE_BYTES = 1 << 25;
    private static final int INDEX_BYTES = 600;
    private static final long SPARE_BYTES = 1L << 30;
    private static final List<String> WEATHER = List.of("clear", "rain", "snow", "fog");
    private static final Instant BEGIN = Instant.parse("2026-01-05T08:00:00Z");

    private StoredNoise() {}

    /**
     * Writes and commits.
     *
     * @param samples of train
     * @param others of each of the other splits
     * @throws ShardException if the disk has not the space, with how much it takes
     */
    static ShardStore fill(Path folder, PixelShape shape, int samples, int others) throws ShardException, IOException {
        long needed = ((long) samples + 3L * others) * (shape.bytes() + INDEX_BYTES) + SPARE_BYTES;
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < needed) {
            throw new ShardException(
                    "A store of %,d samples takes %,d MB, and %s has %,d free; take fewer --samples or another --dir"
                            .formatted(samples, needed >> 20, folder, free >> 20));
        }
        ShardStore store = ShardStore.open(folder, shape);
        try {
            Map<Offsets.Partition, Long> next = new TreeMap<>();
            for (Split split : Split.values()) {
                append(store, split, split == Split.TRAIN ? samples : others, next);
            }
            store.commit(Offsets.of(next));
            return store;
        } catch (ShardException e) {
            store.close();
            throw e;
        }
    }

    private static void append(ShardStore store, Split split, int samples, Map<Offsets.Partition, Long> next)
            throws ShardException {
        SplittableRandom random = new SplittableRandom(split.ordinal());
        // Of its own, so that no image is in two splits.
        byte[] dark = new byte[NOISE_BYTES];
        random.nextBytes(dark);
        byte[] bright = dark.clone();
        for (int i = 0; i < dark.length; i++) {
            dark[i] &= 0x7f;
            bright[i] |= (byte) 0x80;
        }
        List<byte[]> noiseOfClass = List.of(dark, bright);
        UUID[] drives = new UUID[CARS];
        for (int i = 0; i < samples; i++) {
            int car = i % CARS;
            int frame = i / CARS % FRAMES_OF_A_DRIVE;
            if (frame == 0) {
                drives[car] = new UUID(random.nextLong(), random.nextLong());
            }
            Offsets.Partition partition = new Offsets.Partition(
                    Topic.of(split).topicName(), Math.floorMod(drives[car].hashCode(), PARTITIONS));
            long offset = next.merge(partition, 1L, Long::sum) - 1;
            store.append(
                    split,
                    sample(split, drives[car].toString(), frame, store.shape(), i, noiseOfClass, random),
                    partition.partition(),
                    offset);
        }
    }

    private static CuratedSample sample(
            Split split,
            String drive,
            int frame,
            PixelShape shape,
            int index,
            List<byte[]> noiseOfClass,
            SplittableRandom random) {
        byte[] hash = new byte[32];
        random.nextBytes(hash);
        int label = random.nextInt(CLASSES.size());
        byte[] noise = noiseOfClass.get(label);
        int from = (int) ((long) index * shape.bytes() % (noise.length - shape.bytes()));
        Instant captured = BEGIN.plusMillis(100L * index);
        return CuratedSample.newBuilder()
                .setSampleId("%s/%d".formatted(drive, frame))
                .setDriveId(drive)
                .setFrameIndex(frame)
                .setCapturedAt(captured)
                .setDomain(Splits.domain(split))
                .setSplit(split)
                .setLabel(CLASSES.get(label))
                .setAttributes(Map.of("weather", WEATHER.get(random.nextInt(WEATHER.size())), "time-of-day", "day"))
                .setLabelSource("annotator-%d".formatted(random.nextInt(9)))
                .setImageWidth(1280)
                .setImageHeight(720)
                .setImageSha256(HexFormat.of().formatHex(hash))
                .setMeasurements(new Measurements(
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble()))
                .setPixels(new Pixels(
                        shape.channels(),
                        shape.height(),
                        shape.width(),
                        ByteBuffer.wrap(noise, from, shape.bytes()).slice()))
                .setOrigin(new Origin("samples.raw", 0, (long) index, captured))
                .setPerceptualHash(HexFormat.of().toHexDigits(random.nextLong()))
                .setTelemetry(Map.of(
                        TELEMETRY.get(0), random.nextDouble(),
                        TELEMETRY.get(1), random.nextDouble(),
                        TELEMETRY.get(2), random.nextDouble()))
                .build();
    }
}
