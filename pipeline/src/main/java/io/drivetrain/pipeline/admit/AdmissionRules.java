package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.measure.ImageHeader;
import io.drivetrain.pipeline.measure.MeasurementTaker;
import io.drivetrain.pipeline.measure.ReducedDecoder;
import io.drivetrain.pipeline.split.SplitPolicy;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ImageReference;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.RawHeader;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Admits a raw record as a sample, or says everything that is wrong with it. What is decided depends on nothing but the
 * arguments; the decoder is scratch space. Not safe for use by several threads.
 */
public final class AdmissionRules implements AutoCloseable {
    private static final int VALUE_CHARACTERS = 200;
    private static final int CHANNELS = 3;

    private final DrivetrainConfig.Admission limits;
    private final DrivetrainConfig.Image size;
    private final TreeSet<String> classes;
    private final SplitPolicy splits;
    private final ReducedDecoder decoder;

    public AdmissionRules(DrivetrainConfig config) {
        limits = config.admission();
        size = config.image();
        classes = new TreeSet<>(config.classes());
        splits = new SplitPolicy(
                config.split().salt(),
                config.split().trainDevFraction(),
                config.split().testFraction());
        decoder = new ReducedDecoder(size.width(), size.height());
    }

    /**
     * Decides about one record.
     *
     * @param admittedBefore where the sample with this id was admitted, if it was
     * @param now becomes the time of rejection
     */
    public Admission judge(RawRecord raw, Optional<String> admittedBefore, Instant now) {
        Findings findings = new Findings();
        LabeledSample sample;
        try {
            sample = Wire.decode(raw.value(), LabeledSample.class);
        } catch (UndecodableRecordException e) {
            findings.add(ViolationCode.UNDECODABLE_RECORD, "value", describe(raw.value()), e.getMessage());
            return new Admission.Refused(rejected(raw, null, findings, now));
        }
        checkLabel(sample, findings);
        checkIdentity(sample, raw, admittedBefore, findings);
        ByteBuffer image = image(sample, findings);
        Seen seen = image == null ? null : look(sample, image, findings);
        if (seen == null || !findings.isEmpty()) {
            return new Admission.Refused(rejected(raw, sample, findings, now));
        }
        return new Admission.Accepted(new Admitted(curated(raw, sample, image, seen), image, path(sample)));
    }

    private void checkLabel(LabeledSample sample, Findings findings) {
        String label = sample.getLabel();
        if (label == null || label.isBlank()) {
            findings.add(
                    ViolationCode.MISSING_LABEL,
                    "label",
                    String.valueOf(label),
                    "Sample %s has no label; label it and send it again".formatted(sample.getSampleId()));
        } else if (!classes.contains(label)) {
            findings.add(
                    ViolationCode.UNKNOWN_CLASS,
                    "label",
                    label,
                    "Unknown class '%s' in sample %s; add it to classes in drivetrain.yaml (now %s) or correct the source"
                            .formatted(label, sample.getSampleId(), String.join(", ", classes)));
        }
    }

    private static void checkIdentity(
            LabeledSample sample, RawRecord raw, Optional<String> admittedBefore, Findings findings) {
        admittedBefore.ifPresent(place -> findings.add(
                ViolationCode.DUPLICATE_SAMPLE_ID,
                "sampleId",
                sample.getSampleId(),
                "Sample %s was admitted already, from %s; nothing needs to be done if it was sent twice, otherwise give it an id of its own"
                        .formatted(sample.getSampleId(), place)));
        if (raw.driveDomain() != null && raw.driveDomain() != sample.getDomain()) {
            findings.add(
                    ViolationCode.DRIVE_IN_TWO_DOMAINS,
                    "domain",
                    sample.getDomain().name(),
                    "Drive %s belongs to %s since its first sample, sample %s says %s; correct the domain or give these frames a drive id of their own"
                            .formatted(
                                    sample.getDriveId(), raw.driveDomain(), sample.getSampleId(), sample.getDomain()));
        }
    }

    private static ByteBuffer image(LabeledSample sample, Findings findings) {
        if (sample.getImageBytes() != null && sample.getImageBytes().hasRemaining()) {
            return sample.getImageBytes();
        }
        ImageReference reference = sample.getImageReference();
        if (reference == null) {
            findings.add(
                    ViolationCode.MISSING_IMAGE,
                    "imageBytes",
                    sample.getImageBytes() == null ? "null" : "0 bytes",
                    "Sample %s has neither image bytes nor a reference; send it with its image"
                            .formatted(sample.getSampleId()));
            return null;
        }
        ReferencedImage.Fetched fetched = ReferencedImage.fetch(reference);
        if (fetched instanceof ReferencedImage.Bytes bytes) {
            return bytes.image();
        }
        findings.add(
                ViolationCode.MISSING_IMAGE,
                "imageReference",
                reference.getUri(),
                "The image of sample %s cannot be had: %s"
                        .formatted(sample.getSampleId(), ((ReferencedImage.Nothing) fetched).reason()));
        return null;
    }

