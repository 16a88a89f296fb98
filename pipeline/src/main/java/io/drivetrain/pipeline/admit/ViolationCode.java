package io.drivetrain.pipeline.admit;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Why a sample is not admitted. Codes are stable: scripts, dashboards and dead letters of last year name them; new ones
 * may come.
 *
 * <p>Each constant says which field it concerns, what it means and what to do; {@code docs/violations.md} is made from
 * these texts.
 */
public enum ViolationCode {
    UNDECODABLE_RECORD(
            "value",
            "The bytes are not a LabeledSample: no marker C3 01, damaged, another record type, or followed by more bytes.",
            "Check the producer's serializer, then send the sample again."),
    UNKNOWN_SCHEMA(
            "value",
            "The record names a schema fingerprint that is of no release and was not announced.",
            "Announce the producer's schema on schemas.announced or upgrade Drivetrain, then replay; the bytes are kept."),
    RECORD_TOO_LARGE(
            "value, boxes, attributes, labelSource, telemetry",
            "The record has more than admission.max-record-bytes, 10,000 boxes, 100 attributes, 100 numbers of telemetry, or a text of more than 512 characters.",
            "Send the image by reference, or smaller, or raise the limit together with the broker's."),

    MISSING_SAMPLE_ID(
            "sampleId",
            "The sample id is blank, longer than 512 characters or holds control characters.",
            "Give every sample an id that is unique over all drives."),
    MISSING_DRIVE_ID(
            "driveId",
            "The drive id is blank, longer than 512 characters or holds control characters.",
            "Give the frames of one recording session one drive id; splits and intervals depend on it."),
    FRAME_ORDER_BROKEN(
            "frameIndex",
            "The frame index is negative, was taken by another sample, or contradicts the capture times of the drive.",
            "Number the frames of a drive from 0 in the order in which they were captured."),
    CAPTURE_TIME_MISSING(
            "capturedAt", "The capture time is 1970-01-01 or earlier.", "Send the camera's time of capture."),
    CAPTURE_TIME_IN_FUTURE(
            "capturedAt",
            "The capture time lies after the time of curation by more than admission.max-clock-skew.",
            "Set the car's clock, correct the times and send the samples again."),
    CAPTURE_TIME_TOO_OLD(
            "capturedAt",
            "The image was captured longer ago than admission.max-age.",
            "Raise admission.max-age if old images are wanted."),

    MISSING_LABEL("label", "The image has no label.", "Label it and send it again."),
    UNKNOWN_CLASS(
            "label",
            "The label is none of the classes.",
            "Add it to classes in drivetrain.yaml or correct the source of the label."),
    RETIRED_CLASS(
            "label",
            "The label is a class that is no longer used (admission.retired-classes).",
            "Use the replacement that the message names, or label the image again."),
    NEGATIVE_LABEL_REVISION(
            "labelRevision",
            "The revision of the label is below 0.",
            "Send 0 with the first label of an image and one more with each correction."),

    MISSING_IMAGE(
            "imageBytes, imageReference",
            "There is a label but no image, or the file that the sample refers to cannot be read.",
            "Send the image inline, or put it where every task manager can read it."),
    EMPTY_IMAGE(
            "imageBytes, imageReference",
            "The image has 0 bytes.",
            "Send the image again; see whether its disk is full."),
    HASH_MISMATCH(
            "imageReference, imageSha256",
            "Length or SHA-256 of the image are not the ones that were promised.",
            "Send the image again; the file was replaced or damaged on the way."),
    FORMAT_NOT_ALLOWED(
            "imageBytes",
            "The bytes are of a format that admission.formats does not list, or no image at all.",
            "Send the picture as JPEG or PNG."),
    TRUNCATED_IMAGE(
            "imageBytes", "The image ends before its end marker.", "Send it again once it is written completely."),
    UNDECODABLE_IMAGE("imageBytes", "The image is damaged inside.", "Send it again from the original."),
    DIMENSIONS_OUT_OF_LIMITS(
            "imageBytes",
            "Width, height or number of pixels lie outside the limits in admission.",
            "Resize the image or change the limits."),
    ASPECT_RATIO_OUT_OF_LIMITS(
            "imageBytes",
            "The long side is more than admission.max-aspect-ratio times the short one.",
            "Crop the image or change the limit."),
    DECOMPRESSION_BOMB(
            "imageBytes",
            "So few bytes claim so many pixels, scans or compressed texts that decoding would only cost; judged before decoding.",
            "Send a real image; raise admission.max-pixels-per-byte if it is one."),

