package io.drivetrain.trainer.check.doctor;

import java.util.List;
import java.util.Optional;

/**
 * Whether inputs that are a line of their pixels, {@code scale · pixel + shift} with pixels in 0..1, are normalised by
 * the statistics of train.
 */
final class InputScale {
    /** Of the deviation: a smaller offset of mean or deviation changes nothing that training would notice. */
    private static final double TOLERANCE = 0.15;
    /** Of a set-up that records no statistics: any convention that centres and scales, such as -1..1. */
    private static final double LOOSE_MEAN = 1;

    private static final double LOOSE_DEVIATION = 3;
    private static final double RELATIVE = 0.05;
    /** Of statistics that are taken for a data set's, though not for train's. */
    private static final double LIKE = 0.4;

    private static final double LEVELS = 255;

    private InputScale() {}

    /** What is wrong, and the evidence. */
    record Fault(Ailment ailment, String evidence) {}

    /**
     * @param lines of the input over the stored byte, per channel; NaN where a channel never varies
     * @param train stored pixels of the train split
     * @param recorded what the set-up says that it normalises by
     */
    static Optional<Fault> fault(Affine[] lines, PixelStatistics train, Optional<ChannelStatistics> recorded) {
        if (recorded.isPresent()) {
            Optional<Fault> wrong = recordedFault(recorded.get(), train);
            if (wrong.isPresent()) {
                return wrong;
            }
        }
        for (int channel = 0; channel < lines.length; channel++) {
            if (Double.isNaN(lines[channel].determination()) || train.deviation()[channel] == 0) {
                continue;
            }
            Optional<Fault> fault = fault(lines, channel, train, recorded.isPresent());
            if (fault.isPresent()) {
                return fault;
            }
        }
        return Optional.empty();
    }

    private static Optional<Fault> fault(Affine[] lines, int channel, PixelStatistics train, boolean strict) {
        double scale = lines[channel].slope() * LEVELS;
        double shift = lines[channel].intercept();
        double mean = train.mean()[channel];
        double deviation = train.deviation()[channel];
        double resultingMean = scale * mean + shift;
        double resultingDeviation = Math.abs(scale) * deviation;
        double allowance = TOLERANCE + 4 * train.standardErrorOfMean()[channel] / deviation;
        if (scale > 0 && Math.abs(resultingMean) <= allowance && Math.abs(Math.log(resultingDeviation)) <= allowance) {
            return Optional.empty();
        }
        String evidence =
                "Channel %d of train becomes %.4g · pixel %+.4g (pixel in 0..1), so its mean is %.3g and its deviation %.3g; 0 and 1 are expected."
                        .formatted(channel, scale, shift, resultingMean, resultingDeviation);
        if (near(scale, LEVELS, 0.4) || near(scale, LEVELS / deviation, 0.25)) {
            return Optional.of(new Fault(Ailment.INPUT_RANGE_0_255, evidence));
        }
        // The mean and deviation that the line follows from if it was drawn twice; train's, or a common convention's.
        double deviationIfTwice = 1 / Math.sqrt(Math.max(1e-12, scale));
        double meanIfTwice = -shift / (scale + Math.sqrt(Math.max(1e-12, scale)));
        boolean zeroTwice = near(deviationIfTwice, deviation, LIKE)
                && Math.abs(meanIfTwice - mean) <= 2 * LIKE * deviation
                && resultingMean < -mean / deviation / 2;
        boolean scaledTwice = near(scale, 1 / LEVELS, RELATIVE) && close(shift, 0);
        boolean scaledTwiceThenNormalised =
                near(scale, 1 / (LEVELS * deviation), RELATIVE) && close(shift, -mean / deviation);
        if (zeroTwice || scaledTwice || scaledTwiceThenNormalised) {
            return Optional.of(new Fault(Ailment.INPUT_NORMALISED_TWICE, evidence));
        }
        boolean plain = near(scale, 1, 0.25) && (Math.abs(shift) <= RELATIVE || close(shift, -mean));
        boolean notCentred = near(scale, 1 / deviation, TOLERANCE) && Math.abs(shift) <= RELATIVE;
        if (plain || notCentred) {
            return Optional.of(new Fault(Ailment.INPUT_NOT_NORMALISED, evidence));
        }
        if (ofAnotherChannel(lines, train)) {
            return Optional.of(new Fault(Ailment.CHANNEL_ORDER_SWAPPED, evidence));
        }
        boolean someConvention = scale > 0
                && Math.abs(resultingMean) <= LOOSE_MEAN
                && Math.abs(Math.log(resultingDeviation)) <= Math.log(LOOSE_DEVIATION);
        return !strict && someConvention
                ? Optional.empty()
                : Optional.of(new Fault(Ailment.INPUT_WRONG_STATISTICS, evidence));
    }

