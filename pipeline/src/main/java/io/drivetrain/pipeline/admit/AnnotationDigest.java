package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.Box;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Tells annotations apart that are not the label: 64 bits, so that they may be remembered of every sample. */
final class AnnotationDigest {
    private static final long FACTOR = 0x9E3779B97F4A7C15L;

    private AnnotationDigest() {}

    /** Equal for the same boxes in the same order and the same attributes in any; others differ but for 1 in 2^64. */
    static long of(List<Box> boxes, Map<String, String> attributes) {
        long digest = boxes.size();
        for (Box box : boxes) {
            digest = mixed(digest, text(box.getCategory()));
            digest = mixed(digest, Double.doubleToLongBits(box.getX1()));
            digest = mixed(digest, Double.doubleToLongBits(box.getY1()));
            digest = mixed(digest, Double.doubleToLongBits(box.getX2()));
            digest = mixed(digest, Double.doubleToLongBits(box.getY2()));
        }
        long unordered = 0;
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            unordered += mixed(text(attribute.getKey()), text(Objects.requireNonNullElse(attribute.getValue(), "")));
        }
        return mixed(digest, unordered);
    }

    /** Equal for equal texts; other pairs differ but for 1 in 2^64. */
    static long of(String first, String second) {
        return mixed(text(first), text(second));
    }

    private static long text(String text) {
        long digest = text.length();
        for (int i = 0; i < text.length(); i++) {
            digest = mixed(digest, text.charAt(i));
        }
        return digest;
    }

    private static long mixed(long digest, long more) {
        long mixed = (digest ^ more + FACTOR) * 0xBF58476D1CE4E5B9L;
        return (mixed ^ mixed >>> 29) * FACTOR ^ mixed >>> 31;
    }
}
