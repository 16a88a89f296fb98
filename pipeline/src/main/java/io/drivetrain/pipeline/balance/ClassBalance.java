package io.drivetrain.pipeline.balance;

import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.AlertKind;
import io.drivetrain.schemas.AlertState;
import io.drivetrain.schemas.BalanceComparison;
import io.drivetrain.schemas.BalanceReference;
import io.drivetrain.schemas.BalanceVerdict;
import io.drivetrain.schemas.ClassBalanceReport;
import io.drivetrain.schemas.ClassShare;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.SliceBalance;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.WindowKind;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The windows of class balance of all splits, by time and by count, and the totals since the start.
 *
 * <p>Windows by time say what came in the last minutes. Windows by count hold as many drives as a verdict needs, however
 * fast they come, and only they raise and clear alerts, so that an alert does not depend on the frame rate. Of test-dev
 * only the newest generation is counted: a retired one grades no model. Mutable, for the same reason as
 * {@link ClusteredCounts}.
 */
final class ClassBalance {
    private final DrivetrainConfig.Balance settings;
    private final List<String> classes;
    private final Duration length;
    private final Map<Split, SortedMap<String, ClusteredCounts>> totals = new EnumMap<>(Split.class);
    private final Map<Split, BalanceWindow> byTime = new EnumMap<>(Split.class);
    private final Map<Split, BalanceWindow> byCount = new EnumMap<>(Split.class);
    private int testDevGeneration;
    private Starvation starvation;
    private Alarms imbalance = new Alarms(AlertKind.CLASS_IMBALANCE);
    private Alarms starved = new Alarms(AlertKind.CLASS_STARVATION);
    private Alarms shortage = new Alarms(AlertKind.CLASS_SHORTAGE);

    private record Place(Split split, String slice) {}

    ClassBalance(DrivetrainConfig config) {
        settings = config.balance();
        classes = config.classes();
        length = config.flink().balanceWindow();
        starvation = new Starvation(classes);
    }

    /**
     * Takes in what one drive has gained, and closes the windows by count that are full.
     *
     * @param now time of arrival, milliseconds since the epoch
     */
    Published add(DriveChange change, long now) {
        Published published = Published.nothing();
        if (change.testDevGeneration() > testDevGeneration) {
            testDevGeneration = change.testDevGeneration();
            totals.remove(Split.TEST_DEV);
            byTime.remove(Split.TEST_DEV);
            byCount.remove(Split.TEST_DEV);
        }
        for (DriveChange.OfSlice of : change.slices()) {
            if (of.slice().isEmpty() && !of.added().isEmpty()) {
                starvation.add(
                        of.before().isEmpty(), of.before().keySet(), of.added().keySet(), now);
            }
        }
        merged(change).forEach((place, of) -> count(place, change.driveId(), of, now));
        for (Split split : List.copyOf(byCount.keySet())) {
            BalanceWindow window = byCount.get(split);
            if (window.samples() >= settings.windowCount() && window.drives() >= settings.windowDrives()) {
                byCount.remove(split);
                published = published.and(closed(split, window, now, now));
            }
        }
        return published;
    }

    /** What the drive has gained, with the values that are counted together as one. */
    private Map<Place, DriveChange.OfSlice> merged(DriveChange change) {
        Map<Place, DriveChange.OfSlice> merged = new LinkedHashMap<>();
        for (DriveChange.OfSlice of : change.slices()) {
            if (of.split() == Split.TEST_DEV && change.testDevGeneration() < testDevGeneration) {
                continue;
            }
            String slice = slice(of.split(), of.slice());
            // A slice takes its place with its first sample, so that the next one finds it taken.
            totals(of.split()).computeIfAbsent(slice, key -> new ClusteredCounts());
            merged.merge(new Place(of.split(), slice), of, (first, second) -> first.and(second, slice));
        }
        merged.values().removeIf(of -> of.added().isEmpty() && of.corrected().isEmpty());
        return merged;
    }

    private void count(Place place, String driveId, DriveChange.OfSlice of, long now) {
        Split split = place.split();
        // A window holds what came in it, and a correction is no sample that came.
        if (!of.added().isEmpty()) {
            if (!byTime.containsKey(split)) {
                long start = now - Math.floorMod(now, length.toMillis());
                byTime.put(split, opened(WindowKind.TIME, split, start));
            }
            if (!byCount.containsKey(split)) {
                byCount.put(split, opened(WindowKind.COUNT, split, now));
            }
            byTime.get(split).add(place.slice(), driveId, of.added());
            byCount.get(split).add(place.slice(), driveId, of.added());
        }
        totals(split).get(place.slice()).grow(of.before(), of.change());
    }

