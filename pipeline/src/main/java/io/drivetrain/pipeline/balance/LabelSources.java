package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.AlertKind;
import io.drivetrain.schemas.AlertState;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabelSourceReport;
import io.drivetrain.schemas.SourceRate;
import io.drivetrain.schemas.SourceVerdict;
import io.drivetrain.schemas.WindowKind;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The windows of label sources, by time and by count, and the totals of each source since the start. As with class
 * balance, only windows by count raise and clear alerts. Mutable, for the same reason as {@link ClusteredCounts}.
 */
final class LabelSources {
    private static final int MOST_REPORTED = 100;

    private final DrivetrainConfig.Balance settings;
    private final Duration length;
    private final SortedMap<String, Totals> totals = new TreeMap<>();
    private SourceWindow byTime;
    private SourceWindow byCount;
    private Alarms alarms = new Alarms(AlertKind.LABEL_SOURCE);

    private static final class Totals {
        private Exposure exposure = Exposure.NONE;
        private long violations;
        private long corrections;
    }

    LabelSources(DrivetrainConfig config) {
        settings = config.balance();
        length = config.flink().balanceWindow();
    }

    /**
     * Takes in what one drive has gained, and closes the window by count if it is full.
     *
     * @param now time of arrival, milliseconds since the epoch
     */
    Published add(DriveChange change, long now) {
        if (change.sources().isEmpty()) {
            return Published.nothing();
        }
        if (byTime == null) {
            byTime = new SourceWindow(WindowKind.TIME, now - Math.floorMod(now, length.toMillis()));
        }
        if (byCount == null) {
            byCount = new SourceWindow(WindowKind.COUNT, now);
        }
        for (DriveChange.OfSource of : change.sources()) {
            String source = tracked(of.source());
            Totals total = totals.computeIfAbsent(source, name -> new Totals());
            total.exposure = total.exposure.plus(of.samples());
            total.violations += of.violations();
            total.corrections += of.corrections();
            byTime.add(source, change.driveId(), of);
            byCount.add(source, change.driveId(), of);
        }
        if (byCount.samples() < settings.windowCount() || byCount.drives() < settings.windowDrives()) {
            return Published.nothing();
        }
        Published published = closed(byCount, now, now);
        byCount = null;
        totals.values().forEach(total -> total.exposure = total.exposure.aged());
        return published;
    }

    private String tracked(String source) {
        boolean known = totals.containsKey(source) || !SourceRates.nameable(source);
        return known || totals.size() < settings.maxSources() ? source : DriveTally.OTHER;
    }

    /** When the open window by time ends, milliseconds since the epoch; empty if none is open. */
    Optional<Long> nextEnd() {
        return Optional.ofNullable(byTime).map(window -> window.start() + length.toMillis());
    }

    /** Closes the window by time if it has ended. */
    Published endOfTime(long now) {
        if (byTime == null || byTime.start() + length.toMillis() > now) {
            return Published.nothing();
        }
        SourceWindow ended = byTime;
        byTime = null;
        return closed(ended, ended.start() + length.toMillis(), now);
    }

    private Published closed(SourceWindow window, long end, long now) {
        SortedMap<String, Exposure> exposures = new TreeMap<>();
        totals.forEach((source, total) -> exposures.put(source, total.exposure));
        SourceRates.Outcome outcome = new SourceRates(settings).judge(window.known(), exposures);
        Instant start = Instant.ofEpochMilli(window.start());
        List<SourceRate> rates = new ArrayList<>();
        outcome.standings().forEach((source, standing) -> rates.add(rate(source, standing, window)));
        rates.sort(Comparator.comparing((SourceRate rate) -> rate.getVerdict() != SourceVerdict.STANDS_OUT)
                .thenComparing(
                        Comparator.comparingDouble(SourceRate::getViolationRate).reversed())
                .thenComparing(Comparator.comparingDouble(SourceRate::getCorrectionRate)
                        .reversed())
                .thenComparing(SourceRate::getSource));
        LabelSourceReport report = new LabelSourceReport(
                (window.kind() == WindowKind.COUNT ? "count/" : "time/") + start,
                window.kind(),
                start,
                Instant.ofEpochMilli(end),
                window.samples(),
                (long) window.drives(),
                rates.size(),
                outcome.tests(),
                settings.significance(),
                rates.stream().limit(MOST_REPORTED).toList(),
                Instant.ofEpochMilli(now));
        List<Alert> alerts = new ArrayList<>();
        if (window.kind() == WindowKind.COUNT) {
            HysteresisAlarm alarm = new HysteresisAlarm(settings.raiseAfter(), settings.clearAfter());
            for (SourceRate rate : rates) {
                alarms.next(
                                alarm,
                                rate.getSource(),
                                signal(rate.getVerdict()),
                                window.start(),
                                now,
                                change -> text(change, rate, window))
                        .ifPresent(alerts::add);
            }
        }
        return new Published(List.of(), List.of(report), alerts);
    }

    private static HysteresisAlarm.Signal signal(SourceVerdict verdict) {
        return switch (verdict) {
            case NOT_ENOUGH_DATA -> HysteresisAlarm.Signal.UNKNOWN;
            case IN_LINE -> HysteresisAlarm.Signal.GOOD;
            case STANDS_OUT -> HysteresisAlarm.Signal.BAD;
        };
    }

