package io.drivetrain.trainer.check.doctor;

import java.util.List;

/**
 * What inputs are normalised by.
 *
 * @param mean per channel, of pixels scaled to 0..1
 * @param deviation standard deviation per channel, of the same; 1 for a channel that never varies
 */
public record ChannelStatistics(List<Double> mean, List<Double> deviation) {
    public ChannelStatistics {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        if (mean.size() != deviation.size()) {
            throw new IllegalArgumentException("There are %d means and %d deviations; each channel needs one of both"
                    .formatted(mean.size(), deviation.size()));
        }
    }
}
