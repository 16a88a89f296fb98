package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.Ids;
import io.drivetrain.trainer.assemble.SampleStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.hipparchus.distribution.discrete.HypergeometricDistribution;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Whether a sample that a model is judged by was trained on: the same id, the same drive, the same pixels, or nearly the
 * same pixels more often than distinct drives of train resemble each other. And, as pixels are at hand, whether the same
 * ones have several labels.
 */
final class LeakageCheck {
    private static final int SIDE = 8;
    /** Correlation of the pixels of two images from which one is a copy: compressed again, resized or brightened. */
    private static final double COPY = 0.985;

    /**
     * Distance to the nearest image, in parts of that to the nearest of any other drive (Lowe, 2004). Coarse brightness
     * hardly sees blur, colour, noise and compression: copies of that kind lie below the first. Crops, turned images and
     * neighbouring frames are told in part by the second, which images of one place reach now and then, too.
     */
    private static final double SAME_PICTURE = 0.05;

    private static final double SAME_SCENE = 0.3;
    /** Of the class, for a second nearest to mean something. */
    private static final int FEWEST_DRIVES = 3;

    private static final double LEVEL = 1e-3;
    /** Drives through one street come in clusters. */
    private static final double LEVEL_OF_SCENES = 1e-5;

    /** Of the bytes of an image; in another picture, one in ten is the same. */
    private static final double SAME_BYTES = 0.75;

    private static final double SAME_OF_FIRST = 0.6;
    private static final int FIRST_PLACES = 64;
    private static final int FEWEST_SAME = 2;
    /** Of an excess over what the balance of classes explains. */
    private static final double DEVIATIONS = 3;

