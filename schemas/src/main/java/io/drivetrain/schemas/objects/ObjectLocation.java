package io.drivetrain.schemas.objects;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where an object, or a folder of them, is: {@code s3://bucket/key}. The key is taken as it is written, nothing in it is
 * percent-decoded.
 *
 * @param bucket in the form that S3 allows, which holds no character of a URI's own
 * @param key at most 1,024 bytes, of names between slashes that are neither empty nor dots; empty for a whole bucket
 */
public record ObjectLocation(String bucket, String key) {
    private static final String SCHEME = "s3://";
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final int MAX_KEY_BYTES = 1024;

    /** Whether a text claims to be the place of an object. */
    public static boolean isOne(String uri) {
        return uri.startsWith(SCHEME);
    }

    /**
     * Reads {@code s3://bucket/key}, or {@code s3://bucket/folder/} of a folder.
     *
     * @throws IllegalArgumentException with what is accepted
     */
    public static ObjectLocation parse(String uri) {
        if (!isOne(uri)) {
            throw wrong();
        }
        String rest = uri.substring(SCHEME.length());
        int slash = rest.indexOf('/');
        String bucket = slash < 0 ? rest : rest.substring(0, slash);
        String key = slash < 0 ? "" : rest.substring(slash + 1);
        String names = key.endsWith("/") ? key.substring(0, key.length() - 1) : key;
        // A gateway that takes dots for folders would lead out of the folder that is allowed.
        boolean plain = key.isEmpty()
                || List.of(names.split("/", -1)).stream()
                        .noneMatch(name -> name.isEmpty() || name.equals(".") || name.equals(".."));
        if (!BUCKET.matcher(bucket).matches()
                || !plain
                || key.chars().anyMatch(Character::isISOControl)
                || key.getBytes(StandardCharsets.UTF_8).length > MAX_KEY_BYTES) {
            throw wrong();
        }
        return new ObjectLocation(bucket, names);
    }

    private static IllegalArgumentException wrong() {
        return new IllegalArgumentException(
                "accepted is s3://BUCKET/KEY of at most 1,024 bytes, without empty names, . and .. between the slashes");
    }

    /** Whether it is below a folder, or in a bucket. */
    public boolean below(ObjectLocation folder) {
        return bucket.equals(folder.bucket) && (folder.key.isEmpty() || key.startsWith(folder.key + "/"));
    }

    /** Returns what has this name in this folder. */
    public ObjectLocation child(String name) {
        return new ObjectLocation(bucket, key.isEmpty() ? name : key + "/" + name);
    }

    /** The form that {@link #parse} reads. */
    public String uri() {
        return SCHEME + bucket + "/" + key;
    }
}
