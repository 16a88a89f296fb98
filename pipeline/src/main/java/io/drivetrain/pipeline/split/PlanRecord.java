package io.drivetrain.pipeline.split;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.SplitPlan;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The plans that dealt the drives so far, as they are written down beside the samples. A deal is a function of the
 * configuration, so a careless change of the configuration deals the past anew as soon as it is replayed without the
 * job's state. With the record, such a change is noticed before the first sample.
 *
 * @param plans in the order of their times, the last one was in force
 * @param placeAttributes of split.place-attributes
 * @param rotations of split.rotate-test-dev-at, oldest first; empty in a record of a release that did not write them down
 */
public record PlanRecord(List<SplitPlan> plans, List<String> placeAttributes, Optional<List<Instant>> rotations) {
    private static final String PLACE_ATTRIBUTES = "place-attributes=";
    private static final String ROTATIONS = "rotate-test-dev-at=";

    public PlanRecord {
        plans = List.copyOf(plans);
        placeAttributes = List.copyOf(placeAttributes);
        rotations = rotations.map(List::copyOf);
    }

    /** What the settings would write down. */
    public static PlanRecord of(DrivetrainConfig.SplitSettings settings) {
        return new PlanRecord(settings.plans(), settings.placeAttributes(), Optional.of(settings.rotateTestDevAt()));
    }

    /**
     * Reads what {@link #asText} wrote.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static PlanRecord parse(String text) {
        List<String> lines = text.lines().toList();
        if (lines.size() < 2 || !lines.get(0).startsWith(PLACE_ATTRIBUTES)) {
            throw new IllegalArgumentException("'%s' is no record of split plans".formatted(text));
        }
        List<String> attributes = list(lines.get(0).substring(PLACE_ATTRIBUTES.length()));
        boolean rotated = lines.get(1).startsWith(ROTATIONS);
        return new PlanRecord(
                lines.subList(rotated ? 2 : 1, lines.size()).stream()
                        .map(SplitPlan::parseAny)
                        .toList(),
                attributes,
                rotated
                        ? Optional.of(list(lines.get(1).substring(ROTATIONS.length())).stream()
                                .map(Instant::parse)
                                .toList())
                        : Optional.empty());
    }

    private static List<String> list(String text) {
        return Stream.of(text.split(",")).filter(element -> !element.isEmpty()).toList();
    }

    /** Returns a line for the place attributes, one for the rotations if they are known, and one for each plan. */
    public String asText() {
        List<String> lines = new ArrayList<>(List.of(PLACE_ATTRIBUTES + String.join(",", placeAttributes)));
        rotations.ifPresent(times -> lines.add(ROTATIONS + text(times)));
        plans.forEach(plan -> lines.add(plan.asText()));
        return String.join("\n", lines);
    }

    /**
     * Says why other settings may not take over: they would deal drives of the past from an evaluation split into train,
     * between test and test-dev, or from one test-dev to another. To take train-dev drives from train, to shorten an embargo and to deal later drives
     * in another way is allowed.
     *
     * @param lastStart of the drives that were dealt, or later
     * @param now what the proposed line of split.history is at least in force until
     * @return one sentence with the line to add, or empty if nothing is wrong
     */
    public Optional<String> objectionTo(DrivetrainConfig.SplitSettings settings, Instant lastStart, Instant now) {
        PlanRecord next = of(settings);
        if (!next.placeAttributes.equals(placeAttributes)
                && plans.stream().anyMatch(plan -> !plan.scheme().embargo().isZero())) {
            return Optional.of(
                    "split.place-attributes is %s, but drives were dealt with an embargo by places after %s, and would be dealt anew when they are sent again; set it back, or begin a new table with store.table"
                            .formatted(settings.placeAttributes(), placeAttributes));
        }
        Optional<String> rotated =
                rotations.flatMap(times -> rotated(times, settings.rotateTestDevAt(), lastStart, now));
        if (rotated.isPresent()) {
            return rotated;
        }
        List<Era> before = Era.of(plans);
        List<Era> after = Era.of(next.plans);
        for (Instant time : changes(next, lastStart)) {
            Optional<String> difference = difference(at(before, time), at(after, time), time);
            if (difference.isPresent()) {
                return Optional.of(
                        "The keys of split would deal drives of the past anew, %s from %s on, and the newest sample is of %s: when they are sent again, drives would leave the evaluation split that they are in. %s, or set the keys back"
                                .formatted(
                                        difference.get(),
                                        time.equals(Instant.MIN) ? "the beginning" : time,
                                        lastStart,
                                        remedy(next, lastStart, now)));
            }
        }
        return Optional.empty();
    }

