package io.drivetrain.trainer.grade.noise;

import io.drivetrain.schemas.Bounds;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LabelNoise;
import io.drivetrain.schemas.Split;
import io.drivetrain.trainer.grade.ClusterBootstrap;
import io.drivetrain.trainer.grade.Interval;
import io.drivetrain.trainer.grade.SplitErrors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * The share of wrong labels, and which they are: an estimate of the error that no model can go below, because it is
 * measured against labels that are wrong themselves.
 *
 * <p>Two estimates are compared. Confident learning says that what the confident counts, scaled to the number of samples of
 * each given class, have off their diagonal is wrong (Northcutt et al. 2021, section 3.1); of models that are weak it counts
 * the mistakes, too, so that it is an upper limit. {@link UnexplainedContradictions} counts what the models' own doubt does
 * not explain; of noise that differs much between classes it misses a part. The share reported is that of confident learning
 * where the interval of the other allows it, else that of the other. Its interval reaches from the lower end of what is not
 * explained to the upper end of confident learning, which is a bootstrap over drives: they are drawn with replacement, their
 * counts are summed, and the spread of the resampled shares, times {@code √(n/(n−1))} for n drives, gives an interval of
 * Student's t in log-odds. Models that err in more than a third of the samples prove no label wrong. The interval of a class
 * is the same of its drives alone, its lower end being as much lower as what is proven of all labels is than their share.
 *
 * <p>What still biases it: a model that surely takes whole drives for another class looks as if their labels were wrong.
 * Where the annotators made one mistake so often that the model has learned it (from about two in five labels of a class
 * on), it agrees with them, and the share is too low.
 */
public final class LabelNoiseReport {
    private static final double UPPER_TAIL = 0.975;

    /** Models with more errors are too weak for their doubt to be told from wrong labels. */
    private static final double MOST_ERRORS = 1 / 3.0;

    /** Keeps log-odds finite. */
    private static final double LEAST_SHARE = 1e-9;

    private LabelNoiseReport() {}

    /**
     * A label that is probably wrong.
     *
     * @param sample index
     * @param given its class
     * @param suggested the most probable class
     * @param score out-of-fold probability of the given class, 0..1; the lower, the more suspect
     * @param probability out-of-fold probability of the suggested class, 0..1
     */
    public record Suspect(int sample, int given, int suggested, double score, double probability) {}

    /** What can be said of the labels. */
    public sealed interface Outcome {
        /** The part of the report and the suspects, most suspect first. */
        record Estimated(LabelNoise labelNoise, List<Suspect> suspects) implements Outcome {}

        /** The reason is a sentence that says what to do. */
        record NotEstimated(String reason) implements Outcome {}
    }

