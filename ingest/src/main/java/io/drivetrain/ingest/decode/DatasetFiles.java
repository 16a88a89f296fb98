package io.drivetrain.ingest.decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.ingest.collect.PairedFiles;
import io.drivetrain.ingest.collect.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Where the parts of a data set are, found by the names that its format prescribes, down to {@value #DEPTH} folders deep.
 *
 * @param root folder that names in messages are taken from
 * @param labels manifest or label files; empty where folder names are classes, and where there are parts
 * @param images folder that names of images are taken from
 * @param parts folders of one label file for each image; empty for other formats
 * @param names file with the names of YOLO's classes
 */
record DatasetFiles(
        DatasetFormat format, Path root, List<Path> labels, Path images, List<Part> parts, Optional<Path> names) {
    /**
     * Images and their label files, by the same names in two folders or in one.
     *
     * @param labels may not exist, if nobody has labelled the images
     */
    record Part(Path images, Path labels) {}

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
                        format, root, manifest.map(List::of).orElse(List.of()), images, List.of(), Optional.empty());
            }
            case BDD100K, COCO ->
                new DatasetFiles(
                        format,
                        root,
                        jsons(format, root, labels),
                        options.images().orElse(root),
                        List.of(),
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
            Optional<DatasetFormat> found = sniff(path);
            if (found.isEmpty() && (lower(path).endsWith(".csv") || JsonTexts.isLines(path))) {
                return DatasetFormat.FOLDER;
            }
            return found.orElseThrow(() -> new DatasetException(
                    "%s is neither Scalabel nor COCO JSON; name its format with --format".formatted(path)));
        }
        Optional<Path> manifest = FolderDataset.manifestIn(path);
        if (manifest.isPresent() && sniff(manifest.get()).isEmpty()) {
            return DatasetFormat.FOLDER;
        }
        if (!folders(path, "label_2").isEmpty()) {
            return DatasetFormat.KITTI;
        }
        List<Path> jsons = files(path, DatasetFiles::isJson);
        for (DatasetFormat format : List.of(DatasetFormat.BDD100K, DatasetFormat.COCO)) {
            for (Path json : jsons) {
                if (sniff(json).filter(found -> found == format).isPresent()) {
                    return format;
                }
            }
        }
        return looksLikeYolo(options) ? DatasetFormat.YOLO : DatasetFormat.FOLDER;
    }

    /** A list of names alone may belong to anything; it is YOLO if an image has a label file, too. */
    private static boolean looksLikeYolo(DatasetOptions options) throws DatasetException, IOException {
        Path root = options.path();
        if (files(root, DatasetFiles::isNames).isEmpty() && labelFolders(root).isEmpty()) {
            return false;
        }
        for (Part part : yoloParts(options, root)) {
            if (PairedFiles.list(part.images(), part.labels(), file -> !isNames(file))
                    .anyMatch()) {
                return true;
            }
        }
        return false;
    }

    private static boolean isJson(Path file) {
        return lower(file).endsWith(".json") || JsonTexts.isLines(file);
    }

    /** Tells Scalabel from COCO by the first fields. The first entries may be malformed, which is for the reader to report. */
    private static Optional<DatasetFormat> sniff(Path file) throws IOException {
        try (JsonTexts texts = new JsonTexts(List.of(file), parentOf(file), malformed -> {})) {
            for (int i = 0; i < SNIFFED_FIELDS; i++) {
                Optional<JsonStream> text = texts.next();
                if (text.isEmpty()) {
                    return Optional.empty();
                }
                Optional<DatasetFormat> found = sniff(text.get());
                if (found.isPresent()) {
                    // COCO has no lines.
                    return found.filter(format -> format == DatasetFormat.BDD100K || !JsonTexts.isLines(file));
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<DatasetFormat> sniff(JsonStream json) throws IOException {
        try {
            JsonToken first = json.next();
            if (first != JsonToken.START_ARRAY) {
                return first == JsonToken.START_OBJECT ? sniffObject(json, false) : Optional.empty();
            }
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

    /** Of many things a file may have a name, so that an object alone is a frame if it also has labels. */
    private static Optional<DatasetFormat> sniffObject(JsonStream json, boolean inArray) throws IOException {
        boolean named = false;
        boolean labelled = false;
        for (int i = 0; i < SNIFFED_FIELDS && json.next() == JsonToken.FIELD_NAME; i++) {
            String field = json.name();
            JsonToken value = json.next();
            named |= field.equals("name") || field.equals("url");
            labelled |= field.equals("labels") && (value == JsonToken.START_ARRAY || value == JsonToken.VALUE_NULL);
            if (inArray && List.of("name", "url", "videoName", "labels").contains(field)
                    || field.equals("frames") && value == JsonToken.START_ARRAY
                    || named && labelled) {
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
        for (Path json : files(folder, DatasetFiles::isJson)) {
            if (sniff(json).filter(f -> f == format).isPresent()) {
                found.add(json);
            }
        }
        if (found.isEmpty()) {
            throw new DatasetException("No %s JSON below %s; name the label file with --labels"
                    .formatted(format == DatasetFormat.COCO ? "COCO" : "Scalabel", folder));
        }
        // Beside the boxes of an image, data sets have its captions, lanes or keypoints in further files, and BDD100K
        // the
        // boxes of its first release.
        for (String preferred :
                format == DatasetFormat.COCO ? List.of("instances") : List.of("det_", "bdd100k_labels_images")) {
            List<Path> boxes = found.stream()
                    .filter(file -> lower(file).startsWith(preferred))
                    .toList();
            if (!boxes.isEmpty()) {
                return boxes;
            }
        }
        return found;
    }

    private static DatasetFiles kitti(DatasetOptions options, Path root) throws DatasetException, IOException {
        List<Path> labels = options.labels().isPresent()
                ? List.of(options.labels().get())
                : lower(root).equals("label_2") ? List.of(root) : folders(root, "label_2");
        if (labels.isEmpty() || labels.size() > 1 && options.images().isPresent()) {
            throw notOne(labels, "label_2", "--labels", root);
        }
        List<Part> parts = new ArrayList<>();
        for (Path folder : labels) {
            Path beside = parentOf(folder).resolve("image_2");
            Path images = options.images()
                    .orElseGet(() ->
                            folder.toAbsolutePath().equals(beside) || !Files.isDirectory(beside) ? folder : beside);
            parts.add(new Part(images, folder));
        }
        return paired(DatasetFormat.KITTI, root, parts, Optional.empty());
    }

    private static DatasetFiles yolo(DatasetOptions options, Path root) throws DatasetException, IOException {
        List<Part> parts = yoloParts(options, root);
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
        return paired(DatasetFormat.YOLO, root, parts, names);
    }

    private static DatasetFiles paired(DatasetFormat format, Path root, List<Part> parts, Optional<Path> names) {
        Path images = parts.get(0).images();
        return new DatasetFiles(
                format, parts.size() == 1 ? common(root, images) : root, List.of(), images, parts, names);
    }

    /**
     * The folders labels with the folders images that belong to them, where train and valid may be above or below these
     * names. Folders images to which no folder labels belongs are among them, so that their images are reported.
     */
    private static List<Part> yoloParts(DatasetOptions options, Path root) throws DatasetException, IOException {
        Optional<Path> givenImages = options.images();
        List<Path> labelFolders = options.labels().isPresent()
                ? List.of(options.labels().get())
                : givenImages
                        .flatMap(images -> mirrored(images, "images", "labels"))
                        .map(List::of)
                        .orElse(labelFolders(root));
        if (givenImages.isPresent()) {
            if (labelFolders.size() > 1) {
                throw notOne(labelFolders, "labels", "--labels", root);
            }
            return List.of(new Part(givenImages.get(), labelFolders.isEmpty() ? root : labelFolders.get(0)));
        }
        if (labelFolders.isEmpty()) {
            return List.of(new Part(root, root));
        }
        List<Path> imageFolders = folders(root, "images");
        List<Part> parts = new ArrayList<>();
        for (Path labels : labelFolders) {
            Optional<Path> images = mirrored(labels, "labels", "images");
            if (images.isPresent()) {
                parts.add(new Part(images.get(), labels));
            } else if (labelFolders.size() > 1) {
                throw notOne(labelFolders, "labels", "--labels", root);
            } else if (imageFolders.size() > 1) {
                throw notOne(imageFolders, "images", "--images", root);
            } else {
                parts.add(new Part(imageFolders.isEmpty() ? root : imageFolders.get(0), labels));
            }
        }
        if (options.labels().isEmpty()) {
            for (Path images : imageFolders) {
                if (parts.stream().noneMatch(part -> overlap(part.images(), images))) {
                    parts.add(new Part(images, parentOf(images).resolve("labels")));
                }
            }
        }
        return parts;
    }

    private static boolean overlap(Path one, Path other) {
        Path a = one.toAbsolutePath().normalize();
        Path b = other.toAbsolutePath().normalize();
        return a.startsWith(b) || b.startsWith(a);
    }

    /** The folder whose path differs in the last folder of a name, such as a/images/train of a/labels/train. */
    private static Optional<Path> mirrored(Path folder, String name, String other) {
        Path absolute = folder.toAbsolutePath().normalize();
        for (int i = absolute.getNameCount() - 1; i >= 0; i--) {
            if (absolute.getName(i).toString().equalsIgnoreCase(name)) {
                Path above = i == 0 ? absolute.getRoot() : absolute.getRoot().resolve(absolute.subpath(0, i));
                Path candidate = above.resolve(other);
                if (i + 1 < absolute.getNameCount()) {
                    candidate = candidate.resolve(absolute.subpath(i + 1, absolute.getNameCount()));
                }
                return Optional.of(candidate).filter(Files::isDirectory);
            }
        }
        return Optional.empty();
    }

    /** Paths are taken from the data set's folder, or from that of the images if they are elsewhere. */
    private static Path common(Path root, Path images) {
        return images.toAbsolutePath()
                        .normalize()
                        .startsWith(root.toAbsolutePath().normalize())
                ? root
                : images;
    }

    private static DatasetException notOne(List<Path> found, String name, String option, Path root) {
        return new DatasetException(
                found.isEmpty()
                        ? "No folder %s below %s; name it with %s".formatted(name, root, option)
                        : "There are several folders %s (%s, %s); name one with %s"
                                .formatted(name, found.get(0), found.get(1), option));
    }

    /** Folders named labels that hold text files. */
    private static List<Path> labelFolders(Path root) throws IOException {
        List<Path> with = new ArrayList<>();
        for (Path folder : lower(root).equals("labels") ? List.of(root) : folders(root, "labels")) {
            if (!Tree.files(folder, file -> lower(file).endsWith(".txt")).isEmpty()) {
                with.add(folder);
            }
        }
        return with;
    }

    /** Whether a text is the label file of an image, and not the names of the classes. */
    boolean isLabel(Path text) {
        return !isNames(text) && !names.filter(text::equals).isPresent();
    }

    private static boolean isNames(Path file) {
        return NAMES.contains(lower(file));
    }

    private static String lower(Path file) {
        Path name = file.toAbsolutePath().normalize().getFileName();
        return name == null ? "" : name.toString().toLowerCase(Locale.ROOT);
    }

    private static List<Path> folders(Path root, String name) throws IOException {
        return Tree.folders(root, DEPTH, folder -> lower(folder).equals(name));
    }

    private static List<Path> files(Path root, Predicate<Path> wanted) throws IOException {
        return Tree.files(root, DEPTH, wanted);
    }
}
