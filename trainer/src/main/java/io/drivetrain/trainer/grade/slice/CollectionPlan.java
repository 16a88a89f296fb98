package io.drivetrain.trainer.grade.slice;

import io.drivetrain.schemas.CollectionRequest;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.PowerLaw;
import io.drivetrain.schemas.ShiftParts;
import io.drivetrain.schemas.SliceAnalysis;
import io.drivetrain.schemas.SliceKind;
import io.drivetrain.schemas.SlicePriority;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Turns slices that are worth fixing into requests for SOURCE drives.
 *
 * <p>Asked for are slices of priority {@code MEDIUM} and {@code HIGH}, whose gain is distinguishable from zero; those named
 * by an attribute first, because people can look for night but not for {@code darkShare>0.31}. A slice most of whose errors
 * are in slices already asked for is left out. How many drives, and what they bring, rests on the first of these that
 * there is:
 *
 * <ol>
 *   <li>The learning curve, if it has a law and train has samples of the slice: the slice's error is taken to fall towards
 *       the law's floor with the law's exponent as its own samples grow, until it is that of the rest, or up to ten times
 *       the samples. The expected gain is the part of the gain that this reaches.
 *   <li>The slice's share: drives until train has as large a share of the slice as test-dev. The expected gain is its
 *       ceiling, the slice as good as the rest.
 *   <li>Where train has that share already, as many drives of the slice again, with no gain promised.
 * </ol>
 */
public final class CollectionPlan {
    /** A law is not trusted further beyond what was measured. */
    private static final double MOST_GROWTH = 10;

    /** A slice with this part of its errors in slices already asked for is the same slice by another name. */
    private static final double SAME = 0.8;

    private CollectionPlan() {}

    /** Which run asks, and when. */
    public record Origin(String runId, String modelId, Instant at) {}

    /** Drives of the slice, what they bring, and why that many. */
    private record Need(int drives, Optional<Estimate> gain, String reason) {}

    /**
     * Plans the collection.
     *
     * @param slices as found, most worth fixing first
     * @param shiftParts for the reason of a request
     * @param law of the train-dev error by training samples, if one was fitted
     * @return most wanted first; empty where no slice's gain is distinguishable from zero
     */
    public static List<CollectionRequest> of(
            List<SliceFinding> slices,
            Optional<ShiftParts> shiftParts,
            GradedSplit train,
            GradedSplit testDev,
            Optional<PowerLaw> law,
            SliceSettings settings,
            Origin origin) {
        boolean[] asked = new boolean[testDev.size()];
        List<CollectionRequest> requests = new ArrayList<>();
        List<SliceFinding> worth = slices.stream()
                .filter(s -> worthFixing(s.analysis().getPriority()))
                .sorted(Comparator.comparing(s -> s.analysis().getKind() != SliceKind.ATTRIBUTE))
                .toList();
        for (SliceFinding finding : worth) {
            if (addErrors(finding.rule().members(testDev), testDev, asked)) {
                Need need = need(finding, train, testDev, law, settings);
                SliceAnalysis slice = finding.analysis();
                requests.add(new CollectionRequest(
                        origin.runId() + "/" + slice.getSlice(),
                        origin.runId(),
                        origin.modelId(),
                        slice.getSlice(),
                        Domain.SOURCE,
                        need.drives,
                        need.gain.orElse(null),
                        String.join(
                                " ",
                                figures(finding, train, testDev),
                                ceiling(slice) + shift(slice, shiftParts) + ".",
                                need.reason),
                        origin.at()));
            }
        }
        requests.sort(Comparator.comparingDouble(
                r -> r.getExpectedGain() == null ? 0 : -r.getExpectedGain().getValue()));
        return List.copyOf(requests);
    }

    private static boolean worthFixing(SlicePriority priority) {
        return switch (priority) {
            case HIGH, MEDIUM -> true;
            case LOW, NOT_ENOUGH_DATA -> false;
        };
    }

    /** Marks the slice's errors as asked for, unless most of them are. */
    private static boolean addErrors(boolean[] members, GradedSplit testDev, boolean[] asked) {
        int errors = 0;
        int already = 0;
        for (int i = 0; i < members.length; i++) {
            if (members[i] && testDev.wrong(i)) {
                errors++;
                already += asked[i] ? 1 : 0;
            }
        }
        if (already >= SAME * errors) {
            return false;
        }
        for (int i = 0; i < members.length; i++) {
            asked[i] |= members[i] && testDev.wrong(i);
        }
        return true;
    }

