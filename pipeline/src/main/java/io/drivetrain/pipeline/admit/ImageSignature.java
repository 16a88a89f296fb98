package io.drivetrain.pipeline.admit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;

/** Names what bytes are that were sent as an image, by their first bytes. */
final class ImageSignature {
    static final String JPEG = "a JPEG";
    static final String PNG = "a PNG";

    private static final int LOOKED_AT = 64;

    private ImageSignature() {}

    private record Magic(int offset, String bytes, String name) {
        boolean matches(String head) {
            return head.startsWith(bytes, offset);
        }
    }

    private static final List<Magic> KNOWN = List.of(
            new Magic(0, "\u00FF\u00D8\u00FF", JPEG),
            new Magic(0, "\u0089PNG", PNG),
            new Magic(0, "GIF87a", "a GIF"),
            new Magic(0, "GIF89a", "a GIF"),
            new Magic(8, "WEBP", "a WebP"),
            new Magic(0, "II*\0", "a TIFF"),
            new Magic(0, "MM\0*", "a TIFF"),
            new Magic(0, "II+\0", "a BigTIFF"),
            new Magic(4, "ftypavif", "an AVIF"),
            new Magic(4, "ftypavis", "an AVIF"),
            new Magic(4, "ftypheic", "a HEIC"),
            new Magic(4, "ftypheix", "a HEIC"),
            new Magic(4, "ftypmif1", "a HEIF"),
            new Magic(4, "ftyp", "an MP4 video"),
            new Magic(4, "jP  \r\n", "a JPEG 2000"),
            new Magic(0, "\u00FF\u004F\u00FF\u0051", "a JPEG 2000"),
            new Magic(4, "JXL ", "a JPEG XL"),
            new Magic(0, "\u00FF\n", "a JPEG XL"),
            new Magic(0, "8BPS", "a Photoshop document"),
            new Magic(0, "%PDF-", "a PDF"),
            new Magic(0, "PK\u0003\u0004", "a ZIP archive"),
            new Magic(0, "\u001F\u008B", "gzip-compressed"),
            new Magic(0, "\u0028\u00B5\u002F\u00FD", "Zstandard-compressed"),
            new Magic(0, "PAR1", "a Parquet file"),
            new Magic(0, "RIFF", "a RIFF file"),
            new Magic(0, "\u001AE\u00DF\u00A3", "a Matroska video"),
            new Magic(0, "BM", "a BMP"));

    /** Returns what the bytes are, with an article: "a GIF", "text", "nothing that is known". */
    static String nameOf(ByteBuffer image) {
        byte[] bytes = new byte[Math.min(LOOKED_AT, image.remaining())];
        image.duplicate().get(bytes);
        String head = new String(bytes, ISO_8859_1);
        for (Magic magic : KNOWN) {
            if (magic.matches(head)) {
                return magic.name;
            }
        }
        if (head.length() > 2
                && head.charAt(0) == 'P'
                && head.charAt(1) >= '1'
                && head.charAt(1) <= '7'
                && head.charAt(2) <= ' ') {
            return "a Netpbm image (PBM, PGM, PPM or PAM)";
        }
        return text(head);
    }

    private static String text(String head) {
        if (!head.chars().allMatch(c -> c >= ' ' && c != 0x7F || c == '\n' || c == '\r' || c == '\t')) {
            return "nothing that is known";
        }
        String start = head.strip().toLowerCase(Locale.ROOT);
        if (start.startsWith("<!doctype html") || start.startsWith("<html")) {
            return "an HTML page";
        }
        if (start.startsWith("<svg") || start.startsWith("<?xml")) {
            return "XML or SVG";
        }
        if (start.startsWith("{") || start.startsWith("[")) {
            return "JSON";
        }
        return start.startsWith("data:image") || isBase64(head) ? "text, an image in Base64" : "text";
    }

    // The two encodings in use begin so in Base64.
    private static boolean isBase64(String head) {
        return head.startsWith("/9j/") || head.startsWith("iVBORw0KGgo");
    }
}