    private static Optional<Fault> recordedFault(ChannelStatistics recorded, PixelStatistics train) {
        int channels = train.mean().length;
        if (recorded.mean().size() != channels) {
            return Optional.of(new Fault(
                    Ailment.INPUT_WRONG_STATISTICS,
                    "Statistics of %d channels are recorded; the samples have %d."
                            .formatted(recorded.mean().size(), channels)));
        }
        int[] identity = Permutations.of(channels).get(0);
        for (int channel = 0; channel < channels; channel++) {
            if (!matches(recorded, channel, train, channel)) {
                String evidence =
                        "Recorded for channel %d: mean %.4g and deviation %.4g; the train split's pixels (0..1) have %.4g and %.4g."
                                .formatted(
                                        channel,
                                        recorded.mean().get(channel),
                                        recorded.deviation().get(channel),
                                        train.mean()[channel],
                                        train.deviation()[channel]);
                boolean permuted = channels <= 4
                        && Permutations.of(channels).stream()
                                .filter(order -> !java.util.Arrays.equals(order, identity))
                                .anyMatch(order -> java.util.stream.IntStream.range(0, channels)
                                        .allMatch(c -> matches(recorded, c, train, order[c])));
                return Optional.of(
                        new Fault(permuted ? Ailment.CHANNEL_ORDER_SWAPPED : Ailment.INPUT_WRONG_STATISTICS, evidence));
            }
        }
        return Optional.empty();
    }

    private static boolean matches(ChannelStatistics recorded, int channel, PixelStatistics train, int other) {
        double deviation = train.deviation()[other];
        if (deviation == 0) {
            return true;
        }
        double allowance = TOLERANCE + 4 * train.standardErrorOfMean()[other] / deviation;
        return Math.abs(recorded.mean().get(channel) - train.mean()[other]) <= allowance * deviation
                && Math.abs(Math.log(recorded.deviation().get(channel) / deviation)) <= allowance;
    }

    /** Whether every channel is normalised exactly by the statistics of one of the others, or its own. */
    private static boolean ofAnotherChannel(Affine[] lines, PixelStatistics train) {
        if (lines.length < 2 || lines.length > 4) {
            return false;
        }
        List<int[]> orders = Permutations.of(lines.length);
        return orders.subList(1, orders.size()).stream().anyMatch(order -> {
            for (int channel = 0; channel < order.length; channel++) {
                double mean = train.mean()[order[channel]];
                double deviation = train.deviation()[order[channel]];
                if (!near(lines[channel].slope() * LEVELS, 1 / deviation, RELATIVE)
                        || !close(lines[channel].intercept(), -mean / deviation)) {
                    return false;
                }
            }
            return true;
        });
    }

    private static boolean near(double value, double expected, double relative) {
        return value > 0 && Math.abs(Math.log(value / expected)) <= relative;
    }

    private static boolean close(double value, double expected) {
        return Math.abs(value - expected) <= RELATIVE * (1 + Math.abs(expected));
    }
}
