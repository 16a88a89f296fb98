package io.drivetrain.pipeline.measure;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Whether a viewer turns an image on its side before it shows it, as an EXIF orientation of 5 to 8 asks for. Source: EXIF
 * 2.32, section 4.6.4, tag 0x0112; in a JPEG it is in the segment APP1, in a PNG in the chunk eXIf.
 */
final class Orientation {
    private static final int APP1 = 0xE1;
    private static final int EXIF = 0x65584966;
    private static final int EXIF_IN_JPEG = 0x45786966;
    private static final int IMAGE_DATA = 0x49444154;
    private static final int TAG = 0x0112;
    private static final int FIRST_ON_ITS_SIDE = 5;
    private static final int LAST = 8;

    private Orientation() {}

    /** Whether width and height change places; false where the bytes do not say. */
    static boolean onItsSide(ByteBuffer image, ImageHeader.Readable header) {
        ByteBuffer bytes = image.slice();
        return switch (header.format()) {
            case JPEG -> jpeg(bytes, header.frameOffset());
            case PNG -> png(bytes);
        };
    }

    private static boolean jpeg(ByteBuffer bytes, int end) {
        int position = 2;
        while (position + 10 <= end) {
            int marker = bytes.get(position + 1) & 0xFF;
            if (marker == 0xFF || marker == 0x01 || marker >= 0xD0 && marker <= 0xD8) {
                position += marker == 0xFF ? 1 : 2;
                continue;
            }
            int length = bytes.getShort(position + 2) & 0xFFFF;
            if (marker == APP1 && length >= 8 && bytes.getInt(position + 4) == EXIF_IN_JPEG) {
                return tiff(bytes, position + 10, Math.min(end, position + 2 + length));
            }
            position += 2 + length;
        }
        return false;
    }

    private static boolean png(ByteBuffer bytes) {
        int position = Long.BYTES;
        while (position + 12 <= bytes.limit()) {
            int length = bytes.getInt(position);
            int type = bytes.getInt(position + 4);
            if (length < 0 || length > bytes.limit() - position - 12 || type == IMAGE_DATA) {
                return false;
            }
            if (type == EXIF) {
                return tiff(bytes, position + 8, position + 8 + length);
            }
            position += 12 + length;
        }
        return false;
    }

    private static boolean tiff(ByteBuffer bytes, int from, int end) {
        if (end - from < 14) {
            return false;
        }
        ByteBuffer tiff = bytes.slice(from, end - from);
        short order = tiff.getShort(0);
        if (order == 0x4949) {
            tiff.order(ByteOrder.LITTLE_ENDIAN);
        } else if (order != 0x4D4D) {
            return false;
        }
        long directory = tiff.getInt(4) & 0xFFFFFFFFL;
        if (directory > tiff.limit() - 2) {
            return false;
        }
        int entries = tiff.getShort((int) directory) & 0xFFFF;
        int entry = (int) directory + 2;
        for (; entries > 0 && entry + 12 <= tiff.limit(); entries--, entry += 12) {
            if ((tiff.getShort(entry) & 0xFFFF) == TAG) {
                int orientation = tiff.getShort(entry + 8) & 0xFFFF;
                return orientation >= FIRST_ON_ITS_SIDE && orientation <= LAST;
            }
        }
        return false;
    }
}
