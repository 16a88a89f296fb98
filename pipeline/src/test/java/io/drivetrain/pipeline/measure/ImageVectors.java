package io.drivetrain.pipeline.measure;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Computes what a case of {@code images.json} expects and says where they differ.
 *
 * <p>Tolerances are those of the case: {@code {abs, rel}} for all of it or by field (also by the beginning of a field's
 * name). A sentence is read for {@code +-N}, which is then the absolute tolerance; where a field has no tolerance, or one
 * that says no number, 1e-9 absolute and relative holds. Hashes may differ in 2 of 64 bits, and those that a sentence
 * calls indicative are told, not failed.
 */
final class ImageVectors {
    private static final String LANCZOS = "lanczos_";
    private static final String LOW_FREQUENCIES = "dct_low_";
    private static final Pattern WITHIN = Pattern.compile("\\+-\\s*(\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)");
    private static final Tolerance EXACT = new Tolerance(1e-9, 1e-9);
    private static final Set<String> KINDS = Set.of(
            "hash",
            "hash_steps",
            "gray",
            "blur_opencv",
            "cleanvision_raw",
            "deepchecks_image_properties",
            "cleanvision_scores",
            "hamming");

    private final Path folder;
    private final Map<String, Picture> pictures = new HashMap<>();

    ImageVectors(Path folder) {
        this.folder = folder;
    }

    /**
     * What came out of a case.
     *
     * @param differences none if it passed
     * @param skipped why parts of it, or all, were not compared; none if they were
     * @param inexact hashes within the tolerance, but not equal
     * @param compared numbers, hashes and matrices
     */
    record Outcome(List<String> differences, List<String> skipped, List<String> inexact, int compared) {}

    /** A pair of numbers agrees within {@code absolute + relative * |expected|}. */
    private record Tolerance(double absolute, double relative) {
        static Tolerance of(JsonNode node, Tolerance otherwise) {
            if (node.path("abs").isNumber() || node.path("rel").isNumber()) {
                return new Tolerance(
                        node.path("abs").asDouble(0), node.path("rel").asDouble(0));
            }
            if (node.isNumber()) {
                return new Tolerance(node.asDouble(), 0);
            }
            Matcher matcher = WITHIN.matcher(node.asText(""));
            return matcher.find() ? new Tolerance(Double.parseDouble(matcher.group(1)), 0) : otherwise;
        }
    }

    /** Whether cases of this kind are checked at all. */
    static boolean knows(String kind) {
        return KINDS.contains(kind);
    }

    Outcome check(JsonNode test) {
        Check check = new Check(test);
        try {
            check.run();
        } catch (PictureReader.UnsupportedPicture e) {
            check.skipped.add(e.getMessage());
        } catch (IOException | RuntimeException e) {
            // A case that lacks a field fails by itself; the others are still compared.
            check.differences.add("cannot be compared, see whether a field or a file is missing: " + e);
        }
        return new Outcome(check.differences, check.skipped, check.inexact, check.compared);
    }

    private Picture picture(String name) throws IOException {
        Picture known = pictures.get(name);
        if (known == null) {
            known = PictureReader.read(folder.resolve(name));
            pictures.put(name, known);
        }
        return known;
    }

    private final class Check {
        private final JsonNode input;
        private final JsonNode expected;
        private final JsonNode tolerance;
        private final String kind;
        private final boolean degenerate;
        private final List<String> differences = new ArrayList<>();
        private final List<String> skipped = new ArrayList<>();
        private final List<String> inexact = new ArrayList<>();
        private int compared;

        Check(JsonNode test) {
            input = test.path("input");
            expected = test.path("expected");
            tolerance = test.path("tolerance");
            kind = test.path("kind").asText("");
            degenerate = test.path("note").asText("").contains("DEGENERATE");
        }

        void run() throws IOException {
            if (!knows(kind)) {
                skipped.add("the kind is not known");
                return;
            }
            if (expected.has("raises")) {
                raises();
                return;
            }
            if (expected.isEmpty()) {
                throw new IllegalArgumentException("the case expects nothing");
            }
            switch (kind) {
                case "hash" -> hash();
                case "hash_steps" -> hashSteps();
                case "gray" -> grey();
                case "blur_opencv" -> blur();
                case "cleanvision_raw" -> cleanVision();
                case "deepchecks_image_properties" -> properties();
                case "cleanvision_scores" -> scores();
                case "hamming" -> hamming();
                default -> throw new IllegalStateException("No check for the kind " + kind);
            }
            if (compared == 0 && differences.isEmpty() && skipped.isEmpty()) {
                skipped.add("nothing in it is known");
            }
        }

