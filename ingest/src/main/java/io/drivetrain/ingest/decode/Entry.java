package io.drivetrain.ingest.decode;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.Domain;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/** One thing that a label file or a folder says, before the image itself is looked at. */
public sealed interface Entry {
    /**
     * Text that is the same whenever and wherever the same entry is read, and another for another entry. A resumed ingest
     * compares hashes of it, so what is written here and in which order must not change.
     */
    String identity();

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

        @Override
        public String identity() {
            Identity identity = new Identity().text(id);
            labels.identify(identity);
            recording.identify(identity);
            return identity.toString();
        }
    }

    /** Something that cannot be read. */
    record Bad(Collected.Malformed malformed) implements Entry {
        @Override
        public String identity() {
            return malformed.sentence();
        }
    }

    /**
     * What people or tools said on an image.
     *
     * @param label the class, where the format has one of its own
     * @param boxes empty if nobody looked for any, which is not the same as none
     * @param attributes in the order of their names, the same in every process
     * @param revision how often all of it was corrected before, from 0
     */
    record Labels(
            Optional<String> label,
            Optional<Boxes> boxes,
            Map<String, String> attributes,
            Optional<String> source,
            int revision) {
        public Labels {
            attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
        }

        /** Of a format that does not say whether they were corrected. */
        Labels(Optional<String> label, Optional<Boxes> boxes, Map<String, String> attributes, Optional<String> source) {
            this(label, boxes, attributes, source, 0);
        }

        private void identify(Identity identity) {
            identity.optional(label).optional(source).number(attributes.size());
            attributes.forEach((name, value) -> identity.text(name).text(value));
            identity.number(boxes.map(b -> b.boxes().size()).orElse(-1));
            boxes.ifPresent(b -> {
                identity.number(b.relative() ? 1 : 0).number(b.complete() ? 1 : 0);
                for (Box box : b.boxes()) {
                    identity.text(box.getCategory())
                            .real(box.getX1())
                            .real(box.getY1())
                            .real(box.getX2())
                            .real(box.getY2());
                }
            });
            if (revision > 0) {
                identity.number(revision);
            }
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
     * @param telemetry what the car measured when the image was taken, in SI units, finite, in the order of its names
     */
    record Recording(
            Optional<String> drive,
            OptionalInt frame,
            Optional<Instant> capturedAt,
            OptionalLong millis,
            Optional<Domain> domain,
            Map<String, Double> telemetry) {
        static final Recording UNKNOWN = new Recording(
                Optional.empty(), OptionalInt.empty(), Optional.empty(), OptionalLong.empty(), Optional.empty());

        public Recording {
            telemetry = Collections.unmodifiableMap(new TreeMap<>(telemetry));
        }

        /** Of an image without telemetry. */
        Recording(
                Optional<String> drive,
                OptionalInt frame,
                Optional<Instant> capturedAt,
                OptionalLong millis,
                Optional<Domain> domain) {
            this(drive, frame, capturedAt, millis, domain, Map.of());
        }

        private void identify(Identity identity) {
            identity.optional(drive)
                    .optional(frame.isPresent() ? Optional.of(Integer.toString(frame.getAsInt())) : Optional.empty())
                    .optional(capturedAt.map(Instant::toString))
                    .optional(millis.isPresent() ? Optional.of(Long.toString(millis.getAsLong())) : Optional.empty())
                    .optional(domain.map(Domain::name));
            telemetry.forEach((name, value) -> identity.text(name).real(value));
        }
    }
}