    /**
     * Estimates.
     *
     * @param data of train and train-dev, each predicted by a model that saw no frame of its drive
     * @param driveOf drive of each sample, from 0
     * @param classNames in the order of the indices
     * @param folds number of models
     * @param settings of the interval; with fewer drives than {@code minDrives} there is none
     */
    public static Outcome of(
            NoisyLabels data, int[] driveOf, List<String> classNames, int folds, ClusterBootstrap.Settings settings) {
        Optional<String> objection = data.objection();
        if (objection.isPresent()) {
            return new Outcome.NotEstimated(objection.get());
        }
        ConfidentJoint joint = ConfidentJoint.of(data);
        List<Counts> byDrive = byDrive(data, joint, driveOf);
        Counts all = Counts.sum(byDrive, data.classes());
        UnexplainedContradictions.Found found = UnexplainedContradictions.of(data, driveOf, settings);
        double counted = all.share();
        boolean explained = counted > found.interval().map(Interval::high).orElse(1.0);
        double share = explained ? found.share() : counted;
        List<Suspect> suspects = suspects(data);
        if (explained) {
            long most = (long) Math.ceil(found.interval().orElseThrow().high() * data.size());
            suspects = suspects.stream().limit(most).toList();
        }
        Estimate outOfFoldError = outOfFoldError(data, driveOf, settings);
        double surely = outOfFoldError.getValue() > MOST_ERRORS
                ? 0
                : found.interval().map(Interval::low).orElse(0.0);
        Optional<Interval> interval = interval(byDrive, data.classes(), counted, settings)
                .map(of -> new Interval(Math.min(surely, Math.min(of.low(), share)), Math.max(of.high(), share)));
        Map<String, Double> byClass = new TreeMap<>();
        Map<String, Bounds> intervals = new TreeMap<>();
        for (int k = 0; k < data.classes(); k++) {
            if (all.samples[k] > 0) {
                String name = classNames.get(k);
                double rate = all.wrong(k) * (explained ? share / counted : 1);
                byClass.put(name, rate);
                ofClass(byDrive, k, settings)
                        .map(of -> new Bounds(
                                Math.min(rate, of.low() * (surely < counted ? surely / counted : 1)),
                                Math.max(rate, of.high())))
                        .ifPresent(bounds -> intervals.put(name, bounds));
            }
        }
        return new Outcome.Estimated(
                LabelNoise.newBuilder()
                        .setEstimate(new Estimate(
                                share,
                                interval.map(Interval::low).orElse(null),
                                interval.map(Interval::high).orElse(null)))
                        .setSamples(data.size())
                        .setDrives(byDrive.size())
                        .setFolds(folds)
                        .setSuspects(suspects.size())
                        .setByClass(byClass)
                        .setByClassIntervals(intervals)
                        .setOutOfFoldError(outOfFoldError)
                        .build(),
                suspects);
    }

    /** As many of each pair of classes as the counts have, lowest probability of the given class first. */
    public static List<Suspect> suspects(NoisyLabels data) {
        List<Suspect> suspects = new ArrayList<>();
        for (int sample :
                LabelIssues.ranked(data, LabelIssues.Filter.PRUNE_BY_NOISE_RATE, LabelQuality.SELF_CONFIDENCE)) {
            int suggested = data.mostProbable(sample);
            suspects.add(new Suspect(
                    sample,
                    data.labels()[sample],
                    suggested,
                    data.ofGiven(sample),
                    data.probabilities()[sample][suggested]));
        }
        return List.copyOf(suspects);
    }

    /** Confident counts of some drives: all that the share depends on, once the thresholds stand. */
    private static final class Counts {
        private final long[] samples;
        private final long[] confident;
        private final long[] wrong;

        Counts(int classes) {
            samples = new long[classes];
            confident = new long[classes];
            wrong = new long[classes];
        }

        static Counts sum(List<Counts> drives, int classes) {
            Counts sum = new Counts(classes);
            drives.forEach(sum::add);
            return sum;
        }

        void add(Counts other) {
            for (int k = 0; k < samples.length; k++) {
                samples[k] += other.samples[k];
                confident[k] += other.confident[k];
                wrong[k] += other.wrong[k];
            }
        }

        /** Of one class alone, so that its share is the share. */
        Counts only(int k) {
            Counts only = new Counts(samples.length);
            only.samples[k] = samples[k];
            only.confident[k] = confident[k];
            only.wrong[k] = wrong[k];
            return only;
        }

        /** Share of wrong labels among those of one class, 0..1; none where the model is sure of no sample. */
        double wrong(int k) {
            return confident[k] == 0 ? 0 : wrong[k] / (double) confident[k];
        }

        /** Share of wrong labels, 0..1. */
        double share() {
            double expected = 0;
            long total = 0;
            for (int k = 0; k < samples.length; k++) {
                expected += samples[k] * wrong(k);
                total += samples[k];
            }
            return expected / total;
        }
    }

