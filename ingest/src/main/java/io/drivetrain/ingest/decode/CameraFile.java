package io.drivetrain.ingest.decode;

import io.drivetrain.ingest.collect.WatchedFolder;
import io.drivetrain.schemas.Domain;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is known of a file that a camera wrote, from its path {@code DRIVE/CLASS/FILE} and its time: the name of its folder
 * is its class, the folders above that are its drive. {@code CLASS/FILE} is a drive of its own; {@code FILE} has no class,
 * which curation rejects.
 *
 * @param drive applied to the path: its first group, or all of it, is the drive
 */
public record CameraFile(Optional<Pattern> drive, Domain domain, Optional<String> labelSource) {
    /** Returns the drive of a file, by its path from the watched folder. */
    public String driveOf(String name) {
        Optional<Matcher> found = drive.map(pattern -> pattern.matcher(name)).filter(Matcher::find);
        if (found.isPresent()) {
            String group = found.get().groupCount() > 0
                    ? found.get().group(1)
                    : found.get().group();
            return group == null || group.isEmpty() ? name : group;
        }
        int folder = name.lastIndexOf('/');
        int above = folder < 0 ? -1 : name.lastIndexOf('/', folder - 1);
        return above < 0 ? name : name.substring(0, above);
    }

    private static Optional<String> classOf(String name) {
        int folder = name.lastIndexOf('/');
        return folder < 0
                ? Optional.empty()
                : Optional.of(name.substring(name.lastIndexOf('/', folder - 1) + 1, folder));
    }

    /**
     * Returns the entry of a file.
     *
     * @param frame within its drive, from 0
     */
    public Entry.Image entry(WatchedFolder.Whole file, int frame) {
        String name = file.name();
        return new Entry.Image(
                name,
                "",
                name,
                List.of(name),
                new Entry.Labels(classOf(name), Optional.empty(), Map.of(), labelSource),
                new Entry.Recording(
                        Optional.of(driveOf(name)),
                        OptionalInt.of(frame),
                        Optional.of(file.modified()),
                        OptionalLong.empty(),
                        Optional.of(domain)));
    }
}
