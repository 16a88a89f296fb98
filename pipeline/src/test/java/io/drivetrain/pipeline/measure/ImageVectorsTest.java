package io.drivetrain.pipeline.measure;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cases of a directory that is not ours: they lack fields, and say tolerances in other ways. */
class ImageVectorsTest {
    @TempDir
    private Path folder;

    private ImageVectors vectors;
    private Picture picture;

    @BeforeEach
    void picture() throws IOException {
        assertThat(folder.resolve("images").toFile().mkdirs()).isTrue();
        BufferedImage image = new BufferedImage(90, 60, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 90 * 60; i++) {
            image.setRGB(i % 90, i / 90, i * 7919 & 0x7F7FFF);
        }
        write(image, "a");
        write(new BufferedImage(40, 40, BufferedImage.TYPE_BYTE_BINARY), "binary");
        vectors = new ImageVectors(folder);
        picture = PictureReader.read(folder.resolve("images/a.png"));
    }

    @Test
    void aCaseThatLacksAFieldFailsByItselfAndSaysSo() throws IOException {
        for (String broken : new String[] {
            "{}",
            "{'kind': 'gray'}",
            "{'kind': 'gray', 'expected': {'L_mean': 1}}",
            "{'kind': 'hash', 'input': {'image': 'images/no.png'}, 'expected': {'phash8': '00'}}",
            "{'kind': 'cleanvision_scores', 'input': {'issue': 'dark', 'images': ['a']}, 'expected': {'score': {}}}",
            "{'kind': 'hash_steps', 'input': {'image': 'images/a.png'}, 'expected': {'lanczos_8x8': [[1]]}}",
            "{'kind': 'blur_opencv', 'input': {'image': 'images/a.png'}, 'expected': {'cv2gray_sum': [1]}}",
        }) {
            ImageVectors.Outcome outcome = check(broken);
            assertThat(outcome.differences().size() + outcome.skipped().size())
                    .as(broken)
                    .isPositive();
        }
        assertThat(check("{'kind': 'gray'}").differences().get(0)).startsWith("cannot be compared");
    }

    @Test
    void anUnknownKindIsSkippedWhateverIsInIt() throws IOException {
        ImageVectors.Outcome outcome = check("{'kind': 'sharpness_of_tomorrow', 'expected': {'raises': 'ValueError'}}");
        assertThat(outcome.differences()).isEmpty();
        assertThat(outcome.skipped()).containsExactly("the kind is not known");
        assertThat(ImageVectors.knows("sharpness_of_tomorrow")).isFalse();
    }

    @Test
    void wherePeersRaisedEveryKindHasAnAnswer() throws IOException {
        for (String kind : new String[] {
            "hash", "hash_steps", "gray", "blur_opencv", "cleanvision_raw", "deepchecks_image_properties"
        }) {
            ImageVectors.Outcome outcome =
                    check("{'kind': '%s', 'input': {'image': 'images/a.png'}, 'expected': {'raises': 'ValueError'}}"
                            .formatted(kind));
            assertThat(outcome.differences()).as(kind).isEmpty();
            assertThat(outcome.compared()).as(kind).isPositive();
        }
        for (String kind : new String[] {"hamming", "cleanvision_scores"}) {
            ImageVectors.Outcome outcome =
                    check("{'kind': '%s', 'input': {'images': ['a', 'binary']}, 'expected': {'raises': 'ValueError'}}"
                            .formatted(kind));
            assertThat(outcome.differences()).as(kind).isEmpty();
            assertThat(outcome.compared()).as(kind).isPositive();
        }
        assertThat(check("{'kind': 'gray', 'expected': {'raises': 'ValueError'}}")
                        .skipped())
                .hasSize(1);
        assertThat(gray("{'raises': 'ValueError'}", "{'abs': 0}").differences()).isEmpty();
    }

    @Test
    void withoutAToleranceOrWithASentenceABillionthIsAllowedAndASentenceMaySayMore() throws IOException {
        double mean = mean();
        assertThat(gray(mean + 1e-10, "null").differences()).isEmpty();
        assertThat(gray(mean + 1e-10, "'exact'").differences()).isEmpty();
        assertThat(gray(mean + 1e-10, "{}").differences()).isEmpty();
        assertThat(gray(mean + 0.01, "'exact'").differences()).hasSize(1);
        assertThat(gray(mean + 0.4, "'Pillow, +-0.5'").differences()).isEmpty();
        assertThat(gray(mean + 0.4, "{'L_mean': {'abs': 0.5}}").differences()).isEmpty();
        assertThat(gray(mean + 0.4, "{'L_mean': 'about +-0.5'}").differences()).isEmpty();
        assertThat(gray(mean + 0.6, "{'L_mean': {'abs': 0.5}}").differences()).hasSize(1);
    }

