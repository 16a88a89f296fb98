package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.measure.ImageHeader;
import io.drivetrain.pipeline.measure.ImageQuality;
import io.drivetrain.pipeline.measure.PerceptualHash;
import io.drivetrain.pipeline.measure.PictureMeasurer;
import io.drivetrain.pipeline.measure.PictureMeasures;
import io.drivetrain.pipeline.measure.QualityFlag;
import io.drivetrain.pipeline.measure.ReducedDecoder;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.MeasurementTaker;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.QualityScores;
import io.drivetrain.schemas.Split;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/**
 * Says everything that is wrong with a raw record by itself, and draws up the sample that it will be. What is decided
 * depends on nothing but the arguments; decoder and measurer are scratch space. Not safe for use by several threads.
 */
public final class AdmissionRules implements AutoCloseable {
    private static final int CHANNELS = 3;

    private final SampleChecks checks;
    private final DrivetrainConfig.Image size;
    private final DrivetrainConfig.Quality quality;
    private final ReducedDecoder decoder;
    private final PictureMeasurer measurer = new PictureMeasurer();

    public AdmissionRules(DrivetrainConfig config) {
        size = config.image();
        quality = config.quality();
        decoder = new ReducedDecoder(size.width(), size.height());
        checks = new SampleChecks(config, decoder::decodesEveryCode);
    }

    /**
     * Inspects one record.
     *
     * @param now the time of curation
     */
    public Inspected inspect(RawRecord raw, Instant now) {
        SampleChecks.Checked checked = checks.check(raw.value(), now);
        LabeledSample sample = checked.sample();
        Look look = checked.decodable() ? look(checked) : null;
        if (look == null || !checked.findings().isEmpty()) {
            return new Inspected(raw, checked.findings().violations(), subject(sample), null, null, null);
        }
        return new Inspected(
                raw, List.of(), subject(sample), curated(raw, checked, look), checked.image(), path(sample));
    }

    private static Inspected.Subject subject(LabeledSample sample) {
        return sample == null
                ? null
                : new Inspected.Subject(
                        sample.getSampleId(),
                        sample.getDriveId(),
                        sample.getLabel(),
                        sample.getLabelSource(),
                        sample.getAttributes(),
                        sample.getCapturedAt().toEpochMilli());
    }

    /** What an image shows once it has been decoded. */
    private record Look(
            Measurements measurements, byte[] chw, ImageQuality scores, List<String> flags, String perceptualHash) {}

    private Look look(SampleChecks.Checked checked) {
        ReducedDecoder.Decoding decoding = decoder.decode(checked.image(), checked.header());
        if (decoding instanceof ReducedDecoder.Undecodable undecodable) {
            SampleChecks.undecodable(checked, undecodable.reason());
            return null;
        }
        byte[] chw = ((ReducedDecoder.Pixels) decoding).chw();
        Measurements measurements = MeasurementTaker.measure(chw, size.width(), size.height());
        checks.checkPixels(checked, measurements);
        ImageHeader.Readable header = checked.header();
        PictureMeasures picture = measurer.measure(
                decoder.picture(), header.width(), header.height(), ImageHeader.grey(checked.image(), header));
        List<String> flags = picture.quality().flags(quality, checked.sample().getAttributes()).stream()
                .map(QualityFlag::label)
                .toList();
        return new Look(
                measurements,
                chw,
                picture.quality(),
                flags,
                picture.flat() ? null : PerceptualHash.hex(picture.perceptualHash()));
    }

    /** All but the split, which is the stages' to give. */
    private CuratedSample curated(RawRecord raw, SampleChecks.Checked checked, Look look) {
        LabeledSample sample = checked.sample();
        ImageHeader.Readable shown = ImageHeader.displayed(checked.image(), checked.header());
        return new CuratedSample(
                sample.getSampleId(),
                sample.getDriveId(),
                sample.getFrameIndex(),
                sample.getCapturedAt(),
                sample.getDomain(),
                Split.TRAIN,
                sample.getLabel(),
                sample.getAttributes(),
                sample.getLabelSource(),
                shown.width(),
                shown.height(),
                checked.sha256(),
                look.measurements,
                new Pixels(CHANNELS, size.height(), size.width(), ByteBuffer.wrap(look.chw)),
                origin(raw),
                null,
                sample.getBoxes(),
                look.flags,
                look.perceptualHash,
                new QualityScores(
                        look.scores.dark(),
                        look.scores.light(),
                        look.scores.blurry(),
                        look.scores.lowInformation(),
                        look.scores.oddAspect()),
                sample.getTelemetry(),
                sample.getLabelRevision(),
                false);
    }

    private static String path(LabeledSample sample) {
        return sample.getImageReference() == null
                ? sample.getDriveId() + "/" + sample.getSampleId()
                : sample.getImageReference().getUri();
    }

    private static Origin origin(RawRecord raw) {
        return new Origin(raw.topic(), raw.partition(), raw.offset(), Instant.ofEpochMilli(raw.timestamp()));
    }

    @Override
    public void close() {
        decoder.close();
        checks.close();
    }
}
