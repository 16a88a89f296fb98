package io.drivetrain.trainer.improve.ladder;

import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LabelNoise;
import io.drivetrain.schemas.LearningCurve;
import io.drivetrain.schemas.NextStep;
import io.drivetrain.schemas.SliceAnalysis;
import io.drivetrain.schemas.SliceKind;
import io.drivetrain.schemas.SlicePriority;
import io.drivetrain.schemas.TrainingReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Decides what to do next, by the ladders of the field guide: each cause of error has its own, climbed from the rung that
 * most often helps for its price to the one that is a last resort.
 *
 * <ul>
 *   <li>underfitting: longer training where it had not converged, bigger model, less regularisation, error analysis, another architecture, tuning, features
 *   <li>overfitting: more data, normalisation, augmentation, regularisation, error analysis, another architecture, tuning,
 *       smaller model
 *   <li>shift: error analysis, collect, synthesise, domain adaptation
 *   <li>validation overfitting: a fresh test-dev
 * </ul>
 *
 * <p>A training that its limit of epochs cut short is finished first where bias is at least half the largest term, because
 * the terms of a model that is half trained say little of the one that it would become. Else the largest term that is
 * distinguishable from zero comes first. A step that a training can try changes one thing, so that its outcome says what
 * that thing did, and what would make the trainer refuse it, or end it where the last one ended, goes with it. A prediction
 * is given only where a learning curve or a slice supports it. What was tried and cannot bring a useful gain is left out;
 * what was tried without a clear outcome comes last on its ladder.
 *
 * <p>Steps that a training can try have different names, so that {@code ./drivetrain train --next --step NAME} runs each.
 */
public final class NextSteps {
    /** From the smallest to the largest. */
    private static final List<String> NETWORKS = List.of("dense", "lenet", "resnet18", "resnet50", "resnet101");

    /** One of each family, from the simplest to the nearest to the state of the art. */
    private static final List<String> FAMILIES = List.of("dense", "lenet", "resnet18", "resnet50");

    private static final String FLIP = "flip";
    private static final String AUGMENTATIONS = "crop,brightness=0.3,contrast=0.3";
    private static final String WEIGHT_DECAY = "0.0005";
    private static final String DROPOUT = "0.3";
    private static final String CURVE_POINTS = "5";
    private static final int MOST_STEPS = 8;
    private static final String NETWORK = "training.network";
    private static final String TELEMETRY = "training.telemetry";
    private static final String AUGMENT = "improve.augment";
    private static final String WARM_START = "improve.warm-start";
    private static final String FREEZE = "improve.freeze";
    private static final int MOST_EPOCHS = 100_000;

    /** Bias that is a smaller share of the largest term than this can wait, though training was not finished. */
    private static final double MUCH_BIAS = 0.5;

    /** What no term exceeds is not worth a step if it is below this, or below a tenth of the test error. */
    private static final double NOT_WORTH_A_STEP = 0.005;

    private static final String POINTS = "analysis.learning-curve-points";
    private static final String RUN_NEXT = "./drivetrain train --next";

    private final Situation situation;
    private final Attempts attempts;
    private final List<NextStep> steps = new ArrayList<>();

    /** What is left out because it was tried, until the next step says so. */
    private final List<String> setbacks = new ArrayList<>();

    /** What was tried without a clear outcome, until its ladder ends. */
    private final List<NextStep> tried = new ArrayList<>();

    /** A rung, and one way of climbing it. */
    private record Way(String reason, Map<String, String> overrides, Optional<Estimate> predicted) {
        Way(String reason, Map<String, String> overrides) {
            this(reason, overrides, Optional.empty());
        }
    }

    private NextSteps(Situation situation) {
        this.situation = situation;
        this.attempts = new Attempts(situation.history(), situation.config());
    }

    /** The steps, best first, at most eight. */
    public static List<NextStep> of(Situation situation) {
        NextSteps decision = new NextSteps(situation);
        decision.decide();
        return decision.finished();
    }

    private List<NextStep> finished() {
        List<NextStep> best = steps.subList(0, Math.min(MOST_STEPS, steps.size()));
        Optional<NextStep> first =
                best.stream().filter(step -> !step.getOverrides().isEmpty()).findFirst();
        return best.stream()
                .map(step -> step.getOverrides().isEmpty() ? step : runnable(step, step == first.get()))
                .toList();
    }

