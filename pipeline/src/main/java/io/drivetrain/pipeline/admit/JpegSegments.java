package io.drivetrain.pipeline.admit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What the markers of a JPEG say, from its beginning to its end, without decoding a coefficient: decoders draw damaged
 * data as grey or shifted blocks and only warn, which OpenCV does not pass on.
 *
 * <p>Found is damage that breaks markers: entropy-coded data in which a byte FF is followed by something that cannot be
 * there, restart markers out of order or too few, data too short for the blocks it must hold. Data with a hole of zeros
 * in it is walked code by code ({@link JpegEntropy}), and so is all data if that is asked for: it costs ten times as
 * much.
 *
 * <p>Source: ISO/IEC 10918-1 annexes A, B and F.
 */
final class JpegSegments {
    /** Encoders write up to about 20 scans; each costs a pass over the whole image, however few bytes it has. */
    static final int MOST_SCANS = 100;

    private static final int DHT = 0xC4;
    private static final int SOI = 0xD8;
    private static final int EOI = 0xD9;
    private static final int SOS = 0xDA;
    private static final int DNL = 0xDC;
    private static final int DRI = 0xDD;
    private static final long LOWS = 0x7F7F7F7F7F7F7F7FL;

    private final ByteBuffer bytes;
    private final int limit;
    private int position;
    private int scans;
    private int restartInterval;
    private boolean ended;
    private boolean impossible;

    private int process;
    private int width;
    private int height;
    private int highestH = 1;
    private int highestV = 1;
    private int[] ids = {};
    private int[] hs = {};
    private int[] vs = {};

    private final int frameOffset;
    private final JpegEntropy entropy;
    private boolean everyCode;
    /** Where the definition of a Huffman table is: DC tables 0 to 3, then AC tables; 0 if it has not come. */
    private final int[] huffman = new int[8];

    private JpegSegments(ByteBuffer image, int frameOffset, JpegEntropy entropy, boolean everyCode) {
        bytes = image.slice().order(ByteOrder.LITTLE_ENDIAN);
        limit = bytes.limit();
        position = 2;
        this.frameOffset = frameOffset;
        this.entropy = entropy;
        this.everyCode = everyCode;
    }

    /**
     * What was found.
     *
     * @param damage the first thing that cannot be, if there is one
     * @param impossible whether the data is too short for the declared number of blocks even if all of them were flat
     */
    record Reading(int scans, Optional<String> damage, boolean impossible) {}

    /**
     * Reads the segments of a JPEG.
     *
     * @param frameOffset where its frame header has been found
     * @param everyCode whether sequential data is walked code by code even if nothing is suspicious
     */
    static Reading read(ByteBuffer image, int frameOffset, JpegEntropy entropy, boolean everyCode) {
        JpegSegments segments = new JpegSegments(image, frameOffset, entropy, everyCode);
        String damage = segments.walk();
        return new Reading(segments.scans, Optional.ofNullable(damage), segments.impossible);
    }

    private String walk() {
        String problem = null;
        while (problem == null && !ended) {
            problem = segment();
        }
        return problem;
    }

    private String frame() {
        process = at(position + 1);
        int length = length();
        if (position + 10 > limit) {
            return "its frame header is cut off";
        }
        int components = at(position + 9);
        if (components == 0 || components > 4 || length != 8 + 3 * components || position + 2 + length > limit) {
            return "its frame header has %d bytes for %d components".formatted(length, components);
        }
        height = at(position + 5) << 8 | at(position + 6);
        width = at(position + 7) << 8 | at(position + 8);
        ids = new int[components];
        hs = new int[components];
        vs = new int[components];
        for (int i = 0; i < components; i++) {
            ids[i] = at(position + 10 + 3 * i);
            hs[i] = at(position + 11 + 3 * i) >> 4;
            vs[i] = at(position + 11 + 3 * i) & 0xF;
            if (hs[i] < 1 || hs[i] > 4 || vs[i] < 1 || vs[i] > 4) {
                return "component %d has the sampling factors %d x %d".formatted(i, hs[i], vs[i]);
            }
            highestH = Math.max(highestH, hs[i]);
            highestV = Math.max(highestV, vs[i]);
        }
        position += 2 + length;
        return null;
    }

    private String segment() {
        if (position + 1 >= limit) {
            return "it ends at byte %d without an end marker".formatted(limit);
        }
        if (at(position) != 0xFF) {
            return "byte %d should begin a segment".formatted(position);
        }
        int marker = at(position + 1);
        if (marker == 0xFF) {
            position++;
            return null;
        }
        if (marker == EOI) {
            ended = true;
            return scans == 0 ? "it ends before any image data" : null;
        }
        if (position == frameOffset) {
            return frame();
        }
        boolean frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (marker <= 0xBF || marker >= 0xD0 && marker <= SOI || frame || marker >= 0xF0 && marker <= 0xFD) {
            return "marker %02X at byte %d has no place there".formatted(marker, position);
        }
        int length = position + 3 < limit ? length() : 0;
        if (length < 2 || position + 2 + length > limit) {
            return "the segment at byte %d has the length %d".formatted(position, length);
        }
        if (marker == DRI && length >= 4) {
            restartInterval = at(position + 4) << 8 | at(position + 5);
        }
        if (marker == DNL && length >= 4) {
            height = at(position + 4) << 8 | at(position + 5);
        }
        if (marker == DHT) {
            huffmanTables(position + 4, position + 2 + length);
        }
        int begin = position;
        position += 2 + length;
        return marker == SOS ? scan(begin, length) : null;
    }

