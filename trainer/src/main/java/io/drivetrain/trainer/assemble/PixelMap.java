package io.drivetrain.trainer.assemble;

import java.nio.MappedByteBuffer;
import java.util.List;

/** Pixel records of one size over several maps, since one map ends at 2 GiB. Safe to read from several threads. */
record PixelMap(List<MappedByteBuffer> windows, int perWindow, int recordBytes) implements PixelSource {
    @Override
    public void read(int record, byte[] into, int offset) {
        windows.get(record / perWindow).get((record % perWindow) * recordBytes, into, offset, recordBytes);
    }
}
