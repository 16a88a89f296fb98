package io.drivetrain.schemas.synthesize;

import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.synthesize.StreamPlan.Drive;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Draws the drives of a {@link StreamPlan}. */
public final class DrawnDrives {
    /** The task "is there a pedestrian?". */
    public static final List<String> CLASSES = List.of("pedestrian", "no-pedestrian");

    /** The class that the task does not have, of {@link Fault#UNKNOWN_CLASS}. */
    public static final String UNKNOWN_CLASS = "kangaroo";

    /** Who "labelled" the scenes. */
    public static final String LABEL_SOURCE = "synthetic";

    static {
        System.setProperty("java.awt.headless", "true");
    }

    private DrawnDrives() {}

    /**
     * Draws all frames of a drive, faults and second copies included; the same on every machine.
     *
     * @param drive of that plan
     */
    public static List<LabeledSample> draw(StreamPlan plan, Drive drive) {
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
                    .setTelemetry(telemetry(scene))
                    .setImageBytes(ByteBuffer.wrap(fault == Fault.CORRUPT_IMAGE ? corrupt(jpeg, faultRandom) : jpeg))
                    .build();
            samples.add(sample);
            if (fault == Fault.DUPLICATE) {
                samples.add(LabeledSample.newBuilder(sample).build());
            }
        }
        return samples;
    }

    /** What the car of the scene would measure: speed in m/s, and yaw rate in rad/s, positive to the left (ISO 8855). */
    private static Map<String, Double> telemetry(DriveScene scene) {
        double speed = scene.egoSpeed / StreamPlan.SECONDS_PER_FRAME;
        // The road's middle lies at x = curve * z * z, to the right: a curvature of 2 * curve.
        return Map.of("speed", speed, "yaw-rate", -2 * scene.curve * speed);
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