    /** When the open windows by time end, milliseconds since the epoch; empty if none is open. */
    Optional<Long> nextEnd() {
        return byTime.values().stream()
                .map(window -> window.start() + length.toMillis())
                .min(Comparator.naturalOrder());
    }

    /**
     * Closes the windows by time that have ended. With them, every split is reported: one that gets nothing would
     * otherwise be missing from what people see, though it is the one to see to.
     */
    Published endOfTime(long now) {
        Published published = Published.nothing();
        OptionalLong newest = byTime.values().stream()
                .mapToLong(BalanceWindow::start)
                .filter(start -> start + length.toMillis() <= now)
                .max();
        if (newest.isEmpty()) {
            return published;
        }
        for (Split split : Split.values()) {
            BalanceWindow window = byTime.get(split);
            if (window == null) {
                BalanceWindow empty = opened(WindowKind.TIME, split, newest.getAsLong());
                published = published.and(closed(split, empty, newest.getAsLong() + length.toMillis(), now));
            } else if (window.start() + length.toMillis() <= now) {
                byTime.remove(split);
                published = published.and(closed(split, window, window.start() + length.toMillis(), now));
            }
        }
        return published.and(new Published(List.of(), List.of(), starving(now)));
    }

    private SortedMap<String, ClusteredCounts> totals(Split split) {
        return totals.computeIfAbsent(split, key -> new TreeMap<>());
    }

    /** The same slice, or its attribute's other where there are too many. */
    private String slice(Split split, String slice) {
        SortedMap<String, ClusteredCounts> known = totals(split);
        int equals = slice.indexOf('=');
        if (equals < 0 || known.containsKey(slice)) {
            return slice;
        }
        long slices = known.keySet().stream()
                .filter(name -> name.indexOf('=') >= 0 && !name.endsWith("=" + DriveTally.OTHER))
                .count();
        return slices < settings.maxSlices() ? slice : slice.substring(0, equals + 1) + DriveTally.OTHER;
    }

    private BalanceWindow opened(WindowKind kind, Split split, long start) {
        SortedMap<String, ClusteredCounts> before = null;
        if (split == Split.TRAIN) {
            // The window itself is not part of what it is compared with.
            SortedMap<String, ClusteredCounts> copies = new TreeMap<>();
            totals(split).forEach((slice, counts) -> copies.put(slice, counts.copy()));
            before = copies;
        }
        return new BalanceWindow(kind, start, before);
    }

    private Published closed(Split split, BalanceWindow window, long end, long now) {
        SortedMap<String, ClusteredCounts> counts = window.counts();
        counts.computeIfAbsent("", whole -> new ClusteredCounts());
        SortedMap<String, ClusteredCounts> training = window.reference().orElseGet(() -> totals(Split.TRAIN));
        SortedMap<String, BalanceComparison> comparisons = new BalanceVerdicts(settings).of(counts, training);
        ClassBalanceReport report = report(split, window, end, now, counts, comparisons, training);
        List<Alert> alerts = new ArrayList<>();
        if (window.kind() == WindowKind.COUNT) {
            HysteresisAlarm alarm = new HysteresisAlarm(settings.raiseAfter(), settings.clearAfter());
            comparisons.forEach((slice, comparison) -> imbalance
                    .next(
                            alarm,
                            Splits.label(split) + (slice.isEmpty() ? "" : "/" + slice),
                            signal(comparison.getVerdict()),
                            window.start(),
                            now,
                            change -> text(change, split, slice, comparison, counts.get(slice), training.get(slice)))
                    .ifPresent(alerts::add));
            shortage(split, window, report, now).ifPresent(alerts::add);
        }
        return new Published(List.of(report), List.of(), alerts);
    }

    /**
     * Raised where windows by count fill and classes still lack their minimum. Totals hardly fall, so one window is
     * enough to clear it.
     */
    private Optional<Alert> shortage(Split split, BalanceWindow window, ClassBalanceReport report, long now) {
        return shortage.next(
                new HysteresisAlarm(settings.raiseAfter(), 1),
                Splits.label(split),
                report.getLackingClasses().isEmpty() ? HysteresisAlarm.Signal.GOOD : HysteresisAlarm.Signal.BAD,
                window.start(),
                now,
                change -> shortage(change, split, report));
    }