        // The peer had no answer; ours must be one: a number, in the range that is promised where there is one.
        private void raises() throws IOException {
            List<String> names = new ArrayList<>();
            if (input.has("image")) {
                names.add(input.get("image").asText());
            }
            input.path("images").forEach(name -> names.add(file(name.asText())));
            if (names.isEmpty()) {
                skipped.add("the peer raised, and the case names no image to be answered for");
                return;
            }
            for (String name : names) {
                answers(picture(name)).forEach((what, answer) -> {
                    compared++;
                    if (!Double.isFinite(answer)) {
                        differences.add("%s of %s is %s where the peer raised".formatted(what, name, answer));
                    }
                });
            }
        }

        private Map<String, Double> answers(Picture picture) {
            return switch (kind) {
                case "hash", "hash_steps", "hamming" ->
                    Map.of(
                            "the bits of phash8",
                            (double) PictureHashes.perceptual(picture, 8).bits().length,
                            "the median",
                            PerceptualHash.median(PictureHashes.lowFrequencies(picture, 8)));
                case "gray" -> grey(picture);
                case "blur_opencv" -> blur(picture);
                case "cleanvision_raw" -> cleanVision(picture);
                case "deepchecks_image_properties" -> {
                    Map<String, Double> numbers = properties(picture);
                    numbers.values().removeIf(Objects::isNull);
                    yield numbers;
                }
                case "cleanvision_scores" -> {
                    ImageQuality quality = ImageQuality.of(picture);
                    Map<String, Double> scores = new HashMap<>(Map.of(
                            "dark", quality.dark(),
                            "light", quality.light(),
                            "blurry", quality.blurry(),
                            "low_information", quality.lowInformation(),
                            "odd_aspect_ratio", quality.oddAspect()));
                    scores.replaceAll((issue, score) -> score >= 0 && score <= 1 ? score : Double.NaN);
                    yield scores;
                }
                default -> throw new IllegalStateException("No answer for the kind " + kind);
            };
        }

        private void hash() throws IOException {
            Picture picture = picture(input.get("image").asText());
            Iterator<String> names = expected.fieldNames();
            while (names.hasNext()) {
                String name = names.next();
                if (degenerate && name.startsWith("phash")) {
                    skipped.add(name + " of a picture noted DEGENERATE");
                } else if (name.equals("phash8_min_margin")) {
                    double[] low = PictureHashes.lowFrequencies(picture, 8);
                    double median = PerceptualHash.median(low);
                    // Two coefficients make the median; the margin is that of the next one.
                    double margin = Arrays.stream(low)
                            .map(c -> Math.abs(c - median))
                            .sorted()
                            .toArray()[2];
                    number(name, margin, new Tolerance(1e-4, 1e-6));
                } else {
                    compareHash(name, hashNamed(name, picture));
                }
            }
        }

        private void compareHash(String name, HashBits ours) {
            if (ours == null) {
                skipped.add(name + " is not a hash that is known");
                return;
            }
            compared++;
            String should = expected.get(name).asText();
            if (!ours.hex().equals(should)) {
                int distance = distance(ours.hex(), should);
                String difference = "%s is %s and should be %s".formatted(name, ours.hex(), should);
                // The reference allows for another resize: 2 bits in 64; ours is exact, so that each is told.
                boolean failed = distance > Math.max(2, ours.bits().length / 32) && !indicative(name);
                (failed ? differences : inexact).add(difference);
            }
        }

        // As in "whash/colorhash indicative".
        private boolean indicative(String name) {
            String sentence = tolerance.asText("");
            return sentence.contains("indicative") && sentence.contains(name.replaceAll("\\d+$", ""));
        }

