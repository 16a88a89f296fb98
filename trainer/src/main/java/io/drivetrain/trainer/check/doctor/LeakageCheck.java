package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.SampleStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.hipparchus.distribution.discrete.HypergeometricDistribution;

/**
 * Whether a sample that a model is judged by was trained on: the same id, the same drive, the same pixels, or nearly the
 * same pixels more often than distinct drives of train resemble each other.
 */
final class LeakageCheck {
    private static final int SIDE = 8;
    /** Correlation of the pixels of two images from which one is a copy: compressed again, resized or brightened. */
    private static final double COPY = 0.985;

    private static final double LEVEL = 1e-3;
    /** Neighbours by coarse pixels whose full pixels are compared. */
    private static final int CANDIDATES = 3;

    /** Correlation of coarse pixels that a copy does not fall short of. */
    private static final float LEAST_CLOSENESS = 0.9f;

    /** Products of two bytes that an int holds the sum of. */
    private static final int WITHOUT_OVERFLOW = 32_768;

    private LeakageCheck() {}

    static void examine(List<SplitSource> splits, Settings settings, Findings findings) throws InterruptedException {
        if (ids(splits, findings)) {
            return;
        }
        List<Prints> prints = new ArrayList<>();
        for (SplitSource split : splits) {
            prints.add(Prints.of(split));
        }
        List<Images> images = Parallel.map(splits, split -> Images.of(split, settings.compared()));
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < splits.size(); i++) {
            for (int j = i + 1; j < splits.size(); j++) {
                pairs.add(new Pair(i, j));
            }
        }
        Parallel.findings(pairs, (pair, ofPair) -> {
                    if (!exactCopies(prints.get(pair.one()), prints.get(pair.two()), ofPair)) {
                        nearCopies(images.get(pair.one()), images.get(pair.two()), ofPair);
                    }
                })
                .forEach(findings::add);
    }

    /** Two splits, by number. */
    private record Pair(int one, int two) {}

    private static boolean ids(List<SplitSource> splits, Findings findings) throws InterruptedException {
        Shared samples = Shared.of(splits, SplitSource::sampleId);
        Shared drives = Shared.of(splits, SplitSource::driveId);
        boolean any = false;
        for (int i = 0; i < splits.size(); i++) {
            for (int j = i + 1; j < splits.size(); j++) {
                int sharedSamples = samples.counts()[i][j];
                int inSharedDrives = drives.counts()[i][j];
                if (sharedSamples + inSharedDrives > 0) {
                    any = true;
                    SplitSource one = splits.get(i);
                    SplitSource two = splits.get(j);
                    int size = two.samples().size();
                    findings.failed(
                            Ailment.SPLIT_LEAKAGE,
                            one.name() + ", " + two.name(),
                            1 - (double) Math.max(sharedSamples, inSharedDrives) / size,
                            "%d of %d samples of %s are also in %s, and %d are of a drive that is in both, for example %s.",
                            sharedSamples,
                            size,
                            two.name(),
                            one.name(),
                            inSharedDrives,
                            sharedSamples > 0 ? samples.examples()[i][j] : drives.examples()[i][j]);
                }
            }
        }
        return any;
    }

    /**
     * Of each two splits, how many samples of the second have an id that is in the first, and one of those ids. Every
     * split's ids are read once and those of the largest are not held, because train may have a million samples.
     */
    // Arrays, because they are indexed by split, and nobody compares them.
    @SuppressWarnings("ArrayRecordComponent")
    private record Shared(int[][] counts, String[][] examples) {
        static Shared of(List<SplitSource> splits, Function<SplitSource, IntFunction<String>> idOf)
                throws InterruptedException {
            int largest = 0;
            for (int split = 1; split < splits.size(); split++) {
                largest = splits.get(split).samples().size()
                                > splits.get(largest).samples().size()
                        ? split
                        : largest;
            }
            Map<String, BitSet> found = new HashMap<>();
            for (int split = 0; split < splits.size(); split++) {
                if (split != largest) {
                    SplitSource source = splits.get(split);
                    for (int index = 0; index < source.samples().size(); index++) {
                        found.computeIfAbsent(idOf.apply(source).apply(index), unused -> new BitSet())
                                .set(split);
                    }
                }
            }
            Shared shared = new Shared(new int[splits.size()][splits.size()], new String[splits.size()][splits.size()]);
            // Before the others are counted, since it adds itself to what they share with it.
            shared.count(splits, largest, idOf, found);
            for (int split = 0; split < splits.size(); split++) {
                if (split != largest) {
                    shared.count(splits, split, idOf, found);
                }
            }
            return shared;
        }

        private void count(
                List<SplitSource> splits,
                int split,
                Function<SplitSource, IntFunction<String>> idOf,
                Map<String, BitSet> found)
                throws InterruptedException {
            SplitSource source = splits.get(split);
            IntFunction<String> id = idOf.apply(source);
            List<int[]> known = Parallel.map(Parallel.pieces(source.samples().size()), piece -> {
                IntStream.Builder inAny = IntStream.builder();
                for (int index = piece.from(); index < piece.to(); index++) {
                    Interruption.check();
                    if (found.containsKey(id.apply(index))) {
                        inAny.add(index);
                    }
                }
                return inAny.build().toArray();
            });
            known.stream().flatMapToInt(Arrays::stream).forEach(index -> {
                BitSet in = found.get(id.apply(index));
                in.set(split);
                for (int before = in.nextSetBit(0); before >= 0 && before < split; before = in.nextSetBit(before + 1)) {
                    counts[before][split]++;
                    examples[before][split] = id.apply(index);
                }
            });
        }
    }

    /**
     * Pixels of some samples of a split; images of one colour say nothing and are left out.
     *
     * @param means of the bytes of each image
     * @param lengths of the bytes less their mean, as a vector
     */
    private record Images(
            SplitSource source,
            byte[][] pixels,
            double[] means,
            double[] lengths,
            float[][] coarse,
            float[][] coarseByBlock,
            String[] drives) {
        static Images of(SplitSource source, int most) throws InterruptedException {
            int channels = source.samples().channels();
            int height = source.samples().height();
            int width = source.samples().width();
            int perSample = channels * height * width;
            int count = Math.min(source.samples().size(), Math.min(most, Math.max(64, 16_000_000 / perSample)));
            List<byte[]> pixels = new ArrayList<>();
            List<Double> means = new ArrayList<>();
            List<Double> lengths = new ArrayList<>();
            List<float[]> coarse = new ArrayList<>();
            List<String> drives = new ArrayList<>();
            int[] blockOf = blocks(height, width);
            for (int index : SplitScan.spread(source.samples().size(), count)) {
                Interruption.check();
                byte[] bytes = new byte[perSample];
                source.samples().readPixels(index, bytes, 0);
                long[] blocks = sums(bytes, blockOf);
                double mean = (double) Arrays.stream(blocks).sum() / perSample;
                double length = Math.sqrt(Math.max(0, product(bytes, bytes) - perSample * mean * mean));
                if (length >= 1e-6) {
                    pixels.add(bytes);
                    means.add(mean);
                    lengths.add(length);
                    coarse.add(coarse(blocks, mean, length, blockOf, channels));
                    drives.add(source.driveId().apply(index));
                }
            }
            return new Images(
                    source,
                    pixels.toArray(byte[][]::new),
                    means.stream().mapToDouble(Double::doubleValue).toArray(),
                    lengths.stream().mapToDouble(Double::doubleValue).toArray(),
                    coarse.toArray(float[][]::new),
                    transposed(coarse),
                    drives.toArray(String[]::new));
        }

        int size() {
            return pixels.length;
        }

        byte[] mirrored(int place) {
            int width = source.samples().width();
            byte[] rows = pixels[place];
            byte[] result = new byte[rows.length];
            for (int i = 0; i < rows.length; i++) {
                result[i] = rows[i / width * width + width - 1 - i % width];
            }
            return result;
        }

        /**
         * Correlation of an image's pixels with those of another.
         *
         * @param bytes of the other, possibly mirrored
         */
        double correlation(int place, Images other, int placeOfOther, byte[] bytes) {
            if (bytes.length != pixels[place].length) {
                return 0;
            }
            double covariance = product(pixels[place], bytes) - bytes.length * means[place] * other.means[placeOfOther];
            return covariance / (lengths[place] * other.lengths[placeOfOther]);
        }

        /** The block that each pixel of a channel lies in. */
        private static int[] blocks(int height, int width) {
            int[] blocks = new int[height * width];
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = i / width * SIDE / height * SIDE + i % width * SIDE / width;
            }
            return blocks;
        }

        private static float[][] transposed(List<float[]> rows) {
            float[][] columns = new float[SIDE * SIDE][rows.size()];
            for (int row = 0; row < rows.size(); row++) {
                for (int block = 0; block < columns.length; block++) {
                    columns[block][row] = rows.get(row)[block];
                }
            }
            return columns;
        }

        /** Correlation of each coarse image with one, in a loop that becomes one of vectors. */
        float[] closenessTo(float[] one) {
            float[] closeness = new float[size()];
            for (int block = 0; block < one.length; block++) {
                float[] column = coarseByBlock[block];
                float value = one[block];
                for (int i = 0; i < closeness.length; i++) {
                    closeness[i] += value * column[i];
                }
            }
            return closeness;
        }

        private static long[] sums(byte[] bytes, int[] blockOf) {
            long[] sums = new long[SIDE * SIDE];
            for (int from = 0; from < bytes.length; from += blockOf.length) {
                for (int i = 0; i < blockOf.length; i++) {
                    sums[blockOf[i]] += bytes[from + i] & 0xff;
                }
            }
            return sums;
        }

        /** Sums of the blocks of standardised pixels, of length 1, so that a product is a correlation. */
        private static float[] coarse(long[] sums, double mean, double length, int[] blockOf, int channels) {
            double[] blocks = Arrays.stream(sums).asDoubleStream().toArray();
            for (int block : blockOf) {
                blocks[block] -= channels * mean;
            }
            double squares = 0;
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] /= length;
                squares += blocks[i] * blocks[i];
            }
            float[] coarse = new float[blocks.length];
            for (int i = 0; i < blocks.length; i++) {
                coarse[i] = (float) (blocks[i] / Math.sqrt(Math.max(1e-12, squares)));
            }
            return coarse;
        }
    }

    /** A number for the exact pixels of as many samples as a budget of bytes allows; 0 for an image of one colour. */
    private record Prints(SplitSource source, int[] indices, long[] prints) {
        private static final int MOST_BYTES = 200_000_000;

        static Prints of(SplitSource source) throws InterruptedException {
            SampleStore samples = source.samples();
            int perSample = samples.channels() * samples.height() * samples.width();
            int[] indices =
                    SplitScan.spread(samples.size(), Math.min(samples.size(), Math.max(64, MOST_BYTES / perSample)));
            long[] prints = new long[indices.length];
            Parallel.each(indices.length, i -> {
                byte[] bytes = new byte[perSample];
                samples.readPixels(indices[i], bytes, 0);
                // Two, which the processor computes, make 64 bits of fingerprint.
                Checksum one = new CRC32C();
                one.update(bytes);
                Checksum two = new CRC32();
                two.update(bytes);
                prints[i] = oneColour(bytes) ? 0 : one.getValue() << 32 | two.getValue() | 1;
            });
            return new Prints(source, indices, prints);
        }

        private static boolean oneColour(byte[] bytes) {
            for (byte value : bytes) {
                if (value != bytes[0]) {
                    return false;
                }
            }
            return true;
        }

        String nameOf(int place) {
            return "sample %s of %s".formatted(source.sampleId().apply(indices[place]), source.name());
        }
    }

    private static boolean exactCopies(Prints one, Prints two, Findings findings) {
        Map<Long, Integer> known = new HashMap<>();
        for (int i = 0; i < one.prints().length; i++) {
            if (one.prints()[i] != 0) {
                known.putIfAbsent(one.prints()[i], i);
            }
        }
        int copies = 0;
        String example = "";
        for (int j = 0; j < two.prints().length; j++) {
            Integer original = known.get(two.prints()[j]);
            if (original != null) {
                copies++;
                example = example.isEmpty() ? "%s is %s".formatted(two.nameOf(j), one.nameOf(original)) : example;
            }
        }
        if (copies > 0) {
            findings.failed(
                    Ailment.SPLIT_LEAKAGE,
                    one.source().name() + ", " + two.source().name(),
                    1 - (double) copies / two.prints().length,
                    "The pixels of %d of %d samples of %s are also in %s (%d compared): %s.",
                    copies,
                    two.prints().length,
                    two.source().name(),
                    one.source().name(),
                    one.prints().length,
                    example);
        }
        return copies > 0;
    }

    private static void nearCopies(Images train, Images other, Findings findings) throws InterruptedException {
        if (train.size() == 0 || other.size() == 0) {
            return;
        }
        int across = copiesIn(train, other);
        if (across == 0) {
            findings.passed(
                    Ailment.SPLIT_LEAKAGE,
                    train.source().name() + ", " + other.source().name(),
                    1,
                    "None of %d samples of %s resembles one of %d of %s as a copy would.",
                    other.size(),
                    other.source().name(),
                    train.size(),
                    train.source().name());
            return;
        }
        int within = copiesIn(train, train);
        int all = train.size() + other.size();
        // Fisher's exact test: copies across splits against copies across drives of train.
        double pValue =
                new HypergeometricDistribution(all, across + within, other.size()).upperCumulativeProbability(across);
        double share = (double) across / other.size();
        String evidence =
                "%d of %d samples of %s correlate by more than %.3f with one of %s; among different drives of that itself %d of %d do (p = %.2g)."
                        .formatted(
                                across,
                                other.size(),
                                other.source().name(),
                                COPY,
                                train.source().name(),
                                within,
                                train.size(),
                                pValue);
        if (pValue < LEVEL && share >= 0.01) {
            findings.failed(
                    Ailment.SPLIT_LEAKAGE,
                    train.source().name() + ", " + other.source().name(),
                    1 - share,
                    "%s",
                    evidence);
        } else {
            findings.passed(
                    Ailment.SPLIT_LEAKAGE,
                    train.source().name() + ", " + other.source().name(),
                    1 - share / 2,
                    "%s",
                    evidence);
        }
    }

    /** Samples of {@code asked} that have a copy, upright or mirrored, in another drive of {@code known}. */
    private static int copiesIn(Images known, Images asked) throws InterruptedException {
        int copies = 0;
        for (int j = 0; j < asked.size(); j++) {
            Interruption.check();
            copies += hasCopy(known, asked, j, false) || hasCopy(known, asked, j, true) ? 1 : 0;
        }
        return copies;
    }

    private static boolean hasCopy(Images known, Images asked, int j, boolean mirrored) {
        float[] close = known.closenessTo(mirrored ? mirrored(asked.coarse()[j], SIDE) : asked.coarse()[j]);
        int[] nearest = new int[CANDIDATES];
        double[] closeness = new double[CANDIDATES];
        Arrays.fill(nearest, -1);
        Arrays.fill(closeness, LEAST_CLOSENESS);
        for (int i = 0; i < known.size(); i++) {
            if (!(close[i] > LEAST_CLOSENESS) || known == asked && known.drives()[i].equals(asked.drives()[j])) {
                continue;
            }
            int least = closeness[0] < closeness[1]
                    ? (closeness[0] < closeness[2] ? 0 : 2)
                    : (closeness[1] < closeness[2] ? 1 : 2);
            if (close[i] > closeness[least]) {
                closeness[least] = close[i];
                nearest[least] = i;
            }
        }
        if (Arrays.stream(nearest).allMatch(i -> i < 0)) {
            return false;
        }
        byte[] pixels = mirrored ? asked.mirrored(j) : asked.pixels()[j];
        for (int i : nearest) {
            if (i >= 0 && known.correlation(i, asked, j, pixels) > COPY) {
                return true;
            }
        }
        return false;
    }

    private static float[] mirrored(float[] rows, int width) {
        float[] result = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            result[i] = rows[i / width * width + width - 1 - i % width];
        }
        return result;
    }

    /** Of the bytes from 0 to 255, summed in integers, which the processor takes many of at a time. */
    private static long product(byte[] one, byte[] two) {
        long sum = 0;
        for (int from = 0; from < one.length; from += WITHOUT_OVERFLOW) {
            int part = 0;
            for (int i = from; i < Math.min(one.length, from + WITHOUT_OVERFLOW); i++) {
                part += (one[i] & 0xff) * (two[i] & 0xff);
            }
            sum += part;
        }
        return sum;
    }
}
