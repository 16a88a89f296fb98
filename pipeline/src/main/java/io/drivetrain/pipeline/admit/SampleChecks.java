package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.measure.ImageHeader;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ImageReference;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiPredicate;

/** Everything that can be wrong with one record by itself: all checks that need no other record. */
final class SampleChecks implements AutoCloseable {
    private final DrivetrainConfig.Admission limits;
    private final LabelRules labels;
    private final TimeRules times;
    private final BoxRules boxes;
    private final AttributeRules attributes;
    private final ImageRules images;
    private final ReferencedImage references;

    /** Checks by a configuration; for the other argument see {@link ImageRules}. */
    SampleChecks(DrivetrainConfig config, BiPredicate<ByteBuffer, ImageHeader.Readable> decodesEveryCode) {
        limits = config.admission();
        labels = new LabelRules(config);
        times = new TimeRules(limits);
        boxes = new BoxRules(limits);
        attributes = new AttributeRules(limits);
        images = new ImageRules(limits, decodesEveryCode);
        references = new ReferencedImage(limits.referenceRoots(), config.objectStore());
    }

    /**
     * What is known of a record before its pixels are looked at.
     *
     * @param sample null if the bytes are none
     * @param image null if there is none, or not the one that was promised
     * @param sha256 of the image, hex; null without an image
     * @param header null if the image has none
     * @param decodable whether the image may be decoded
     */
    record Checked(
            LabeledSample sample,
            ByteBuffer image,
            String sha256,
            ImageHeader.Readable header,
            boolean decodable,
            Findings findings) {}

    /** Checks a record; {@code now} is the time of curation. */
    Checked check(byte[] value, Instant now) {
        Findings findings = new Findings();
        Optional<LabeledSample> decoded = decode(value, findings);
        if (decoded.isEmpty()) {
            return new Checked(null, null, null, null, false, findings);
        }
        LabeledSample sample = decoded.get();
        IdentityRules.check(sample, findings);
        times.check(sample, now, findings);
        labels.check(sample, findings);
        attributes.check(sample, findings);
        TelemetryRules.check(sample, findings);
        Held held = held(sample, findings);
        ImageRules.Judgement judgement =
                held.image == null ? ImageRules.Judgement.NO_IMAGE : images.check(held.image, place(sample), findings);
        // Boxes are drawn on the image as it is shown.
        boxes.check(sample, judgement.header().map(header -> ImageHeader.displayed(held.image, header)), findings);
        return new Checked(
                sample, held.image, held.sha256, judgement.header().orElse(null), judgement.decodable(), findings);
    }

    /** Adds what only the decoder found out. */
    static void undecodable(Checked checked, String reason) {
        ImageRules.undecodable(checked.image(), reason, place(checked.sample()), checked.findings());
    }

    /** Adds what the pixels contradict. */
    void checkPixels(Checked checked, Measurements measurements) {
        attributes.checkPixels(checked.sample(), measurements, checked.findings());
    }

    private Optional<LabeledSample> decode(byte[] value, Findings findings) {
        String size = value == null ? "null" : value.length + " bytes";
        if (value != null && value.length > limits.maxRecordBytes()) {
            findings.add(
                    ViolationCode.RECORD_TOO_LARGE,
                    "value",
                    size,
                    "The record has %d bytes, admission.max-record-bytes is %d; send its image by reference or smaller"
                            .formatted(value.length, limits.maxRecordBytes()));
            return Optional.empty();
        }
        try {
            return Optional.of(Wire.decode(value, LabeledSample.class));
        } catch (UndecodableRecordException e) {
            ViolationCode code = switch (e.kind()) {
                case NO_SUCH_RECORD -> ViolationCode.UNDECODABLE_RECORD;
                case UNKNOWN_SCHEMA -> ViolationCode.UNKNOWN_SCHEMA;
            };
            findings.add(code, "value", size, e.getMessage());
            return Optional.empty();
        }
    }

    /** The bytes of an image and their hash; both null if there are none to be judged. */
    private record Held(ByteBuffer image, String sha256) {
        static final Held NOTHING = new Held(null, null);
    }

    private Held held(LabeledSample sample, Findings findings) {
        ByteBuffer inline = sample.getImageBytes();
        ImageReference reference = sample.getImageReference();
        Held held;
        if (inline != null && (inline.hasRemaining() || reference == null)) {
            held = new Held(inline, ImageHash.sha256(inline));
            checkHash(sample, held, findings);
        } else if (reference != null) {
            held = referenced(sample, reference, findings);
        } else {
            findings.add(
                    ViolationCode.MISSING_IMAGE,
                    "imageBytes",
                    "null",
                    "Sample %s has neither image bytes nor a reference; send it with its image".formatted(id(sample)));
            held = Held.NOTHING;
        }
        if (held.image != null && !held.image.hasRemaining()) {
            findings.add(
                    ViolationCode.EMPTY_IMAGE,
                    place(sample).field(),
                    "0 bytes",
                    "The image of sample %s has 0 bytes; send it again, and see whether the disk it came from is full"
                            .formatted(id(sample)));
            return Held.NOTHING;
        }
        return held;
    }

    private static void checkHash(LabeledSample sample, Held held, Findings findings) {
        String promised = sample.getImageSha256();
        if (promised != null && !promised.toLowerCase(Locale.ROOT).equals(held.sha256)) {
            findings.add(
                    ViolationCode.HASH_MISMATCH,
                    "imageSha256",
                    promised,
                    "The image of sample %s has the SHA-256 %s, promised is %s; send it again, it changed on the way"
                            .formatted(id(sample), held.sha256, Findings.shown(promised)));
        }
    }

    private Held referenced(LabeledSample sample, ImageReference reference, Findings findings) {
        ReferencedImage.Fetched fetched = references.fetch(reference);
        if (fetched instanceof ReferencedImage.Bytes bytes) {
            Held held = new Held(bytes.image(), bytes.sha256());
            checkHash(sample, held, findings);
            return held;
        }
        if (fetched instanceof ReferencedImage.Different different) {
            findings.add(
                    ViolationCode.HASH_MISMATCH,
                    "imageReference." + different.field(),
                    different.promised(),
                    "The image of sample %s at %s is not the one promised: %s; send the sample again as its image is now"
                            .formatted(id(sample), Findings.shown(reference.getUri()), different.reason()));
        } else {
            findings.add(
                    ViolationCode.MISSING_IMAGE,
                    "imageReference",
                    reference.getUri(),
                    "The image of sample %s cannot be had: %s"
                            .formatted(id(sample), ((ReferencedImage.Nothing) fetched).reason()));
        }
        return Held.NOTHING;
    }

    @Override
    public void close() {
        references.close();
    }

    private static ImageRules.Place place(LabeledSample sample) {
        ByteBuffer inline = sample.getImageBytes();
        boolean referenced = sample.getImageReference() != null && (inline == null || !inline.hasRemaining());
        return new ImageRules.Place(referenced ? "imageReference" : "imageBytes", id(sample));
    }

    private static String id(LabeledSample sample) {
        return Findings.shown(sample.getSampleId());
    }
}
