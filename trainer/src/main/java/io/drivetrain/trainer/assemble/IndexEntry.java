package io.drivetrain.trainer.assemble;

import io.drivetrain.schemas.CuratedSample;
import java.util.Comparator;

/**
 * What the index holds of one sample.
 *
 * @param sample the record as it came, without its pixel bytes
 * @param source partition of the split topic that it was read from
 * @param offset in that partition
 */
record IndexEntry(CuratedSample sample, Offsets.Partition source, long offset) {
    /** The order of the samples of one drive. */
    static final Comparator<IndexEntry> WITHIN_DRIVE = Comparator.comparingInt(
                    (IndexEntry e) -> e.sample().getFrameIndex())
            .thenComparing(e -> e.sample().getSampleId());
}