    /** A rotation of the past decides to which test-dev the drives since then belong, so it stays, and none is added. */
    private static Optional<String> rotated(List<Instant> before, List<Instant> after, Instant lastStart, Instant now) {
        List<Instant> past = until(before, lastStart);
        if (past.equals(until(after, lastStart))) {
            return Optional.empty();
        }
        List<Instant> whole = new ArrayList<>(past);
        after.stream().filter(time -> time.isAfter(lastStart)).forEach(whole::add);
        return Optional.of(
                "split.rotate-test-dev-at is '%s', where drives until the newest sample, of %s, were dealt with '%s': when they are sent again, drives would change from one test-dev to another. Set it to '%s'; a new rotation can be at %s or later"
                        .formatted(text(after), lastStart, text(past), text(whole), takeover(lastStart, now)));
    }

    private static List<Instant> until(List<Instant> times, Instant last) {
        return times.stream().filter(time -> !time.isAfter(last)).toList();
    }

    private static String text(List<Instant> times) {
        return String.join(",", times.stream().map(Instant::toString).toList());
    }

    private static Instant takeover(Instant lastStart, Instant now) {
        Instant after = lastStart.isAfter(now) ? lastStart : now;
        return after.truncatedTo(ChronoUnit.MINUTES).plus(Duration.ofMinutes(1));
    }

    private String remedy(PlanRecord next, Instant lastStart, Instant now) {
        Instant takeover = takeover(lastStart, now);
        int last = plans.size() - 1;
        String line = plans.get(last).asHistory(takeover);
        List<SplitPlan> past = plans.subList(0, last);
        if (next.plans.subList(0, next.plans.size() - 1).equals(past)) {
            return "Add to split.history, as its last line, '%s'".formatted(line);
        }
        List<String> lines = new ArrayList<>();
        past.forEach(plan -> lines.add(plan.asText()));
        lines.add(line);
        return "Let split.history be these lines: '%s'".formatted(String.join("', '", lines));
    }

    /** The times until the last start, from each of which on another threshold may hold. */
    private TreeSet<Instant> changes(PlanRecord next, Instant lastStart) {
        TreeSet<Instant> times = new TreeSet<>(List.of(Instant.MIN));
        Stream.concat(plans.stream(), next.plans.stream())
                .flatMap(plan -> Stream.of(plan.until(), plan.adoptFrom()))
                .flatMap(Optional::stream)
                .filter(time -> !time.isAfter(lastStart))
                .forEach(times::add);
        return times;
    }

    private static Era at(List<Era> eras, Instant time) {
        return eras.stream().filter(era -> era.deals(time)).findFirst().orElseThrow();
    }

    private static Optional<String> difference(Era before, Era after, Instant time) {
        SplitPlan.Scheme old = before.scheme();
        SplitPlan.Scheme other = after.scheme();
        boolean embargo = !old.embargo().isZero();
        boolean samePositions = old.salt().equals(other.salt())
                && embargo != other.embargo().isZero()
                && old.block().equals(other.block())
                && old.scope() == other.scope()
                && old.cell() == other.cell()
                && old.unknownPlace() == other.unknownPlace();
        if (!samePositions) {
            return Optional.of("by another salt, or other embargo settings (%s instead of %s),".formatted(other, old));
        }
        // A block that reaches over the border of two eras has the thresholds of the one or of the other.
        if (embargo && !before.from().equals(after.from())) {
            return Optional.of("by plans whose embargo changes at another time,");
        }
        Era.Thresholds was = before.at(time);
        Era.Thresholds is = after.at(time);
        if (embargo ? is.trainDev() != was.trainDev() : is.raisedTrainDev() < was.raisedTrainDev()) {
            return Optional.of("with a share of train-dev of %s instead of %s,"
                    .formatted(
                            embargo ? is.trainDev() : is.raisedTrainDev(),
                            embargo ? was.trainDev() : was.raisedTrainDev()));
        }
        if (is.test() != was.test()) {
            return Optional.of("with a share of test of %s instead of %s,".formatted(is.test(), was.test()));
        }
        double adopted = adoptedAbove(is, time);
        double adoptedBefore = adoptedAbove(was, time);
        // A block is adopted or not as a whole with its neighbours, so there less is no better than more.
        return adopted < adoptedBefore || embargo && adopted != adoptedBefore
                ? Optional.of(String.format(
                        Locale.ROOT,
                        "with adoption of %.4f instead of %.4f of the TARGET drives,",
                        1 - adopted,
                        1 - adoptedBefore))
                : Optional.empty();
    }

    private static double adoptedAbove(Era.Thresholds thresholds, Instant time) {
        return thresholds.adoptsAt(time) ? thresholds.adoptAbove() : 1;
    }
}
