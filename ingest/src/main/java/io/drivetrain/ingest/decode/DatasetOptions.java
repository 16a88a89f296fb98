package io.drivetrain.ingest.decode;

import io.drivetrain.schemas.Domain;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which data set is read, and what its files do not say.
 *
 * @param path folder of the data set, or its label file
 * @param format empty to find out
 * @param labels manifest, label file or folder of label files, where it is not found by itself
 * @param images folder that names of images are taken from, where it is not found by itself
 * @param names file with YOLO's names of classes, where it is not found by itself
 * @param name put before ids of samples and drives, so that data sets do not collide; empty text for none, absent for
 *     the format's
 * @param drive applied to an image's id: its first group, or all of it, names the drive
 * @param labelSource who labelled it
 */
public record DatasetOptions(
        Path path,
        Optional<DatasetFormat> format,
        Optional<Path> labels,
        Optional<Path> images,
        Optional<Path> names,
        Optional<String> name,
        Domain domain,
        Optional<Pattern> drive,
        Optional<String> labelSource) {

    /** Options that leave everything to the data set. */
    public static DatasetOptions of(Path path, DatasetFormat format) {
        return of(path, Optional.of(format));
    }

    /** Options that leave everything to the data set. */
    public static DatasetOptions of(Path path, Optional<DatasetFormat> format) {
        return new DatasetOptions(
                path,
                format,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Domain.SOURCE,
                Optional.empty(),
                Optional.empty());
    }

    DatasetOptions as(DatasetFormat found) {
        return new DatasetOptions(path, Optional.of(found), labels, images, names, name, domain, drive, labelSource);
    }

    /** Every option as text, so that the same texts mean the same data set read in the same way. */
    List<String> asked() {
        return List.of(
                absolute(Optional.of(path)),
                format.map(DatasetFormat::text).orElse(""),
                absolute(labels),
                absolute(images),
                absolute(names),
                name.orElse("\n"),
                domain.name(),
                drive.map(Pattern::pattern).orElse(""),
                labelSource.orElse(""));
    }

    private static String absolute(Optional<Path> file) {
        return file.map(Path::toAbsolutePath)
                .map(Path::normalize)
                .map(Path::toString)
                .orElse("");
    }
}
