package io.drivetrain.trainer.grade.slice;

import io.drivetrain.schemas.CollectionRequest;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LearningCurve;
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
import java.util.stream.DoubleStream;

/**
 * Turns slices that are worth fixing into requests for SOURCE drives, and slices that nobody can judge yet into requests for
 * TARGET drives.
 *
 * <p>SOURCE drives are asked for of slices of priority {@code MEDIUM} and {@code HIGH}, whose gain is distinguishable from
 * zero; those named by an attribute first, because people can look for night but not for {@code darkShare>0.31}. A slice
 * most of whose errors are in slices already asked for is left out. How many drives rests on the first of these that there
 * is; never more than train has drives in all (or {@link SliceSettings#minDrives()}), so that train at most doubles before
 * the next report:
 *
 * <ol>
 *   <li>The learning curve, if it has a forecast and train has samples of the slice: the slice's error is taken to fall
 *       towards the law's floor with the law's exponent as its own samples grow, until it is that of the rest, or up to ten
 *       times the samples. The expected gain is the part of the gain that this reaches; its interval is that of the gain,
 *       widened by how unsure the curve is of what twice the data bring, once for each doubling.
 *   <li>The slice's share of samples: drives until train has as large a share of the slice as test-dev, if each brings as
 *       much of the slice as the test-dev drives that have any. No gain is expected, because nothing says how much of the
 *       ceiling that reaches.
 *   <li>Where train has that share already, as many drives of the slice again, with no gain expected, either.
 * </ol>
 *
 * <p>TARGET drives are asked for of attributes' slices of priority {@code NOT_ENOUGH_DATA} with an error above that of the
 * rest and at least a tenth of all errors: as many as bring test-dev to {@link SliceSettings#minDrives()} drives of it.
 */
public final class CollectionPlan {
    /** A law is not trusted further beyond what was measured. */
    private static final double MOST_GROWTH = 10;

    /** A slice with this part of its errors in slices already asked for is the same slice by another name. */
    private static final double SAME = 0.8;

    /** A slice that nobody can judge is worth measuring from this share of all errors on. */
    private static final double LARGE_SHARE = 0.1;

    private CollectionPlan() {}

    /** Which run asks, and when. */
    public record Origin(String runId, String modelId, Instant at) {}

    /** Drives of the slice, what they bring, and why that many. */
    private record Need(int drives, Optional<Estimate> gain, String reason) {}

    /** What a slice is of test-dev: its counts and those of all samples, on the drives that it is judged by. */
    private record InTestDev(SliceCounts slice, SliceCounts all) {
        static InTestDev of(SliceFinding finding, GradedSplit testDev) {
            boolean[] wrong = testDev.wrong();
            return new InTestDev(
                    SliceCounts.of(testDev, finding.rule().members(testDev), wrong)
                            .keep(finding.judged()),
                    SliceCounts.all(testDev, wrong).keep(finding.judged()));
        }

        /** Of all samples, 0..1. */
        double share() {
            return slice.sampleCount() / (double) all.sampleCount();
        }

        /** Of the samples of the drives that have it, 0..1; NaN where none has. */
        double density() {
            long around = 0;
            for (int drive = 0; drive < all.samples().length; drive++) {
                around += slice.samples()[drive] > 0 ? all.samples()[drive] : 0;
            }
            return slice.sampleCount() / (double) around;
        }
    }

    /**
     * Plans the collection.
     *
     * @param slices as found, most worth fixing first
     * @param shiftParts for the reason of a request
     * @param curve the train-dev error by training samples, if it was measured; one too uncertain to forecast with says
     *     nothing about how many drives a slice needs, either
     * @param testDevShare share of new TARGET drives that go to test-dev, 0..1; at 0 none are asked for
     * @return SOURCE first, most wanted first; empty where no slice's gain is distinguishable from zero and every slice with
     *     many errors can be judged
     */
    public static List<CollectionRequest> of(
            List<SliceFinding> slices,
            Optional<ShiftParts> shiftParts,
            GradedSplit train,
            GradedSplit testDev,
            Optional<LearningCurve> curve,
            double testDevShare,
            SliceSettings settings,
            Origin origin) {
        List<CollectionRequest> requests = new ArrayList<>(toTrainOn(
                slices,
                shiftParts,
                train,
                testDev,
                curve.filter(c -> c.getLaw() != null && c.getAtTwice() != null),
                settings,
                origin));
        requests.sort(Comparator.comparingDouble((CollectionRequest r) -> best(r.getExpectedGain()))
                .thenComparingDouble(r -> best(r.getMostGain())));
        requests.addAll(toMeasureWith(slices, train, testDev, testDevShare, settings, origin));
        return List.copyOf(requests);
    }

