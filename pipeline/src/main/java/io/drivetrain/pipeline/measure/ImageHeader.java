package io.drivetrain.pipeline.measure;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What the first bytes of an image say, read without decoding a pixel; reading never throws, whatever the bytes are.
 *
 * <p>Sources: ISO/IEC 10918-1 (JPEG) annex B, PNG specification (third edition) section 5.
 */
public sealed interface ImageHeader {

    /** The encodings that are admitted. */
    enum Format {
        JPEG,
        PNG
    }

    /**
     * A header that makes sense.
     *
     * @param width pixels, 1 or more
     * @param height pixels, 1 or more
     * @param frameOffset byte offset of the header itself; image data begins after it
     */
    record Readable(Format format, int width, int height, int frameOffset) implements ImageHeader {}

    /**
     * The bytes are no JPEG or PNG with a size.
     *
     * @param cutOff whether they end before the size, and are right so far
     */
    record Unreadable(String reason, boolean cutOff) implements ImageHeader {
        Unreadable(String reason) {
            this(reason, false);
        }
    }

    /** Reads the header of the bytes between position and limit. */
    static ImageHeader read(ByteBuffer image) {
        ByteBuffer bytes = image.slice();
        if (bytes.limit() >= 3 && at(bytes, 0) == 0xFF && at(bytes, 1) == 0xD8 && at(bytes, 2) == 0xFF) {
            return Jpeg.header(bytes);
        }
        if (bytes.limit() >= Long.BYTES && bytes.getLong(0) == Png.SIGNATURE) {
            return Png.header(bytes);
        }
        return new Unreadable(bytes.limit() == 0 ? "the image is empty" : "it is neither a JPEG nor a PNG");
    }

    /**
     * Says what is missing at the end of an image, if anything is: decoders return grey-filled pictures for truncated
     * files without a word.
     */
    static Optional<String> truncation(ByteBuffer image, Readable header) {
        ByteBuffer bytes = image.slice();
        return switch (header.format()) {
            case JPEG -> Jpeg.truncation(bytes, header.frameOffset());
            case PNG -> Png.truncation(bytes);
        };
    }

    /**
     * The header with the size that the image is shown at: an EXIF orientation that turns it on its side is applied, as the
     * decoder applies it.
     */
    static Readable displayed(ByteBuffer image, Readable header) {
        return Orientation.onItsSide(image, header)
                ? new Readable(header.format(), header.height(), header.width(), header.frameOffset())
                : header;
    }

    /** Whether the image has brightness and no colours: a JPEG of one component, a PNG of grey with or without opacity. */
    static boolean grey(ByteBuffer image, Readable header) {
        ByteBuffer bytes = image.slice();
        return switch (header.format()) {
            case JPEG ->
                bytes.limit() > header.frameOffset() + Jpeg.FRAME_BYTES
                        && at(bytes, header.frameOffset() + Jpeg.FRAME_BYTES) == 1;
            case PNG -> at(bytes, Png.COLOUR_TYPE) == 0 || at(bytes, Png.COLOUR_TYPE) == Png.GREY_WITH_OPACITY;
        };
    }

    private static int at(ByteBuffer bytes, int index) {
        return bytes.get(index) & 0xFF;
    }

    /** Marker segments of a JPEG. */
    final class Jpeg {
        private static final int END_OF_IMAGE = 0xD9;
        private static final int START_OF_SCAN = 0xDA;
        private static final int FRAME_BYTES = 9;

        private Jpeg() {}

        static ImageHeader header(ByteBuffer bytes) {
            int position = 2;
            while (position + 1 < bytes.limit()) {
                if (at(bytes, position) != 0xFF) {
                    return new Unreadable("byte %d of the JPEG should begin a segment".formatted(position));
                }
                int marker = at(bytes, position + 1);
                if (marker == 0xFF) {
                    position++;
                } else if (standsAlone(marker)) {
                    position += 2;
                } else if (marker == START_OF_SCAN || marker == END_OF_IMAGE) {
                    return new Unreadable("the JPEG has no frame header before its data");
                } else if (position + 3 >= bytes.limit()) {
                    break;
                } else if (isFrame(marker)) {
                    return frame(bytes, position);
                } else {
                    int length = bytes.getShort(position + 2) & 0xFFFF;
                    if (length < 2) {
                        return new Unreadable("a segment of the JPEG has the length %d".formatted(length));
                    }
                    position += 2 + length;
                }
            }
            return new Unreadable("the JPEG ends before its size is known", true);
        }

        private static ImageHeader frame(ByteBuffer bytes, int position) {
            if (position + FRAME_BYTES > bytes.limit()) {
                return new Unreadable("the JPEG ends before its size is known", true);
            }
            int height = bytes.getShort(position + 5) & 0xFFFF;
            int width = bytes.getShort(position + 7) & 0xFFFF;
            if (width == 0 || height == 0) {
                return new Unreadable("the JPEG says it is %d x %d pixels".formatted(width, height));
            }
            return new Readable(Format.JPEG, width, height, position);
        }

        // An end-of-image marker cannot occur inside entropy-coded data, where 0xFF is always followed by 0 or RSTn.
        static Optional<String> truncation(ByteBuffer bytes, int frameOffset) {
            for (int i = bytes.limit() - 2; i > frameOffset; i--) {
                if (at(bytes, i) == 0xFF && at(bytes, i + 1) == END_OF_IMAGE) {
                    return Optional.empty();
                }
            }
            return Optional.of("the JPEG has no end: it is cut off after %d bytes".formatted(bytes.limit()));
        }

        private static boolean standsAlone(int marker) {
            return marker == 0x01 || marker >= 0xD0 && marker <= 0xD8;
        }

        private static boolean isFrame(int marker) {
            return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        }
    }

    /** Chunks of a PNG. */
    final class Png {
        static final long SIGNATURE = 0x89504E470D0A1A0AL;
        private static final int IHDR = 0x49484452;
        private static final int IDAT = 0x49444154;
        private static final int IEND = 0x49454E44;
        private static final int CHUNK_OVERHEAD = 12;
        private static final int HEADER_END = 33;
        private static final int COLOUR_TYPE = 25;
        private static final int GREY_WITH_OPACITY = 4;

        private Png() {}

        static ImageHeader header(ByteBuffer bytes) {
            if (bytes.limit() < HEADER_END || bytes.getInt(12) != IHDR) {
                return new Unreadable("the PNG ends before its size is known", bytes.limit() < HEADER_END);
            }
            int width = bytes.getInt(16);
            int height = bytes.getInt(20);
            if (width <= 0 || height <= 0) {
                return new Unreadable("the PNG says it is %s x %s pixels"
                        .formatted(Integer.toUnsignedString(width), Integer.toUnsignedString(height)));
            }
            return new Readable(Format.PNG, width, height, 12);
        }

        static Optional<String> truncation(ByteBuffer bytes) {
            int position = Long.BYTES;
            boolean data = false;
            while (position + CHUNK_OVERHEAD <= bytes.limit()) {
                int length = bytes.getInt(position);
                int type = bytes.getInt(position + 4);
                if (length < 0 || length > bytes.limit() - position - CHUNK_OVERHEAD) {
                    break;
                }
                if (type == IEND) {
                    return data ? Optional.empty() : Optional.of("the PNG holds no image data");
                }
                data |= type == IDAT;
                position += CHUNK_OVERHEAD + length;
            }
            return Optional.of("the PNG has no end: it is cut off after %d bytes".formatted(bytes.limit()));
        }
    }
}