    private static List<Counts> byDrive(NoisyLabels data, ConfidentJoint joint, int[] driveOf) {
        Map<Integer, Counts> byDrive = new TreeMap<>();
        for (int i = 0; i < data.size(); i++) {
            Counts drive = byDrive.computeIfAbsent(driveOf[i], unused -> new Counts(data.classes()));
            int given = data.labels()[i];
            drive.samples[given]++;
            if (joint.confident(i) != ConfidentJoint.UNSURE) {
                drive.confident[given]++;
                drive.wrong[given] += joint.confident(i) == given ? 0 : 1;
            }
        }
        return List.copyOf(byDrive.values());
    }

    private static Optional<Interval> interval(
            List<Counts> drives, int classes, double share, ClusterBootstrap.Settings settings) {
        if (drives.size() < Math.max(2, settings.minDrives())) {
            return Optional.empty();
        }
        if (share == 0 || share == 1) {
            // Every resample would say the same; the beta-binomial posterior of the plain counts knows better.
            return ClusterBootstrap.intervals(Map.of(Split.TRAIN, plain(drives)), 0, settings)
                    .of(Split.TRAIN);
        }
        SplittableRandom random = new SplittableRandom(settings.seed());
        double squares = 0;
        for (int replicate = 0; replicate < settings.replicates(); replicate++) {
            Counts drawn = new Counts(classes);
            for (int i = 0; i < drives.size(); i++) {
                drawn.add(drives.get(random.nextInt(drives.size())));
            }
            squares += Math.pow(drawn.share() - share, 2);
        }
        int n = drives.size();
        double spread = Math.sqrt(squares / settings.replicates() * n / (n - 1.0));
        double held = Math.min(1 - LEAST_SHARE, Math.max(LEAST_SHARE, share));
        double reach =
                new TDistribution(n - 1.0).inverseCumulativeProbability(UPPER_TAIL) * spread / (held * (1 - held));
        double logOdds = Math.log(held / (1 - held));
        return Optional.of(new Interval(
                Math.min(share, 1 / (1 + Math.exp(reach - logOdds))),
                Math.max(share, 1 / (1 + Math.exp(-reach - logOdds)))));
    }

    /** Of the share that confident learning has of one class, from the drives that have a sample of which it is sure. */
    private static Optional<Interval> ofClass(List<Counts> drives, int k, ClusterBootstrap.Settings settings) {
        List<Counts> alone = drives.stream()
                .filter(drive -> drive.confident[k] > 0)
                .map(drive -> drive.only(k))
                .toList();
        int classes = drives.get(0).samples.length;
        return interval(alone, classes, Counts.sum(alone, classes).wrong(k), settings);
    }

    private static Estimate outOfFoldError(NoisyLabels data, int[] driveOf, ClusterBootstrap.Settings settings) {
        Map<Integer, long[]> byDrive = new TreeMap<>();
        for (int i = 0; i < data.size(); i++) {
            long[] drive = byDrive.computeIfAbsent(driveOf[i], unused -> new long[2]);
            drive[0]++;
            drive[1] += data.mostProbable(i) == data.labels()[i] ? 0 : 1;
        }
        SplitErrors errors = new SplitErrors(
                byDrive.values().stream().mapToLong(d -> d[0]).toArray(),
                byDrive.values().stream().mapToLong(d -> d[1]).toArray());
        Optional<Interval> interval = ClusterBootstrap.intervals(Map.of(Split.TRAIN, errors), 0, settings)
                .of(Split.TRAIN);
        return new Estimate(
                errors.rate(),
                interval.map(Interval::low).orElse(null),
                interval.map(Interval::high).orElse(null));
    }

    private static SplitErrors plain(List<Counts> drives) {
        long[] samples = drives.stream()
                .mapToLong(d -> Math.max(1, Arrays.stream(d.confident).sum()))
                .toArray();
        long[] wrong =
                drives.stream().mapToLong(d -> Arrays.stream(d.wrong).sum()).toArray();
        return new SplitErrors(samples, wrong);
    }
}