        private void hashSteps() throws IOException {
            Picture picture = picture(input.get("image").asText());
            Iterator<String> names = expected.fieldNames();
            while (names.hasNext()) {
                String name = names.next();
                if (name.startsWith(LANCZOS)) {
                    String[] size = name.substring(LANCZOS.length()).split("[x_]");
                    int width = Integer.parseInt(size[0]);
                    int height = Integer.parseInt(size[1]);
                    int[] ours = PictureHashes.shrink(picture, width, height);
                    matrix(name, Arrays.stream(ours).asDoubleStream().toArray(), width, tolerance(name, EXACT));
                } else if (name.startsWith(LOW_FREQUENCIES)) {
                    int side = Integer.parseInt(
                            name.substring(LOW_FREQUENCIES.length()).split("x")[0]);
                    matrix(
                            name,
                            PictureHashes.lowFrequencies(picture, side),
                            side,
                            tolerance(name, new Tolerance(1e-4, 0)));
                } else if (name.startsWith("median")) {
                    number(
                            name,
                            PerceptualHash.median(PictureHashes.lowFrequencies(picture, lowFrequencySide())),
                            new Tolerance(1e-4, 1e-9));
                } else {
                    skipped.add(name + " is not known");
                }
            }
        }

        // The median is that of the coefficients beside it.
        private int lowFrequencySide() {
            Iterator<String> names = expected.fieldNames();
            while (names.hasNext()) {
                String name = names.next();
                if (name.startsWith(LOW_FREQUENCIES)) {
                    return Integer.parseInt(
                            name.substring(LOW_FREQUENCIES.length()).split("x")[0]);
                }
            }
            return 8;
        }

        private void grey() throws IOException {
            numbers(grey(picture(input.get("image").asText())));
        }

        private Map<String, Double> grey(Picture picture) {
            byte[] luma = picture.luma();
            long sum = 0;
            long squares = 0;
            for (byte sample : luma) {
                sum += sample & 0xFF;
                squares += (long) (sample & 0xFF) * (sample & 0xFF);
            }
            double mean = (double) sum / luma.length;
            double variance = (double) (squares * luma.length - sum * sum) / luma.length / luma.length;
            return Map.of(
                    "L_mean", mean, "L_sum", (double) sum, "L_std_population", Math.sqrt(variance), "L_var", variance);
        }

        private void blur() throws IOException {
            numbers(blur(picture(input.get("image").asText())));
        }

        private Map<String, Double> blur(Picture picture) {
            byte[] openCv = picture.openCvLuma();
            long sum = 0;
            for (byte sample : openCv) {
                sum += sample & 0xFF;
            }
            return Map.of(
                    "variance_of_laplacian_ksize1", laplacian(picture.luma(), picture, Edges.Kernel.SIDES),
                    "variance_of_laplacian_ksize3", laplacian(picture.luma(), picture, Edges.Kernel.CORNERS),
                    "variance_of_laplacian_ksize1_cv2gray", laplacian(openCv, picture, Edges.Kernel.SIDES),
                    "cv2gray_sum", (double) sum);
        }

        private void cleanVision() throws IOException {
            Picture picture = picture(input.get("image").asText());
            Map<String, Double> numbers = cleanVision(picture);
            Iterator<Map.Entry<String, JsonNode>> groups = expected.fields();
            while (groups.hasNext()) {
                Map.Entry<String, JsonNode> group = groups.next();
                group.getValue().fields().forEachRemaining(field -> {
                    if (field.getKey().equals("color_space")) {
                        text(group.getKey(), colourSpace(picture), field.getValue());
                    } else if (numbers.containsKey(field.getKey())) {
                        number(group.getKey() + "." + field.getKey(), numbers.get(field.getKey()), field.getValue());
                    } else {
                        skipped.add(field.getKey() + " is not known");
                    }
                });
            }
        }

        private Map<String, Double> cleanVision(Picture picture) {
            QualityProperties ours = QualityProperties.of(picture);
            Map<String, Double> numbers = new HashMap<>();
            for (int i = 0; i < QualityProperties.PERCENTILES.length; i++) {
                numbers.put("brightness_perc_" + QualityProperties.PERCENTILES[i], ours.brightnessPercentiles()[i]);
            }
            numbers.put("brightness", ours.brightness());
            numbers.put("aspect_ratio", ours.aspectRatio());
            numbers.put("entropy", ours.entropy());
            numbers.put("blurriness", ours.blurriness());
            numbers.put("blurriness_grayscale_std", ours.grayscaleSpread());
            numbers.put("size", ours.size());
            return numbers;
        }

        private void properties() throws IOException {
            numbers(properties(picture(input.get("image").asText())));
        }