    /** With the command that runs it, and the keys that a run which made things worse had changed. */
    private NextStep runnable(NextStep step, boolean first) {
        Map<String, String> overrides = new TreeMap<>();
        situation.setback().ifPresent(setback -> overrides.putAll(setback.restored()));
        overrides.putAll(step.getOverrides());
        return NextStep.newBuilder(step)
                .setOverrides(overrides)
                .setReason(situation
                        .setback()
                        .map(setback -> step.getReason() + "; " + setback.sentence())
                        .orElse(step.getReason()))
                .setCommand(first ? RUN_NEXT : RUN_NEXT + " --step " + step.getStep())
                .build();
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
        finishTraining(causes, decomposition);
        cleanLabels(
                causes.isEmpty() ? Optional.empty() : Optional.of(causes.get(0).of(decomposition)));
        if (causes.isEmpty()) {
            nothingFound(decomposition);
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

    /** Either there is nothing, or there are too few drives to see it. */
    private void nothingFound(Decomposition decomposition) {
        double most = List.of(Cause.values()).stream()
                .map(cause -> cause.of(decomposition).getHigh())
                .mapToDouble(high -> high == null ? Double.POSITIVE_INFINITY : high)
                .max()
                .orElseThrow();
        double test = decomposition.getTestError().getValue();
        if (most <= Math.max(NOT_WORTH_A_STEP, test / 10)) {
            advise(
                    "none",
                    "nothing-to-repair",
                    "No term of the error can be larger than %s (upper ends of the intervals); to go below a test error of %s, the irreducible error has to become lower: by better labels, or by images that show more"
                            .formatted(points(most), percent(test)),
                    "./drivetrain suspects",
                    "");
        } else {
            advise(
                    "data",
                    "more-drives",
                    "No positive term is distinguishable from zero with these drives; more of them tell whether there is anything to repair",
                    "./drivetrain split --plan",
                    "");
        }
    }

    /** With no cause at all, any bias that is measured counts. */
    private void finishTraining(List<Cause> causes, Decomposition decomposition) {
        double bias = decomposition.getBias().getValue();
        boolean much = causes.isEmpty()
                ? bias > 0
                : causes.contains(Cause.BIAS)
                        && bias >= MUCH_BIAS * causes.get(0).of(decomposition).getValue();
        if (much && situation.convergence().state() == Convergence.State.CUT_SHORT) {
            trainLonger(decomposition.getBias());
        }
    }

    private void trainLonger(Estimate bias) {
        Convergence convergence = situation.convergence();
        List<String> ended = switch (convergence.state()) {
            case CUT_SHORT -> List.of(Situation.MAX_EPOCHS);
            case STOPPED_FOR_TRAIN_DEV -> List.of(Situation.PATIENCE);
            // More of one alone would be a training that ends where this one did.
            case AT_BOTH_LIMITS -> List.of(Situation.PATIENCE, Situation.MAX_EPOCHS);
            case SETTLED, UNKNOWN -> List.of();
        };
        if (!ended.isEmpty() && ended.stream().allMatch(key -> situation.number(key) > 0)) {
            offer(
                    Cause.BIAS,
                    bias,
                    "train-longer",
                    List.of(new Way(
                            "%s, and %s ended training before it had converged: %s"
                                    .formatted(
                                            aboveIrreducible(bias),
                                            String.join(" and ", ended),
                                            convergence.evidence()),
                            ended.stream().collect(Collectors.toMap(key -> key, this::twice)))));
        }
    }

    private static String aboveIrreducible(Estimate bias) {
        return "The train error is %s above the irreducible error".formatted(points(bias.getValue()));
    }

    private String twice(String key) {
        return String.format(Locale.ROOT, "%.0f", Math.min(MOST_EPOCHS, 2 * situation.number(key)));
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
        steps.addAll(tried);
        tried.clear();
    }

    private void underfitting(Cause cause, Estimate size) {
        String why = aboveIrreducible(size);
        Convergence convergence = situation.convergence();
        trainLonger(size);
        int network = NETWORKS.indexOf(situation.key(NETWORK));
        if (network >= 0) {
            NETWORKS.subList(network + 1, NETWORKS.size()).stream()
                    .filter(this::takesTheImages)
                    .findFirst()
                    .ifPresent(larger -> offer(
                            cause,
                            size,
                            "bigger-model",
                            List.of(toNetwork(
                                    why
                                            + (convergence.state() == Convergence.State.SETTLED
                                                    ? ", and training has converged (%s): the model is too small for the task"
                                                            .formatted(convergence.evidence())
                                                    : ": a larger model can fit more"),
                                    larger))));
        }
        List<Way> less = new ArrayList<>();
        if (situation.number("improve.dropout") > 0) {
            less.add(new Way(why + " with dropout on", Map.of("improve.dropout", "0")));
        }
        if (situation.number("improve.weight-decay") > 0) {
            less.add(new Way(why + " with weight decay on", Map.of("improve.weight-decay", "0")));
        }
        if (!situation.key(AUGMENT).isEmpty()) {
            less.add(new Way(why + " with augmentation on", Map.of(AUGMENT, "")));
        }
        offer(cause, size, "less-regularisation", less);
        analyseErrors(cause);
        anotherArchitecture(cause, size);
        offer(cause, size, "tuning", learningRate(1.0 / 3));
        advise(
                cause.ladder(),
                "features",
                "The last resort against a train error that stays: inputs that tell more, as larger images do; curate again with them, and train",
                situation.number("image.width") > 0
                        ? String.format(
                                Locale.ROOT,
                                "set image.width to %.0f and image.height to %.0f in drivetrain.yaml",
                                2 * situation.number("image.width"),
                                2 * situation.number("image.height"))
                        : "set image.width and image.height to twice as much in drivetrain.yaml",
                cause.term());
    }

    private void overfitting(Cause cause, Estimate size) {
        String why = "Train-dev is %s worse than train".formatted(points(size.getValue()));
        moreData(cause, size, why);
        String network = situation.key(NETWORK);
        if ((network.equals("lenet") || network.equals("dense")) && takesTheImages("resnet18")) {
            offer(
                    cause,
                    size,
                    "normalisation",
                    List.of(toNetwork(
                            "%s, and %s has no normalisation layers; networks that have them often generalise better"
                                    .formatted(why, network),
                            "resnet18")));
        }
        if (situation.key(AUGMENT).isEmpty()) {
            boolean mirrors = Mirroring.keepsLabels(situation.surroundings().classes()) && !readsTelemetry(network);
            offer(
                    cause,
                    size,
                    "augmentation",
                    List.of(new Way(
                            why + " without augmentation",
                            Map.of(AUGMENT, mirrors ? FLIP + "," + AUGMENTATIONS : AUGMENTATIONS))));
        }
        List<Way> more = new ArrayList<>();
        if (situation.number("improve.weight-decay") == 0) {
            more.add(new Way(why + " without weight decay", Map.of("improve.weight-decay", WEIGHT_DECAY)));
        }
        if (situation.number("improve.dropout") == 0) {
            more.add(new Way(why + " without dropout", Map.of("improve.dropout", DROPOUT)));
        }
        offer(cause, size, "regularisation", more);
        analyseErrors(cause);
        anotherArchitecture(cause, size);
        offer(cause, size, "tuning", learningRate(3));
        int at = NETWORKS.indexOf(network);
        if (at > 1 && takesTheImages(NETWORKS.get(at - 1))) {
            offer(
                    cause,
                    size,
                    "smaller-model",
                    List.of(toNetwork(
                            "The last resort against variance: a smaller model remembers less", NETWORKS.get(at - 1))));
        }
    }

    private void moreData(Cause cause, Estimate size, String why) {
        double limit = situation.number("training.limit");
        long all = situation.surroundings().trainSamples();
        Optional<LearningCurve> curve = situation.learningCurve();
        if (limit > 0 && (all == 0 || all > limit)) {
            offer(
                    cause,
                    size,
                    "more-data",
                    List.of(new Way(
                            why + ", and training.limit leaves samples out",
                            Map.of("training.limit", "0"),
                            curve.flatMap(c -> Forecasts.allData(c, all)))));
        } else if (curve.isEmpty() && situation.earlierCurve().isPresent()) {
            // Another one after each change would cost more trainings than the changes do.
            TrainingReport measured = situation.earlierCurve().get();
            steps.add(step(
                    cause.ladder(),
                    "more-data",
                    withSetbacks(
                            "%s; of %s, with another recipe on the same samples, it was measured what more drives bring: %s"
                                    .formatted(
                                            why,
                                            measured.getModelId(),
                                            measured.getLearningCurve().getSentence())),
                    Map.of(),
                    "./drivetrain ingest PATH",
                    cause.term(),
                    Optional.empty()));
        } else if (curve.isEmpty() && situation.number(POINTS) < Integer.parseInt(CURVE_POINTS)) {
            // It measures and changes no weights, so no earlier outcome speaks against it.
            propose(
                    cause,
                    "more-data",
                    new Way(
                            why
                                    + "; whether more drives would help, a learning curve tells, which this training measures",
                            Map.of(POINTS, CURVE_POINTS)));
        } else {
            Optional<Estimate> change = curve.flatMap(Forecasts::twiceTheData);
            steps.add(step(
                    cause.ladder(),
                    "more-data",
                    withSetbacks(why
                            + change.map(c ->
                                            "; twice the training data would lower it by %s, as the learning curve says"
                                                    .formatted(points(-c.getValue())))
                                    .orElse("; what more drives bring, the learning curve cannot say yet"
                                            + curve.map(c -> ": " + c.getSentence())
                                                    .orElse(""))),
                    Map.of(),
                    "./drivetrain ingest PATH",
                    cause.term(),
                    change));
        }
    }

    private void shift(Cause cause, Estimate size) {
        String why = "Test-dev is %s worse than train-dev".formatted(points(size.getValue()));
        Optional<SliceAnalysis> worst = mostOfTheShift();
        if (worst.isEmpty()) {
            analyseErrors(cause);
        } else {
            SliceAnalysis slice = worst.get();
            Estimate excess = excess(slice).orElseThrow();
            Estimate fall = Forecasts.atMost(excess, size);
            steps.add(step(
                    cause.ladder(),
                    "collect",
                    withSetbacks(
                            "%s, and %s holds %s of its errors: %s of it are wrong, and %s in train-dev; as good as there, it would lower the shift by %s%s"
                                    .formatted(
                                            why,
                                            slice.getSlice(),
                                            percent(slice.getShareOfErrors().getValue()),
                                            percent(slice.getTestDevError().getValue()),
                                            percent(slice.getTrainDevError().getValue()),
                                            points(fall.getValue()),
                                            excess.getValue() > fall.getValue()
                                                    ? ", all of it (%s%s)"
                                                            .formatted(
                                                                    points(excess.getValue()),
                                                                    judgedOnAPart(slice)
                                                                            ? " on the drives that it was judged by, which is not all of test-dev"
                                                                            : " more than in train-dev, but other slices are easier than there")
                                                    : "")),
                    Map.of(),
                    "./drivetrain collect",
                    cause.term(),
                    fall.getLow() == null ? Optional.empty() : Optional.of(Forecasts.lowered(fall))));
            synthesise(cause, size, slice);
        }
        advise(
                cause.ladder(),
                "domain-adaptation",
                "Let a share of the labelled TARGET drives teach, from a time on after the last that was evaluated",
                "set split.adopt-from and split.adopt-fraction in drivetrain.yaml",
                cause.term());
    }

    /** Of the slices that stand out, the one whose higher error in test-dev is the largest part of the shift. */
    private Optional<SliceAnalysis> mostOfTheShift() {
        return situation.slices().stream()
                .filter(slice ->
                        slice.getPriority() == SlicePriority.HIGH || slice.getPriority() == SlicePriority.MEDIUM)
                .filter(slice -> part(slice) > 0)
                .max(Comparator.comparingDouble(this::part));
    }

    /** A cluster is, by the drives that it was not found on. */
    private static boolean judgedOnAPart(SliceAnalysis slice) {
        return slice.getKind() == SliceKind.CLUSTER;
    }

    private double part(SliceAnalysis slice) {
        return excess(slice).map(Estimate::getValue).orElse(0.0);
    }

    private Optional<Estimate> excess(SliceAnalysis slice) {
        return situation.decomposition().flatMap(decomposition -> Forecasts.excess(slice, decomposition));
    }

    private void synthesise(Cause cause, Estimate size, SliceAnalysis slice) {
        String now = situation.key(AUGMENT);
        LookAlike.of(slice)
                .filter(synthetic -> !augmentations().contains(synthetic))
                .ifPresent(synthetic -> offer(
                        cause,
                        size,
                        "synthesise",
                        List.of(new Way(
                                "Until such drives have come, a part of the training images can be made to look like %s"
                                        .formatted(slice.getSlice()),
                                Map.of(AUGMENT, now.isEmpty() ? synthetic : now + "," + synthetic)))));
    }

    /** Names of those that are on, without their strengths. */
    private List<String> augmentations() {
        return Arrays.stream(situation.key(AUGMENT).split(","))
                .map(text -> text.split("=")[0].trim())
                .filter(name -> !name.isEmpty())
                .toList();
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

    /** Of a family that no training has used yet; one that reads the telemetry, if there is some. */
    private void anotherArchitecture(Cause cause, Estimate size) {
        String now = situation.key(NETWORK);
        if (!situation.key(TELEMETRY).isEmpty() && !readsTelemetry(now) && takesTheImages("multi-input")) {
            offer(
                    cause,
                    size,
                    "another-architecture",
                    List.of(toNetwork("Telemetry is there and %s does not read it".formatted(now), "multi-input")));
            return;
        }
        Set<String> used = new HashSet<>();
        used.add(family(now));
        situation.history().forEach(report -> used.add(family(report.getNetwork())));
        FAMILIES.subList(FAMILIES.indexOf(family(now)) + 1, FAMILIES.size()).stream()
                .filter(other -> !used.contains(other))
                .filter(this::takesTheImages)
                .filter(other -> steps.stream()
                        .noneMatch(step -> other.equals(step.getOverrides().get(NETWORK))))
                .findFirst()
                .ifPresent(other -> offer(
                        cause,
                        size,
                        "another-architecture",
                        List.of(toNetwork(
                                "%s is of another kind than what was trained so far, and nearer to the state of the art"
                                        .formatted(other),
                                other))));
    }

    private static String family(String network) {
        return switch (network) {
            case "resnet101" -> "resnet50";
            // Both look at an image with as few convolutions.
            case "lstm", "multi-input" -> "lenet";
            default -> network;
        };
    }

    private List<Way> learningRate(double factor) {
        double rate = situation.number("training.learning-rate");
        return rate > 0
                ? List.of(new Way(
                        "The learning rate is the parameter that results are most sensitive to",
                        Map.of("training.learning-rate", String.format(Locale.ROOT, "%.3g", rate * factor))))
                : List.of();
    }

    private boolean takesTheImages(String network) {
        int smallest = situation.surroundings().smallestImages().getOrDefault(network, 1);
        return List.of("image.width", "image.height").stream()
                .allMatch(key -> situation.key(key).isEmpty() || situation.number(key) >= smallest);
    }

    private boolean readsTelemetry(String network) {
        return network.equals("multi-input")
                || (network.equals("lstm") && !situation.key(TELEMETRY).isEmpty());
    }

    /** Weights of another network cannot be begun with or frozen, and beside telemetry nothing may be mirrored. */
    private Way toNetwork(String reason, String network) {
        Map<String, String> overrides = new TreeMap<>(Map.of(NETWORK, network));
        StringBuilder also = new StringBuilder(reason);
        if (!situation.key(WARM_START).isEmpty()) {
            overrides.put(WARM_START, "");
            also.append("; it begins with fresh weights, since those of %s do not fit"
                    .formatted(situation.key(WARM_START)));
        }
        if (situation.number(FREEZE) > 0) {
            overrides.put(FREEZE, "0");
        }
        if (readsTelemetry(network) && augmentations().contains(FLIP)) {
            overrides.put(
                    AUGMENT,
                    Arrays.stream(situation.key(AUGMENT).split(","))
                            .filter(text -> !text.split("=")[0].trim().equals(FLIP))
                            .collect(Collectors.joining(",")));
            also.append("; without flip, since telemetry cannot be mirrored");
        }
        return new Way(also.toString(), overrides);
    }

    /**
     * A step that a training can try, in the first of its ways that no earlier run speaks against.
     *
     * @param size of the cause's term
     * @param ways best first; none leaves the rung out
     */
    private void offer(Cause cause, Estimate size, String step, List<Way> ways) {
        if (proposed(step)) {
            return;
        }
        Optional<NextStep> unclear = Optional.empty();
        for (Way way : ways) {
            Attempts.Verdict verdict = attempts.of(step, way.overrides(), cause, size.getValue());
            if (verdict instanceof Attempts.Verdict.Open) {
                propose(cause, step, way);
                return;
            }
            if (verdict instanceof Attempts.Verdict.Failed failed) {
                setbacks.add(failed.sentence());
            } else if (verdict instanceof Attempts.Verdict.Unclear before && unclear.isEmpty()) {
                unclear = Optional.of(step(
                        cause.ladder(),
                        step,
                        "%s (%s: not enough data to tell whether it helps)".formatted(way.reason(), before.sentence()),
                        way.overrides(),
                        RUN_NEXT,
                        cause.term(),
                        way.predicted()));
            }
        }
        unclear.ifPresent(tried::add);
    }

    private void propose(Cause cause, String step, Way way) {
        steps.add(step(
                cause.ladder(),
                step,
                withSetbacks(way.reason()),
                way.overrides(),
                RUN_NEXT,
                cause.term(),
                way.predicted()));
    }

    /** Whether a ladder of a larger term has the step already; both at once would be two changes with one name. */
    private boolean proposed(String name) {
        return steps.stream()
                .anyMatch(step ->
                        step.getStep().equals(name) && !step.getOverrides().isEmpty());
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

    private static String points(double rate) {
        return String.format(Locale.ROOT, "%.1f points", 100 * rate);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