    private static Need need(
            SliceFinding finding,
            GradedSplit train,
            GradedSplit testDev,
            Optional<PowerLaw> law,
            SliceSettings settings) {
        SliceAnalysis slice = finding.analysis();
        double error = slice.getTestDevError().getValue();
        if (law.isPresent()
                && slice.getTrainDrives() > 0
                && law.get().getExponent() > 0
                && law.get().getFloor() < error) {
            return byLaw(finding, law.get());
        }
        int drives = train.drives().size();
        long has = slice.getTrainDrives();
        double share = testDevShare(finding.rule(), testDev);
        double missing = (share * drives - has) / (1 - share);
        if (missing >= 1) {
            int asked = (int) Math.max(settings.minDrives(), Math.ceil(missing));
            return new Need(
                    asked,
                    Optional.of(slice.getGain()),
                    "%d more drives give it the share of drives in train that it has in test-dev; the gain is what that brings at most."
                            .formatted(asked));
        }
        int asked = (int) Math.max(settings.minDrives(), has);
        return new Need(
                asked,
                Optional.empty(),
                "Train has the share of it that test-dev has; %d drives would double it, and without a learning curve (analysis.learning-curve-points) nothing says what they bring."
                        .formatted(asked));
    }

    private static Need byLaw(SliceFinding finding, PowerLaw law) {
        SliceAnalysis slice = finding.analysis();
        double error = slice.getTestDevError().getValue();
        double above = error - law.getFloor();
        double growth = finding.restError() <= law.getFloor()
                ? MOST_GROWTH
                : Math.min(
                        MOST_GROWTH, Math.pow(above / (finding.restError() - law.getFloor()), 1 / law.getExponent()));
        double reached = law.getFloor() + above * Math.pow(growth, -law.getExponent());
        double part = Math.min(1, (error - reached) / (error - finding.restError()));
        int asked = (int) Math.max(1, Math.ceil(slice.getTrainDrives() * (growth - 1)));
        Estimate gain = slice.getGain();
        return new Need(
                asked,
                Optional.of(new Estimate(part * gain.getValue(), part * gain.getLow(), part * gain.getHigh())),
                String.format(
                        Locale.ROOT,
                        "By the learning curve (exponent %.2f) %.1f times its training samples, %d more drives, lower its error to %s.",
                        law.getExponent(),
                        growth,
                        asked,
                        Figures.percent(reached)));
    }

    /** Drives of test-dev with a sample of the slice, of all its drives. */
    private static double testDevShare(SliceRule rule, GradedSplit testDev) {
        int with =
                SliceCounts.of(testDev, rule.members(testDev), testDev.wrong()).drives();
        // A slice that every drive has can only be asked for as a share below one.
        return Math.min(with, testDev.drives().size() - 0.5) / testDev.drives().size();
    }

    private static String figures(SliceFinding finding, GradedSplit train, GradedSplit testDev) {
        SliceAnalysis slice = finding.analysis();
        SliceCounts inTestDev = SliceCounts.of(testDev, finding.rule().members(testDev), testDev.wrong());
        return "%s is %s of test-dev (%d of %d drives) and %s of train (%d of %d drives). Its test-dev error is %s, that of the rest %s."
                .formatted(
                        slice.getSlice(),
                        Figures.percent(inTestDev.sampleCount() / (double) testDev.size()),
                        inTestDev.drives(),
                        testDev.drives().size(),
                        Figures.percent(train.size() == 0 ? 0 : slice.getTrainSamples() / (double) train.size()),
                        slice.getTrainDrives(),
                        train.drives().size(),
                        Figures.percent(slice.getTestDevError()),
                        Figures.percent(finding.restError()));
    }

    private static String ceiling(SliceAnalysis slice) {
        return "As good as the rest, it would lower the test-dev error by " + Figures.points(slice.getGain());
    }

    private static String shift(SliceAnalysis slice, Optional<ShiftParts> shiftParts) {
        return shiftParts.stream()
                .flatMap(parts -> parts.getSlices().stream())
                .filter(part -> part.getSlice().equals(slice.getSlice()))
                .map(part -> "; of the distribution shift its share explains %s and its own error rate %s"
                        .formatted(Figures.points(part.getComposition()), Figures.points(part.getWithinSlice())))
                .findFirst()
                .orElse("");
    }
}