    private SourceRate rate(String source, SourceRates.Standing standing, SourceWindow window) {
        SourceCounts violations = standing.known().violations();
        double effective = Math.max(1, violations.samples() / standing.designEffect());
        WilsonInterval interval = WilsonInterval.of(violations.rate(), effective);
        Totals total = totals.get(source);
        return SourceRate.newBuilder()
                .setSource(source)
                .setSamples(violations.samples())
                .setDrives(violations.drives())
                .setViolations(violations.hits())
                .setViolationRate(violations.rate())
                .setViolationLow(violations.samples() == 0 ? 0 : interval.low())
                .setViolationHigh(violations.samples() == 0 ? 1 : interval.high())
                .setOthersViolationRate(standing.othersViolationRate())
                .setViolationPValue(standing.violationPValue())
                .setViolationAdjustedPValue(standing.violationAdjusted())
                .setCorrections(standing.known().corrections().hits())
                .setCorrectionRate(standing.correctionRate())
                .setOthersCorrectionRate(standing.othersCorrectionRate())
                .setCorrectionPValue(standing.correctionPValue())
                .setCorrectionAdjustedPValue(standing.correctionAdjusted())
                .setDesignEffect(standing.designEffect())
                .setViolationsByCode(window.codes(source))
                .setTotalSamples(total.exposure.samples())
                .setTotalViolations(total.violations)
                .setTotalCorrections(total.corrections)
                .setVerdict(standing.verdict())
                .build();
    }

    private Alarms.Text text(Alarms.Change change, SourceRate rate, SourceWindow window) {
        Map<String, String> details = new TreeMap<>();
        details.put("source", rate.getSource());
        details.put("violationRate", Double.toString(rate.getViolationRate()));
        details.put("othersViolationRate", Double.toString(rate.getOthersViolationRate()));
        details.put("correctionRate", Double.toString(rate.getCorrectionRate()));
        details.put("othersCorrectionRate", Double.toString(rate.getOthersCorrectionRate()));
        window.codes(rate.getSource()).forEach((code, count) -> details.put("violation." + code, Long.toString(count)));
        String message;
        if (change.state() == AlertState.CLEARED) {
            message =
                    "Labels of %s are refused and corrected about as often as those of other sources again, for %d windows."
                            .formatted(rate.getSource(), settings.clearAfter());
        } else if (rate.getViolationAdjustedPValue() != null
                && rate.getViolationAdjustedPValue() < settings.significance()) {
            message = String.format(
                    Locale.ROOT,
                    "%.1f %% of the samples labelled by %s are refused since %s, against %.1f %% of the others (adjusted p %.2g, %d samples of %d drives%s); look at them with './drivetrain rejected' and talk to that source.",
                    100 * rate.getViolationRate(),
                    rate.getSource(),
                    change.since(),
                    100 * rate.getOthersViolationRate(),
                    rate.getViolationAdjustedPValue(),
                    rate.getSamples(),
                    rate.getDrives(),
                    mostly(window.codes(rate.getSource())));
        } else {
            message = String.format(
                    Locale.ROOT,
                    "%d labels of %s were corrected in a window, %.2g of its samples against %.2g of the others, since %s (adjusted p %.2g); talk to that source.",
                    rate.getCorrections(),
                    rate.getSource(),
                    rate.getCorrectionRate(),
                    rate.getOthersCorrectionRate(),
                    change.since(),
                    rate.getCorrectionAdjustedPValue());
        }
        return new Alarms.Text(message, details, Math.max(0, window.drives() - rate.getDrives()), rate.getDrives());
    }

    private static String mostly(SortedMap<String, Long> codes) {
        return codes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(code -> ", mostly " + code.getKey())
                .orElse("");
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(totals.size());
        for (Map.Entry<String, Totals> entry : totals.entrySet()) {
            BinaryForm.writeText(entry.getKey(), out);
            entry.getValue().exposure.write(out);
            out.writeLong(entry.getValue().violations);
            out.writeLong(entry.getValue().corrections);
        }
        for (SourceWindow window : new SourceWindow[] {byTime, byCount}) {
            out.writeBoolean(window != null);
            if (window != null) {
                window.write(out);
            }
        }
        alarms.write(out);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @param aged whether labels are told by their age; where they are not, all count as of now
     */
    static LabelSources read(DrivetrainConfig config, DataInput in, boolean aged) throws IOException {
        LabelSources sources = new LabelSources(config);
        for (int left = in.readInt(); left > 0; left--) {
            Totals total = new Totals();
            sources.totals.put(BinaryForm.readText(in), total);
            total.exposure = aged ? Exposure.read(in) : Exposure.NONE.plus(in.readLong());
            total.violations = in.readLong();
            total.corrections = in.readLong();
        }
        sources.byTime = in.readBoolean() ? SourceWindow.read(in) : null;
        sources.byCount = in.readBoolean() ? SourceWindow.read(in) : null;
        sources.alarms = Alarms.read(AlertKind.LABEL_SOURCE, in);
        return sources;
    }
}
