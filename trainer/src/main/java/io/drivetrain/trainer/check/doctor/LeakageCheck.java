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

    private LeakageCheck() {}

    static void examine(List<SplitSource> splits, Settings settings, Findings findings) throws InterruptedException {
        if (ids(splits, findings)) {
            return;
        }
        List<Images> images = new ArrayList<>();
        List<Prints> prints = new ArrayList<>();
        for (SplitSource split : splits) {
            prints.add(Prints.of(split));
            images.add(Images.of(split, settings.compared()));
        }
        for (int i = 0; i < images.size(); i++) {
            for (int j = i + 1; j < images.size(); j++) {
                if (!exactCopies(prints.get(i), prints.get(j), findings)) {
                    nearCopies(images.get(i), images.get(j), findings);
                }
            }
        }
    }

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
            for (int index = 0; index < source.samples().size(); index++) {
                Interruption.check();
                String id = idOf.apply(source).apply(index);
                BitSet in = found.get(id);
                if (in != null) {
                    in.set(split);
                    for (int before = in.nextSetBit(0);
                            before >= 0 && before < split;
                            before = in.nextSetBit(before + 1)) {
                        counts[before][split]++;
                        examples[before][split] = id;
                    }
                }
            }
        }
    }

    /** Pixels of some samples of a split; images of one colour say nothing and are left out. */
    private record Images(
            SplitSource source,
            int[] indices,
            float[][] pixels,
            float[][] coarse,
            float[][] coarseByBlock,
            String[] drives) {
        static Images of(SplitSource source, int most) throws InterruptedException {
            int channels = source.samples().channels();
            int height = source.samples().height();
            int width = source.samples().width();
            int perSample = channels * height * width;
            int count = Math.min(source.samples().size(), Math.min(most, Math.max(64, 16_000_000 / perSample)));
            List<Integer> indices = new ArrayList<>();
            List<float[]> pixels = new ArrayList<>();
            List<float[]> coarse = new ArrayList<>();
            List<String> drives = new ArrayList<>();
            byte[] bytes = new byte[perSample];
            int[] blocks = blocks(height, width);
            for (int index : SplitScan.spread(source.samples().size(), count)) {
                Interruption.check();
                source.samples().readPixels(index, bytes, 0);
                float[] standardised = standardised(bytes);
                if (standardised.length > 0) {
                    indices.add(index);
                    pixels.add(standardised);
                    coarse.add(coarse(standardised, blocks));
                    drives.add(source.driveId().apply(index));
                }
            }
            return new Images(
                    source,
                    indices.stream().mapToInt(Integer::intValue).toArray(),
                    pixels.toArray(float[][]::new),
                    coarse.toArray(float[][]::new),
                    transposed(coarse),
                    drives.toArray(String[]::new));
        }

        int size() {
            return indices.length;
        }

        float[] mirrored(int place) {
            return LeakageCheck.mirrored(pixels[place], source.samples().width());
        }

        /** Mean 0 and length 1, so that a product is a correlation; empty for an image of one colour. */
        private static float[] standardised(byte[] bytes) {
            long sum = 0;
            long squares = 0;
            for (byte value : bytes) {
                int level = value & 0xff;
                sum += level;
                squares += level * level;
            }
            double mean = (double) sum / bytes.length;
            double length = Math.sqrt(Math.max(0, squares - bytes.length * mean * mean));
            if (length < 1e-6) {
                return new float[0];
            }
            float[] ofLevel = new float[256];
            for (int level = 0; level < ofLevel.length; level++) {
                ofLevel[level] = (float) ((level - mean) / length);
            }
            float[] result = new float[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                result[i] = ofLevel[bytes[i] & 0xff];
            }
            return result;
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

        private static float[] coarse(float[] pixels, int[] blockOf) {
            float[] blocks = new float[SIDE * SIDE];
            for (int from = 0; from < pixels.length; from += blockOf.length) {
                for (int i = 0; i < blockOf.length; i++) {
                    blocks[blockOf[i]] += pixels[from + i];
                }
            }
            double squares = 0;
            for (float block : blocks) {
                squares += (double) block * block;
            }
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = (float) (blocks[i] / Math.sqrt(Math.max(1e-12, squares)));
            }
            return blocks;
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
            byte[] bytes = new byte[perSample];
            // Two, which the processor computes, make 64 bits of fingerprint.
            Checksum one = new CRC32C();
            Checksum two = new CRC32();
            for (int i = 0; i < indices.length; i++) {
                Interruption.check();
                samples.readPixels(indices[i], bytes, 0);
                one.reset();
                one.update(bytes);
                two.reset();
                two.update(bytes);
                prints[i] = oneColour(bytes) ? 0 : one.getValue() << 32 | two.getValue() | 1;
            }
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
        float[] pixels = mirrored ? asked.mirrored(j) : asked.pixels()[j];
        for (int i : nearest) {
            if (i >= 0 && product(known.pixels()[i], pixels) > COPY) {
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

    private static double product(float[] one, float[] two) {
        if (one.length != two.length) {
            return 0;
        }
        // Four sums, so that one addition need not wait for the one before.
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int i = 0;
        for (; i + 3 < one.length; i += 4) {
            a += one[i] * two[i];
            b += one[i + 1] * two[i + 1];
            c += one[i + 2] * two[i + 2];
            d += one[i + 3] * two[i + 3];
        }
        for (; i < one.length; i++) {
            a += one[i] * two[i];
        }
        return a + b + c + d;
    }
}
