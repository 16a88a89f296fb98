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
 * exact conditional test of two rates; they hit labels of any age, and nobody says which ages are looked through, so the
 * source is given the largest {@linkplain Exposure#shareOf share} of them that its age alone can explain: a new source is
 * named only if it is corrected more than its share of new labels, and of all labels. Clustered events are divided by their
 * variance-to-mean ratio. All tests of a window share one Holm
 * correction: it holds however the tests depend on each other, and tests against all others do depend; and every alert
 * costs somebody's time, so the chance of any false one is what must be small.
 *
 * <p>A source is looked at for its corrections because it has some, so the family is all sources that could have had
 * some: those that are not tested count with p = 1, whether they are in the window or not.
 */
record SourceRates(DrivetrainConfig.Balance settings) {

    /**
     * What is known of a source.
     *
     * @param violations refused samples in this window
     * @param corrections in this window, with 0 samples
     */
    record Known(SourceCounts violations, SourceCounts corrections) {}

    /**
     * One source against all others.
     *
     * @param correctionShare the largest share of the corrections that its age explains
     */
    record Standing(
            Known known,
            double othersViolationRate,
            double designEffect,
            Double violationPValue,
            Double violationAdjusted,
            double correctionRate,
            double othersCorrectionRate,
            double correctionShare,
            Double correctionPValue,
            Double correctionAdjusted,
            SourceVerdict verdict) {}

    /** All sources, and how many tests there were. */
    record Outcome(Map<String, Standing> standings, int tests) {}

    /**
     * Judges the sources of one window.
     *
     * @param exposures of every source, also of those that are not in the window
     */
    Outcome judge(SortedMap<String, Known> sources, Map<String, Exposure> exposures) {
        SourceCounts violations = SourceCounts.NONE;
        SourceCounts corrections = SourceCounts.NONE;
        Exposure exposure = exposures.values().stream().reduce(Exposure.NONE, Exposure::plus);
        for (Known known : sources.values()) {
            violations = violations.plus(known.violations);
            corrections = corrections.plus(known.corrections);
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
                    exposures.getOrDefault(name, Exposure.NONE),
                    exposure,
                    nameable(name));
            raw.add(standing);
            if (standing.violationPValue != null) {
                pValues.add(standing.violationPValue);
            }
            if (standing.correctionPValue != null) {
                pValues.add(standing.correctionPValue);
            }
        }
        for (long untested = untestedCorrections(raw, corrections, exposures); untested > 0; untested--) {
            pValues.add(1.0);
        }
        double[] adjusted = MultipleTesting.holm(
                pValues.stream().mapToDouble(Double::doubleValue).toArray());
        Map<String, Standing> standings = new LinkedHashMap<>();
        int next = 0;
        for (int i = 0; i < names.size(); i++) {
            Standing standing = raw.get(i);
            Double violation = standing.violationPValue == null ? null : (Double) adjusted[next++];
            Double correction = standing.correctionPValue == null ? null : (Double) adjusted[next++];
            long othersCorrected = corrections.minus(standing.known.corrections).hits();
            standings.put(names.get(i), judged(standing, othersCorrected, violation, correction));
        }
        return new Outcome(standings, adjusted.length);
    }

    /** Sources that could have had some of the corrections of this window, and are not tested. */
    private static long untestedCorrections(
            List<Standing> standings, SourceCounts corrections, Map<String, Exposure> exposures) {
        if (corrections.hits() == 0) {
            return 0;
        }
        long could = exposures.entrySet().stream()
                .filter(source -> nameable(source.getKey()) && source.getValue().samples() > 0)
                .count();
        return could
                - standings.stream()
                        .filter(standing -> standing.correctionPValue != null)
                        .count();
    }

    /** Nobody can be asked about labels without a name. */
    static boolean nameable(String source) {
        return !source.equals(DriveTally.UNKNOWN) && !source.equals(DriveTally.OTHER);
    }

    private Standing untested(
            Known known,
            SourceCounts otherViolations,
            SourceCounts otherCorrections,
            Exposure exposure,
            Exposure allExposure,
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
        double share = exposure.shareOf(allExposure);
        if (test && events > 0 && share > 0 && share < 1 && known.corrections.drives() >= MOST_FEW) {
            double clustering = Math.max(1, (known.corrections.hitSquares() + otherCorrections.hitSquares()) / events);
            correctionP = RateTest.poisson(
                    (long) Math.floor(known.corrections.hits() / clustering),
                    share,
                    (long) Math.ceil(otherCorrections.hits() / clustering),
                    1 - share);
        }
        return new Standing(
                known,
                otherViolations.rate(),
                designEffect,
                violationP,
                null,
                rate(known.corrections, exposure.samples()),
                rate(otherCorrections, allExposure.samples() - exposure.samples()),
                share,
                correctionP,
                null,
                SourceVerdict.NOT_ENOUGH_DATA);
    }

    private static double rate(SourceCounts corrections, long exposure) {
        return exposure == 0 ? 0 : (double) corrections.hits() / exposure;
    }

    /** From fewer drives than these, one bad drive and a bad source look the same. */
    static final int MOST_FEW = 3;

    private Standing judged(Standing standing, long othersCorrected, Double violation, Double correction) {
        double rate = standing.known.violations.rate();
        boolean refused = violation != null
                && violation < settings.significance()
                && rate - standing.othersViolationRate >= settings.sourceMinDifference()
                && rate >= settings.sourceMinRatio() * standing.othersViolationRate;
        boolean corrected = correction != null
                && correction < settings.significance()
                && standing.known.corrections.hits() * (1 - standing.correctionShare)
                        >= settings.sourceMinRatio() * othersCorrected * standing.correctionShare;
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
                standing.correctionShare,
                standing.correctionPValue,
                correction,
                verdict);
    }
}
