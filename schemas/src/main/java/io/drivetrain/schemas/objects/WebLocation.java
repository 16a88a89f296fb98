package io.drivetrain.schemas.objects;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Where a file, or a folder of them, is on a web server: {@code https://host/path}, without a user, a query or a fragment,
 * so that whoever writes one chooses nothing but a name.
 *
 * @param origin scheme, host and, unless it is the scheme's own, port
 * @param path as it is written, percent signs included; empty for a whole server
 */
public record WebLocation(String origin, String path) {
    private static final int MAX_CHARACTERS = 2048;

    /** Whether a text claims to be a place on a web server. */
    public static boolean isOne(String uri) {
        return uri.regionMatches(true, 0, "https://", 0, 8) || uri.regionMatches(true, 0, "http://", 0, 7);
    }

    /**
     * Reads {@code https://host/path}, or {@code https://host/folder/} of a folder.
     *
     * @throws IllegalArgumentException with what is accepted
     */
    public static WebLocation parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw wrong();
        }
        if (!isOne(text)
                || text.length() > MAX_CHARACTERS
                || uri.getHost() == null
                || uri.getRawUserInfo() != null
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null) {
            throw wrong();
        }
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        int usual = scheme.equals("https") ? 443 : 80;
        String port = uri.getPort() < 0 || uri.getPort() == usual ? "" : ":" + uri.getPort();
        String path = uri.getRawPath().replaceFirst("^/", "").replaceFirst("/$", "");
        if (!path.isEmpty() && !List.of(path.split("/", -1)).stream().allMatch(WebLocation::isName)) {
            throw wrong();
        }
        return new WebLocation(scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port, path);
    }

    /** A server that takes dots or slashes, however they are written, for folders would lead out of the one that is allowed. */
    private static boolean isName(String raw) {
        String name = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
        return !name.isEmpty()
                && !name.equals(".")
                && !name.equals("..")
                // A semicolon begins parameters, which some servers take off before they look at dots.
                && name.chars()
                        .noneMatch(c -> c == '/' || c == '\\' || c == ';' || c == '%' || Character.isISOControl(c));
    }

    private static IllegalArgumentException wrong() {
        return new IllegalArgumentException(
                "accepted is https://HOST/PATH of at most 2,048 characters, without user, query and fragment, and without empty names, . and .. between the slashes");
    }

    /** Whether it is below a folder, or on a server. */
    public boolean below(WebLocation folder) {
        return origin.equals(folder.origin) && (folder.path.isEmpty() || path.startsWith(folder.path + "/"));
    }

    /** The form that {@link #parse} reads. */
    public String uri() {
        return origin + "/" + path;
    }
}
