package io.drivetrain.trainer.assemble;

import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The four splits that one training run uses, and the offsets that bound them.
 *
 * @param views one for each split
 * @param upTo the offset after the last record used, for each partition
 */
public record Assembly(Map<Split, SplitView> views, Offsets upTo) {

    /**
     * Takes the committed samples before the given offsets.
     *
     * @throws IllegalArgumentException if the selection wants larger pixels than are stored
     */
    public static Assembly of(ShardStore store, Offsets upTo, Selection selection) throws ShardException {
        Map<Split, SplitView> views = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            views.put(split, store.view(split, upTo, selection));
        }
        return new Assembly(views, upTo);
    }

    public SplitView view(Split split) {
        return views.get(split);
    }

    /** Samples by name of the split, in the order train, train-dev, test-dev, test. */
    public Map<String, Long> sizes() {
        Map<String, Long> sizes = new LinkedHashMap<>();
        views.forEach((split, view) -> sizes.put(Splits.label(split), (long) view.size()));
        return sizes;
    }

    /** SHA-256 (hex) over splits, sample ids, labels and pixels in canonical order. */
    public String fingerprint() {
        MessageDigest digest = sha256();
        for (Split split : Split.values()) {
            add(digest, view(split));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void add(MessageDigest digest, SplitView view) {
        byte[] pixels = new byte[view.channels() * view.height() * view.width()];
        text(digest, Splits.label(view.split()));
        for (int i = 0; i < view.size(); i++) {
            text(digest, view.sampleId(i));
            text(digest, view.labelName(i));
            view.readPixels(i, pixels, 0);
            digest.update(pixels);
        }
    }

    /** With its length ahead, so that no two lists of texts run together into the same bytes. */
    private static void text(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
