package io.drivetrain.pipeline.balance;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.SourceVerdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Which label source stands out in a window: each against all others together.
 *
 * <p>Violations: Fisher's exact test, one-sided, on counts divided by the design effect of the drives. Corrections: the
 * exact conditional test of two rates; they hit labels of any age, so the exposure is the samples of the source since the
 * start, and clustered events are divided by their variance-to-mean ratio. All tests of a window share one Holm
 * correction: it holds however the tests depend on each other, and tests against all others do depend; and every alert
 * costs somebody's time, so the chance of any false one is what must be small.
 */
record SourceRates(DrivetrainConfig.Balance settings) {

    /**
     * What is known of a source.
     *
     * @param violations refused samples in this window
     * @param corrections in this window, with 0 samples
     * @param exposure samples since the start
     */
    record Known(SourceCounts violations, SourceCounts corrections, long exposure) {}

    /** One source against all others. */
    record Standing(
            Known known,
            double othersViolationRate,
            double designEffect,
            Double violationPValue,
            Double violationAdjusted,
            double correctionRate,
            double othersCorrectionRate,
            Double correctionPValue,
            Double correctionAdjusted,
            SourceVerdict verdict) {}

    /** All sources, and how many tests there were. */
    record Outcome(Map<String, Standing> standings, int tests) {}

    /** Judges the sources of one window. */
    Outcome judge(SortedMap<String, Known> sources) {
        SourceCounts violations = SourceCounts.NONE;
        SourceCounts corrections = SourceCounts.NONE;
        long exposure = 0;
        for (Known known : sources.values()) {
            violations = violations.plus(known.violations);
            corrections = corrections.plus(known.corrections);
            exposure += known.exposure;
        }
        List<String> names = List.copyOf(sources.keySet());
        List<Standing> raw = new ArrayList<>();
        List<Double> pValues = new ArrayList<>();
        for (String name : names) {
            Known known = sources.get(name);
            Standing standing = untested(
                    known,
                    violations.minus(known.violations),
                    corrections.minus(known.corrections),
                    exposure - known.exposure,
                    nameable(name));
            raw.add(standing);
            if (standing.violationPValue != null) {
                pValues.add(standing.violationPValue);
            }
            if (standing.correctionPValue != null) {
                pValues.add(standing.correctionPValue);
            }
        }
        double[] adjusted = MultipleTesting.holm(
                pValues.stream().mapToDouble(Double::doubleValue).toArray());
        Map<String, Standing> standings = new LinkedHashMap<>();
        int next = 0;
        for (int i = 0; i < names.size(); i++) {
            Standing standing = raw.get(i);
            Double violation = standing.violationPValue == null ? null : (Double) adjusted[next++];
            Double correction = standing.correctionPValue == null ? null : (Double) adjusted[next++];
            standings.put(names.get(i), judged(standing, violation, correction));
        }
        return new Outcome(standings, adjusted.length);
    }

    /** Nobody can be asked about labels without a name. */
    static boolean nameable(String source) {
        return !source.equals(DriveTally.UNKNOWN) && !source.equals(DriveTally.OTHER);
    }

    private Standing untested(
            Known known,
            SourceCounts otherViolations,
            SourceCounts otherCorrections,
            long otherExposure,
            boolean test) {
        double designEffect = SourceCounts.designEffect(known.violations, otherViolations);
        Double violationP = null;
        if (test
                && known.violations.drives() >= MOST_FEW
                && known.violations.drives() + otherViolations.drives() >= settings.windowDrives()
                && otherViolations.samples() > 0) {
            long samples = Math.max(1, Math.round(Math.floor(known.violations.samples() / designEffect)));
            long others = Math.max(1, Math.round(Math.floor(otherViolations.samples() / designEffect)));
            violationP = RateTest.fisher(
                    Math.round(known.violations.rate() * samples),
                    samples,
                    Math.round(otherViolations.rate() * others),
                    others);
        }
        Double correctionP = null;
        long events = known.corrections.hits() + otherCorrections.hits();
        if (test && events > 0 && known.exposure > 0 && otherExposure > 0 && known.corrections.drives() >= MOST_FEW) {
            double clustering = Math.max(1, (known.corrections.hitSquares() + otherCorrections.hitSquares()) / events);
            correctionP = RateTest.poisson(
                    (long) Math.floor(known.corrections.hits() / clustering),
                    known.exposure,
                    (long) Math.ceil(otherCorrections.hits() / clustering),
                    otherExposure);
        }
        return new Standing(
                known,
                otherViolations.rate(),
                designEffect,
                violationP,
                null,
                known.exposure == 0 ? 0 : (double) known.corrections.hits() / known.exposure,
                otherExposure == 0 ? 0 : (double) otherCorrections.hits() / otherExposure,
                correctionP,
                null,
                SourceVerdict.NOT_ENOUGH_DATA);
    }

    /** From fewer drives than these, one bad drive and a bad source look the same. */
    static final int MOST_FEW = 3;

    private Standing judged(Standing standing, Double violation, Double correction) {
        double rate = standing.known.violations.rate();
        boolean refused = violation != null
                && violation < settings.significance()
                && rate - standing.othersViolationRate >= settings.sourceMinDifference()
                && rate >= settings.sourceMinRatio() * standing.othersViolationRate;
        boolean corrected = correction != null
                && correction < settings.significance()
                && standing.correctionRate >= settings.sourceMinRatio() * standing.othersCorrectionRate;
        SourceVerdict verdict = refused || corrected
                ? SourceVerdict.STANDS_OUT
                : violation == null && correction == null ? SourceVerdict.NOT_ENOUGH_DATA : SourceVerdict.IN_LINE;
        return new Standing(
                standing.known,
                standing.othersViolationRate,
                standing.designEffect,
                standing.violationPValue,
                violation,
                standing.correctionRate,
                standing.othersCorrectionRate,
                standing.correctionPValue,
                correction,
                verdict);
    }
}
