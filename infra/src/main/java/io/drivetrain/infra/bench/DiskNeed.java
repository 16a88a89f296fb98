package io.drivetrain.infra.bench;

/** How much room a bench of the curation takes. */
final class DiskNeed {
    /** Ids, label, attributes and the like around an image, in each record and row. */
    private static final long ENVELOPE_BYTES = 1000;

    /** What is remembered of a sample in RocksDB, and once more in its checkpoints. */
    private static final long STATE_BYTES = 1500;

    /** Indexes of the broker's topics, RocksDB's logs, drawn images, the process logs. */
    private static final long FIXED_BYTES = 1_500_000_000L;

    private DiskNeed() {}

    /**
     * Returns the bytes on disk.
     *
     * @param imageBytes mean encoded size of an image: it is in samples.raw and in the table
     * @param pixelBytes of an image at training size: they are in its split topic
     * @param copies that copy loops make of samples.raw before they are deleted
     */
    static long bytes(long images, double imageBytes, long pixelBytes, int copies) {
        double raw = imageBytes + ENVELOPE_BYTES;
        double row = imageBytes + ENVELOPE_BYTES;
        double split = pixelBytes + ENVELOPE_BYTES;
        return FIXED_BYTES + Math.round(images * ((1 + copies) * raw + row + split + STATE_BYTES));
    }
}
