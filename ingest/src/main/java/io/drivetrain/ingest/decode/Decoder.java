package io.drivetrain.ingest.decode;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.ImageFiles;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.LabelRule;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.objects.ObjectStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Makes samples of entries: finds the image file, takes its bytes or, of a large one, URI, length and SHA-256, and
 * derives the class where the entry has none, from its boxes, if someone has looked for any, or its attributes. One image is held at a time. Whether image and label are any
 * good is for curation to say.
 */
public final class Decoder {
    private final ImageFiles images;
    private final LabelRule rule;
    private final long maxInlineBytes;
    private final LargeImages largeImages;

    /**
     * Decodes entries whose images are found by {@code images}.
     *
     * @param maxInlineBytes larger files go by reference
     */
    public Decoder(ImageFiles images, LabelRule rule, long maxInlineBytes) {
        this(images, rule, maxInlineBytes, LargeImages.inPlace());
    }

    /**
     * Decodes entries whose images are found by {@code images}.
     *
     * @param maxInlineBytes larger files go by reference
     * @param largeImages where these are; closed by whoever opened it
     */
    public Decoder(ImageFiles images, LabelRule rule, long maxInlineBytes, LargeImages largeImages) {
        this.images = images;
        this.rule = rule;
        this.maxInlineBytes = maxInlineBytes;
        this.largeImages = largeImages;
    }

    /**
     * Returns the sample of an entry that a {@link DatasetReader} gave, or why it is none.
     *
     * @throws ObjectStoreException if large images go to an object store and it fails
     */
    public Collected decode(Entry entry) {
        if (!(entry instanceof Entry.Image image)) {
            return ((Entry.Bad) entry).malformed();
        }
        try {
            return decode(image);
        } catch (ObjectStoreException e) {
            throw e;
        } catch (RuntimeException e) {
            // A value that nobody has thought of costs one entry, not the whole ingest.
            return image.malformed(
                    Collected.Kind.WRONG_VALUE,
                    "no sample can be made of %s (%s)".formatted(Limits.shown(image.id()), e),
                    "correct what is unusual about this entry");
        }
    }

    private Collected decode(Entry.Image image) {
        ImageFiles.Found found = images.find(image.names());
        String name = Limits.shown(image.names().get(0));
        if (found instanceof ImageFiles.Found.At at) {
            return decode(image, at.file());
        }
        if (found instanceof ImageFiles.Found.Several several) {
            return image.malformed(
                    Collected.Kind.AMBIGUOUS_IMAGE,
                    "the image %s may be %s or %s".formatted(name, several.first(), several.second()),
                    "name the folder with --images");
        }
        if (name.indexOf('\uFFFD') >= 0) {
            return image.malformed(
                    Collected.Kind.UNREADABLE_IMAGE,
                    "the name of the image %s has bytes that are no UTF-8".formatted(name),
                    "rename the file");
        }
        return found instanceof ImageFiles.Found.Outside
                ? image.malformed(
                        Collected.Kind.UNREADABLE_IMAGE,
                        "the image %s is no file of the data set".formatted(name),
                        "correct the path, or name a folder that holds it with --images")
                : image.malformed(
                        Collected.Kind.MISSING_IMAGE,
                        "there is no image %s".formatted(name),
                        "add the file or remove the entry");
    }

    private Collected decode(Entry.Image image, Path file) {
        Optional<Entry.Boxes> boxes = image.labels().boxes();
        boolean derived =
                image.labels().label().isEmpty() && (boxes.isPresent() || rule instanceof LabelRule.Attribute);
        boolean relative = boxes.map(Entry.Boxes::relative).orElse(false);
        Optional<ImageFiles.Size> size =
                relative || derived && BoxLabels.needsSize(rule) ? ImageFiles.size(file) : Optional.empty();
        List<Box> pixels = boxes.map(Entry.Boxes::boxes).orElse(List.of());
        if (relative && !pixels.isEmpty()) {
            if (size.isEmpty()) {
                return image.malformed(
                        Collected.Kind.UNREADABLE_IMAGE,
                        "width and height of the image, which relative boxes need, cannot be read",
                        "replace the image by one that can be decoded");
            }
            pixels = inPixels(pixels, size.get());
        }
        Optional<String> label = image.labels().label();
        if (derived) {
            BoxLabels.Verdict verdict = BoxLabels.decide(
                    rule,
                    pixels,
                    boxes.map(Entry.Boxes::complete).orElse(true),
                    size,
                    image.labels().attributes());
            if (verdict instanceof BoxLabels.Verdict.Undecided undecided) {
                return image.malformed(
                        Collected.Kind.UNDECIDED_LABEL,
                        "the image %s is left out: %s".formatted(Limits.shown(image.id()), undecided.why()),
                        "correct what is reported on it; every object needs a box");
            }
            label = ((BoxLabels.Verdict.Decided) verdict).label();
        }
        Entry.Recording recording = image.recording();
        LabeledSample.Builder sample = LabeledSample.newBuilder()
                .setSampleId(image.id())
                .setDriveId(recording.drive().orElseThrow())
                .setFrameIndex(recording.frame().orElseThrow())
                .setCapturedAt(recording.capturedAt().orElseThrow())
                .setDomain(recording.domain().orElseThrow())
                .setLabel(label.orElse(null))
                .setBoxes(pixels)
                .setAttributes(image.labels().attributes())
                .setLabelSource(image.labels().source().orElse(null))
                .setLabelRevision(image.labels().revision())
                .setTelemetry(recording.telemetry());
        try {
            long length = Files.size(file);
            if (length > maxInlineBytes) {
                sample.setImageReference(largeImages.refer(file, length));
            } else {
                byte[] bytes = Files.readAllBytes(file);
                sample.setImageBytes(ByteBuffer.wrap(bytes))
                        .setImageSha256(HexFormat.of()
                                .formatHex(LargeImages.Content.digest().digest(bytes)));
            }
        } catch (IOException e) {
            return image.malformed(
                    Collected.Kind.UNREADABLE_IMAGE,
                    "cannot read %s (%s)".formatted(file, e.getClass().getSimpleName()),
                    "check its rights");
        }
        return new Collected.Sample(sample.build());
    }

    private static List<Box> inPixels(List<Box> boxes, ImageFiles.Size size) {
        return boxes.stream()
                .map(box -> new Box(
                        box.getCategory(),
                        box.getX1() * size.width(),
                        box.getY1() * size.height(),
                        box.getX2() * size.width(),
                        box.getY2() * size.height()))
                .toList();
    }
}
