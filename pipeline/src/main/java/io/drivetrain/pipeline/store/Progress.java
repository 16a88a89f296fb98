package io.drivetrain.pipeline.store;

/** Hears how far long work is. */
@FunctionalInterface
interface Progress {
    /**
     * Says it.
     *
     * @param label what is done
     * @param unit of the numbers
     */
    void at(String label, String unit, long done, long total);
}
