package io.drivetrain.pipeline.measure;

import java.util.Arrays;

/**
 * Perceptual hash and quality of a coloured picture in one pass over its pixels: the same numbers as {@link
 * PerceptualHash} and {@link ImageQuality}, for the inner loop of a job. Holds its work space, so it is not safe for use
 * by several threads.
 */
public final class PictureMeasurer {
    private static final int LEVELS = 256;
    private static final int COLOURS = 3;

    // Brightness is sorted in steps of 2^14 of its weighted squares first, and only one step is then searched.
    private static final int STEP_BITS = 14;
    private static final int STEPS = (65_025_000 >> STEP_BITS) + 1;

    private final int[] levels = new int[COLOURS * LEVELS];
    private final int[] steps = new int[STEPS];
    private final int[] hashSamples = new int[PerceptualHash.SIDE * PerceptualHash.SIDE];
    private Plan plan = new Plan(1, 1);

    /**
     * Measures a picture.
     *
     * @param picture RGB or BGR; what the decoder made of the image
     * @param fullWidth of the image itself, in pixels, for the aspect ratio
     * @param fullHeight of the image itself, in pixels
     * @throws IllegalArgumentException if the picture has no colours or has an opacity
     */
    public PictureMeasures measure(Picture picture, int fullWidth, int fullHeight) {
        if (picture.mode().samples() != COLOURS) {
            throw new IllegalArgumentException(
                    "Cannot measure a picture in %s here; decode it to RGB or BGR".formatted(picture.mode()));
        }
        if (plan.width != picture.width() || plan.height != picture.height()) {
            plan = new Plan(picture.width(), picture.height());
        }
        Arrays.fill(levels, 0);
        Arrays.fill(steps, 0);
        spread(picture);
        plan.toHash.resize(plan.luma, hashSamples);
        double[] low = PerceptualHash.lowFrequencies(hashSamples);
        return new PictureMeasures(
                PerceptualHash.hash(low),
                PerceptualHash.flat(low),
                new ImageQuality(
                        percentile(99),
                        1 - percentile(5),
                        blurScore(),
                        ImageQuality.informationScore(
                                QualityProperties.entropy(levels, (long) COLOURS * picture.area())),
                        QualityProperties.aspectRatio(fullWidth, fullHeight)));
    }

    // Planes are written by column, as the resize wants them.
    private void spread(Picture picture) {
        int height = picture.height();
        int width = picture.width();
        byte[] samples = picture.samples();
        int redAt = picture.mode().red();
        int blueAt = picture.mode().blue();
        for (int y = 0, p = 0, i = 0; y < height; y++) {
            for (int x = 0, c = y; x < width; x++, c += height, p += COLOURS, i++) {
                int red = samples[p + redAt] & 0xFF;
                int green = samples[p + 1] & 0xFF;
                int blue = samples[p + blueAt] & 0xFF;
                levels[red]++;
                levels[LEVELS + green]++;
                levels[2 * LEVELS + blue]++;
                int squares = QualityProperties.weightedSquares(red, green, blue);
                plan.squares[i] = squares;
                steps[squares >> STEP_BITS]++;
                plan.luma[c] = Picture.luma(red, green, blue);
                plan.red[c] = red;
                plan.green[c] = green;
                plan.blue[c] = blue;
            }
        }
    }

    private double blurScore() {
        int[] reduced = plan.reducedRed;
        plan.toBlur.resize(plan.red, plan.reducedRed);
        plan.toBlur.resize(plan.green, plan.reducedGreen);
        plan.toBlur.resize(plan.blue, plan.reducedBlue);
        for (int i = 0; i < reduced.length; i++) {
            reduced[i] = Picture.luma(plan.reducedRed[i], plan.reducedGreen[i], plan.reducedBlue[i]);
        }
        return ImageQuality.blurScore(
                QualityProperties.edgeDeviation(reduced, plan.reducedWidth, plan.reducedHeight),
                QualityProperties.histogramDeviation(reduced));
    }

    private double percentile(int percent) {
        int count = plan.squares.length;
        double rank = (count - 1) * (percent / 100.0);
        int below = (int) rank;
        return QualityProperties.interpolate(
                QualityProperties.brightness(ranked(below)),
                QualityProperties.brightness(ranked(Math.min(below + 1, count - 1))),
                rank);
    }

    /** The weighted squares of the pixel of a rank, 0 the darkest. */
    private int ranked(int rank) {
        int step = 0;
        int before = 0;
        while (before + steps[step] <= rank) {
            before += steps[step++];
        }
        int found = 0;
        int[] inStep = plan.inStep;
        for (int squares : plan.squares) {
            inStep[found] = squares;
            found += squares >> STEP_BITS == step ? 1 : 0;
        }
        return select(inStep, found, rank - before);
    }

    /** The value of a rank among the first values, which it reorders. */
    private static int select(int[] values, int count, int rank) {
        int low = 0;
        int high = count - 1;
        while (low < high) {
            int pivot = values[(low + high) >>> 1];
            int i = low;
            int j = high;
            while (i <= j) {
                while (values[i] < pivot) {
                    i++;
                }
                while (values[j] > pivot) {
                    j--;
                }
                if (i <= j) {
                    int swapped = values[i];
                    values[i++] = values[j];
                    values[j--] = swapped;
                }
            }
            if (rank <= j) {
                high = j;
            } else if (rank >= i) {
                low = i;
            } else {
                return values[rank];
            }
        }
        return values[rank];
    }

    /** Work space and kernels for pictures of one size. */
    private static final class Plan {
        private final int width;
        private final int height;
        private final int reducedWidth;
        private final int reducedHeight;
        private final int[] luma;
        private final int[] red;
        private final int[] green;
        private final int[] blue;
        private final int[] squares;
        private final int[] inStep;
        private final int[] reducedRed;
        private final int[] reducedGreen;
        private final int[] reducedBlue;
        private final Resampling toHash;
        private final Resampling toBlur;

        Plan(int width, int height) {
            this.width = width;
            this.height = height;
            reducedWidth = QualityProperties.reducedSide(width, width, height);
            reducedHeight = QualityProperties.reducedSide(height, width, height);
            int area = width * height;
            luma = new int[area];
            red = new int[area];
            green = new int[area];
            blue = new int[area];
            squares = new int[area];
            inStep = new int[area + 1];
            reducedRed = new int[reducedWidth * reducedHeight];
            reducedGreen = new int[reducedWidth * reducedHeight];
            reducedBlue = new int[reducedWidth * reducedHeight];
            toHash = new Resampling(width, height, PerceptualHash.SIDE, PerceptualHash.SIDE, Resampling.Filter.LANCZOS);
            toBlur = new Resampling(width, height, reducedWidth, reducedHeight, Resampling.Filter.BICUBIC);
        }
    }
}
