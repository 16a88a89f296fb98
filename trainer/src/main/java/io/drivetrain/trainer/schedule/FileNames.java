package io.drivetrain.trainer.schedule;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Names of files for ids that come from outside. */
final class FileNames {
    private FileNames() {}

    /** A name that is one segment of a path whatever the id holds, and different for different ids. */
    static String of(String id) {
        // A name of dots alone would be a folder above; encoding leaves dots as they are.
        return "id-" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("*", "%2A");
    }
}
