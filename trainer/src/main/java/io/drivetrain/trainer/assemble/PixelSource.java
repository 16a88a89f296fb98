package io.drivetrain.trainer.assemble;

/** Pixel records by their number; safe to read from several threads. */
interface PixelSource {
    /** Copies the record's unsigned bytes, CHW, into an array. */
    void read(int record, byte[] into, int offset);
}
