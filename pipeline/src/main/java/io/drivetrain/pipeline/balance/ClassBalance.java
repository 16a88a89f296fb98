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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The windows of class balance of all splits, by time and by count, and the totals since the start.
 *
 * <p>Windows by time say what came in the last minutes. Windows by count hold as many drives as a verdict needs, however
 * fast they come, and only they raise and clear alerts, so that an alert does not depend on the frame rate. Mutable, for
 * the same reason as {@link ClusteredCounts}.
 */
final class ClassBalance {
    private final DrivetrainConfig.Balance settings;
    private final List<String> classes;
    private final Duration length;
    private final Map<Split, SortedMap<String, ClusteredCounts>> totals = new EnumMap<>(Split.class);
    private final Map<Split, BalanceWindow> byTime = new EnumMap<>(Split.class);
    private final Map<Split, BalanceWindow> byCount = new EnumMap<>(Split.class);
    private Starvation starvation;
    private Alarms imbalance = new Alarms(AlertKind.CLASS_IMBALANCE);
    private Alarms starved = new Alarms(AlertKind.CLASS_STARVATION);

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
        for (DriveChange.OfSlice of : change.slices()) {
            String slice = slice(of.split(), of.slice());
            if (!byTime.containsKey(of.split())) {
                long start = now - Math.floorMod(now, length.toMillis());
                byTime.put(of.split(), opened(WindowKind.TIME, of.split(), start));
            }
            if (!byCount.containsKey(of.split())) {
                byCount.put(of.split(), opened(WindowKind.COUNT, of.split(), now));
            }
            byTime.get(of.split()).add(slice, change.driveId(), of.added());
            byCount.get(of.split()).add(slice, change.driveId(), of.added());
            totals(of.split())
                    .computeIfAbsent(slice, key -> new ClusteredCounts())
                    .grow(of.before(), of.added());
            if (of.slice().isEmpty()) {
                starvation.add(
                        of.before().isEmpty(), of.before().keySet(), of.added().keySet(), now);
            }
        }
        for (Split split : List.copyOf(byCount.keySet())) {
            BalanceWindow window = byCount.get(split);
            if (window.samples() >= settings.windowCount() && window.drives() >= settings.windowDrives()) {
                byCount.remove(split);
                published = published.and(closed(split, window, now, now));
            }
        }
        return published;
    }

    /** When the open windows by time end, milliseconds since the epoch; empty if none is open. */
    Optional<Long> nextEnd() {
        return byTime.values().stream()
                .map(window -> window.start() + length.toMillis())
                .min(Comparator.naturalOrder());
    }

    /** Closes the windows by time that have ended. */
    Published endOfTime(long now) {
        Published published = Published.nothing();
        boolean any = false;
        for (Split split : List.copyOf(byTime.keySet())) {
            BalanceWindow window = byTime.get(split);
            long end = window.start() + length.toMillis();
            if (end <= now) {
                any = true;
                byTime.remove(split);
                published = published.and(closed(split, window, end, now));
            }
        }
        return any ? published.and(new Published(List.of(), List.of(), starving(now))) : published;
    }

    private SortedMap<String, ClusteredCounts> totals(Split split) {
        return totals.computeIfAbsent(split, key -> new TreeMap<>());
    }

    /** The same slice, or its attribute's other where there are too many. */
    private String slice(Split split, String slice) {
        SortedMap<String, ClusteredCounts> known = totals(split);
        if (slice.isEmpty() || known.containsKey(slice)) {
            return slice;
        }
        long slices = known.keySet().stream().filter(name -> !name.isEmpty()).count();
        return slices < settings.maxSlices() ? slice : slice.substring(0, slice.indexOf('=') + 1) + DriveTally.OTHER;
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
        }
        return new Published(List.of(report), List.of(), alerts);
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
        ClusteredCounts whole = totals(split).get("");
        List<SliceBalance> slices = new ArrayList<>();
        counts.forEach((slice, of) -> {
            if (!slice.isEmpty()) {
                ClusteredCounts total = totals(split).get(slice);
                slices.add(new SliceBalance(
                        slice,
                        of.byClass(),
                        of.drives(),
                        total.byClass(),
                        total.drives(),
                        total.imbalanceRatio(),
                        comparisons.get(slice)));
            }
        });
        return ClassBalanceReport.newBuilder()
                .setWindowId(Splits.label(split) + (window.kind() == WindowKind.COUNT ? "/count/" : "/") + start)
                .setSplit(split)
                .setWindowStart(start)
                .setWindowEnd(Instant.ofEpochMilli(end))
                .setCounts(counts.get("").byClass())
                .setTotals(whole.byClass())
                .setImbalanceRatio(whole.imbalanceRatio())
                .setWindowKind(window.kind())
                .setDrives(counts.get("").drives())
                .setTotalDrives(whole.drives())
                .setBeta(settings.beta())
                .setClasses(classes(counts.get(""), whole, training.get(""), now))
                .setComparison(comparisons.get(""))
                .setSlices(slices)
                .setAt(Instant.ofEpochMilli(now))
                .build();
    }

    private List<ClassShare> classes(
            ClusteredCounts window, ClusteredCounts whole, ClusteredCounts training, long now) {
        SortedMap<String, Long> totals = whole.byClass();
        Map<String, Double> effective = EffectiveNumber.weights(totals, settings.beta());
        Map<String, Double> inverse = EffectiveNumber.inverseFrequencyWeights(totals);
        List<ClassShare> shares = new ArrayList<>();
        for (String label : classes) {
            boolean enough = whole.drives() > 1;
            double designEffect = whole.designEffect(label);
            WilsonInterval interval = WilsonInterval.of(whole.share(label), whole.samples() / designEffect);
            Double expected = settings.expected().isEmpty()
                    ? training == null || training.samples() == 0 ? null : (Double) training.share(label)
                    : settings.expected().get(label);
            long lastSeen = starvation.of(label).lastSeen();
            shares.add(ClassShare.newBuilder()
                    .setLabel(label)
                    .setSamples(window.samples(label))
                    .setTotalSamples(whole.samples(label))
                    .setTotalDrives(whole.drives(label))
                    .setShare(whole.share(label))
                    .setShareLow(enough ? interval.low() : null)
                    .setShareHigh(enough ? interval.high() : null)
                    .setDesignEffect(enough ? designEffect : null)
                    .setExpectedShare(expected)
                    .setEffectiveNumber(EffectiveNumber.of(whole.samples(label), settings.beta()))
                    .setEffectiveWeight(effective.get(label))
                    .setInverseFrequencyWeight(inverse.get(label))
                    .setLackingSamples(Math.max(0, settings.minPerClassSamples() - whole.samples(label)))
                    .setLackingDrives(Math.max(0, settings.minPerClassDrives() - whole.drives(label)))
                    .setLastSeen(lastSeen == Long.MIN_VALUE ? null : Instant.ofEpochMilli(lastSeen))
                    .setStarved(starvation.starved(label, settings.starvation(), settings.significance(), now))
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

    private List<Alert> starving(long now) {
        List<Alert> alerts = new ArrayList<>();
        HysteresisAlarm alarm = new HysteresisAlarm(1, 1);
        for (String label : classes) {
            boolean missing = starvation.starved(label, settings.starvation(), settings.significance(), now);
            boolean seenSince =
                    now - starvation.since(label) < settings.starvation().toMillis()
                            && starvation.of(label).lastSeen() != Long.MIN_VALUE;
            HysteresisAlarm.Signal signal = missing
                    ? HysteresisAlarm.Signal.BAD
                    : seenSince ? HysteresisAlarm.Signal.GOOD : HysteresisAlarm.Signal.UNKNOWN;
            starved.next(alarm, label, signal, starvation.since(label), now, change -> starving(change, label, now))
                    .ifPresent(alerts::add);
        }
        return alerts;
    }

    private Alarms.Text starving(Alarms.Change change, String label, long now) {
        Starvation.Silence silence = starvation.of(label);
        Map<String, String> details = new TreeMap<>();
        details.put("class", label);
        details.put("drivesSince", Long.toString(silence.drivesSince()));
        details.put("chance", Double.toString(starvation.chance(label)));
        String message = change.state() == AlertState.CLEARED
                ? "Samples of class %s come again; it had been missing since %s.".formatted(label, change.since())
                : "No sample of class %s for %s, %s, while %d drives came (%s); see whether its camera, labelling queue or vocabulary has changed."
                        .formatted(
                                label,
                                inWords(Duration.ofMillis(now - starvation.since(label))),
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
    }

    static ClassBalance read(DrivetrainConfig config, DataInput in) throws IOException {
        ClassBalance balance = new ClassBalance(config);
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
        return balance;
    }
}
