package io.drivetrain.trainer.improve.ladder;

import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LabelNoise;
import io.drivetrain.schemas.NextStep;
import io.drivetrain.schemas.SliceAnalysis;
import io.drivetrain.schemas.SlicePriority;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Decides what to do next, by the ladders of the field guide: each cause of error has its own, climbed from the rung that
 * most often helps for its price to the one that is a last resort.
 *
 * <ul>
 *   <li>underfitting: bigger model, less regularisation, error analysis, another architecture, tuning, features
 *   <li>overfitting: more data, normalisation, augmentation, regularisation, error analysis, another architecture, tuning,
 *       smaller model
 *   <li>shift: error analysis, collect, synthesise, domain adaptation
 *   <li>validation overfitting: a fresh test-dev
 * </ul>
 *
 * <p>The largest term that is distinguishable from zero comes first. A step that a training can try changes one thing, so
 * that its outcome says what that thing did. A prediction is given only where a learning curve or a slice supports it.
 */
public final class NextSteps {
    /** From the smallest to the largest. */
    private static final List<String> NETWORKS = List.of("dense", "lenet", "resnet18", "resnet50", "resnet101");

    private static final String AUGMENTATIONS = "flip,crop,brightness=0.3,contrast=0.3";
    private static final String WEIGHT_DECAY = "0.0005";
    private static final String DROPOUT = "0.3";
    private static final int MOST_STEPS = 8;

    private final Situation situation;
    private final Attempts attempts;
    private final List<NextStep> steps = new ArrayList<>();

    /** What is left out because it was tried, until the next step says so. */
    private final List<String> setbacks = new ArrayList<>();

    private NextSteps(Situation situation) {
        this.situation = situation;
        this.attempts = new Attempts(situation.history());
    }

    /** The steps, best first, at most eight. */
    public static List<NextStep> of(Situation situation) {
        NextSteps decision = new NextSteps(situation);
        decision.decide();
        return List.copyOf(decision.steps.subList(0, Math.min(MOST_STEPS, decision.steps.size())));
    }

    private void decide() {
        if (situation.decomposition().isEmpty()) {
            advise(
                    "data",
                    "more-drives",
                    "A split is empty, so the error cannot be told apart; send drives of the missing domain",
                    "./drivetrain split --plan",
                    "");
            return;
        }
        Decomposition decomposition = situation.decomposition().get();
        List<Cause> causes = causes(decomposition);
        cleanLabels(
                causes.isEmpty() ? Optional.empty() : Optional.of(causes.get(0).of(decomposition)));
        if (causes.isEmpty()) {
            advise(
                    "data",
                    "more-drives",
                    "No positive term is distinguishable from zero with these drives; more of them tell whether there is anything to repair",
                    "./drivetrain split --plan",
                    "");
        }
        for (Cause cause : causes) {
            climb(cause, cause.of(decomposition));
        }
    }

    /** The positive terms that are distinguishable from zero, the largest first. */
    private List<Cause> causes(Decomposition decomposition) {
        return List.of(Cause.values()).stream()
                .filter(cause -> situation.distinguishable().contains(cause.term()))
                .filter(cause -> cause.of(decomposition).getValue() > 0)
                .sorted(Comparator.comparingDouble(
                        (Cause cause) -> -cause.of(decomposition).getValue()))
                .toList();
    }

    private void cleanLabels(Optional<Estimate> largest) {
        if (situation.labelNoise().isEmpty()) {
            return;
        }
        LabelNoise noise = situation.labelNoise().get();
        Double surely = noise.getEstimate().getLow();
        if (surely == null || surely <= 0) {
            return;
        }
        double rest = largest.map(Estimate::getValue).orElse(0.0);
        // Labels of train-dev are as wrong as those of train, and a model of other drives cannot have learned them by
        // heart.
        double atMost = situation
                .decomposition()
                .map(d -> d.getIrreducible().getValue()
                        + d.getBias().getValue()
                        + d.getVariance().getValue())
                .map(trainDev -> Math.min(trainDev, noise.getEstimate().getValue()))
                .orElse(noise.getEstimate().getValue());
        if (atMost > rest) {
            advise(
                    "data",
                    "clean-labels",
                    "Up to %s of the labels are wrong, more than any term of the decomposition; look at the first of the %d suspects, which tells whether it is the labels or the model"
                            .formatted(percent(atMost), noise.getSuspects()),
                    "./drivetrain suspects",
                    "");
        }
    }

    private void climb(Cause cause, Estimate size) {
        switch (cause) {
            case BIAS -> underfitting(cause, size);
            case VARIANCE -> overfitting(cause, size);
            case SHIFT -> shift(cause, size);
            case VALIDATION_OVERFITTING ->
                advise(
                        cause.ladder(),
                        "rotate-test-dev",
                        "Test is %s worse than test-dev: test-dev has been chosen by too often; new drives form a fresh one"
                                .formatted(points(size.getValue())),
                        "set split.rotate-test-dev-at in drivetrain.yaml to a time from which new drives form test-dev",
                        cause.term());
        }
    }

