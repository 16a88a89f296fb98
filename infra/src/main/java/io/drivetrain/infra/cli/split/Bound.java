package io.drivetrain.infra.cli.split;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Split;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * An admitted sample, and with it where its drive is bound.
 *
 * @param labelRevision above 0 where the label corrects an earlier one
 * @param testDevGeneration null unless the split is test-dev
 * @param rawPartition of samples.raw
 * @param rawOffset in samples.raw
 * @param where it was found: a topic or the table
 */
public record Bound(
        String sampleId,
        String driveId,
        Domain domain,
        Split split,
        Integer testDevGeneration,
        Instant capturedAt,
        Map<String, String> attributes,
        List<String> flags,
        String label,
        int labelRevision,
        int rawPartition,
        long rawOffset,
        String where) {
    public Bound {
        attributes = Map.copyOf(attributes);
        flags = List.copyOf(flags);
    }

    /** What is known of a sample on a split topic. */
    public static Bound of(CuratedSample sample, String where) {
        return new Bound(
                sample.getSampleId(),
                sample.getDriveId(),
                sample.getDomain(),
                sample.getSplit(),
                sample.getTestDevGeneration(),
                sample.getCapturedAt(),
                sample.getAttributes(),
                sample.getFlags(),
                sample.getLabel(),
                sample.getLabelRevision(),
                sample.getOrigin().getPartition(),
                sample.getOrigin().getOffset(),
                where);
    }

    /** Whether curation read this one before the other; unknown across partitions, but a drive has one. */
    boolean before(Bound other) {
        return rawPartition == other.rawPartition && rawOffset < other.rawOffset;
    }
}
