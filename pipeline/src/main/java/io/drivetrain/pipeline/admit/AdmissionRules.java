package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.measure.MeasurementTaker;
import io.drivetrain.pipeline.measure.ReducedDecoder;
import io.drivetrain.pipeline.split.Assignment;
import io.drivetrain.pipeline.split.DriveFacts;
import io.drivetrain.pipeline.split.SplitPolicy;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.RawHeader;
import io.drivetrain.schemas.RejectedSample;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Admits a raw record as a sample, or says everything that is wrong with it. What is decided depends on nothing but the
 * arguments; the decoder is scratch space. Not safe for use by several threads.
 */
public final class AdmissionRules implements AutoCloseable {
    private static final int CHANNELS = 3;

    private final SampleChecks checks;
    private final DrivetrainConfig.Image size;
    private final SplitPolicy splits;
    private final ReducedDecoder decoder;

    public AdmissionRules(DrivetrainConfig config) {
        checks = new SampleChecks(config);
        size = config.image();
        splits = SplitPolicy.of(config);
        decoder = new ReducedDecoder(size.width(), size.height());
    }

    /**
     * Decides about one record.
     *
     * @param admittedBefore where the sample with this id was admitted, if it was
     * @param now becomes the time of rejection
     */
    public Admission judge(RawRecord raw, Optional<String> admittedBefore, Instant now) {
        SampleChecks.Checked checked = checks.check(raw.value(), now);
        LabeledSample sample = checked.sample();
        if (sample != null) {
            checkIdentity(sample, raw, admittedBefore, checked.findings());
        }
        Seen seen = checked.decodable() ? look(checked) : null;
        if (seen == null || !checked.findings().isEmpty()) {
            return new Admission.Refused(rejected(raw, sample, checked.findings(), now));
        }
        return new Admission.Accepted(new Admitted(curated(raw, checked, seen), checked.image(), path(sample)));
    }

    private static void checkIdentity(
            LabeledSample sample, RawRecord raw, Optional<String> admittedBefore, Findings findings) {
        String id = Findings.shown(sample.getSampleId());
        admittedBefore.ifPresent(place -> findings.add(
                ViolationCode.DUPLICATE_SAMPLE_ID,
                "sampleId",
                sample.getSampleId(),
                "Sample %s was admitted already, from %s; nothing needs to be done if it was sent twice, otherwise give it an id of its own"
                        .formatted(id, place)));
        if (raw.driveDomain() != null && raw.driveDomain() != sample.getDomain()) {
            findings.add(
                    ViolationCode.DRIVE_IN_TWO_DOMAINS,
                    "domain",
                    sample.getDomain().name(),
                    "Drive %s belongs to %s since its first sample, sample %s says %s; correct the domain or give these frames a drive id of their own"
                            .formatted(Findings.shown(sample.getDriveId()), raw.driveDomain(), id, sample.getDomain()));
        }
    }

    /** What an image shows once it has been decoded. */
    private record Seen(Measurements measurements, byte[] chw) {}

    private Seen look(SampleChecks.Checked checked) {
        ReducedDecoder.Decoding decoding = decoder.decode(checked.image(), checked.header());
        if (decoding instanceof ReducedDecoder.Undecodable undecodable) {
            SampleChecks.undecodable(checked, undecodable.reason());
            return null;
        }
        byte[] chw = ((ReducedDecoder.Pixels) decoding).chw();
        Measurements measurements = MeasurementTaker.measure(chw, size.width(), size.height());
        checks.checkPixels(checked, measurements);
        return new Seen(measurements, chw);
    }

    private CuratedSample curated(RawRecord raw, SampleChecks.Checked checked, Seen seen) {
        LabeledSample sample = checked.sample();
        // Without a place no drive is embargoed; the drive stage, which knows the place, decides for whole drives.
        Assignment.Assigned assigned = (Assignment.Assigned)
                splits.assign(new DriveFacts(sample.getDriveId(), sample.getDomain(), sample.getCapturedAt(), ""));
        return new CuratedSample(
                sample.getSampleId(),
                sample.getDriveId(),
                sample.getFrameIndex(),
                sample.getCapturedAt(),
                sample.getDomain(),
                assigned.split(),
                sample.getLabel(),
                sample.getAttributes(),
                sample.getLabelSource(),
                checked.header().width(),
                checked.header().height(),
                checked.sha256(),
                seen.measurements,
                new Pixels(CHANNELS, size.height(), size.width(), ByteBuffer.wrap(seen.chw)),
                origin(raw),
                assigned.testDevGeneration());
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
                origin(raw),
                wrap(raw.key()),
                wrap(raw.value()),
                headers,
                sampleId,
                driveId,
                findings.violations(),
                now);
    }

    private static Origin origin(RawRecord raw) {
        return new Origin(raw.topic(), raw.partition(), raw.offset(), Instant.ofEpochMilli(raw.timestamp()));
    }

    private static ByteBuffer wrap(byte[] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    @Override
    public void close() {
        decoder.close();
    }
}
