package io.drivetrain.ingest.decode;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.Domain;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** One thing that a label file or a folder says, before the image itself is looked at. */
public sealed interface Entry {
    /**
     * An image and what is known of it.
     *
     * @param file that says so
     * @param place in it, see {@link Collected.Malformed}
     * @param id stable, and unique within the data set
     * @param names of the image file, the best first
     */
    record Image(String file, String place, String id, List<String> names, Labels labels, Recording recording)
            implements Entry {
        Collected.Malformed malformed(Collected.Kind kind, String what, String whatToDo) {
            return new Collected.Malformed(kind, file, place, what, whatToDo);
        }
    }

    /** Something that cannot be read. */
    record Bad(Collected.Malformed malformed) implements Entry {}

    /**
     * What people or tools said on an image.
     *
     * @param label the class, where the format has one of its own
     * @param boxes empty if nobody looked for any, which is not the same as none
     */
    record Labels(
            Optional<String> label, Optional<Boxes> boxes, Map<String, String> attributes, Optional<String> source) {
        public Labels {
            attributes = Map.copyOf(attributes);
        }

        static Labels of(Boxes boxes) {
            return new Labels(Optional.empty(), Optional.of(boxes), Map.of(), Optional.empty());
        }
    }

    /**
     * The boxes of an image.
     *
     * @param relative whether coordinates are shares of width and height rather than pixels
     * @param complete false if some could not be read
     */
    record Boxes(List<Box> boxes, boolean relative, boolean complete) {
        public Boxes {
            boxes = List.copyOf(boxes);
        }
    }

    /**
     * Where an image belongs in a recording; what is unknown is empty.
     *
     * @param millis since the drive began
     */
    record Recording(
            Optional<String> drive,
            OptionalInt frame,
            Optional<Instant> capturedAt,
            OptionalLong millis,
            Optional<Domain> domain) {
        static final Recording UNKNOWN = new Recording(
                Optional.empty(), OptionalInt.empty(), Optional.empty(), OptionalLong.empty(), Optional.empty());
    }
}
