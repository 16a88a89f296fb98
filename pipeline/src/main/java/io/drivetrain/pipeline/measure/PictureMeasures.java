package io.drivetrain.pipeline.measure;

import io.drivetrain.schemas.MeasurementTaker;

/**
 * What curation reads off the reduced-scale picture of a sample, beside its {@link MeasurementTaker measurements}.
 *
 * @param perceptualHash as {@link PerceptualHash}
 * @param flat whether the hash says nothing about the picture ({@link PerceptualHash#flat})
 */
public record PictureMeasures(long perceptualHash, boolean flat, ImageQuality quality) {}
