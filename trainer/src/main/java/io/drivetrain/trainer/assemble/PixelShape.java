package io.drivetrain.trainer.assemble;

import io.drivetrain.schemas.Pixels;

/** The one shape that all samples of a store have: unsigned bytes, CHW. */
public record PixelShape(int channels, int height, int width) {
    /** Bytes of one sample. */
    public int bytes() {
        return channels * height * width;
    }

    /** Whether these pixels say that they have this shape, and have as many bytes as it needs. */
    public boolean fits(Pixels pixels) {
        return pixels.getChannels() == channels
                && pixels.getHeight() == height
                && pixels.getWidth() == width
                && pixels.getData().remaining() == bytes();
    }

    /** As people write it, for example {@code 3x64x64}. */
    @Override
    public String toString() {
        return channels + "x" + height + "x" + width;
    }
}