    private Alarms.Text shortage(Alarms.Change change, Split split, ClassBalanceReport report) {
        Map<String, String> details = new TreeMap<>();
        details.put("split", Splits.label(split));
        details.put("classes", String.join(", ", report.getLackingClasses()));
        details.put("minSamples", Long.toString(settings.minPerClassSamples()));
        details.put("minDrives", Long.toString(settings.minPerClassDrives()));
        String lacking = report.getClasses().stream()
                .filter(share -> share.getLackingSamples() > 0 || share.getLackingDrives() > 0)
                .map(share -> "%s (%d samples of %d drives)"
                        .formatted(share.getLabel(), share.getTotalSamples(), share.getTotalDrives()))
                .collect(Collectors.joining(", "));
        String message = change.state() == AlertState.RAISED
                ? "%s lacks classes since %s: %s; each needs %d samples of %d drives before figures on this split can be trusted. Collect more of them."
                        .formatted(
                                Splits.label(split),
                                change.since(),
                                lacking,
                                settings.minPerClassSamples(),
                                settings.minPerClassDrives())
                : "%s has enough of every class: at least %d samples of %d drives."
                        .formatted(Splits.label(split), settings.minPerClassSamples(), settings.minPerClassDrives());
        return new Alarms.Text(message, details, report.getTotalDrives(), report.getDrives());
    }

    private static HysteresisAlarm.Signal signal(BalanceVerdict verdict) {
        return switch (verdict) {
            case NOT_ENOUGH_DATA -> HysteresisAlarm.Signal.UNKNOWN;
            case AS_EXPECTED -> HysteresisAlarm.Signal.GOOD;
            case DIFFERENT -> HysteresisAlarm.Signal.BAD;
        };
    }

    private ClassBalanceReport report(
            Split split,
            BalanceWindow window,
            long end,
            long now,
            SortedMap<String, ClusteredCounts> counts,
            SortedMap<String, BalanceComparison> comparisons,
            SortedMap<String, ClusteredCounts> training) {
        Instant start = Instant.ofEpochMilli(window.start());
        ClusteredCounts none = new ClusteredCounts();
        ClusteredCounts whole = totals(split).getOrDefault("", none);
        ClusteredCounts inWindow = counts.get("");
        List<ClassShare> shares = classes(inWindow, whole, training.getOrDefault("", none));
        List<SliceBalance> slices = new ArrayList<>();
        counts.forEach((slice, of) -> {
            if (!slice.isEmpty()) {
                ClusteredCounts total = totals(split).get(slice);
                slices.add(SliceBalance.newBuilder()
                        .setSlice(slice)
                        .setCounts(of.byClass())
                        .setDrives(of.drives())
                        .setTotals(total.byClass())
                        .setTotalDrives(total.drives())
                        .setImbalanceRatio(finiteRatio(total))
                        .setComparison(comparisons.get(slice))
                        .setWindowImbalanceRatio(finiteRatio(of))
                        .setMissingClasses(total.missing(classes))
                        .setWindowMissingClasses(of.missing(classes))
                        .build());
            }
        });
        return ClassBalanceReport.newBuilder()
                .setWindowId(Splits.label(split) + (window.kind() == WindowKind.COUNT ? "/count/" : "/") + start)
                .setSplit(split)
                .setWindowStart(start)
                .setWindowEnd(Instant.ofEpochMilli(end))
                .setCounts(inWindow.byClass())
                .setTotals(whole.byClass())
                .setImbalanceRatio(finiteRatio(whole))
                .setWindowImbalanceRatio(finiteRatio(inWindow))
                .setMissingClasses(whole.missing(classes))
                .setWindowMissingClasses(inWindow.missing(classes))
                .setLackingClasses(shares.stream()
                        .filter(share -> share.getLackingSamples() > 0 || share.getLackingDrives() > 0)
                        .map(ClassShare::getLabel)
                        .toList())
                .setTestDevGeneration(split == Split.TEST_DEV && whole.drives() > 0 ? testDevGeneration : null)
                .setWindowKind(window.kind())
                .setDrives(inWindow.drives())
                .setTotalDrives(whole.drives())
                .setBeta(settings.beta())
                .setClasses(shares)
                .setComparison(comparisons.get(""))
                .setSlices(slices)
                .setAt(Instant.ofEpochMilli(now))
                .build();
    }

    /** JSON knows no infinity; the missing classes say what makes it so. */
    private Double finiteRatio(ClusteredCounts counts) {
        double ratio = counts.imbalanceRatio(classes).orElse(Double.POSITIVE_INFINITY);
        return Double.isInfinite(ratio) ? null : (Double) ratio;
    }