    @Test
    void resizedPixelsHaveTheToleranceOfTheFile() throws IOException {
        int[] pixels = PictureHashes.shrink(picture, 8, 8);
        pixels[5]++;
        String matrix = matrix(Arrays.stream(pixels).asDoubleStream().toArray(), 8);
        assertThat(steps("lanczos_8x8_for_ahash", matrix, "{'lanczos': 'Pillow fixed-point, +-1'}")
                        .differences())
                .isEmpty();
        assertThat(steps("lanczos_8x8_for_ahash", matrix, "{'dct_low_8x8': {'abs': 1}}")
                        .differences())
                .hasSize(1);
    }

    @Test
    void coefficientsOfEverySideAreCompared() throws IOException {
        double[] low = PictureHashes.lowFrequencies(picture, 16);
        assertThat(steps("dct_low_16x16", matrix(low, 16), "null").differences())
                .isEmpty();
        low[255] += 1;
        assertThat(steps("dct_low_16x16", matrix(low, 16), "null").differences())
                .hasSize(1);
    }

    @Test
    void scoresAreComputedWithTheParametersOfTheCase() throws IOException {
        double entropy = QualityProperties.of(picture).entropy();
        assertThat(score("low_information", "{'normalizing_factor': 0.05}", 0.05 * entropy)
                        .differences())
                .isEmpty();
        assertThat(score("low_information", "{}", 0.05 * entropy).differences()).isNotEmpty();
        QualityProperties properties = QualityProperties.of(picture);
        double edges = 1 - Math.exp(-properties.blurriness() * 0.001);
        assertThat(score("blurry", "{'normalizing_factor': 0.001, 'color_threshold': 0.999}", edges)
                        .differences())
                .isEmpty();
        assertThat(score("blurry", "{}", edges).differences()).isNotEmpty();
    }

    @Test
    void hashesThatASentenceCallsIndicativeAreToldAndNotFailed() throws IOException {
        String hash =
                "{'kind': 'hash', 'input': {'image': 'images/a.png'}, 'expected': {'whash8': '%s'}, 'tolerance': %s}";
        String opposite = PictureHashes.wavelet(picture, 8)
                .hex()
                .chars()
                .mapToObj(digit -> Integer.toHexString(15 - Character.digit(digit, 16)))
                .collect(Collectors.joining());
        assertThat(check(hash.formatted(opposite, "'exact'")).differences()).hasSize(1);
        ImageVectors.Outcome indicative = check(hash.formatted(opposite, "'exact. whash/colorhash indicative'"));
        assertThat(indicative.differences()).isEmpty();
        assertThat(indicative.inexact()).hasSize(1);
    }

    @Test
    void picturesOfOneBitAreGrey() throws IOException {
        assertThat(PictureReader.read(folder.resolve("images/binary.png")).mode())
                .isEqualTo(Picture.Mode.L);
        assertThat(check("{'kind': 'cleanvision_raw', 'input': {'image': 'images/binary.png'},"
                                + " 'expected': {'grayscale': {'color_space': '1'}}}")
                        .differences())
                .isEmpty();
    }

    private double mean() {
        long sum = 0;
        for (byte level : picture.luma()) {
            sum += level & 0xFF;
        }
        return (double) sum / picture.area();
    }

    private ImageVectors.Outcome gray(Object mean, String tolerance) throws IOException {
        return check("{'kind': 'gray', 'input': {'image': 'images/a.png'}, 'expected': {'L_mean': %s}, 'tolerance': %s}"
                .formatted(mean, tolerance));
    }

    private ImageVectors.Outcome steps(String name, String matrix, String tolerance) throws IOException {
        return check(
                "{'kind': 'hash_steps', 'input': {'image': 'images/a.png'}, 'expected': {'%s': %s}, 'tolerance': %s}"
                        .formatted(name, matrix, tolerance));
    }

    private ImageVectors.Outcome score(String issue, String params, double score) throws IOException {
        return check(
                "{'kind': 'cleanvision_scores', 'input': {'issue': '%s', 'images': ['a'], 'params': %s, 'threshold': 0}, 'expected': {'score': {'a': %s}, 'is_issue': []}}"
                        .formatted(issue, params, score));
    }

    private static String matrix(double[] values, int width) {
        StringBuilder rows = new StringBuilder("[");
        for (int i = 0; i < values.length; i++) {
            rows.append(i % width == 0 ? i == 0 ? "[" : "],[" : ",")
                    .append(String.format(Locale.ROOT, "%s", values[i]));
        }
        return rows.append("]]").toString();
    }

    private ImageVectors.Outcome check(String test) throws IOException {
        return vectors.check(new ObjectMapper().readTree(test.replace('\'', '"')));
    }

    private void write(BufferedImage image, String name) throws IOException {
        assertThat(ImageIO.write(
                        image, "png", folder.resolve("images/" + name + ".png").toFile()))
                .isTrue();
    }
}