        private Map<String, Double> properties(Picture picture) {
            PixelProperties ours = PixelProperties.of(picture);
            Map<String, Double> numbers = new HashMap<>(Map.of(
                    "brightness", ours.brightness(),
                    "rms_contrast", ours.contrast(),
                    "texture_level", ours.texture(),
                    "area", (double) ours.area(),
                    "aspect_ratio", ours.aspectRatio()));
            List<String> colours = List.of("red", "green", "blue");
            for (int c = 0; c < colours.size(); c++) {
                double[] intensity = ours.relativeIntensity().orElse(null);
                numbers.put(
                        "mean_%s_relative_intensity".formatted(colours.get(c)),
                        intensity == null ? null : intensity[c]);
            }
            return numbers;
        }

        private void scores() throws IOException {
            String issue = input.get("issue").asText();
            List<String> names = new ArrayList<>();
            input.get("images").forEach(name -> names.add(name.asText()));
            double[] scores = new double[names.size()];
            // An issue without a threshold is one of scores 0 and 1.
            double threshold = input.path("threshold").asDouble(1);
            List<Picture> set = new ArrayList<>();
            for (String name : names) {
                set.add(picture(file(name)));
            }
            JsonNode params = input.path("params");
            for (int i = 0; i < scores.length; i++) {
                QualityProperties properties = QualityProperties.of(set.get(i));
                ImageQuality quality = ImageQuality.of(properties);
                switch (issue) {
                    case "dark" -> scores[i] = quality.dark();
                    case "light" -> scores[i] = quality.light();
                    case "blurry" ->
                        scores[i] = ImageQuality.blurScore(
                                properties.blurriness(),
                                properties.grayscaleSpread(),
                                params.path("normalizing_factor").asDouble(ImageQuality.BLUR_FACTOR),
                                params.path("color_threshold").asDouble(ImageQuality.LEAST_SPREAD));
                    case "low_information" ->
                        scores[i] = ImageQuality.informationScore(
                                properties.entropy(),
                                params.path("normalizing_factor").asDouble(ImageQuality.ENTROPY_FACTOR));
                    case "odd_aspect_ratio" -> scores[i] = quality.oddAspect();
                    case "grayscale" -> scores[i] = colourSpace(set.get(i)).equals("L") ? 0 : 1;
                    case "odd_size" -> scores[i] = properties.size();
                    default -> {
                        skipped.add("the issue %s is not known".formatted(issue));
                        return;
                    }
                }
            }
            if (issue.equals("odd_size")) {
                OddSize odd = OddSize.of(scores, params.path("iqr_factor").asDouble(3));
                scores = odd.scores();
                threshold = odd.threshold();
            }
            List<String> issues = new ArrayList<>();
            for (int i = 0; i < scores.length; i++) {
                number(
                        "score of " + names.get(i),
                        scores[i],
                        expected.get("score").get(names.get(i)));
                if (scores[i] < threshold) {
                    issues.add(names.get(i));
                }
            }
            List<String> should = new ArrayList<>();
            expected.get("is_issue").forEach(name -> should.add(name.asText()));
            compared++;
            if (!issues.equals(should)) {
                differences.add("issues are %s and should be %s".formatted(issues, should));
            }
        }

        private void hamming() throws IOException {
            double within = Tolerance.of(tolerance, new Tolerance(2, 0)).absolute();
            List<Picture> set = new ArrayList<>();
            for (JsonNode name : input.get("images")) {
                set.add(picture(file(name.asText())));
            }
            Iterator<String> names = expected.fieldNames();
            while (names.hasNext()) {
                String name = names.next();
                for (int i = 0; i < set.size(); i++) {
                    for (int j = 0; j < set.size(); j++) {
                        HashBits one = hashNamed(name, set.get(i));
                        HashBits other = hashNamed(name, set.get(j));
                        if (one == null) {
                            skipped.add(name + " is not a hash that is known");
                            continue;
                        }
                        int should = expected.get(name).get(i).get(j).asInt();
                        compared++;
                        if (Math.abs(one.distance(other) - should) > within) {
                            differences.add("%s of %d and %d is %d and should be %d"
                                    .formatted(name, i, j, one.distance(other), should));
                        }
                    }
                }
            }
        }

        private void numbers(Map<String, Double> ours) {
            expected.fields().forEachRemaining(field -> {
                if (!ours.containsKey(field.getKey())) {
                    skipped.add(field.getKey() + " is not known");
                } else if (field.getValue().isNull() != (ours.get(field.getKey()) == null)) {
                    differences.add("%s is %s and should be %s"
                            .formatted(field.getKey(), ours.get(field.getKey()), field.getValue()));
                } else if (!field.getValue().isNull()) {
                    number(field.getKey(), ours.get(field.getKey()), field.getValue());
                }
            });
        }

