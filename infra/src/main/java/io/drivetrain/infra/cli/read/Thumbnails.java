package io.drivetrain.infra.cli.read;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabelSuspect;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** The pixels that training saw of suspects, as files that a person can look at. */
public final class Thumbnails {
    private Thumbnails() {}

    /**
     * Writes one PNG for each suspect that is still on its split topic, named by rank, sample, given and suggested label.
     *
     * @return how many
     */
    public static int write(DrivetrainConfig config, List<LabelSuspect> suspects, Path folder) throws IOException {
        Files.createDirectories(folder);
        Map<String, BufferedImage> images = new HashMap<>();
        Map<String, LabelSuspect> wanted = new HashMap<>();
        suspects.forEach(suspect -> wanted.put(suspect.getSampleId(), suspect));
        List<Topic> topics = suspects.stream()
                .map(LabelSuspect::getSplit)
                .distinct()
                .sorted()
                .map(Topic::of)
                .toList();
        if (topics.isEmpty()) {
            return 0;
        }
        TopicFollower.readAll(config, topics, (topic, record) -> {
            try {
                CuratedSample sample = Wire.decode(record.value(), CuratedSample.class);
                if (wanted.containsKey(sample.getSampleId())) {
                    images.put(sample.getSampleId(), image(sample.getPixels()));
                }
            } catch (UndecodableRecordException e) {
                // What cannot be decoded is no sample that training saw.
            }
        });
        for (int i = 0; i < suspects.size(); i++) {
            BufferedImage image = images.get(suspects.get(i).getSampleId());
            if (image != null) {
                Path file = folder.resolve(fileName(i + 1, suspects.get(i)));
                if (!ImageIO.write(image, "png", file.toFile())) {
                    throw new IOException("This Java cannot write PNG");
                }
            }
        }
        return images.size();
    }

    /** A name without anything that a file system could take for a path. */
    static String fileName(int rank, LabelSuspect suspect) {
        return "%03d-%s-%s-%s.png"
                .formatted(
                        rank,
                        plain(suspect.getSampleId()),
                        plain(suspect.getGivenLabel()),
                        plain(suspect.getSuggestedLabel()));
    }

    private static String plain(String text) {
        return text.replaceAll("[^A-Za-z0-9_-]", "_");
    }

    /** Channel-major bytes as an image; one channel is grey. */
    static BufferedImage image(Pixels pixels) {
        int width = pixels.getWidth();
        int height = pixels.getHeight();
        ByteBuffer data = pixels.getData();
        int plane = width * height;
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < plane; i++) {
            int colour = 0;
            for (int channel = 0; channel < 3; channel++) {
                int at = data.position() + Math.min(channel, pixels.getChannels() - 1) * plane + i;
                colour = colour << 8 | data.get(at) & 0xff;
            }
            image.setRGB(i % width, i / width, colour);
        }
        return image;
    }
}