    private List<ClassShare> classes(ClusteredCounts window, ClusteredCounts whole, ClusteredCounts training) {
        SortedMap<String, Long> totals = whole.byClass();
        // A class that is no longer configured must not shift the weights of the others.
        totals.keySet().retainAll(classes);
        Map<String, Double> effective = EffectiveNumber.weights(totals, settings.beta());
        Map<String, Double> inverse = EffectiveNumber.inverseFrequencyWeights(totals);
        List<ClassShare> shares = new ArrayList<>();
        for (String label : classes) {
            boolean enough = whole.drives() > 1;
            double designEffect = whole.designEffect(label);
            WilsonInterval interval =
                    enough ? WilsonInterval.of(whole.share(label), whole.samples() / designEffect) : null;
            Double expected = settings.expected().isEmpty()
                    ? training.samples() == 0 ? null : (Double) training.share(label)
                    : settings.expected().get(label);
            long lastSeen = starvation.of(label).lastSeen();
            shares.add(ClassShare.newBuilder()
                    .setLabel(label)
                    .setSamples(window.samples(label))
                    .setTotalSamples(whole.samples(label))
                    .setTotalDrives(whole.drives(label))
                    .setShare(whole.samples() == 0 ? null : (Double) whole.share(label))
                    .setShareLow(enough ? interval.low() : null)
                    .setShareHigh(enough ? interval.high() : null)
                    .setDesignEffect(enough ? designEffect : null)
                    .setExpectedShare(expected)
                    .setEffectiveNumber(EffectiveNumber.of(whole.samples(label), settings.beta()))
                    .setWindowEffectiveNumber(EffectiveNumber.of(window.samples(label), settings.beta()))
                    .setEffectiveWeight(effective.get(label))
                    .setInverseFrequencyWeight(inverse.get(label))
                    .setLackingSamples(Math.max(0, settings.minPerClassSamples() - whole.samples(label)))
                    .setLackingDrives(Math.max(0, settings.minPerClassDrives() - whole.drives(label)))
                    .setLastSeen(lastSeen == Long.MIN_VALUE ? null : Instant.ofEpochMilli(lastSeen))
                    .setStarved(starved(label))
                    .build());
        }
        return shares;
    }

    private Alarms.Text text(
            Alarms.Change change,
            Split split,
            String slice,
            BalanceComparison comparison,
            ClusteredCounts window,
            ClusteredCounts training) {
        String subject = "The classes of %s%s"
                .formatted(Splits.label(split), slice.isEmpty() ? "" : " with " + slice.replaceFirst("=", " "));
        boolean expected = comparison.getReference() == BalanceReference.EXPECTED;
        Map<String, String> details = new TreeMap<>();
        details.put("split", Splits.label(split));
        details.put("slice", slice);
        details.put("reference", comparison.getReference().name());
        details.put("method", comparison.getMethod().name());
        details.put("adjustedPValue", Double.toString(comparison.getAdjustedPValue()));
        details.put("cohensW", Double.toString(comparison.getUnbiasedW()));
        details.put("designEffect", Double.toString(comparison.getDesignEffect()));
        String message;
        if (change.state() == AlertState.RAISED) {
            String furthest = furthest(window, training);
            double share = window.share(furthest);
            double reference = referenceShare(furthest, training);
            details.put("class", furthest);
            details.put("share", Double.toString(share));
            details.put("referenceShare", Double.toString(reference));
            message = String.format(
                    Locale.ROOT,
                    "%s have other shares than %s since %s: %.1f %% are %s against %.1f %% (Cohen's w %.2f, adjusted p %.2g, %d drives against %s); weight or resample, or collect what is missing.",
                    subject,
                    expected ? "balance.expected says" : "in train",
                    change.since(),
                    100 * share,
                    furthest,
                    100 * reference,
                    comparison.getUnbiasedW(),
                    comparison.getAdjustedPValue(),
                    window.drives(),
                    expected ? "the expected shares" : training.drives() + " of train");
        } else {
            message = "%s have the %s shares again: the last %d windows by count did not differ."
                    .formatted(subject, expected ? "expected" : "usual", settings.clearAfter());
        }
        return new Alarms.Text(message, details, comparison.getReferenceDrives(), window.drives());
    }

    private double referenceShare(String label, ClusteredCounts training) {
        return settings.expected().isEmpty()
                ? training.share(label)
                : settings.expected().getOrDefault(label, 0.0);
    }

