package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.PixelShape;
import io.drivetrain.trainer.assemble.SampleStore;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a part of a split's samples looks like on its way into the network: stored bytes beside inputs and labels. The
 * samples are spread evenly over the split, so that all drives take part.
 */
final class SplitScan {
    private static final int BLOCK = 64;
    /** Values of inputs kept at most, so that large images take fewer samples rather than more memory. */
    private static final int KEPT_VALUES = 8_000_000;

    private final SplitSource source;
    private final PixelShape shape;
    private final int[] indices;
    private final byte[][] bytes;
    private final float[][] inputs;
    private final float[][] further;
    private final double[][] earlier;
    private final float[][] labels;
    private final int[] given;
    private final int[] drives;
    private final boolean image;
    private final boolean telemetry;

    private SplitScan(
            SplitSource source,
            PixelShape shape,
            int[] indices,
            byte[][] bytes,
            float[][] inputs,
            float[][] further,
            double[][] earlier,
            float[][] labels,
            int[] given,
            int[] drives,
            boolean image,
            boolean telemetry) {
        this.source = source;
        this.shape = shape;
        this.indices = indices;
        this.bytes = bytes;
        this.inputs = inputs;
        this.further = further;
        this.earlier = earlier;
        this.labels = labels;
        this.given = given;
        this.drives = drives;
        this.image = image;
        this.telemetry = telemetry;
    }

    /**
     * Runs the split's own steps.
     *
     * @throws InterruptedException soon after the thread was interrupted
     */
    static SplitScan of(SplitSource source, int most) throws InterruptedException {
        SampleStore samples = source.samples();
        PixelShape shape = new PixelShape(samples.channels(), samples.height(), samples.width());
        int count = Math.min(samples.size(), Math.min(most, Math.max(BLOCK, KEPT_VALUES / shape.bytes())));
        int[] indices = spread(samples.size(), count);
        byte[][] bytes = new byte[count][shape.bytes()];
        float[][] inputs = new float[count][];
        float[][] further = new float[count][0];
        double[][] earlier = new double[count][0];
        float[][] labels = new float[count][];
        int[] given = new int[count];
        int[] drives = new int[count];
        Map<String, Integer> driveNumbers = new HashMap<>();
        boolean image = false;
        boolean telemetry = false;
        for (int from = 0; from < count; from += BLOCK) {
            Interruption.check();
            int[] block = Arrays.copyOfRange(indices, from, Math.min(count, from + BLOCK));
            INDArray[] read = source.inputs().read(samples, block);
            image = isImage(read, shape);
            telemetry =
                    samples.telemetryCount() > 0 && read[0].rank() == 3 && read[0].size(1) == samples.telemetryCount();
            float[][] inputRows = Arrays2d.rows(read[0]);
            for (int input = 1; input < read.length; input++) {
                append(further, from, Arrays2d.rows(read[input]));
            }
            float[][] labelRows = Arrays2d.rows(source.labels().encode(samples, block));
            for (int row = 0; row < block.length; row++) {
                samples.readPixels(block[row], bytes[from + row], 0);
                // Of the frames of a drive the last is the sample's own.
                int own = image ? inputRows[row].length - shape.bytes() : 0;
                inputs[from + row] =
                        own == 0 ? inputRows[row] : Arrays.copyOfRange(inputRows[row], own, inputRows[row].length);
                if (own > 0) {
                    earlier[from + row] = Features.ofOther(Arrays.copyOf(inputRows[row], own));
                }
                labels[from + row] = labelRows[row];
                given[from + row] = samples.label(block[row]);
                drives[from + row] =
                        driveNumbers.computeIfAbsent(source.driveId().apply(block[row]), drive -> driveNumbers.size());
            }
        }
        return new SplitScan(
                source, shape, indices, bytes, inputs, further, earlier, labels, given, drives, image, telemetry);
    }

    private static void append(float[][] further, int from, float[][] rows) {
        for (int row = 0; row < rows.length; row++) {
            float[] before = further[from + row];
            float[] longer = Arrays.copyOf(before, before.length + rows[row].length);
            System.arraycopy(rows[row], 0, longer, before.length, rows[row].length);
            further[from + row] = longer;
        }
    }

    /** {@code count} of {@code size} indices at equal distances. */
    static int[] spread(int size, int count) {
        int[] indices = new int[count];
        for (int i = 0; i < count; i++) {
            indices[i] = (int) ((2L * i + 1) * size / (2L * count));
        }
        return indices;
    }

    private static boolean isImage(INDArray[] read, PixelShape shape) {
        long perRow = read[0].length() / Math.max(1, read[0].size(0));
        return (read[0].rank() == 4 || read[0].rank() == 2) && perRow > 0 && perRow % shape.bytes() == 0;
    }

    SplitSource source() {
        return source;
    }

    String name() {
        return source.name();
    }

    PixelShape shape() {
        return shape;
    }

    int size() {
        return indices.length;
    }

    int index(int row) {
        return indices[row];
    }

    byte[] bytes(int row) {
        return bytes[row];
    }

    float[] input(int row) {
        return inputs[row];
    }

    /** What the network is fed with beside its first input, such as telemetry. */
    float[] further(int row) {
        return further[row];
    }

    /** Features of the frames before the sample's own, if the network reads any. */
    double[] earlier(int row) {
        return earlier[row];
    }

    /** Samples of each class in the store, of as many classes as are declared. */
    int[] counts(int classes) {
        int[] counts = new int[classes];
        for (int label : given) {
            counts[label]++;
        }
        return counts;
    }

    float[] label(int row) {
        return labels[row];
    }

    /** Class index in the store. */
    int given(int row) {
        return given[row];
    }

    /** Class index that the encoded label says. */
    int encoded(int row) {
        return Arrays2d.largest(labels[row]);
    }

    /** A number for each drive of the scan, from 0. */
    int[] drives() {
        return drives.clone();
    }

    int driveCount() {
        return (int) Arrays.stream(drives).distinct().count();
    }

    /**
     * The numbers that the car sent with the sample's own frame, as they reach the network; empty where it reads none, or
     * where they cannot be told from others.
     */
    float[] telemetry(int row) {
        int count = source.samples().telemetryCount();
        if (!telemetry) {
            return further[row].length == count ? further[row] : new float[0];
        }
        float[] last = new float[count];
        int time = inputs[row].length / count;
        for (int number = 0; number < count; number++) {
            last[number] = inputs[row][(number + 1) * time - 1];
        }
        return last;
    }

    /** Whether the first input is the image, value for value, or ends with it. */
    boolean image() {
        return image;
    }
}
