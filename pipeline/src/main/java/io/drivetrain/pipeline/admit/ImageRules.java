package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.measure.ImageHeader;
import io.drivetrain.schemas.DrivetrainConfig;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * Whether encoded bytes are an image that may be decoded. The header is judged first, with all that it violates together;
 * only an image that passes is looked at to its end.
 */
final class ImageRules {
    /** A frame of this size decodes to 25 MB in some 30 ms: up to it, flat pictures are no bombs. */
    private static final long HARMLESS_PIXELS = 3840L * 2160;

    private final DrivetrainConfig.Admission limits;
    private final JpegEntropy entropy = new JpegEntropy();
    private final BiPredicate<ByteBuffer, ImageHeader.Readable> decodesEveryCode;

    /**
     * Rules within limits.
     *
     * @param decodesEveryCode whether a decoder has found every code of a JPEG right, so that no other look at its data
     *     could find damage
     */
    ImageRules(DrivetrainConfig.Admission limits, BiPredicate<ByteBuffer, ImageHeader.Readable> decodesEveryCode) {
        this.limits = limits;
        this.decodesEveryCode = decodesEveryCode;
    }

    /** The sample that an image belongs to, and where in it the image is; both fit for messages. */
    record Place(String field, String id) {}

    /** What a header says, and whether the image may be decoded. */
    record Judgement(Optional<ImageHeader.Readable> header, boolean decodable) {
        static final Judgement NO_IMAGE = new Judgement(Optional.empty(), false);
    }

    /** Judges an image of at least one byte. */
    Judgement check(ByteBuffer image, Place place, Findings findings) {
        ImageHeader reading = ImageHeader.read(image);
        if (reading instanceof ImageHeader.Unreadable unreadable) {
            unreadable(image, unreadable, place, findings);
            return Judgement.NO_IMAGE;
        }
        ImageHeader.Readable header = (ImageHeader.Readable) reading;
        boolean decodable = format(header, place, findings)
                & dimensions(header, place, findings)
                & aspectRatio(header, place, findings)
                & density(image, header, place, findings);
        decodable = decodable && isWhole(image, header, place, findings);
        return new Judgement(Optional.of(header), decodable);
    }

    /** Reports what only the decoder found out. */
    static void undecodable(ByteBuffer image, String reason, Place place, Findings findings) {
        findings.add(
                ViolationCode.UNDECODABLE_IMAGE,
                place.field(),
                size(image),
                "The image of sample %s cannot be decoded: %s; send it again from the original"
                        .formatted(place.id(), reason));
    }

    private void unreadable(ByteBuffer image, ImageHeader.Unreadable unreadable, Place place, Findings findings) {
        String name = ImageSignature.nameOf(image);
        if (unreadable.cutOff()) {
            truncated(image, unreadable.reason(), place, findings);
        } else if (name.equals(ImageSignature.JPEG) || name.equals(ImageSignature.PNG)) {
            undecodable(image, unreadable.reason(), place, findings);
        } else {
            notAllowed(name, place, findings);
        }
    }

    private boolean format(ImageHeader.Readable header, Place place, Findings findings) {
        if (limits.formats().contains(header.format().name().toLowerCase(Locale.ROOT))) {
            return true;
        }
        notAllowed("a " + header.format(), place, findings);
        return false;
    }

    private void notAllowed(String name, Place place, Findings findings) {
        findings.add(
                ViolationCode.FORMAT_NOT_ALLOWED,
                place.field(),
                name,
                "The image of sample %s is %s, admitted are %s; send the picture as one of these"
                        .formatted(place.id(), name, String.join(", ", limits.formats())));
    }

    private boolean dimensions(ImageHeader.Readable header, Place place, Findings findings) {
        if (header.width() >= limits.minWidth()
                && header.height() >= limits.minHeight()
                && header.width() <= limits.maxWidth()
                && header.height() <= limits.maxHeight()
                && pixels(header) <= limits.maxPixels()) {
            return true;
        }
        findings.add(
                ViolationCode.DIMENSIONS_OUT_OF_LIMITS,
                place.field(),
                dimensions(header),
                "The image of sample %s has %s pixels, admitted are %d x %d to %d x %d with at most %d pixels; resize it or change admission in drivetrain.yaml"
                        .formatted(
                                place.id(),
                                dimensions(header),
                                limits.minWidth(),
                                limits.minHeight(),
                                limits.maxWidth(),
                                limits.maxHeight(),
                                limits.maxPixels()));
        return false;
    }