    /** What an image shows once it has been decoded. */
    private record Seen(ImageHeader.Readable header, byte[] chw) {}

    private Seen look(LabeledSample sample, ByteBuffer image, Findings findings) {
        ImageHeader reading = ImageHeader.read(image);
        if (reading instanceof ImageHeader.Unreadable unreadable) {
            undecodable(sample, image, unreadable.reason(), findings);
            return null;
        }
        ImageHeader.Readable header = (ImageHeader.Readable) reading;
        if (!withinLimits(header)) {
            outOfLimits(sample, header, findings);
            return null;
        }
        ReducedDecoder.Decoding decoding = decoder.decode(image, header);
        if (decoding instanceof ReducedDecoder.Undecodable undecodable) {
            undecodable(sample, image, undecodable.reason(), findings);
            return null;
        }
        return new Seen(header, ((ReducedDecoder.Pixels) decoding).chw());
    }

    private void outOfLimits(LabeledSample sample, ImageHeader.Readable header, Findings findings) {
        findings.add(
                ViolationCode.DIMENSIONS_OUT_OF_LIMITS,
                "imageBytes",
                "%d x %d".formatted(header.width(), header.height()),
                "The image of sample %s has %d x %d pixels, admitted are %d x %d to %d x %d with at most %d pixels; resize it or change admission in drivetrain.yaml"
                        .formatted(
                                sample.getSampleId(),
                                header.width(),
                                header.height(),
                                limits.minWidth(),
                                limits.minHeight(),
                                limits.maxWidth(),
                                limits.maxHeight(),
                                limits.maxPixels()));
    }

    private boolean withinLimits(ImageHeader.Readable header) {
        return header.width() >= limits.minWidth()
                && header.height() >= limits.minHeight()
                && header.width() <= limits.maxWidth()
                && header.height() <= limits.maxHeight()
                && (long) header.width() * header.height() <= limits.maxPixels();
    }

    private static void undecodable(LabeledSample sample, ByteBuffer image, String reason, Findings findings) {
        findings.add(
                ViolationCode.UNDECODABLE_IMAGE,
                "imageBytes",
                "%d bytes".formatted(image.remaining()),
                "The image of sample %s cannot be decoded: %s; send it again".formatted(sample.getSampleId(), reason));
    }

    private CuratedSample curated(RawRecord raw, LabeledSample sample, ByteBuffer image, Seen seen) {
        Measurements measurements = MeasurementTaker.measure(seen.chw, size.width(), size.height());
        return new CuratedSample(
                sample.getSampleId(),
                sample.getDriveId(),
                sample.getFrameIndex(),
                sample.getCapturedAt(),
                sample.getDomain(),
                splits.split(sample.getDriveId(), sample.getDomain()),
                sample.getLabel(),
                sample.getAttributes(),
                sample.getLabelSource(),
                seen.header.width(),
                seen.header.height(),
                ImageHash.sha256(image),
                measurements,
                new Pixels(CHANNELS, size.height(), size.width(), ByteBuffer.wrap(seen.chw)),
                origin(raw));
    }

    private static String path(LabeledSample sample) {
        return sample.getImageReference() == null
                ? sample.getDriveId() + "/" + sample.getSampleId()
                : sample.getImageReference().getUri();
    }

    private static RejectedSample rejected(RawRecord raw, LabeledSample sample, Findings findings, Instant now) {
        RawIdentity identity = raw.identity();
        String sampleId = sample != null ? sample.getSampleId() : identity == null ? null : identity.sampleId();
        String driveId = sample != null ? sample.getDriveId() : identity == null ? null : identity.driveId();
        List<RawHeader> headers = raw.headers().stream()
                .map(header -> new RawHeader(header.name(), wrap(header.value())))
                .toList();
        return new RejectedSample(
                origin(raw), wrap(raw.key()), wrap(raw.value()), headers, sampleId, driveId, findings.violations, now);
    }

    private static Origin origin(RawRecord raw) {
        return new Origin(raw.topic(), raw.partition(), raw.offset(), Instant.ofEpochMilli(raw.timestamp()));
    }

    private static ByteBuffer wrap(byte[] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    private static String describe(byte[] value) {
        return value == null ? "null" : value.length + " bytes";
    }

    @Override
    public void close() {
        decoder.close();
    }

    /** All that is wrong with one record, in the order of checking. */
    private static final class Findings {
        private final List<Violation> violations = new ArrayList<>(1);

        void add(ViolationCode code, String field, String value, String message) {
            violations.add(new Violation(code.code(), field, shortened(value), message));
        }

        boolean isEmpty() {
            return violations.isEmpty();
        }

        private static String shortened(String value) {
            return value.length() <= VALUE_CHARACTERS ? value : value.substring(0, VALUE_CHARACTERS);
        }
    }
}
