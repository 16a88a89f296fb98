package io.drivetrain.pipeline.measure;

import io.drivetrain.schemas.MeasurementTaker;
import java.util.Arrays;

/**
 * Perceptual hash and quality of a coloured picture in one pass over its pixels: the same numbers as {@link
 * PerceptualHash} and {@link ImageQuality}, for the inner loop of a job. Holds its work space, so it is not safe for use
 * by several threads.
 */
public final class PictureMeasurer {
    private static final int LEVELS = 256;
    private static final int COLOURS = 3;

    // Brightness is sorted in steps of 2^16 of its weighted squares first, and only one step is then searched.
    private static final int STEP_BITS = 16;
    private static final int STEPS = (65_025_000 >> STEP_BITS) + 1;

    private final int[] reds = new int[LEVELS];
    private final int[] greens = new int[LEVELS];
    private final int[] blues = new int[LEVELS];
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
        return measure(picture, fullWidth, fullHeight, false);
    }

    /**
     * Measures a picture that may have been grey.
     *
     * @param grey whether the image has no colours, so that its three equal channels count as the one that it had
     * @throws IllegalArgumentException if the picture has no colours or has an opacity
     */
    public PictureMeasures measure(Picture picture, int fullWidth, int fullHeight, boolean grey) {
        if (picture.mode().samples() != COLOURS) {
            throw new IllegalArgumentException(
                    "Cannot measure a picture in %s here; decode it to RGB or BGR".formatted(picture.mode()));
        }
        if (plan.width != picture.width() || plan.height != picture.height()) {
            plan = new Plan(picture.width(), picture.height());
        }
        spread(picture);
        plan.toHash.resize(plan.luma, hashSamples);
        double[] low = PerceptualHash.lowFrequencies(hashSamples);
        double median = PerceptualHash.median(low);
        Place dark = place(99);
        Place light = place(5);
        gather(light.step, plan.inLow, dark.step, plan.inHigh);
        return new PictureMeasures(
                PerceptualHash.hash(low, median),
                PerceptualHash.flat(low, median),
                new ImageQuality(
                        brightness(dark, plan.inHigh),
                        1 - brightness(light, plan.inLow),
                        blurScore(),
                        ImageQuality.informationScore(
                                grey ? MeasurementTaker.entropy(greens, picture.area()) : entropy(picture)),
                        QualityProperties.aspectRatio(fullWidth, fullHeight)));
    }

    // By column, as the resize wants the planes; lines are short enough that reading down a picture costs nothing.
    private void spread(Picture picture) {
        Arrays.fill(reds, 0);
        Arrays.fill(greens, 0);
        Arrays.fill(blues, 0);
        Arrays.fill(steps, 0);
        for (int x = 0; x < picture.width(); x++) {
            spreadColumn(picture, x, plan.luma[x], plan.colours[x], plan.squares[x]);
        }
    }

    private void spreadColumn(Picture picture, int x, int[] luma, int[] colours, int[] squares) {
        byte[] samples = picture.samples();
        int height = luma.length;
        int line = COLOURS * picture.width();
        int redAt = picture.mode().red() - 1;
        int blueAt = picture.mode().blue() - 1;
        for (int y = 0, p = COLOURS * x + 1; y < height; y++, p += line) {
            int red = samples[p + redAt] & 0xFF;
            int green = samples[p] & 0xFF;
            int blue = samples[p + blueAt] & 0xFF;
            reds[red]++;
            greens[green]++;
            blues[blue]++;
            colours[y] = red;
            colours[height + y] = green;
            colours[2 * height + y] = blue;
            luma[y] = Picture.luma(red, green, blue);
            squares[y] = QualityProperties.weightedSquares(red, green, blue);
        }
        for (int square : squares) {
            steps[square >> STEP_BITS]++;
        }
    }

    private double entropy(Picture picture) {
        System.arraycopy(reds, 0, levels, 0, LEVELS);
        System.arraycopy(greens, 0, levels, LEVELS, LEVELS);
        System.arraycopy(blues, 0, levels, 2 * LEVELS, LEVELS);
        return MeasurementTaker.entropy(levels, (long) COLOURS * picture.area());
    }

    private double blurScore() {
        if (plan.reducedWidth == plan.width && plan.reducedHeight == plan.height) {
            turnLuma();
        } else {
            reduceLuma();
        }
        return ImageQuality.blurScore(
                QualityProperties.edgeDeviation(plan.reducedLuma, plan.reducedWidth, plan.reducedHeight),
                QualityProperties.histogramDeviation(plan.reducedLuma));
    }

    /** A small picture is judged as it is; its lines are what the columns are. */
    private void turnLuma() {
        int width = plan.width;
        for (int x = 0; x < width; x++) {
            int[] column = plan.luma[x];
            for (int y = 0, i = x; y < column.length; y++, i += width) {
                plan.reducedLuma[i] = column[y];
            }
        }
    }

    private void reduceLuma() {
        plan.toBlur.resize(plan.colours, plan.reducedColours);
        int width = plan.reducedWidth;
        int[] reduced = plan.reducedLuma;
        for (int y = 0, i = 0, c = 0; y < plan.reducedHeight; y++, c += 2 * width) {
            for (int x = 0; x < width; x++, i++, c++) {
                reduced[i] = Picture.luma(
                        plan.reducedColours[c], plan.reducedColours[c + width], plan.reducedColours[c + 2 * width]);
            }
        }
    }

    /** A percentile's place among the pixels, the darkest first. */
    private Place place(int percent) {
        double rank = (plan.width * plan.height - 1) * (percent / 100.0);
        int step = 0;
        int before = 0;
        while (before + steps[step] <= (int) rank) {
            before += steps[step++];
        }
        return new Place(rank, step, before);
    }

    /**
     * Where a percentile is.
     *
     * @param rank between two pixels
     * @param step of brightness that the lower of them is in
     * @param before pixels in lower steps
     */
    private record Place(double rank, int step, int before) {}

    private double brightness(Place place, int[] inStep) {
        int lower = select(inStep, steps[place.step], (int) place.rank - place.before);
        int above = Math.min((int) place.rank + 1, plan.width * plan.height - 1) - place.before;
        int upper = above < steps[place.step] ? select(inStep, steps[place.step], above) : darkestAfter(place.step);
        return QualityProperties.interpolate(
                QualityProperties.brightness(lower), QualityProperties.brightness(upper), place.rank);
    }

    /** Collects the weighted squares of two steps. */
    private void gather(int lowStep, int[] low, int highStep, int[] high) {
        int lows = 0;
        int highs = 0;
        for (int[] column : plan.squares) {
            for (int squares : column) {
                int step = squares >> STEP_BITS;
                low[lows] = squares;
                high[highs] = squares;
                lows += step == lowStep ? 1 : 0;
                highs += step == highStep ? 1 : 0;
            }
        }
    }

    private int darkestAfter(int step) {
        int least = Integer.MAX_VALUE;
        for (int[] column : plan.squares) {
            for (int squares : column) {
                least = squares >> STEP_BITS > step ? Math.min(least, squares) : least;
            }
        }
        return least;
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
        private final int[][] luma;
        private final int[][] colours;
        private final int[][] squares;
        private final int[] inLow;
        private final int[] inHigh;
        private final int[] reducedColours;
        private final int[] reducedLuma;
        private final Resampling toHash;
        private final Resampling toBlur;

        Plan(int width, int height) {
            this.width = width;
            this.height = height;
            reducedWidth = QualityProperties.reducedSide(width, width, height);
            reducedHeight = QualityProperties.reducedSide(height, width, height);
            int area = width * height;
            luma = new int[width][height];
            colours = new int[width][COLOURS * height];
            squares = new int[width][height];
            // One more than all: the place after the last one found is written to.
            inLow = new int[area + 1];
            inHigh = new int[area + 1];
            reducedColours = new int[COLOURS * reducedWidth * reducedHeight];
            reducedLuma = new int[reducedWidth * reducedHeight];
            toHash = new Resampling(width, height, PerceptualHash.SIDE, PerceptualHash.SIDE, Resampling.Filter.LANCZOS);
            toBlur = new Resampling(COLOURS, width, height, reducedWidth, reducedHeight, Resampling.Filter.BICUBIC);
        }
    }
}