    private boolean aspectRatio(ImageHeader.Readable header, Place place, Findings findings) {
        double ratio = (double) Math.max(header.width(), header.height()) / Math.min(header.width(), header.height());
        if (ratio <= limits.maxAspectRatio()) {
            return true;
        }
        findings.add(
                ViolationCode.ASPECT_RATIO_OUT_OF_LIMITS,
                place.field(),
                dimensions(header),
                String.format(
                        Locale.ROOT,
                        "The image of sample %s has %s pixels, sides of %.1f to 1, admitted are %s to 1; crop it or change admission.max-aspect-ratio",
                        place.id(),
                        dimensions(header),
                        ratio,
                        limits.maxAspectRatio()));
        return false;
    }

    private boolean density(ByteBuffer image, ImageHeader.Readable header, Place place, Findings findings) {
        double density = (double) pixels(header) / image.remaining();
        if (pixels(header) <= HARMLESS_PIXELS || density <= limits.maxPixelsPerByte()) {
            return true;
        }
        bomb(
                image,
                header,
                String.format(
                        Locale.ROOT,
                        "more than %s pixels for each byte; raise admission.max-pixels-per-byte if it is a real image",
                        limits.maxPixelsPerByte()),
                place,
                findings);
        return false;
    }

    private boolean isWhole(ByteBuffer image, ImageHeader.Readable header, Place place, Findings findings) {
        Optional<String> truncation = ImageHeader.truncation(image, header);
        if (truncation.isPresent()) {
            truncated(image, truncation.get(), place, findings);
            return false;
        }
        return switch (header.format()) {
            case JPEG -> jpeg(image, header, place, findings);
            case PNG -> png(image, header, place, findings);
        };
    }

    private boolean jpeg(ByteBuffer image, ImageHeader.Readable header, Place place, Findings findings) {
        if (decodesEveryCode.test(image, header)) {
            return true;
        }
        JpegSegments.Reading reading = JpegSegments.read(image, header.frameOffset(), entropy, limits.verifyJpegData());
        if (reading.impossible()) {
            bomb(image, header, "more than a JPEG of so few bytes can hold; send a real image", place, findings);
        } else if (reading.scans() > JpegSegments.MOST_SCANS) {
            bomb(
                    image,
                    header,
                    "more than %d times over; save it with fewer scans".formatted(JpegSegments.MOST_SCANS),
                    place,
                    findings);
        } else if (reading.damage().isPresent()) {
            undecodable(image, "the JPEG is damaged, " + reading.damage().get(), place, findings);
        } else {
            return true;
        }
        return false;
    }

    private static boolean png(ByteBuffer image, ImageHeader.Readable header, Place place, Findings findings) {
        PngChunks chunks = PngChunks.read(image);
        if (chunks.damage().isPresent()) {
            undecodable(image, "the PNG is damaged, " + chunks.damage().get(), place, findings);
        } else if (chunks.impossible()) {
            bomb(image, header, "more than a PNG of so few bytes can hold; send a real image", place, findings);
        } else if (chunks.compressedTexts() > PngChunks.MOST_COMPRESSED_TEXTS) {
            bomb(
                    image,
                    header,
                    "and %d compressed texts, at most %d are admitted; remove them"
                            .formatted(chunks.compressedTexts(), PngChunks.MOST_COMPRESSED_TEXTS),
                    place,
                    findings);
        } else {
            return true;
        }
        return false;
    }

    private static void truncated(ByteBuffer image, String reason, Place place, Findings findings) {
        findings.add(
                ViolationCode.TRUNCATED_IMAGE,
                place.field(),
                size(image),
                "The image of sample %s is not whole: %s; send it again once it is written completely"
                        .formatted(place.id(), reason));
    }

    private static void bomb(
            ByteBuffer image, ImageHeader.Readable header, String why, Place place, Findings findings) {
        findings.add(
                ViolationCode.DECOMPRESSION_BOMB,
                place.field(),
                "%s in %s".formatted(dimensions(header), size(image)),
                "The image of sample %s claims %s pixels in %s, %s"
                        .formatted(place.id(), dimensions(header), size(image), why));
    }

    private static long pixels(ImageHeader.Readable header) {
        return (long) header.width() * header.height();
    }

    private static String dimensions(ImageHeader.Readable header) {
        return header.width() + " x " + header.height();
    }

    private static String size(ByteBuffer image) {
        return image.remaining() + " bytes";
    }
}