    private void huffmanTables(int from, int to) {
        int at = from;
        while (at + 17 <= to) {
            int which = at(at);
            if ((which & 0xEC) == 0) {
                huffman[(which >> 4) * 4 + (which & 3)] = at + 1;
            }
            int symbols = 0;
            for (int i = 1; i <= 16; i++) {
                symbols += at(at + i);
            }
            at += 17 + symbols;
        }
    }

    private String scan(int begin, int length) {
        if (position < frameOffset) {
            return "its data begins before its frame header";
        }
        scans++;
        if (scans > MOST_SCANS) {
            // Enough is known; going on would cost what the limit is there to save.
            ended = true;
            return null;
        }
        int components = at(begin + 4);
        if (components < 1 || components > ids.length || length != 6 + 2 * components) {
            return "the scan at byte %d has %d components".formatted(begin, components);
        }
        long units = components == 1 ? blocks(at(begin + 5)) : interleavedUnits();
        if (units == 0) {
            return "the scan at byte %d is of a component that the frame does not have".formatted(begin);
        }
        int spectralEnd = at(begin + 4 + 2 * components + 2);
        int spectralStart = at(begin + 4 + 2 * components + 1);
        int data = position;
        int restarts = 0;
        while (true) {
            int ff = nextMarker(position);
            if (ff + 1 >= limit) {
                return "its data runs to byte %d without an end marker".formatted(limit);
            }
            int next = at(ff + 1);
            if (next == 0xFF) {
                position = ff + 1;
            } else if (next >= 0xD0 && next <= 0xD7) {
                if (restartInterval == 0) {
                    return "there is a restart marker at byte %d, and none should be".formatted(ff);
                }
                if ((next & 7) != (restarts & 7)) {
                    return "the restart marker at byte %d is number %d, expected is %d"
                            .formatted(ff, next & 7, restarts & 7);
                }
                restarts++;
                position = ff + 2;
            } else {
                position = ff;
                break;
            }
        }
        if (restartInterval > 0) {
            long expected = (units + restartInterval - 1) / restartInterval - 1;
            // Some encoders write one more behind the last interval.
            if (restarts < expected || restarts > expected + 1) {
                return "the scan at byte %d has %d restart markers, its size needs %d"
                        .formatted(begin, restarts, expected);
            }
        }
        String problem = tooShort(begin, data, components, spectralStart, spectralEnd, units);
        boolean sequential = process <= 0xC1;
        return problem == null && sequential && everyCode ? codes(begin, data, components, units) : problem;
    }

    private String codes(int begin, int data, int components, long units) {
        int blocks = components == 1 ? 1 : blocksOfUnit(begin, components);
        int[] dc = new int[blocks];
        int[] ac = new int[blocks];
        int block = 0;
        for (int scanned = 0; scanned < components; scanned++) {
            int which = at(begin + 6 + 2 * scanned);
            int times = components == 1 ? 1 : blocksOf(at(begin + 5 + 2 * scanned));
            for (int i = 0; i < times; i++, block++) {
                dc[block] = huffman[which >> 4 & 3];
                ac[block] = huffman[4 + (which & 3)];
            }
        }
        return entropy.verify(bytes, new JpegEntropy.Scan(data, position, units, restartInterval, dc, ac));
    }

    // A block takes at least one bit for its DC coefficient, and one for the end of the others where a scan has them;
    // only in scans without DC does one code end many blocks. Arithmetic coding (SOF9 and up) has no such bound.
    private String tooShort(int begin, int data, int components, int spectralStart, int spectralEnd, long units) {
        if (process > 0xC2 || spectralStart > 0) {
            return null;
        }
        long blocks = components == 1 ? units : units * blocksOfUnit(begin, components);
        long bits = blocks * (spectralEnd > 0 ? 2 : 1);
        if (bits <= 8L * (position - data)) {
            return null;
        }
        impossible = true;
        return "%d bytes of data cannot hold its %d blocks".formatted(position - data, blocks);
    }

    private long interleavedUnits() {
        return ceil(width, 8L * highestH) * ceil(height, 8L * highestV);
    }

    private int blocksOfUnit(int begin, int components) {
        int blocks = 0;
        for (int scanned = 0; scanned < components; scanned++) {
            blocks += blocksOf(at(begin + 5 + 2 * scanned));
        }
        return blocks;
    }

    private int blocksOf(int id) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] == id) {
                return hs[i] * vs[i];
            }
        }
        return 0;
    }

    private long blocks(int id) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] == id) {
                return ceil(ceil((long) width * hs[i], highestH), 8) * ceil(ceil((long) height * vs[i], highestV), 8);
            }
        }
        return 0;
    }

    private static long ceil(long value, long by) {
        return (value + by - 1) / by;
    }

    // Eight bytes at a time and without branching on each FF, which is in every second word of busy pictures: the high
    // bit of a byte is set where that byte is FF and the one behind it is not 00.
    private int nextMarker(int from) {
        int i = from;
        while (i + Long.BYTES < limit) {
            long word = bytes.getLong(i);
            everyCode |= word == 0;
            long inverted = ~word;
            long next = bytes.getLong(i + 1);
            long isFf = ~(((inverted & LOWS) + LOWS) | inverted | LOWS);
            long isFollowed = ((next & LOWS) + LOWS) | next;
            long markers = isFf & isFollowed;
            if (markers != 0) {
                return i + (Long.numberOfTrailingZeros(markers) >>> 3);
            }
            i += Long.BYTES;
        }
        while (i + 1 < limit && (at(i) != 0xFF || at(i + 1) == 0)) {
            i++;
        }
        return i;
    }

    private int length() {
        return at(position + 2) << 8 | at(position + 3);
    }

    private int at(int index) {
        return bytes.get(index) & 0xFF;
    }
}