    private void underfitting(Cause cause, Estimate size) {
        String why = "The train error is %s above the irreducible error".formatted(points(size.getValue()));
        int network = NETWORKS.indexOf(situation.key("training.network"));
        if (network >= 0 && network + 1 < NETWORKS.size()) {
            offer(
                    cause,
                    "bigger-model",
                    why + ": the model is too small for the task",
                    Map.of("training.network", NETWORKS.get(network + 1)),
                    Optional.empty());
        }
        if (situation.number("improve.dropout") > 0) {
            offer(
                    cause,
                    "less-regularisation",
                    why + " with dropout on",
                    Map.of("improve.dropout", "0"),
                    Optional.empty());
        } else if (situation.number("improve.weight-decay") > 0) {
            offer(
                    cause,
                    "less-regularisation",
                    why + " with weight decay on",
                    Map.of("improve.weight-decay", "0"),
                    Optional.empty());
        } else if (!situation.key("improve.augment").isEmpty()) {
            offer(
                    cause,
                    "less-regularisation",
                    why + " with augmentation on",
                    Map.of("improve.augment", ""),
                    Optional.empty());
        }
        analyseErrors(cause);
        anotherArchitecture(cause);
        if (situation.epochs() > 0 && situation.epochs() == situation.bestEpoch()) {
            offer(
                    cause,
                    "tuning",
                    "The last epoch was the best, so training ended too early",
                    Map.of("training.max-epochs", Integer.toString(2 * situation.epochs())),
                    Optional.empty());
        } else {
            tuneLearningRate(cause, 1.0 / 3);
        }
        advise(
                cause.ladder(),
                "features",
                "The last resort against a train error that stays: inputs that tell more, such as larger images or telemetry",
                "./drivetrain train --set training.telemetry=speed,yaw-rate --network multi-input",
                cause.term());
    }

    private void overfitting(Cause cause, Estimate size) {
        String why = "Train-dev is %s worse than train".formatted(points(size.getValue()));
        if (situation.number("training.limit") > 0) {
            offer(
                    cause,
                    "more-data",
                    why + ", and training.limit leaves samples out",
                    Map.of("training.limit", "0"),
                    Optional.empty());
        } else {
            moreData(cause, why);
        }
        String network = situation.key("training.network");
        if (network.equals("lenet") || network.equals("dense")) {
            advise(
                    cause.ladder(),
                    "normalisation",
                    "%s has no normalisation layers; networks that have them (resnet18) often generalise better"
                            .formatted(network),
                    "./drivetrain train --network resnet18",
                    cause.term());
        }
        if (situation.key("improve.augment").isEmpty()) {
            offer(
                    cause,
                    "augmentation",
                    why + " without augmentation",
                    Map.of("improve.augment", AUGMENTATIONS),
                    Optional.empty());
        }
        if (situation.number("improve.weight-decay") == 0) {
            offer(
                    cause,
                    "regularisation",
                    why + " without weight decay",
                    Map.of("improve.weight-decay", WEIGHT_DECAY),
                    Optional.empty());
        } else if (situation.number("improve.dropout") == 0) {
            offer(
                    cause,
                    "regularisation",
                    why + " without dropout",
                    Map.of("improve.dropout", DROPOUT),
                    Optional.empty());
        }
        analyseErrors(cause);
        anotherArchitecture(cause);
        tuneLearningRate(cause, 3);
        int at = NETWORKS.indexOf(network);
        if (at > 1) {
            offer(
                    cause,
                    "smaller-model",
                    "The last resort against variance: a smaller model remembers less",
                    Map.of("training.network", NETWORKS.get(at - 1)),
                    Optional.empty());
        }
    }

    private void moreData(Cause cause, String why) {
        Optional<Estimate> gain =
                situation.learningCurve().flatMap(curve -> Optional.ofNullable(curve.getGainOfTwice()));
        String unknown = situation
                .learningCurve()
                .map(curve -> "; what more drives bring, the learning curve cannot say yet: " + curve.getSentence())
                .orElse("; whether more drives would help, a learning curve tells (analysis.learning-curve-points)");
        steps.add(step(
                cause.ladder(),
                "more-data",
                why
                        + gain.map(g -> "; twice the training data would lower it by %s, as the learning curve says"
                                        .formatted(points(g.getValue())))
                                .orElse(unknown),
                Map.of(),
                situation.learningCurve().isPresent()
                        ? "./drivetrain ingest PATH"
                        : "./drivetrain train --set analysis.learning-curve-points=4",
                cause.term(),
                gain.map(NextSteps::lowered)));
    }

