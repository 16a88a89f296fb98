package io.drivetrain.trainer.grade.slice;

/**
 * How slices are analysed.
 *
 * @param replicates resamples of drives for an interval, and rounds of chance for a p-value; at least 200
 * @param minDrives a slice with fewer drives on test-dev has no interval and no priority; at least 2
 * @param seed same seed and samples, same analysis
 */
public record SliceSettings(int replicates, int minDrives, long seed) {}
