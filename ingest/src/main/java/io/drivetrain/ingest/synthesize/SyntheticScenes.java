package io.drivetrain.ingest.synthesize;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.ingest.synthesize.StreamPlan.Drive;
import io.drivetrain.schemas.LabeledSample;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Draws the drives of a {@link StreamPlan} on several threads and hands them out in the order of the plan. */
public final class SyntheticScenes {
    /** The task "is there a pedestrian?". */
    public static final List<String> CLASSES = List.of("pedestrian", "no-pedestrian");

    /** The class that the task does not have, of {@link Fault#UNKNOWN_CLASS}. */
    public static final String UNKNOWN_CLASS = "kangaroo";

    /** Who "labelled" the scenes. */
    public static final String LABEL_SOURCE = "synthetic";

    static {
        System.setProperty("java.awt.headless", "true");
    }

    private SyntheticScenes() {}

    /**
     * A stream of scenes; the frames do not depend on the number of threads.
     *
     * @param threads that draw, 1 or more
     */
    public static SampleSource source(StreamPlan plan, int threads) {
        ExecutorService painters = Executors.newFixedThreadPool(Math.max(1, threads), task -> {
            Thread thread = new Thread(task, "scene-painter");
            thread.setDaemon(true);
            return thread;
        });
        return new SampleSource() {
            @Override
            public OptionalLong expectedCount() {
                return OptionalLong.of(plan.records());
            }

            @Override
            public Iterator<Collected> iterator() {
                return new OrderedFrames(plan, painters, 2 * Math.max(1, threads) + 2);
            }

            @Override
            public void close() {
                painters.shutdownNow();
            }
        };
    }

    /** Draws ahead by a bounded number of drives. */
    private static final class OrderedFrames implements Iterator<Collected> {
        private final Iterator<Drive> toDraw;
        private final StreamPlan plan;
        private final ExecutorService painters;
        private final int lookAhead;
        private final Deque<Future<List<LabeledSample>>> drawing = new ArrayDeque<>();
        private Iterator<LabeledSample> current = List.<LabeledSample>of().iterator();

        OrderedFrames(StreamPlan plan, ExecutorService painters, int lookAhead) {
            this.plan = plan;
            this.painters = painters;
            this.lookAhead = lookAhead;
            this.toDraw = plan.drives().iterator();
            drawAhead();
        }

        private void drawAhead() {
            while (drawing.size() < lookAhead && toDraw.hasNext()) {
                Drive drive = toDraw.next();
                drawing.add(painters.submit(() -> draw(plan, drive)));
            }
        }

        @Override
        public boolean hasNext() {
            while (!current.hasNext() && !drawing.isEmpty()) {
                try {
                    current = drawing.remove().get().iterator();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("Interrupted while scenes were drawn", e);
                } catch (ExecutionException e) {
                    throw new IllegalStateException("Drawing a scene failed", e.getCause());
                }
                drawAhead();
            }
            return current.hasNext();
        }

        @Override
        public Collected next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return new Collected.Sample(current.next());
        }
    }

    /** Draws all frames of a drive, faults and second copies included. */
    static List<LabeledSample> draw(StreamPlan plan, Drive drive) {
        SplittableRandom random = new SplittableRandom(StreamPlan.mix(drive.seed(), 1));
        DriveScene scene = new DriveScene(drive.conditions(), plan.framesPerDrive(), random);
        Palette palette = new Palette(drive.conditions(), random);
        ScenePainter painter = new ScenePainter(drive.conditions(), scene, palette, plan.width(), plan.height());
        List<LabeledSample> samples = new ArrayList<>(plan.framesPerDrive() + 1);
        for (int frame = 0; frame < plan.framesPerDrive(); frame++) {
            ScenePainter.Painted painted = painter.paint(frame);
            Camera.expose(
                    painted.image(),
                    drive.conditions(),
                    painter.horizonY(),
                    scene.egoSpeed,
                    // The windscreen stays as it is over a drive, so all frames but the noise share a seed.
                    new SplittableRandom(StreamPlan.mix(drive.seed(), 2)));
            byte[] jpeg = Camera.jpeg(painted.image(), plan.jpegQuality());
            boolean pedestrian = !painted.pedestrians().isEmpty();
            Fault fault = plan.faultOf(drive, frame);
            SplittableRandom faultRandom = new SplittableRandom(StreamPlan.mix(drive.seed(), 1000L + frame));
            LabeledSample sample = LabeledSample.newBuilder()
                    .setSampleId(StreamPlan.sampleId(drive, frame))
                    .setDriveId(drive.id())
                    .setFrameIndex(frame)
                    .setCapturedAt(StreamPlan.capturedAt(drive, frame))
                    .setDomain(drive.domain())
                    .setLabel(label(pedestrian, fault))
                    .setBoxes(painted.pedestrians())
                    .setAttributes(drive.conditions().attributes())
                    .setLabelSource(LABEL_SOURCE)
                    .setImageBytes(ByteBuffer.wrap(fault == Fault.CORRUPT_IMAGE ? corrupt(jpeg, faultRandom) : jpeg))
                    .build();
            samples.add(sample);
            if (fault == Fault.DUPLICATE) {
                samples.add(LabeledSample.newBuilder(sample).build());
            }
        }
        return samples;
    }

    private static String label(boolean pedestrian, Fault fault) {
        return switch (fault) {
            case WRONG_LABEL -> CLASSES.get(pedestrian ? 1 : 0);
            case UNKNOWN_CLASS -> UNKNOWN_CLASS;
            case MISSING_LABEL -> null;
            case NONE, DUPLICATE, CORRUPT_IMAGE -> CLASSES.get(pedestrian ? 0 : 1);
        };
    }

    private static byte[] corrupt(byte[] jpeg, SplittableRandom random) {
        return switch (random.nextInt(3)) {
            case 0 -> Arrays.copyOf(jpeg, jpeg.length / 4 + random.nextInt(jpeg.length / 2));
            case 1 -> {
                byte[] noise = new byte[2000 + random.nextInt(4000)];
                random.nextBytes(noise);
                yield noise;
            }
            default -> "<html><body>502 Bad Gateway</body></html>".getBytes(StandardCharsets.US_ASCII);
        };
    }
}
