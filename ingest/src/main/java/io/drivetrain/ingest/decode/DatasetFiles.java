package io.drivetrain.ingest.decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.drivetrain.ingest.collect.DatasetException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Where the parts of a data set are, found by the names that its format prescribes, down to {@value #DEPTH} folders deep.
 *
 * @param root folder that names in messages are taken from
 * @param labels manifest, label files, or the one folder of label files; empty where folder names are classes
 * @param images folder that names of images are taken from
 * @param names file with the names of YOLO's classes
 */
record DatasetFiles(DatasetFormat format, Path root, List<Path> labels, Path images, Optional<Path> names) {
    private static final int DEPTH = 5;
    private static final int SNIFFED_FIELDS = 100;
    private static final List<String> NAMES =
            List.of("data.yaml", "data.yml", "dataset.yaml", "classes.txt", "classes.names", "obj.names", "names.txt");

    static DatasetFiles find(DatasetOptions options) throws DatasetException, IOException {
        Path path = options.path();
        if (!Files.exists(path)) {
            throw new DatasetException("No such folder or file: %s; check the path".formatted(path));
        }
        for (Optional<Path> given : List.of(options.labels(), options.images(), options.names())) {
            if (given.isPresent() && !Files.exists(given.get())) {
                throw new DatasetException("No such folder or file: %s; check the path".formatted(given.get()));
            }
        }
        DatasetFormat format = options.format().isPresent() ? options.format().get() : formatOf(options);
        boolean file = Files.isRegularFile(path);
        Path root = file ? parentOf(path) : path;
        Optional<Path> labels = options.labels().or(() -> file ? Optional.of(path) : Optional.empty());
        return switch (format) {
            case FOLDER -> {
                Path images = options.images().orElse(root);
                Optional<Path> manifest = labels.or(() -> FolderDataset.manifestIn(root));
                yield new DatasetFiles(
                        format, root, manifest.map(List::of).orElse(List.of()), images, Optional.empty());
            }
            case BDD100K, COCO ->
                new DatasetFiles(
                        format,
                        root,
                        jsons(format, root, labels),
                        options.images().orElse(root),
                        Optional.empty());
            case KITTI -> kitti(options, root);
            case YOLO -> yolo(options, root);
        };
    }

    private static Path parentOf(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }

    // ---- which format

    private static DatasetFormat formatOf(DatasetOptions options) throws DatasetException, IOException {
        Path path = options.labels().filter(Files::isRegularFile).orElse(options.path());
        if (Files.isRegularFile(path)) {
            String name = lower(path);
            if (name.endsWith(".csv") || name.endsWith(".jsonl")) {
                return DatasetFormat.FOLDER;
            }
            return sniff(path)
                    .orElseThrow(() -> new DatasetException(
                            "%s is neither Scalabel nor COCO JSON; name its format with --format".formatted(path)));
        }
        if (FolderDataset.manifestIn(path).isPresent()) {
            return DatasetFormat.FOLDER;
        }
        if (!folders(path, "label_2").isEmpty()) {
            return DatasetFormat.KITTI;
        }
        List<Path> jsons = files(path, file -> lower(file).endsWith(".json"));
        for (DatasetFormat format : List.of(DatasetFormat.BDD100K, DatasetFormat.COCO)) {
            for (Path json : jsons) {
                if (sniff(json).filter(found -> found == format).isPresent()) {
                    return format;
                }
            }
        }
        if (!files(path, DatasetFiles::isNames).isEmpty() || !labelFolders(path).isEmpty()) {
            return DatasetFormat.YOLO;
        }
        return DatasetFormat.FOLDER;
    }

    /** Tells Scalabel from COCO by the first fields. */
    private static Optional<DatasetFormat> sniff(Path file) throws IOException {
        try (JsonStream json = new JsonStream(file, file.toString(), malformed -> {})) {
            JsonToken first = json.next();
            boolean array = first == JsonToken.START_ARRAY;
            if (!array) {
                return first == JsonToken.START_OBJECT ? sniffObject(json, false) : Optional.empty();
            }
            // The first entries may be malformed, which is for the reader to report.
            for (int i = 0; i < SNIFFED_FIELDS; i++) {
                JsonToken element = json.next();
                if (element == null || element == JsonToken.END_ARRAY) {
                    return Optional.empty();
                }
                if (element == JsonToken.START_OBJECT) {
                    Optional<DatasetFormat> found = sniffObject(json, true);
                    if (found.isPresent()) {
                        return found;
                    }
                } else {
                    json.skip();
                }
            }
            return Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static Optional<DatasetFormat> sniffObject(JsonStream json, boolean inArray) throws IOException {
        for (int i = 0; i < SNIFFED_FIELDS && json.next() == JsonToken.FIELD_NAME; i++) {
            String field = json.name();
            JsonToken value = json.next();
            if (inArray && List.of("name", "url", "videoName", "labels").contains(field)
                    || !inArray && field.equals("frames") && value == JsonToken.START_ARRAY) {
                return Optional.of(DatasetFormat.BDD100K);
            }
            if (!inArray && List.of("images", "annotations", "categories").contains(field)) {
                return Optional.of(DatasetFormat.COCO);
            }
            json.skip();
        }
        return Optional.empty();
    }

    // ---- where its parts are

    private static List<Path> jsons(DatasetFormat format, Path root, Optional<Path> labels)
            throws DatasetException, IOException {
        if (labels.isPresent() && Files.isRegularFile(labels.get())) {
            return List.of(labels.get());
        }
        Path folder = labels.orElse(root);
        List<Path> found = new ArrayList<>();
        for (Path json : files(folder, file -> lower(file).endsWith(".json"))) {
            if (sniff(json).filter(f -> f == format).isPresent()) {
                found.add(json);
            }
        }
        if (found.isEmpty()) {
            throw new DatasetException("No %s JSON below %s; name the label file with --labels"
                    .formatted(format == DatasetFormat.COCO ? "COCO" : "Scalabel", folder));
        }
        // Beside the boxes of an image, data sets have its captions, lanes or keypoints in further files.
        String preferred = format == DatasetFormat.COCO ? "instances" : "det_";
        List<Path> boxes =
                found.stream().filter(file -> lower(file).startsWith(preferred)).toList();
        return boxes.isEmpty() ? found : boxes;
    }

    private static DatasetFiles kitti(DatasetOptions options, Path root) throws DatasetException, IOException {
        Path labels = options.labels().isPresent()
                ? options.labels().get()
                : only(
                        lower(root).equals("label_2") ? List.of(root) : folders(root, "label_2"),
                        "label_2",
                        "--labels",
                        root);
        Path beside = parentOf(labels).resolve("image_2");
        Path images = options.images()
                .orElseGet(
                        () -> labels.toAbsolutePath().equals(beside) || !Files.isDirectory(beside) ? labels : beside);
        return new DatasetFiles(DatasetFormat.KITTI, common(root, images), List.of(labels), images, Optional.empty());
    }

    private static DatasetFiles yolo(DatasetOptions options, Path root) throws DatasetException, IOException {
        List<Path> labelFolders = options.labels().map(List::of).orElse(labelFolders(root));
        Path labels = labelFolders.isEmpty() ? root : only(labelFolders, "labels", "--labels", root);
        Path images;
        if (options.images().isPresent()) {
            images = options.images().get();
        } else {
            Path beside = parentOf(labels).resolve("images");
            List<Path> below = folders(root, "images");
            if (labelFolders.isEmpty()) {
                images = root;
            } else {
                images = Files.isDirectory(beside)
                        ? beside
                        : below.isEmpty() ? root : only(below, "images", "--images", root);
            }
        }
        Optional<Path> names = options.names();
        if (names.isEmpty()) {
            List<Path> found = files(root, DatasetFiles::isNames);
            if (found.isEmpty()) {
                throw new DatasetException(
                        "No names of classes (data.yaml, classes.txt) below %s; name the file with --names"
                                .formatted(root));
            }
            names = Optional.of(found.get(0));
        }
        return new DatasetFiles(DatasetFormat.YOLO, common(root, images), List.of(labels), images, names);
    }

    /** Paths are taken from the data set's folder, or from that of the images if they are elsewhere. */
    private static Path common(Path root, Path images) {
        return images.toAbsolutePath()
                        .normalize()
                        .startsWith(root.toAbsolutePath().normalize())
                ? root
                : images;
    }

    private static Path only(List<Path> found, String name, String option, Path root) throws DatasetException {
        if (found.size() == 1) {
            return found.get(0);
        }
        throw new DatasetException(
                found.isEmpty()
                        ? "No folder %s below %s; name it with %s".formatted(name, root, option)
                        : "There are several folders %s (%s, %s); name one with %s"
                                .formatted(name, found.get(0), found.get(1), option));
    }

    /** Folders named labels that hold text files. */
    private static List<Path> labelFolders(Path root) throws IOException {
        List<Path> with = new ArrayList<>();
        for (Path folder : lower(root).equals("labels") ? List.of(root) : folders(root, "labels")) {
            try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
                if (files.anyMatch(file -> lower(file).endsWith(".txt"))) {
                    with.add(folder);
                }
            }
        }
        return with;
    }

    static boolean isNames(Path file) {
        return NAMES.contains(lower(file));
    }

    private static String lower(Path file) {
        Path name = file.toAbsolutePath().normalize().getFileName();
        return name == null ? "" : name.toString().toLowerCase(Locale.ROOT);
    }

    private static List<Path> folders(Path root, String name) throws IOException {
        try (Stream<Path> found = Files.find(
                root,
                DEPTH,
                (path, attributes) -> attributes.isDirectory() && lower(path).equals(name),
                FileVisitOption.FOLLOW_LINKS)) {
            return found.sorted().toList();
        }
    }

    private static List<Path> files(Path root, Predicate<Path> wanted) throws IOException {
        try (Stream<Path> found = Files.find(
                root,
                DEPTH,
                (path, attributes) -> attributes.isRegularFile() && wanted.test(path),
                FileVisitOption.FOLLOW_LINKS)) {
            return found.sorted().toList();
        }
    }
}