    private void shift(Cause cause, Estimate size) {
        String why = "Test-dev is %s worse than train-dev".formatted(points(size.getValue()));
        Optional<SliceAnalysis> worst = situation.slices().stream()
                .filter(slice ->
                        slice.getPriority() == SlicePriority.HIGH || slice.getPriority() == SlicePriority.MEDIUM)
                .findFirst();
        if (worst.isEmpty()) {
            analyseErrors(cause);
        } else {
            SliceAnalysis slice = worst.get();
            Optional<Estimate> gain = Optional.ofNullable(slice.getGain());
            steps.add(step(
                    cause.ladder(),
                    "collect",
                    "%s, and %s holds %s of its errors%s"
                            .formatted(
                                    why,
                                    slice.getSlice(),
                                    slice.getShareOfErrors() == null
                                            ? "many"
                                            : percent(slice.getShareOfErrors().getValue()),
                                    gain.map(g -> "; as good as the rest of test-dev, it would lower the error by %s"
                                                    .formatted(points(g.getValue())))
                                            .orElse("")),
                    Map.of(),
                    "./drivetrain report --full",
                    cause.term(),
                    gain.map(NextSteps::lowered)));
            synthesise(cause, slice);
        }
        advise(
                cause.ladder(),
                "domain-adaptation",
                "Let a share of the labelled TARGET drives teach, from a time on after the last that was evaluated",
                "set split.adopt-from and split.adopt-fraction in drivetrain.yaml",
                cause.term());
    }

    private void synthesise(Cause cause, SliceAnalysis slice) {
        String name = slice.getSlice().toLowerCase(Locale.ROOT);
        Optional<String> synthetic = name.contains("night") || name.contains("dark") || name.contains("brightness")
                ? Optional.of("night")
                : name.contains("glare") || name.contains("reflection") || name.contains("rain")
                        ? Optional.of("reflections")
                        : Optional.empty();
        String now = situation.key("improve.augment");
        if (synthetic.isPresent() && !now.contains(synthetic.get())) {
            offer(
                    cause,
                    "synthesise",
                    "Until such drives have come, a part of the training images can be made to look like %s"
                            .formatted(slice.getSlice()),
                    Map.of("improve.augment", now.isEmpty() ? synthetic.get() : now + "," + synthetic.get()),
                    Optional.empty());
        }
    }

    private void analyseErrors(Cause cause) {
        List<SliceAnalysis> high = situation.slices().stream()
                .filter(slice -> slice.getPriority() == SlicePriority.HIGH)
                .toList();
        advise(
                cause.ladder(),
                "error-analysis",
                high.isEmpty()
                        ? "Look at the worst examples and at the slices that hold the errors"
                        : "Look at %s, which stands out in error analysis"
                                .formatted(high.get(0).getSlice()),
                "./drivetrain report --full",
                cause.term());
    }

    private void anotherArchitecture(Cause cause) {
        if (!situation.key("training.telemetry").isEmpty()
                && !situation.key("training.network").equals("multi-input")) {
            offer(
                    cause,
                    "another-architecture",
                    "Telemetry is there and %s does not read it".formatted(situation.key("training.network")),
                    Map.of("training.network", "multi-input"),
                    Optional.empty());
        }
    }

    private void tuneLearningRate(Cause cause, double factor) {
        double rate = situation.number("training.learning-rate");
        if (rate > 0) {
            offer(
                    cause,
                    "tuning",
                    "The learning rate is the parameter that results are most sensitive to",
                    Map.of("training.learning-rate", String.format(Locale.ROOT, "%.3g", rate * factor)),
                    Optional.empty());
        }
    }

    /** A step that a training can try, unless it was tried without effect. */
    private void offer(
            Cause cause, String step, String reason, Map<String, String> overrides, Optional<Estimate> predicted) {
        Optional<String> failed = attempts.failed(step, cause);
        if (failed.isPresent()) {
            setbacks.add(failed.get());
            return;
        }
        steps.add(step(
                cause.ladder(), step, withSetbacks(reason), overrides, command(overrides), cause.term(), predicted));
    }

    private void advise(String ladder, String step, String reason, String command, String term) {
        steps.add(step(ladder, step, withSetbacks(reason), Map.of(), command, term, Optional.empty()));
    }

    /** The reason, and why the rungs below are passed over. */
    private String withSetbacks(String reason) {
        if (setbacks.isEmpty()) {
            return reason;
        }
        String passedOver = String.join("; ", setbacks);
        setbacks.clear();
        return "%s (%s, so it is not proposed again)".formatted(reason, passedOver);
    }

    private static NextStep step(
            String ladder,
            String step,
            String reason,
            Map<String, String> overrides,
            String command,
            String term,
            Optional<Estimate> predicted) {
        return NextStep.newBuilder()
                .setLadder(ladder)
                .setStep(step)
                .setReason(reason)
                .setOverrides(overrides)
                .setCommand(command)
                .setMetric(term)
                .setPredicted(predicted.orElse(null))
                .build();
    }

    private static String command(Map<String, String> overrides) {
        StringBuilder command = new StringBuilder("./drivetrain train");
        new TreeMap<>(overrides)
                .forEach((key, value) ->
                        command.append(" --set ").append(key).append('=').append(value));
        return command.toString();
    }

    /** A gain is a fall of the error, which is negative. */
    private static Estimate lowered(Estimate gain) {
        return new Estimate(
                -gain.getValue(),
                gain.getHigh() == null ? null : -gain.getHigh(),
                gain.getLow() == null ? null : -gain.getLow());
    }

    private static String points(double rate) {
        return String.format(Locale.ROOT, "%.1f points", 100 * rate);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
