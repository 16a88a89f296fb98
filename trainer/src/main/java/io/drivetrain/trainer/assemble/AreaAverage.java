package io.drivetrain.trainer.assemble;

/**
 * Pixels averaged down to fewer rows and columns: each result is the mean of the area that it covers, border pixels
 * counted by the share of them that is covered, rounded to the nearest.
 */
final class AreaAverage implements PixelSource {
    private final PixelSource source;
    private final PixelShape from;
    private final PixelShape to;
    private final Cover rows;
    private final Cover columns;

    /** For each result its first source index, and the weights from there on, which sum to 1. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Cover(int[] first, float[][] weights) {
        static Cover of(int from, int to) {
            int[] first = new int[to];
            float[][] weights = new float[to][];
            double scale = from / (double) to;
            for (int i = 0; i < to; i++) {
                double begin = i * scale;
                double end = Math.min(from, begin + scale);
                first[i] = (int) Math.floor(begin);
                int last = Math.min(from - 1, (int) Math.ceil(end) - 1);
                weights[i] = new float[last - first[i] + 1];
                for (int j = first[i]; j <= last; j++) {
                    weights[i][j - first[i]] = (float) ((Math.min(end, j + 1) - Math.max(begin, j)) / scale);
                }
            }
            return new Cover(first, weights);
        }
    }

    /**
     * @throws IllegalArgumentException if the result would have more channels, rows or columns than there are
     */
    AreaAverage(PixelSource source, PixelShape from, PixelShape to) {
        if (to.channels() != from.channels() || to.height() > from.height() || to.width() > from.width()) {
            throw new IllegalArgumentException(
                    "Cannot average pixels of %s to %s; image.width and image.height of a training are at most those of curation"
                            .formatted(from, to));
        }
        this.source = source;
        this.from = from;
        this.to = to;
        this.rows = Cover.of(from.height(), to.height());
        this.columns = Cover.of(from.width(), to.width());
    }

    @Override
    public void read(int record, byte[] into, int offset) {
        byte[] pixels = new byte[from.bytes()];
        source.read(record, pixels, 0);
        int next = offset;
        for (int channel = 0; channel < to.channels(); channel++) {
            int plane = channel * from.height() * from.width();
            for (int y = 0; y < to.height(); y++) {
                for (int x = 0; x < to.width(); x++) {
                    into[next++] = (byte) Math.round(mean(pixels, plane, y, x));
                }
            }
        }
    }

    private float mean(byte[] pixels, int plane, int y, int x) {
        float[] rowWeights = rows.weights[y];
        float[] columnWeights = columns.weights[x];
        float sum = 0;
        for (int i = 0; i < rowWeights.length; i++) {
            int row = plane + (rows.first[y] + i) * from.width() + columns.first[x];
            float inRow = 0;
            for (int j = 0; j < columnWeights.length; j++) {
                inRow += columnWeights[j] * (pixels[row + j] & 0xff);
            }
            sum += rowWeights[i] * inRow;
        }
        return sum;
    }
}
