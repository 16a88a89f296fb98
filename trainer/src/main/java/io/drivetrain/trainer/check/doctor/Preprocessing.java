package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.PixelShape;

/** From the bytes of one image to the numbers that a network reads. */
@FunctionalInterface
public interface Preprocessing {
    /**
     * Writes the numbers of one image.
     *
     * @param chw unsigned bytes, CHW
     * @param into receives {@code shape.bytes()} numbers, CHW
     * @param offset where in {@code into} the first goes
     */
    void apply(byte[] chw, PixelShape shape, float[] into, int offset);

    /** Pixels scaled to 0..1, less the mean, divided by the deviation of their channel. */
    static Preprocessing normalising(ChannelStatistics statistics) {
        return (chw, shape, into, offset) -> {
            int plane = shape.height() * shape.width();
            for (int i = 0; i < chw.length; i++) {
                int channel = i / plane;
                into[offset + i] =
                        (float) (((chw[i] & 0xff) / 255.0 - statistics.mean().get(channel))
                                / statistics.deviation().get(channel));
            }
        };
    }
}