    private static double best(Estimate gain) {
        return gain == null ? Double.POSITIVE_INFINITY : -gain.getValue();
    }

    private static List<CollectionRequest> toTrainOn(
            List<SliceFinding> slices,
            Optional<ShiftParts> shiftParts,
            GradedSplit train,
            GradedSplit testDev,
            Optional<LearningCurve> curve,
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
                InTestDev inTestDev = InTestDev.of(finding, testDev);
                SliceAnalysis slice = finding.analysis();
                Need need = need(finding, inTestDev, train, curve, settings);
                String reason = String.join(
                        " ",
                        figures(finding, inTestDev, train, testDev),
                        ceiling(slice) + shift(slice, shiftParts) + ".",
                        need.reason);
                requests.add(request(slice, Domain.SOURCE, need, reason, origin, slice.getGain()));
            }
        }
        return requests;
    }

    private static List<CollectionRequest> toMeasureWith(
            List<SliceFinding> slices,
            GradedSplit train,
            GradedSplit testDev,
            double testDevShare,
            SliceSettings settings,
            Origin origin) {
        boolean[] asked = new boolean[testDev.size()];
        int least = Math.max(2, settings.minDrives());
        List<CollectionRequest> requests = new ArrayList<>();
        for (SliceFinding finding : slices) {
            SliceAnalysis slice = finding.analysis();
            if (testDevShare > 0
                    && worthMeasuring(finding, least)
                    && addErrors(finding.rule().members(testDev), testDev, asked)) {
                int drives = (int) Math.ceil((least - slice.getTestDevDrives()) / testDevShare);
                String reason = String.format(
                        Locale.ROOT,
                        "%s It holds %s of the errors, but %d drives are too few to judge it by, and analysis.min-slice-drives asks for %d: %d more, of which split.test-fraction and split.adopt-fraction let about %.0f %% go to test-dev.",
                        figures(finding, InTestDev.of(finding, testDev), train, testDev),
                        Figures.percent(slice.getShareOfErrors()),
                        slice.getTestDevDrives(),
                        least,
                        drives,
                        100 * testDevShare);
                requests.add(request(
                        slice, Domain.TARGET, new Need(drives, Optional.empty(), reason), reason, origin, null));
            }
        }
        return requests;
    }

    /** A cluster has no name by which people could look for drives of it before it is known to be one. */
    private static boolean worthMeasuring(SliceFinding finding, int least) {
        SliceAnalysis slice = finding.analysis();
        return slice.getPriority() == SlicePriority.NOT_ENOUGH_DATA
                && slice.getKind() == SliceKind.ATTRIBUTE
                && slice.getTestDevDrives() < least
                && slice.getShareOfErrors() != null
                && slice.getShareOfErrors().getValue() >= LARGE_SHARE
                && slice.getTestDevError() != null
                && slice.getTestDevError().getValue() > finding.restError();
    }

    private static CollectionRequest request(
            SliceAnalysis slice, Domain domain, Need need, String reason, Origin origin, Estimate mostGain) {
        return new CollectionRequest(
                origin.runId() + "/" + slice.getSlice(),
                origin.runId(),
                origin.modelId(),
                slice.getSlice(),
                domain,
                need.drives,
                need.gain.orElse(null),
                reason,
                origin.at(),
                mostGain);
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
            InTestDev inTestDev,
            GradedSplit train,
            Optional<LearningCurve> curve,
            SliceSettings settings) {
        SliceAnalysis slice = finding.analysis();
        double error = slice.getTestDevError().getValue();
        int most = Math.max(settings.minDrives(), train.drives().size());
        if (curve.isPresent()
                && slice.getTrainDrives() > 0
                && curve.get().getLaw().getExponent() > 0
                && curve.get().getLaw().getFloor() < error
                && finding.restError() < error) {
            return byLaw(finding, curve.get(), most);
        }
        double share = inTestDev.share();
        double density = inTestDev.density();
        double ofDrive = train.size() / (double) train.drives().size();
        double lacking = share * train.size() - slice.getTrainSamples();
        if (lacking <= 0) {
            int asked = within(settings.minDrives(), slice.getTrainSamples() / (density * ofDrive), most);
            return new Need(
                    asked,
                    Optional.empty(),
                    "Train has the share of it that test-dev has; %d drives would double it, and without a learning curve (analysis.learning-curve-points) nothing says what they bring."
                            .formatted(asked));
        }
        // A new drive adds samples to train, too, and those of a slice that every drive has a little of never catch up.
        double missing = density > share ? lacking / ((density - share) * ofDrive) : Double.POSITIVE_INFINITY;
        int asked = within(settings.minDrives(), missing, most);
        double reached = (slice.getTrainSamples() + asked * density * ofDrive) / (train.size() + asked * ofDrive);
        return new Need(
                asked,
                Optional.empty(),
                (missing <= most
                                ? "%d more drives give it the share of samples in train that it has in test-dev."
                                        .formatted(asked)
                                : "%d more drives, as many as train has and the most that is asked for at once, raise its share of train to %s, short of the share that it has in test-dev."
                                        .formatted(asked, Figures.percent(reached)))
                        + " Without a learning curve (analysis.learning-curve-points) nothing says how much of that gain they bring.");
    }

    private static int within(int least, double drives, int most) {
        return (int) Math.min(most, Math.max(least, Math.ceil(drives)));
    }

    private static Need byLaw(SliceFinding finding, LearningCurve curve, int most) {
        SliceAnalysis slice = finding.analysis();
        PowerLaw law = curve.getLaw();
        double error = slice.getTestDevError().getValue();
        double above = error - law.getFloor();
        double wanted = finding.restError() <= law.getFloor()
                ? MOST_GROWTH
                : Math.min(
                        MOST_GROWTH, Math.pow(above / (finding.restError() - law.getFloor()), 1 / law.getExponent()));
        double growth = Math.min(wanted, 1 + most / (double) slice.getTrainDrives());
        double reached = law.getFloor() + above * Math.pow(growth, -law.getExponent());
        double part = Math.min(1, (error - reached) / (error - finding.restError()));
        int asked = (int) Math.max(1, Math.ceil(slice.getTrainDrives() * (growth - 1) - 1e-9));
        Optional<Estimate> gain = expected(slice.getGain(), part, growth, curve.getGainOfTwice());
        return new Need(
                asked,
                gain,
                String.format(
                        Locale.ROOT,
                        "By the learning curve (exponent %.2f) %.1f times its training samples, %d more drives%s, lower its error to %s%s.",
                        law.getExponent(),
                        growth,
                        asked,
                        growth < wanted ? " (as many as train has, the most that is asked for at once)" : "",
                        Figures.percent(reached),
                        gain.isPresent() ? "" : ", but the gain has no interval, so that none is expected"));
    }

    /**
     * The part of the gain that a growth of the slice reaches.
     *
     * @param gain of the slice as good as the rest
     * @param ofTwice what the curve says of twice the data; by how much it may be off, as a share, holds for each doubling
     * @return empty where one of the two has no interval or is not above zero
     */
    private static Optional<Estimate> expected(Estimate gain, double part, double growth, Estimate ofTwice) {
        if (gain == null || gain.getLow() == null || ofTwice == null || ofTwice.getLow() == null) {
            return Optional.empty();
        }
        if (gain.getValue() <= 0 || ofTwice.getValue() <= 0) {
            return Optional.empty();
        }
        double doublings = Math.max(1, Math.log(growth) / Math.log(2));
        double least = 1 - doublings * (1 - ofTwice.getLow() / ofTwice.getValue());
        double most = 1 + doublings * (ofTwice.getHigh() / ofTwice.getValue() - 1);
        double[] ends = DoubleStream.of(gain.getLow(), gain.getHigh())
                .flatMap(end -> DoubleStream.of(part * end * least, part * end * most))
                .sorted()
                .toArray();
        // No more is expected than from the slice as good as the rest.
        return Optional.of(
                new Estimate(part * gain.getValue(), ends[0], Math.min(gain.getHigh(), ends[ends.length - 1])));
    }

    private static String figures(SliceFinding finding, InTestDev inTestDev, GradedSplit train, GradedSplit testDev) {
        SliceAnalysis slice = finding.analysis();
        boolean half = finding.judged().length < testDev.drives().size();
        return "%s is %s of %s (%d of %d drives) and %s of train (%d of %d drives). Its test-dev error is %s, that of the rest %s."
                .formatted(
                        slice.getSlice(),
                        Figures.percent(inTestDev.share()),
                        half ? "the half of test-dev that it was not found on" : "test-dev",
                        inTestDev.slice().drives(),
                        finding.judged().length,
                        Figures.percent(train.size() == 0 ? 0 : slice.getTrainSamples() / (double) train.size()),
                        slice.getTrainDrives(),
                        train.drives().size(),
                        Figures.percent(slice.getTestDevError()),
                        Figures.percent(finding.restError()));
    }

    private static String ceiling(SliceAnalysis slice) {
        return slice.getGain() == null
                ? "What it adds to the test-dev error is not known"
                : "As good as the rest, it would lower the test-dev error by " + Figures.points(slice.getGain())
                        + ", which is the most that it can bring";
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
