package io.drivetrain.ingest.collect;

import io.drivetrain.schemas.LabeledSample;
import java.util.Locale;

/** One entry of a source: a sample, or the reason why it is none. */
public sealed interface Collected {
    /** A labelled image, ready to be sent; whether it is any good is for curation to say. */
    record Sample(LabeledSample sample) implements Collected {}

    /**
     * An entry, or a box of one, that was left out.
     *
     * @param file as a person finds it
     * @param place in the file: {@code line 7}, a JSON path such as {@code $[12].labels[3].box2d.x1}, or empty if the
     *     file as a whole is meant
     * @param what is wrong, with the value
     */
    record Malformed(Kind kind, String file, String place, String what, String whatToDo) implements Collected {
        /** One sentence: where, what, and what to do. */
        public String sentence() {
            return "%s%s: %s; %s".formatted(file, place.isEmpty() ? "" : " " + place, what, whatToDo);
        }
    }

    /** Why something was left out; the names are stable, for scripts that count them. */
    enum Kind {
        /** The text is no JSON, CSV or text of columns from here on. */
        BROKEN_SYNTAX,
        /** A value of another type than the format has there, or a number that is none. */
        WRONG_VALUE,
        /** Something that the format demands is not there. */
        MISSING_FIELD,
        /** A class or category that the data set does not define. */
        UNKNOWN_CATEGORY,
        /** An annotation of an image that the data set does not list. */
        UNKNOWN_IMAGE,
        /** The same entry for a second time. */
        DUPLICATE_ENTRY,
        /** More boxes, or a longer line, than is read. */
        TOO_LARGE,
        /** The label file says nothing on an image. */
        MISSING_LABELS,
        /** The image file is not there. */
        MISSING_IMAGE,
        /** More than one image file fits. */
        AMBIGUOUS_IMAGE,
        /** The image file leads out of the data set or cannot be read. */
        UNREADABLE_IMAGE,
        /** The class depends on a box that could not be read. */
        UNDECIDED_LABEL;

        /** For example {@code missing-image}. */
        public String code() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
