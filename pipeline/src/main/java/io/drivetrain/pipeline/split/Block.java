package io.drivetrain.pipeline.split;

import io.drivetrain.schemas.SplitPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A place for a length of time: what an embargo deals as one. The place is a name, or a cell of latitude and longitude.
 *
 * @param name the place; empty if row and column say it
 * @param row cell of latitude
 * @param column cell of longitude, from 0 at 180 degrees west
 * @param slot number of the time block, from 1970-01-01
 */
record Block(String name, long row, long column, long slot) {
    /** Rounding may not part two drives that are exactly a margin away from each other. */
    private static final double EPSILON = 1e-9;

    private static final double FULL_CIRCLE = 360;
    private static final String UNKNOWN_PLACE = "an unknown place";

    /**
     * The block that a drive begins in and those it is so near to that a drive in them may be its neighbour.
     *
     * @param near without the block itself
     */
    record Surroundings(Block block, List<Block> near) {}

    /** Returns where a drive begins, or empty if its place is not known, and does not count as one, or is no place. */
    static Optional<Surroundings> around(DriveFacts drive, SplitPlan.Scheme scheme) {
        if (drive.place().isEmpty() && scheme.unknownPlace() == SplitPlan.UnknownPlace.NONE) {
            return Optional.empty();
        }
        Span slots = slots(drive.start(), scheme.embargo(), scheme.block());
        if (!drive.place().startsWith(Places.GEO)) {
            String name = drive.place().isEmpty() ? UNKNOWN_PLACE : drive.place();
            return Optional.of(surroundings(name, new Span(0, 0, 0), new Span(0, 0, 0), slots, 1));
        }
        return Places.coordinates(drive.place())
                .map(point -> surroundings(
                        "",
                        rows(point.latitude(), scheme),
                        columns(point.longitude() + FULL_CIRCLE / 2, scheme),
                        slots,
                        width(scheme)));
    }

    /** The index of a coordinate, and the lowest and highest index within its margin. */
    private record Span(long index, long low, long high) {}

    private static Span slots(Instant start, Duration embargo, Duration block) {
        long length = block.toMillis();
        long time = start.toEpochMilli();
        return new Span(
                Math.floorDiv(time, length),
                Math.floorDiv(time - embargo.toMillis(), length),
                Math.floorDiv(time + embargo.toMillis(), length));
    }

    private static Span rows(double degrees, SplitPlan.Scheme scheme) {
        double margin = scheme.margin() + EPSILON;
        return new Span(
                (long) Math.floor(degrees / scheme.cell()),
                (long) Math.floor((degrees - margin) / scheme.cell()),
                (long) Math.floor((degrees + margin) / scheme.cell()));
    }

    private static Span columns(double degrees, SplitPlan.Scheme scheme) {
        double margin = scheme.margin() + EPSILON;
        return new Span(column(degrees, scheme), column(degrees - margin, scheme), column(degrees + margin, scheme));
    }

    /**
     * The column of degrees east of 180 degrees west; negative to the west of it, and from {@link #width} on past the
     * full circle. The last column is narrower where the side of a cell does not divide the circle, so those beyond it
     * are counted from the other end.
     */
    private static long column(double degrees, SplitPlan.Scheme scheme) {
        if (degrees < 0) {
            return (long) Math.floor((degrees + FULL_CIRCLE) / scheme.cell()) - width(scheme);
        }
        return degrees < FULL_CIRCLE
                ? (long) Math.floor(degrees / scheme.cell())
                : (long) Math.floor((degrees - FULL_CIRCLE) / scheme.cell()) + width(scheme);
    }

    private static long width(SplitPlan.Scheme scheme) {
        return (long) Math.ceil(FULL_CIRCLE / scheme.cell() - EPSILON);
    }

    private static Surroundings surroundings(String name, Span rows, Span columns, Span slots, long width) {
        Block own = new Block(name, rows.index, Math.floorMod(columns.index, width), slots.index);
        List<Block> near = new ArrayList<>();
        for (long row = rows.low; row <= rows.high; row++) {
            for (long column = columns.low; column <= columns.high; column++) {
                for (long slot = slots.low; slot <= slots.high; slot++) {
                    Block block = new Block(name, row, Math.floorMod(column, width), slot);
                    if (!block.equals(own)) {
                        near.add(block);
                    }
                }
            }
        }
        return new Surroundings(own, near);
    }

    Instant start(Duration length) {
        return Instant.ofEpochMilli(slot * length.toMillis());
    }

    /** The text that is hashed. */
    String unit(SplitPlan.Scheme scheme) {
        String place = name.isEmpty() ? String.format(Locale.ROOT, "cell %d,%d", row, column) : name;
        return place + " from " + start(scheme.block());
    }
}
