package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.SampleStore;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Stored pixels of a split, scaled to 0..1.
 *
 * @param mean per channel
 * @param deviation standard deviation per channel, 0 for one that never varies
 * @param standardErrorOfMean per channel, from the spread between drives; 0 where all samples were read
 */
record PixelStatistics(double[] mean, double[] deviation, double[] standardErrorOfMean) {
    private static final int LEVELS = 255;

    /** Of at most {@code most} samples, spread evenly. */
    static PixelStatistics of(SplitSource source, int most) throws InterruptedException {
        SampleStore samples = source.samples();
        int channels = samples.channels();
        int plane = samples.height() * samples.width();
        int[] indices = SplitScan.spread(samples.size(), Math.min(most, samples.size()));
        long[][] sums = new long[indices.length][2 * channels];
        Parallel.map(Parallel.pieces(indices.length), piece -> {
            byte[] pixels = new byte[channels * plane];
            for (int i = piece.from(); i < piece.to(); i++) {
                Interruption.check();
                samples.readPixels(indices[i], pixels, 0);
                for (int channel = 0; channel < channels; channel++) {
                    addUp(pixels, channel, plane, sums[i]);
                }
            }
            return piece;
        });
        double[] sum = new double[channels];
        double[] squares = new double[channels];
        Map<String, double[]> byDrive = new LinkedHashMap<>();
        for (int i = 0; i < indices.length; i++) {
            double[] drive =
                    byDrive.computeIfAbsent(source.driveId().apply(indices[i]), unused -> new double[channels + 1]);
            drive[channels]++;
            for (int channel = 0; channel < channels; channel++) {
                sum[channel] += sums[i][2 * channel];
                squares[channel] += sums[i][2 * channel + 1];
                drive[channel] += (double) sums[i][2 * channel] / plane / LEVELS;
            }
        }
        double[] mean = new double[channels];
        double[] deviation = new double[channels];
        double[] error = new double[channels];
        double count = (double) indices.length * plane;
        for (int channel = 0; channel < channels; channel++) {
            double level = sum[channel] / count;
            mean[channel] = level / LEVELS;
            deviation[channel] = Math.sqrt(Math.max(0, squares[channel] / count - level * level)) / LEVELS;
            double spread = 0;
            for (double[] drive : byDrive.values()) {
                double difference = drive[channel] / drive[channels] - mean[channel];
                spread += difference * difference;
            }
            error[channel] = indices.length == samples.size()
                    ? 0
                    : Math.sqrt(spread / Math.max(1, byDrive.size() - 1) / byDrive.size());
        }
        return new PixelStatistics(mean, deviation, error);
    }

    /** Sum and sum of squares of a channel of one image. */
    private static void addUp(byte[] pixels, int channel, int plane, long[] sums) {
        long one = 0;
        long square = 0;
        for (int i = channel * plane; i < (channel + 1) * plane; i++) {
            int value = pixels[i] & 0xff;
            one += value;
            square += value * value;
        }
        sums[2 * channel] = one;
        sums[2 * channel + 1] = square;
    }
}