    private static final double LEAST_SHARE = 0.01;
    private static final int FEWEST_CONTRADICTED = 3;
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
        prints.forEach(print -> contradictions(print, findings));
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
        static Shared of(List<SplitSource> splits, Function<SplitSource, Ids> idOf) throws InterruptedException {
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
                List<SplitSource> splits, int split, Function<SplitSource, Ids> idOf, Map<String, BitSet> found)
                throws InterruptedException {
            SplitSource source = splits.get(split);
            Ids id = idOf.apply(source);
            Hashes hashes = Hashes.of(found.keySet());
            List<int[]> known = Parallel.map(Parallel.pieces(source.samples().size()), piece -> {
                IntStream.Builder inAny = IntStream.builder();
                for (int index = piece.from(); index < piece.to(); index++) {
                    Interruption.check();
                    if (hashes.mayHold(id.hash(index)) && found.containsKey(id.apply(index))) {
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

    /** Of some texts, with hardly any others: most texts of a million are in no set of thousands, and need not be made. */
    private record Hashes(BitSet bits, int shift) {
        private static final int BITS_OF_A_TEXT = 64;
        private static final int MOST_TEXTS = 1 << 20;

        static Hashes of(Set<String> texts) {
            int bits = BITS_OF_A_TEXT * Integer.highestOneBit(Math.max(1, Math.min(MOST_TEXTS, texts.size())));
            Hashes hashes = new Hashes(new BitSet(bits), 1 + Integer.numberOfLeadingZeros(bits));
            texts.forEach(text -> hashes.bits.set(hashes.place(text.hashCode())));
            return hashes;
        }

        boolean mayHold(int hash) {
            return bits.get(place(hash));
        }

        /** By the upper bits of a product with the golden ratio (Knuth), since hashes of like texts are alike. */
        private int place(int hash) {
            return hash * 0x9e3779b9 >>> shift;
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
            int[] indices,
            byte[][] pixels,
            double[] means,
            double[] lengths,
            float[][] coarse,
            float[][] coarseByBlock,
            int[] drives,
            Map<Integer, Set<Integer>> drivesByLabel) {
        static Images of(SplitSource source, int most) throws InterruptedException {
            int channels = source.samples().channels();
            int height = source.samples().height();
            int width = source.samples().width();
            int perSample = channels * height * width;
            int count = Math.min(source.samples().size(), Math.min(most, Math.max(64, 16_000_000 / perSample)));
            List<Integer> indices = new ArrayList<>();
            List<byte[]> pixels = new ArrayList<>();
            List<Double> means = new ArrayList<>();
            List<Double> lengths = new ArrayList<>();
            List<float[]> coarse = new ArrayList<>();
            List<Integer> drives = new ArrayList<>();
            Map<String, Integer> numbers = new HashMap<>();
            Map<Integer, Set<Integer>> drivesByLabel = new HashMap<>();
            int[] blockOf = blocks(height, width);
            for (int index : SplitScan.spread(source.samples().size(), count)) {
                Interruption.check();
                byte[] bytes = new byte[perSample];
                source.samples().readPixels(index, bytes, 0);
                long[] blocks = sums(bytes, blockOf);
                double mean = (double) Arrays.stream(blocks).sum() / perSample;
                double length = Math.sqrt(Math.max(0, product(bytes, bytes) - perSample * mean * mean));
                if (length >= 1e-6) {
                    indices.add(index);
                    pixels.add(bytes);
                    means.add(mean);
                    lengths.add(length);
                    coarse.add(coarse(blocks, mean, length, blockOf, channels));
                    int drive = numbers.computeIfAbsent(source.driveId().apply(index), id -> numbers.size());
                    drives.add(drive);
                    drivesByLabel
                            .computeIfAbsent(source.samples().label(index), label -> new HashSet<>())
                            .add(drive);
                }
            }
            return new Images(
                    source,
                    indices.stream().mapToInt(Integer::intValue).toArray(),
                    pixels.toArray(byte[][]::new),
                    means.stream().mapToDouble(Double::doubleValue).toArray(),
                    lengths.stream().mapToDouble(Double::doubleValue).toArray(),
                    coarse.toArray(float[][]::new),
                    transposed(coarse),
                    drives.stream().mapToInt(Integer::intValue).toArray(),
                    drivesByLabel);
        }

        int size() {
            return pixels.length;
        }

        int driveCount() {
            return (int) Arrays.stream(drives).distinct().count();
        }

        /** Of the class that an image has. */
        int drivesOfClass(int place) {
            return drivesByLabel.get(source.samples().label(indices[place])).size();
        }

        String nameOf(int place) {
            return "%s of %s".formatted(source.sampleId().apply(indices[place]), source.name());
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
            // Four at a time, so that what is summed up is fetched and stored a quarter as often.
            for (int block = 0; block < one.length; block += 4) {
                float[] first = coarseByBlock[block];
                float[] second = coarseByBlock[block + 1];
                float[] third = coarseByBlock[block + 2];
                float[] fourth = coarseByBlock[block + 3];
                float byFirst = one[block];
                float bySecond = one[block + 1];
                float byThird = one[block + 2];
                float byFourth = one[block + 3];
                for (int i = 0; i < closeness.length; i++) {
                    closeness[i] +=
                            byFirst * first[i] + bySecond * second[i] + (byThird * third[i] + byFourth * fourth[i]);
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

    /**
     * A number for the exact pixels of as many samples as a budget of bytes allows; 0 for an image of one colour.
     *
     * @param first place of the first sample of each other number
     */
    private record Prints(SplitSource source, int[] indices, long[] prints, Map<Long, Integer> first) {
        private static final int MOST_BYTES = 100_000_000;

        static Prints of(SplitSource source) throws InterruptedException {
            SampleStore samples = source.samples();
            int perSample = samples.channels() * samples.height() * samples.width();
            int[] indices =
                    SplitScan.spread(samples.size(), Math.min(samples.size(), Math.max(64, MOST_BYTES / perSample)));
            long[] prints = new long[indices.length];
            Parallel.map(Parallel.pieces(indices.length), piece -> {
                byte[] bytes = new byte[perSample];
                for (int i = piece.from(); i < piece.to(); i++) {
                    Interruption.check();
                    samples.readPixels(indices[i], bytes, 0);
                    prints[i] = print(bytes);
                }
                return piece;
            });
            Map<Long, Integer> first = new HashMap<>();
            for (int place = 0; place < prints.length; place++) {
                if (prints[place] != 0) {
                    first.putIfAbsent(prints[place], place);
                }
            }
            return new Prints(source, indices, prints, first);
        }

        private static long print(byte[] bytes) {
            // Two, which the processor computes, make 64 bits of fingerprint.
            Checksum one = new CRC32C();
            one.update(bytes);
            Checksum two = new CRC32();
            two.update(bytes);
            return oneColour(bytes) ? 0 : one.getValue() << 32 | two.getValue() | 1;
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

    /** The same pixels under different labels; where telemetry stands beside the image it may make the difference. */
    private static void contradictions(Prints prints, Findings findings) {
        SampleStore samples = prints.source().samples();
        if (samples.telemetryCount() > 0 && !ofImageAlone(prints.source())) {
            return;
        }
        int contradicted = 0;
        String example = "";
        for (int place = 0; place < prints.prints().length; place++) {
            Integer first = prints.first().get(prints.prints()[place]);
            if (first != null && samples.label(prints.indices()[first]) != samples.label(prints.indices()[place])) {
                contradicted++;
                example = example.isEmpty() ? prints.nameOf(first) + " and " + prints.nameOf(place) : example;
            }
        }
        double share = (double) contradicted / Math.max(1, prints.prints().length);
        if (contradicted >= FEWEST_CONTRADICTED && share >= LEAST_SHARE) {
            findings.failed(
                    Ailment.LABELS_CONTRADICT,
                    prints.source().name(),
                    1 - share,
                    "%d of %d samples of %s have the pixels of another one and a different label, for example %s.",
                    contradicted,
                    prints.prints().length,
                    prints.source().name(),
                    example);
        }
    }

    private static boolean ofImageAlone(SplitSource source) {
        SampleStore samples = source.samples();
        INDArray[] read = source.inputs().read(samples, new int[] {0});
        return read.length == 1 && read[0].length() == samples.channels() * samples.height() * samples.width();
    }

    private static boolean exactCopies(Prints one, Prints two, Findings findings) {
        int copies = 0;
        String example = "";
        for (int j = 0; j < two.prints().length; j++) {
            Integer original = one.first().get(two.prints()[j]);
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
        String subject = train.source().name() + ", " + other.source().name();
        Likeness across = Likeness.of(train, other);
        if (across.samples() < LEAST_SHARE * other.size()) {
            findings.passed(
                    Ailment.SPLIT_LEAKAGE,
                    subject,
                    1 - (double) across.samples() / other.size() / 2,
                    "%d of %d samples of %s resemble one of %d of %s as a copy would.",
                    across.copies(),
                    other.size(),
                    other.source().name(),
                    train.size(),
                    train.source().name());
            return;
        }
        Likeness within = Likeness.of(train, train);
        double pOfCopies = moreOften(across.copies(), other.size(), within.copies(), train.size());
        double pOfScenes = moreOften(across.drives(), other.driveCount(), within.drives(), train.driveCount());
        boolean copies = pOfCopies < LEVEL && across.copies() >= LEAST_SHARE * other.size()
                || across.same() >= FEWEST_SAME && within.same() == 0;
        String evidence =
                "%d of %d samples of %s are as near as a copy to one of %s, %d of them with most bytes the same; among different drives of that itself %d of %d are (p = %.2g). As much nearer to one drive than to others as a crop or a neighbouring frame are samples of %d of %d drives, within %s of %d of %d (p = %.2g)"
                        .formatted(
                                across.copies(),
                                other.size(),
                                other.source().name(),
                                train.source().name(),
                                across.same(),
                                within.copies(),
                                train.size(),
                                pOfCopies,
                                across.drives(),
                                other.driveCount(),
                                train.source().name(),
                                within.drives(),
                                train.driveCount(),
                                pOfScenes);
        double score = 1 - (double) (copies ? across.copies() : across.samples()) / other.size();
        if (copies || pOfScenes < LEVEL_OF_SCENES && beyondClasses(across, other, within, train)) {
            findings.failed(Ailment.SPLIT_LEAKAGE, subject, score, "%s: for example %s.", evidence, across.example());
        } else {
            findings.passed(Ailment.SPLIT_LEAKAGE, subject, (1 + score) / 2, "%s.", evidence);
        }
    }

    /** Fisher's exact test of what is found across splits against what is across drives of train, one-sided. */
    private static double moreOften(int across, int asked, int within, int known) {
        return across == 0
                ? 1
                : new HypergeometricDistribution(known + asked, across + within, asked)
                        .upperCumulativeProbability(across);
    }

    /**
     * Whether drives have a like more often than chance and the balance of classes explain: of a class that is rare in the
     * known set, others have their likes by chance (Mantel and Haenszel, 1959).
     */
    private static boolean beyondClasses(Likeness across, Images other, Likeness within, Images known) {
        double excess = 0;
        double variance = 0;
        for (var ofClass : other.drivesByLabel().entrySet()) {
            double asked = ofClass.getValue().size();
            double inKnown = known.drivesByLabel()
                    .getOrDefault(ofClass.getKey(), Set.of())
                    .size();
            double alike = across.drivesByLabel()
                    .getOrDefault(ofClass.getKey(), Set.of())
                    .size();
            double all = asked + inKnown;
            double allAlike = alike
                    + within.drivesByLabel()
                            .getOrDefault(ofClass.getKey(), Set.of())
                            .size();
            excess += alike - asked * allAlike / all;
            variance += all < 2 ? 0 : asked * inKnown * allAlike * (all - allAlike) / (all * all * (all - 1));
        }
        return excess > DEVIATIONS * Math.sqrt(variance);
    }

    /**
     * Samples of one set that have a like, upright or mirrored, in another drive of a known set.
     *
     * @param copies those that are one picture
     * @param same those of them of which most bytes are the same
     * @param samples those and others that may be of one scene only
     * @param drives that the latter are of
     * @param example one of them and its like
     * @param drivesByLabel the drives by the class of such a sample
     */
    private record Likeness(
            int copies, int same, int samples, int drives, String example, Map<Integer, Set<Integer>> drivesByLabel) {
        static Likeness of(Images known, Images asked) throws InterruptedException {
            int copies = 0;
            int same = 0;
            int samples = 0;
            Set<Integer> drives = new HashSet<>();
            Map<Integer, Set<Integer>> drivesByLabel = new HashMap<>();
            String example = "";
            for (int j = 0; j < asked.size(); j++) {
                Interruption.check();
                Nearest upright = Nearest.of(known, asked, j, false);
                Nearest mirrored = Nearest.of(known, asked, j, true);
                double distance = Math.min(upright.ratio(), mirrored.ratio());
                boolean copy = distance < SAME_PICTURE || upright.copy() || mirrored.copy();
                if (copy || distance < SAME_SCENE) {
                    if (copy && copies == 0 || example.isEmpty()) {
                        Nearest like = upright.closeness() > mirrored.closeness() ? upright : mirrored;
                        example = asked.nameOf(j) + " and " + known.nameOf(like.place());
                    }
                    copies += copy ? 1 : 0;
                    same += upright.same() || mirrored.same() ? 1 : 0;
                    samples++;
                    drives.add(asked.drives()[j]);
                    drivesByLabel
                            .computeIfAbsent(
                                    asked.source().samples().label(asked.indices()[j]), label -> new HashSet<>())
                            .add(asked.drives()[j]);
                }
            }
            return new Likeness(copies, same, samples, drives.size(), example, drivesByLabel);
        }
    }

    /**
     * The image of a known set that is nearest to one by coarse brightness.
     *
     * @param place in the known set; -1 for none
     * @param closeness correlation
     * @param ratio of its distance to that of the nearest of another drive; 1 where it is not near, or its class has too few
     *     drives
     * @param copy whether one of the nearest is the same pixel by pixel
     * @param same whether one of the nearest has most bytes in common with it
     */
    private record Nearest(int place, double closeness, double ratio, boolean copy, boolean same) {
        private static final Nearest NONE = new Nearest(-1, -1, 1, false, false);

        static Nearest of(Images known, Images asked, int j, boolean mirrored) {
            float[] close =
                    known.closenessTo(mirrored ? LeakageCheck.mirrored(asked.coarse()[j], SIDE) : asked.coarse()[j]);
            int own = known == asked ? asked.drives()[j] : -1;
            int[] nearest = new int[CANDIDATES];
            float[] closeness = new float[CANDIDATES];
            Arrays.fill(nearest, -1);
            Arrays.fill(closeness, LEAST_CLOSENESS);
            int best = -1;
            float ofAnotherDrive = -2;
            for (int i = 0; i < known.size(); i++) {
                int drive = known.drives()[i];
                if (drive == own) {
                    continue;
                }
                if (best < 0 || close[i] > close[best]) {
                    ofAnotherDrive = best < 0 || known.drives()[best] == drive ? ofAnotherDrive : close[best];
                    best = i;
                } else if (close[i] > ofAnotherDrive && drive != known.drives()[best]) {
                    ofAnotherDrive = close[i];
                }
                int least = closeness[0] < closeness[1]
                        ? (closeness[0] < closeness[2] ? 0 : 2)
                        : (closeness[1] < closeness[2] ? 1 : 2);
                if (close[i] > closeness[least]) {
                    closeness[least] = close[i];
                    nearest[least] = i;
                }
            }
            if (best < 0 || !(close[best] > LEAST_CLOSENESS)) {
                return NONE;
            }
            byte[] pixels = mirrored ? asked.mirrored(j) : asked.pixels()[j];
            boolean same = Arrays.stream(nearest).anyMatch(i -> i >= 0 && sameBytes(known.pixels()[i], pixels));
            boolean copy = same
                    || Arrays.stream(nearest).anyMatch(i -> i >= 0 && known.correlation(i, asked, j, pixels) > COPY);
            double ratio = known.drivesOfClass(best) < FEWEST_DRIVES
                    ? 1
                    : (1.0 - close[best]) / Math.max(1e-6, 1.0 - ofAnotherDrive);
            return new Nearest(best, close[best], ratio, copy, same);
        }
    }

    /** Of those that are not at the ends of the range, where all that is too dark or too bright comes together. */
    private static boolean sameBytes(byte[] one, byte[] two) {
        if (one.length != two.length
                || !sameBytes(one, two, Math.max(1, one.length / FIRST_PLACES), SAME_OF_FIRST * FIRST_PLACES)) {
            return false;
        }
        return sameBytes(one, two, 1, SAME_BYTES * one.length);
    }

    private static boolean sameBytes(byte[] one, byte[] two, int step, double least) {
        int same = 0;
        for (int i = 0; i < one.length; i += step) {
            same += one[i] == two[i] && one[i] != 0 && one[i] != -1 ? 1 : 0;
        }
        return same >= least;
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