    BOX_OUTSIDE_FRAME(
            "boxes[i].x1|y1|x2|y2",
            "The box lies beside the image, or reaches beyond it by more than admission.box-tolerance pixels.",
            "Check that boxes are in pixels of this very image, and clip them to it."),
    BOX_EMPTY("boxes[i]", "The box has no width or no height.", "Remove the box or draw it."),
    BOX_INVERTED(
            "boxes[i]",
            "x2 is below x1 or y2 below y1.",
            "Give x1, y1 as the upper left corner; COCO's are x, y, width, height."),
    BOX_DUPLICATE("boxes[i]", "Another box of the sample has the same category and corners.", "Remove one of the two."),
    BOX_NOT_A_NUMBER("boxes[i].x1|y1|x2|y2", "A coordinate is NaN or infinite.", "Correct the tool that wrote it."),
    UNKNOWN_BOX_CATEGORY(
            "boxes[i].category",
            "The category is blank or none of admission.box-categories.",
            "Add it to admission.box-categories or correct the source."),

    ATTRIBUTE_NOT_IN_VOCABULARY(
            "attributes.NAME",
            "The value is none that admission.vocabulary allows for this attribute.",
            "Use an allowed value, or add this one to admission.vocabulary."),
    ATTRIBUTE_CONTRADICTS_PIXELS(
            "attributes.timeofday",
            "The image is as dark as night and is said to be daytime (admission.check-attributes-against-pixels).",
            "Correct the attribute or the exposure; switch the check off if tunnels and garages are daytime for you."),

    TELEMETRY_NOT_FINITE(
            "telemetry.NAME",
            "A number that the car measured is NaN or infinite.",
            "Leave out what was not measured, and correct the tool that wrote it."),

    DUPLICATE_SAMPLE_ID(
            "sampleId",
            "A sample of this id with the same image, label, boxes and attributes was admitted already, or one with a higher label revision.",
            "Nothing, if it was sent twice."),
    DUPLICATE_ID_DIFFERENT_CONTENT(
            "sampleId",
            "A sample of this id with another image, label, boxes or attributes was admitted already.",
            "Give another image an id of its own. To correct an admitted sample, send it with a higher label revision, and the same drive, frame and capture time."),
    DUPLICATE_CONTENT(
            "imageBytes",
            "The same image was admitted under another sample id.",
            "Nothing, if it was exported twice; otherwise find out why two frames are equal."),
    CONFLICTING_LABELS(
            "label",
            "The same image was admitted with another label.",
            "Decide which label is right. If it is the admitted one, drop this sample; if not, send the admitted one again corrected, with a higher label revision."),
    NEAR_DUPLICATE_ACROSS_SPLITS(
            "imageBytes",
            "Nearly the same picture is already on the other side of train and evaluation.",
            "Give the frames of one scene one drive id, so that they stay on one side."),
    DRIVE_IN_TWO_DOMAINS(
            "domain",
            "The drive was bound to the other domain by its first sample.",
            "Correct the domain, or give these frames a drive id of their own."),
    EMBARGOED_DRIVE(
            "driveId",
            "The drive is too near, in time and place, to a drive on the other side of train and evaluation.",
            "Nothing; the embargo keeps evaluation honest. If too much is lost, shorten split.embargo, in split.history too, and replay.");

    private final String field;
    private final String meaning;
    private final String whatToDo;

    ViolationCode(String field, String meaning, String whatToDo) {
        this.field = field;
        this.meaning = meaning;
        this.whatToDo = whatToDo;
    }

    /** The code as records carry it: {@code undecodable-image}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The field or fields of the record that it concerns; violations carry the exact path, such as boxes[3].x2. */
    public String field() {
        return field;
    }

    /** What is wrong, in one sentence. */
    public String meaning() {
        return meaning;
    }

    /** What a person should do about it. */
    public String whatToDo() {
        return whatToDo;
    }

    /** Returns the constant of that code, or empty if this version knows none. */
    public static Optional<ViolationCode> of(String code) {
        return Arrays.stream(values())
                .filter(violation -> violation.code().equals(code))
                .findFirst();
    }
}