    /** The class that adds most to the statistic. */
    private String furthest(ClusteredCounts window, ClusteredCounts training) {
        return classes.stream()
                .max(Comparator.comparingDouble(label -> {
                    double reference = referenceShare(label, training);
                    double difference = window.share(label) - reference;
                    double both = window.share(label) + reference;
                    return both == 0 ? 0 : difference * difference / both;
                }))
                .orElseThrow();
    }

    private boolean starved(String label) {
        return starvation.starved(label, settings.starvation(), settings.significance(), settings.windowDrives());
    }

    private List<Alert> starving(long now) {
        List<Alert> alerts = new ArrayList<>();
        HysteresisAlarm alarm = new HysteresisAlarm(1, 1);
        for (String label : classes) {
            boolean missing = starved(label);
            if (missing) {
                starvation.awaitReturn(label);
            }
            // One sample is no return: the next silence would page again.
            boolean back = starvation.of(label).drivesBack() >= settings.clearAfter();
            HysteresisAlarm.Signal signal = missing
                    ? HysteresisAlarm.Signal.BAD
                    : back ? HysteresisAlarm.Signal.GOOD : HysteresisAlarm.Signal.UNKNOWN;
            starved.next(alarm, label, signal, starvation.since(label), now, change -> starving(change, label))
                    .ifPresent(alerts::add);
        }
        return alerts;
    }

    private Alarms.Text starving(Alarms.Change change, String label) {
        Starvation.Silence silence = starvation.of(label);
        Map<String, String> details = new TreeMap<>();
        details.put("class", label);
        details.put("drivesSince", Long.toString(silence.drivesSince()));
        details.put("chance", Double.toString(starvation.chance(label)));
        String message = change.state() == AlertState.CLEARED
                ? "Samples of class %s come again, in %d drives so far; it had been missing since %s."
                        .formatted(label, silence.drivesBack(), change.since())
                : "No sample of class %s for %s, %s, while %d drives came (%s); see whether its camera, labelling queue or vocabulary has changed."
                        .formatted(
                                label,
                                inWords(starvation.silent(label)),
                                silence.lastSeen() == Long.MIN_VALUE
                                        ? "and none before since the start at " + change.since()
                                        : "since " + change.since(),
                                silence.drivesSince(),
                                silence.drivesWith() == 0
                                        ? "none ever had it"
                                        : String.format(Locale.ROOT, "by chance: p %.2g", starvation.chance(label)));
        return new Alarms.Text(message, details, silence.drivesWith(), silence.drivesSince());
    }

    private static String inWords(Duration duration) {
        return duration.toHours() >= 1
                ? duration.toHours() + " h"
                : duration.toMinutes() >= 1 ? duration.toMinutes() + " min" : duration.toSeconds() + " s";
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(testDevGeneration);
        out.writeInt(totals.size());
        for (Map.Entry<Split, SortedMap<String, ClusteredCounts>> entry : totals.entrySet()) {
            out.writeByte(entry.getKey().ordinal());
            BalanceWindow.writeAll(entry.getValue(), out);
        }
        for (Map<Split, BalanceWindow> windows : List.of(byTime, byCount)) {
            out.writeInt(windows.size());
            for (Map.Entry<Split, BalanceWindow> entry : windows.entrySet()) {
                out.writeByte(entry.getKey().ordinal());
                entry.getValue().write(out);
            }
        }
        starvation.write(out);
        imbalance.write(out);
        starved.write(out);
        shortage.write(out);
    }

    static ClassBalance read(DrivetrainConfig config, DataInput in) throws IOException {
        ClassBalance balance = new ClassBalance(config);
        balance.testDevGeneration = in.readInt();
        for (int left = in.readInt(); left > 0; left--) {
            balance.totals.put(Split.values()[in.readByte()], BalanceWindow.readAll(in));
        }
        for (Map<Split, BalanceWindow> windows : List.of(balance.byTime, balance.byCount)) {
            for (int left = in.readInt(); left > 0; left--) {
                windows.put(Split.values()[in.readByte()], BalanceWindow.read(in));
            }
        }
        balance.starvation = Starvation.read(balance.classes, in);
        balance.imbalance = Alarms.read(AlertKind.CLASS_IMBALANCE, in);
        balance.starved = Alarms.read(AlertKind.CLASS_STARVATION, in);
        balance.shortage = Alarms.read(AlertKind.CLASS_SHORTAGE, in);
        return balance;
    }
}
