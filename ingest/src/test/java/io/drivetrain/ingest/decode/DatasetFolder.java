package io.drivetrain.ingest.decode;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.schemas.LabelRule;
import io.drivetrain.schemas.LabeledSample;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;

/** A data set that a test writes. */
final class DatasetFolder {
    static final LabelRule PEDESTRIAN = LabelRule.parse("pedestrian if pedestrian|person else no-pedestrian");

    private final Path root;

    DatasetFolder(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    DatasetFolder image(String path, int width, int height) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        ImageIO.write(
                new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB),
                path.substring(path.lastIndexOf('.') + 1),
                file.toFile());
        return this;
    }

    DatasetFolder text(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        return this;
    }

    Read read(DatasetFormat format) throws DatasetException {
        return read(DatasetOptions.of(root, format), PEDESTRIAN);
    }

    static Read read(DatasetOptions options, LabelRule rule) throws DatasetException {
        Dataset dataset = Dataset.open(options);
        Decoder decoder = dataset.decoder(rule, 1 << 20);
        List<LabeledSample> samples = new ArrayList<>();
        List<Collected.Malformed> malformed = new ArrayList<>();
        try (DatasetReader reader = dataset.read()) {
            while (reader.hasNext()) {
                Collected collected = decoder.decode(reader.next());
                if (collected instanceof Collected.Sample sample) {
                    samples.add(sample.sample());
                } else {
                    malformed.add((Collected.Malformed) collected);
                }
            }
        }
        return new Read(dataset, samples, malformed);
    }

    /** Everything that was read. */
    record Read(Dataset dataset, List<LabeledSample> samples, List<Collected.Malformed> malformed) {
        List<String> sentences() {
            return malformed.stream().map(Collected.Malformed::sentence).toList();
        }

        List<String> kinds() {
            return malformed.stream().map(m -> m.kind().code()).toList();
        }

        LabeledSample only() {
            return samples.stream()
                    .reduce((a, b) -> {
                        throw new AssertionError("more than one sample");
                    })
                    .orElseThrow(() -> new AssertionError("no sample; " + sentences()));
        }
    }

    /** Finds real data beside the checkout; skips the test, with a printed reason, where there is none. */
    static Path shared(String path) {
        String given = System.getProperty("drivetrain.shared");
        Optional<Path> found = Optional.ofNullable(given).map(Path::of).map(folder -> folder.resolve(path));
        for (Path folder = Path.of("").toAbsolutePath(); given == null && folder != null; folder = folder.getParent()) {
            Path candidate = folder.resolve("shared").resolve(path);
            if (Files.exists(candidate)) {
                found = Optional.of(candidate);
                break;
            }
        }
        boolean there = found.filter(Files::exists).isPresent();
        if (!there) {
            System.out.println("Skipped: no real data shared/" + path + " beside the checkout");
        }
        Assumptions.assumeTrue(there, "no real data beside the checkout");
        return found.orElseThrow();
    }
}
