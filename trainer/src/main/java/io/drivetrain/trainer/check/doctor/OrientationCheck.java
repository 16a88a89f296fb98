package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.PixelShape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.DoubleStream;

/**
 * Whether a split's images are stored upright, as those of train are, and not mirrored, turned or transposed. Two models
 * must say the same: one of what is bright and one of where edges are; at night the road may be brighter than the sky,
 * and yet its edges are where they were.
 */
final class OrientationCheck {
    private static final int FEWEST_DRIVES = 10;
    private static final int BLOCKS = 8;
    private static final int MIRRORED = 1;
    private static final int UPSIDE_DOWN = 2;
    private static final int EXCHANGED = 4;
    /** By bits: mirrored left to right, turned upside down, rows and columns exchanged first. */
    private static final List<String> VARIANTS = List.of(
            "upright",
            "mirrored",
            "upside down",
            "turned by 180°",
            "transposed",
            "turned by 90°",
            "turned by 270°",
            "transposed and turned by 180°");

    private OrientationCheck() {}

    /** The names of the splits that are stored otherwise than train by what is bright, though edges may not say so. */
    static Set<String> examine(List<SplitScan> scans, Settings settings, Findings findings)
            throws InterruptedException {
        SplitScan train = scans.get(0);
        PixelShape shape = train.shape();
        if (scans.size() == 1
                || train.driveCount() < FEWEST_DRIVES
                || shape.height() < BLOCKS
                || shape.width() < BLOCKS) {
            return Set.of();
        }
        int[] blocks = blocks(shape);
        VariantModel bright =
                VariantModel.of(train, variants(shape), (scan, row) -> bright(scan, row, blocks), settings.seed());
        VariantModel edges = null;
        Set<String> turned = new HashSet<>();
        for (SplitScan scan : scans.subList(1, scans.size())) {
            VariantModel.Answer answer = bright.ask(scan);
            if (answer.variant() == 0) {
                continue;
            }
            turned.add(scan.name());
            edges = edges == null
                    ? VariantModel.of(train, variants(shape), (s, row) -> edges(s, row, blocks), settings.seed())
                    : edges;
            if (!edges.agrees(answer.variant(), scan)) {
                continue;
            }
            if (answer.variant() == MIRRORED && !scan.name().startsWith("train")) {
                findings.skipped(
                        "%d of %d drives of %s look mirrored beside train: either they are, or they keep to the other side of the road.",
                        answer.drives(), scan.driveCount(), scan.name());
            } else {
                findings.failed(
                        Ailment.INPUT_LAYOUT_SCRAMBLED,
                        scan.name(),
                        0,
                        "A linear model takes %d of %d drives of %s for stored %s (p = %.2g); it knows %.0f %% of train's %d drives from such ones out of fold.",
                        answer.drives(),
                        scan.driveCount(),
                        scan.name(),
                        VARIANTS.get(answer.variant()),
                        answer.pValue(),
                        100 * bright.known()[answer.variant()],
                        train.driveCount());
            }
        }
        return turned;
    }

    /** Means of blocks over all channels, scaled to mean 0 and deviation 1 over the image. */
    private static IntFunction<double[]> bright(SplitScan scan, int row, int[] blockOf) {
        byte[] bytes = scan.bytes(row);
        int[] blocks = new int[BLOCKS * BLOCKS];
        for (int from = 0; from < bytes.length; from += blockOf.length) {
            for (int i = 0; i < blockOf.length; i++) {
                blocks[blockOf[i]] += bytes[from + i] & 0xff;
            }
        }
        double[] standardised =
                standardised(Arrays.stream(blocks).asDoubleStream().toArray());
        return variant -> turned(standardised, 0, variant);
    }

    /** Mean size of the steps from pixel to pixel in blocks, to the right and then down, scaled in the same way. */
    private static IntFunction<double[]> edges(SplitScan scan, int row, int[] blockOf) {
        PixelShape shape = scan.shape();
        byte[] bytes = scan.bytes(row);
        double[] blocks = new double[2 * BLOCKS * BLOCKS];
        for (int i = 0; i < bytes.length; i++) {
            if (i % shape.width() > 0) {
                blocks[blockOf[i % blockOf.length]] += Math.abs((bytes[i] & 0xff) - (bytes[i - 1] & 0xff));
            }
            if (i / shape.width() % shape.height() > 0) {
                blocks[BLOCKS * BLOCKS + blockOf[i % blockOf.length]] +=
                        Math.abs((bytes[i] & 0xff) - (bytes[i - shape.width()] & 0xff));
            }
        }
        double[] standardised = standardised(blocks);
        return variant -> {
            double[] right = turned(standardised, 0, variant);
            double[] down = turned(standardised, BLOCKS * BLOCKS, variant);
            boolean exchanged = (variant & EXCHANGED) != 0;
            return DoubleStream.concat(Arrays.stream(exchanged ? down : right), Arrays.stream(exchanged ? right : down))
                    .toArray();
        };
    }

    /** Only a square image is an image still when its rows and columns are exchanged. */
    private static int variants(PixelShape shape) {
        return shape.height() == shape.width() ? VARIANTS.size() : EXCHANGED;
    }

    /** The block that each pixel of a channel lies in. */
    private static int[] blocks(PixelShape shape) {
        int[] blocks = new int[shape.height() * shape.width()];
        Arrays.setAll(blocks, pixel -> {
            int y = pixel / shape.width() * BLOCKS / shape.height();
            int x = pixel % shape.width() * BLOCKS / shape.width();
            return y * BLOCKS + x;
        });
        return blocks;
    }

    /** The square of blocks that begins at a place, as it is in a variant of the image. */
    private static double[] turned(double[] blocks, int from, int variant) {
        double[] turned = new double[BLOCKS * BLOCKS];
        for (int y = 0; y < BLOCKS; y++) {
            for (int x = 0; x < BLOCKS; x++) {
                int row = (variant & EXCHANGED) == 0 ? y : x;
                int column = (variant & EXCHANGED) == 0 ? x : y;
                int down = (variant & UPSIDE_DOWN) == 0 ? row : BLOCKS - 1 - row;
                int right = (variant & MIRRORED) == 0 ? column : BLOCKS - 1 - column;
                turned[down * BLOCKS + right] = blocks[from + y * BLOCKS + x];
            }
        }
        return turned;
    }

    private static double[] standardised(double[] values) {
        double mean = Arrays.stream(values).average().orElse(0);
        double squares = Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
        double deviation = Math.max(1, Math.sqrt(squares / values.length));
        return Arrays.stream(values).map(value -> (value - mean) / deviation).toArray();
    }
}
