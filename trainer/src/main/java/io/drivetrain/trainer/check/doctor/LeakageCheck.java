package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.SampleStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.zip.CRC32C;
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

    private LeakageCheck() {}

    static void examine(List<SplitSource> splits, Settings settings, Findings findings) throws InterruptedException {
        int before = 0;
        for (int i = 0; i < splits.size(); i++) {
            for (int j = i + 1; j < splits.size(); j++) {
                before += ids(splits.get(i), splits.get(j), findings) ? 1 : 0;
            }
        }
        if (before > 0) {
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

    private static boolean ids(SplitSource one, SplitSource two, Findings findings) {
        Set<String> samples = shared(one, two, SplitSource::sampleId);
        Set<String> drives = shared(one, two, SplitSource::driveId);
        int sharedSamples = 0;
        int inSharedDrives = 0;
        String example = "";
        for (int index = 0; index < two.samples().size(); index++) {
            if (samples.contains(two.sampleId().apply(index))) {
                sharedSamples++;
                example = two.sampleId().apply(index);
            }
            if (drives.contains(two.driveId().apply(index))) {
                inSharedDrives++;
                example = sharedSamples > 0 ? example : two.driveId().apply(index);
            }
        }
        int size = Math.max(1, two.samples().size());
        if (sharedSamples > 0 || inSharedDrives > 0) {
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
                    example);
            return true;
        }
        return false;
    }

    /** What is in both splits; only the smaller one is held, because train may have a million samples. */
    private static Set<String> shared(
            SplitSource one, SplitSource two, Function<SplitSource, IntFunction<String>> idOf) {
        SplitSource smaller = one.samples().size() < two.samples().size() ? one : two;
        SplitSource larger = smaller == one ? two : one;
        Set<String> held = new HashSet<>();
        for (int index = 0; index < smaller.samples().size(); index++) {
            held.add(idOf.apply(smaller).apply(index));
        }
        Set<String> shared = new HashSet<>();
        for (int index = 0; index < larger.samples().size(); index++) {
            String id = idOf.apply(larger).apply(index);
            if (held.contains(id)) {
                shared.add(id);
            }
        }
        return shared;
    }

    /** Pixels of some samples of a split; images of one colour say nothing and are left out. */
    private record Images(SplitSource source, int[] indices, float[][] pixels, float[][] coarse, String[] drives) {
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
            for (int index : SplitScan.spread(source.samples().size(), count)) {
                Interruption.check();
                source.samples().readPixels(index, bytes, 0);
                float[] standardised = standardised(bytes);
                if (standardised.length > 0) {
                    indices.add(index);
                    pixels.add(standardised);
                    coarse.add(coarse(standardised, channels, height, width));
                    drives.add(source.driveId().apply(index));
                }
            }
            return new Images(
                    source,
                    indices.stream().mapToInt(Integer::intValue).toArray(),
                    pixels.toArray(float[][]::new),
                    coarse.toArray(float[][]::new),
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
            double sum = 0;
            double squares = 0;
            for (byte value : bytes) {
                int level = value & 0xff;
                sum += level;
                squares += (double) level * level;
            }
            double mean = sum / bytes.length;
            double length = Math.sqrt(Math.max(0, squares - bytes.length * mean * mean));
            if (length < 1e-6) {
                return new float[0];
            }
            float[] result = new float[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                result[i] = (float) (((bytes[i] & 0xff) - mean) / length);
            }
            return result;
        }

        private static float[] coarse(float[] pixels, int channels, int height, int width) {
            float[] blocks = new float[SIDE * SIDE];
            for (int channel = 0; channel < channels; channel++) {
                for (int y = 0; y < height; y++) {
                    for (int x = 0; x < width; x++) {
                        blocks[y * SIDE / height * SIDE + x * SIDE / width] +=
                                pixels[(channel * height + y) * width + x];
                    }
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
            CRC32C checksum = new CRC32C();
            for (int i = 0; i < indices.length; i++) {
                Interruption.check();
                samples.readPixels(indices[i], bytes, 0);
                checksum.reset();
                checksum.update(bytes);
                prints[i] =
                        oneColour(bytes) ? 0 : (checksum.getValue() << 32 | Arrays.hashCode(bytes) & 0xffffffffL) | 1;
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
            boolean upright = hasCopy(known, asked, j, asked.coarse()[j], asked.pixels()[j]);
            copies += upright || hasCopy(known, asked, j, mirrored(asked.coarse()[j], SIDE), asked.mirrored(j)) ? 1 : 0;
        }
        return copies;
    }

    private static boolean hasCopy(Images known, Images asked, int j, float[] coarse, float[] pixels) {
        int[] nearest = new int[CANDIDATES];
        double[] closeness = new double[CANDIDATES];
        Arrays.fill(nearest, -1);
        Arrays.fill(closeness, 0.9);
        for (int i = 0; i < known.size(); i++) {
            if (known == asked && known.drives()[i].equals(asked.drives()[j])) {
                continue;
            }
            double close = product(known.coarse()[i], coarse);
            int least = closeness[0] < closeness[1]
                    ? (closeness[0] < closeness[2] ? 0 : 2)
                    : (closeness[1] < closeness[2] ? 1 : 2);
            if (close > closeness[least]) {
                closeness[least] = close;
                nearest[least] = i;
            }
        }
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