        private void number(String name, double ours, JsonNode should) {
            compare(name, ours, should, tolerance(name, EXACT));
        }

        private void number(String name, double ours, Tolerance otherwise) {
            compare(name, ours, expected.get(name), tolerance(name, otherwise));
        }

        private Tolerance tolerance(String name, Tolerance otherwise) {
            if (tolerance.has(name)) {
                return Tolerance.of(tolerance.get(name), otherwise);
            }
            Iterator<String> fields = tolerance.fieldNames();
            while (fields.hasNext()) {
                String field = fields.next();
                if (name.startsWith(field + "_") || name.endsWith("." + field)) {
                    return Tolerance.of(tolerance.get(field), otherwise);
                }
            }
            return Tolerance.of(tolerance, otherwise);
        }

        private void compare(String name, double ours, JsonNode expectation, Tolerance within) {
            compared++;
            if (expectation.has("raises")) {
                if (!Double.isFinite(ours)) {
                    differences.add("%s is %s where the peer raised".formatted(name, ours));
                }
                return;
            }
            double should = value(expectation);
            if (!agree(ours, should, within)) {
                differences.add("%s is %s and should be %s".formatted(name, ours, should));
            }
        }

        private boolean agree(double ours, double should, Tolerance within) {
            return Double.compare(ours, should) == 0
                    || Math.abs(ours - should) <= within.absolute() + within.relative() * Math.abs(should);
        }

        private void text(String name, String ours, JsonNode should) {
            compared++;
            // Pillow tells pictures of one bit from those of eight; their pixels are the same.
            String theirs = should.asText().equals("1") ? "L" : should.asText();
            if (!ours.equals(theirs)) {
                differences.add("%s is %s and should be %s".formatted(name, ours, should));
            }
        }

        private void matrix(String name, double[] ours, int width, Tolerance within) {
            compared++;
            JsonNode rows = expected.get(name);
            for (int i = 0; i < ours.length; i++) {
                double should = value(rows.get(i / width).get(i % width));
                if (!agree(ours[i], should, within)) {
                    differences.add("%s is %s at %d, %d and should be %s"
                            .formatted(name, ours[i], i % width, i / width, should));
                    return;
                }
            }
        }

        // Pillow opens a palette as P; the picture has been expanded to RGB, which is no other answer to the question.
        private String colourSpace(Picture picture) {
            return picture.mode() == Picture.Mode.BGR ? "RGB" : picture.mode().name();
        }

        // Sets of pictures are named without folder and ending.
        private String file(String name) {
            for (String ending : List.of(".png", ".jpg", ".jpeg", "")) {
                String path = "images/" + name + ending;
                if (folder.resolve(path).toFile().isFile()) {
                    return path;
                }
            }
            return name;
        }

        private double value(JsonNode node) {
            if (node == null || !node.isTextual() && !node.isNumber()) {
                throw new IllegalArgumentException("no number is expected, but " + node);
            }
            return node.isTextual() ? Double.parseDouble(node.asText()) : node.asDouble();
        }
    }

    private static HashBits hashNamed(String name, Picture picture) {
        String kind = name.replaceAll("\\d+$", "");
        int side = name.length() == kind.length() ? 0 : Integer.parseInt(name.substring(kind.length()));
        return switch (kind) {
            case "phash" -> PictureHashes.perceptual(picture, side);
            case "phash_simple" -> PictureHashes.simplePerceptual(picture, side);
            case "dhash" -> PictureHashes.difference(picture, side);
            case "dhash_vertical" -> PictureHashes.verticalDifference(picture, side);
            case "ahash" -> PictureHashes.average(picture, side);
            case "whash" -> PictureHashes.wavelet(picture, side);
            case "colorhash" -> PictureHashes.colour(picture, side == 0 ? 3 : side);
            default -> null;
        };
    }

    private static int distance(String one, String other) {
        return new BigInteger(one, 16).xor(new BigInteger(other, 16)).bitCount();
    }

    private static double laplacian(byte[] luma, Picture picture, Edges.Kernel kernel) {
        double[] samples = new double[luma.length];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = luma[i] & 0xFF;
        }
        return Edges.varianceOfLaplacian(samples, picture.width(), picture.height(), kernel);
    }
}
