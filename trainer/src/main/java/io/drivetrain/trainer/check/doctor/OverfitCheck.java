package io.drivetrain.trainer.check.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Lets the network learn one batch by heart. Where it does not, other learning rates (a range test in steps of ten, after
 * Smith, 2017), no regularisation and a clean synthetic batch tell the cause.
 */
final class OverfitCheck {
    private static final int UPDATES_OF_RANGE_TEST = 40;
    private static final int UPDATES_BETWEEN_LOSSES = 2;
    private static final double[] RATE_FACTORS = {1e-4, 1e-3, 1e-2, 0.1, 10, 100, 1e3, 1e4};
    /** Of the first loss: a rate that takes less away in the time another learns the batch is too low. */
    private static final double TOO_LITTLE = 0.2;

    /** Relative difference of two losses of one batch. */
    private static final double SAME_LOSS = 1e-3;

    private final ComputationGraph original;
    private final Probe probe;
    private final Work work;
    private final Patient patient;
    private final Settings settings;
    private final Findings findings;
    private final double guessing;
    private String tried = "";

    private OverfitCheck(
            ComputationGraph original, Probe probe, Work work, Patient patient, Settings settings, Findings findings) {
        this.original = original;
        this.probe = probe;
        this.work = work;
        this.patient = patient;
        this.settings = settings;
        this.findings = findings;
        this.guessing = Math.log(patient.declared().classes());
    }

    static void examine(
            ComputationGraph original, Probe probe, Work work, Patient patient, Settings settings, Findings findings)
            throws InterruptedException {
        new OverfitCheck(original, probe, work, patient, settings, findings).examine();
    }

    private void examine() throws InterruptedException {
        int updates = work.updates(probe.size());
        LossCurve curve = learn(original.clone(), probe, updates);
        LossCurve.Symptom symptom = curve.symptom();
        if (symptom == LossCurve.Symptom.NONE) {
            findings.passed(
                    Ailment.ERROR_PLATEAUS,
                    "",
                    Math.min(1, 0.5 + curve.fall() / 2),
                    "One batch of %d samples was learnt by heart: loss %s, after %d updates.",
                    probe.size(),
                    curve.told(),
                    updates);
            if (patient.declared().trained()) {
                findings.skipped(
                        "The recipe was not run on the synthetic set: it begins with the weights of a trained model.");
            } else {
                ReferenceRun.examine(original, probe, work, patient, settings, findings);
            }
            return;
        }
        String told = "One batch of %d samples, %d updates: loss %s".formatted(probe.size(), updates, curve.told());
        if (!regularisation(told, updates)
                && !trainingStep(told, symptom, updates)
                && !learningRate(curve, symptom, told)) {
            boolean onReference = learn(
                            original.clone(),
                            ReferenceRun.batchLike(probe, patient.declared().classes(), settings),
                            updates)
                    .learnt();
            if (!onReference) {
                findings.failed(
                        Ailment.FAILS_ON_REFERENCE_SET,
                        "",
                        0,
                        "%s; a synthetic batch of the same shape, which any classifier learns, is not learnt either.",
                        told);
            }
            findings.failed(
                    ailment(symptom),
                    "",
                    Math.max(0, curve.fall()),
                    "%s. The synthetic batch was %slearnt; no other learning rate helps.%s",
                    told,
                    onReference ? "" : "not ",
                    tried);
        }
    }

    private static Ailment ailment(LossCurve.Symptom symptom) {
        return switch (symptom) {
            case RISES -> Ailment.ERROR_RISES;
            case EXPLODES -> Ailment.ERROR_EXPLODES;
            case OSCILLATES -> Ailment.ERROR_OSCILLATES;
            case PLATEAUS, NONE -> Ailment.ERROR_PLATEAUS;
        };
    }

    private LossCurve learn(ComputationGraph graph, Probe batch, int updates) throws InterruptedException {
        return learn(graph, batch, updates, patient.trainStep());
    }

    private LossCurve learn(ComputationGraph graph, Probe batch, int updates, Patient.TrainStep step)
            throws InterruptedException {
        Nd4j.getRandom().setSeed(settings.seed());
        List<Double> losses = new ArrayList<>();
        losses.add(loss(graph, batch));
        for (int update = 0; update < updates; update += UPDATES_BETWEEN_LOSSES) {
            Interruption.check();
            for (int i = 0; i < UPDATES_BETWEEN_LOSSES; i++) {
                step.update(graph, batch.inputs(), batch.labels());
            }
            double loss = loss(graph, batch);
            losses.add(loss);
            if (!Double.isFinite(loss) || loss < 0.05 * losses.get(0)) {
                break;
            }
        }
        if (Arrays2d.firstNotFinite(Arrays2d.flat(graph.params())) >= 0) {
            // A ReLU may turn NaN into 0, so that no loss shows it.
            losses.add(Double.NaN);
        }
        graph.close();
        return new LossCurve(losses.stream().mapToDouble(Double::doubleValue).toArray(), guessing);
    }

    /** Above what the labels leave open; with batch-norm in training mode, as the running statistics lag behind; else in evaluation mode, without dropout. */
    private static double loss(ComputationGraph graph, Probe batch) {
        INDArray output = Layers.hasBatchNorm(graph)
                ? Layers.outputInTraining(graph, batch.inputs())
                : graph.outputSingle(false, batch.inputs());
        return batch.crossEntropy(output) - batch.entropyOfLabels();
    }

    private boolean regularisation(String told, int updates) throws InterruptedException {
        ComputationGraph bare = original.clone();
        if (!Layers.withoutRegularisation(bare)) {
            bare.close();
            return false;
        }
        LossCurve curve = learn(bare, probe, updates);
        if (!curve.learnt()) {
            return false;
        }
        findings.failed(
                Ailment.REGULARISATION_TOO_STRONG,
                "",
                0,
                "%s; without dropout and weight decay: %s.",
                told,
                curve.told());
        return true;
    }

    /** Whether the network learns the batch by updates of its own, so that the set-up's training step is to blame. */
    private boolean trainingStep(String told, LossCurve.Symptom symptom, int updates) throws InterruptedException {
        LossCurve curve = learn(original.clone(), probe, updates, Patient.TrainStep.fit());
        if (curve.symptom() != LossCurve.Symptom.NONE) {
            return false;
        }
        double itsLoss = firstLoss(patient.trainStep());
        double ownLoss = firstLoss(Patient.TrainStep.fit());
        boolean sameBatch = Math.abs(itsLoss - ownLoss) <= SAME_LOSS * (1 + Math.abs(ownLoss));
        findings.failed(
                Ailment.TRAINING_STEP_WRONG,
                "training",
                0,
                "%s. By the network's own updates: %s. The training step gives the loss of the first update as %.3f, the network's own as %.3f: look at what it does to %s.",
                told,
                curve.told(),
                itsLoss,
                ownLoss,
                sameBatch ? "the update or the weights" : "labels and inputs");
        findings.failed(ailment(symptom), "", 0, "%s.", told);
        return true;
    }

    private double firstLoss(Patient.TrainStep step) {
        ComputationGraph graph = original.clone();
        Nd4j.getRandom().setSeed(settings.seed());
        double loss = step.update(graph, probe.inputs(), probe.labels());
        graph.close();
        return loss;
    }

    private boolean learningRate(LossCurve own, LossCurve.Symptom symptom, String told) throws InterruptedException {
        int updates = Math.min(UPDATES_OF_RANGE_TEST, work.updates(probe.size()));
        Map<Double, LossCurve> curves = new LinkedHashMap<>();
        for (double factor : RATE_FACTORS) {
            ComputationGraph graph = original.clone();
            multiplyRates(graph, factor);
            curves.put(factor, learn(graph, probe, updates));
        }
        tried = range(curves);
        double lower = best(curves, true);
        double higher = best(curves, false);
        boolean suspectHigh = symptom != LossCurve.Symptom.PLATEAUS || !(higher > 1);
        if (lower < 1 && suspectHigh) {
            findings.failed(
                    Ailment.LEARNING_RATE_TOO_HIGH,
                    "",
                    lower,
                    "%s; with %.4g times the learning rate: %s.%s",
                    told,
                    lower,
                    curves.get(lower).told(),
                    range(curves));
            return true;
        }
        if (higher > 1 && own.fall() < TOO_LITTLE) {
            findings.failed(
                    Ailment.LEARNING_RATE_TOO_LOW,
                    "",
                    1 / higher,
                    "%s; with %.4g times the learning rate: %s.%s",
                    told,
                    higher,
                    curves.get(higher).told(),
                    range(curves));
            return true;
        }
        return false;
    }

    private String range(Map<Double, LossCurve> curves) {
        StringBuilder text = new StringBuilder(" Range test, factor and share of the loss gone:");
        curves.forEach((factor, curve) -> text.append(String.format(
                java.util.Locale.ROOT, " %.0e %.2f", factor, curve.finite() ? curve.fall() : Double.NaN)));
        return text.append('.').toString();
    }

    /** Factor whose curve falls most without blowing up, among those that learn or nearly do; 1 if there is none. */
    private double best(Map<Double, LossCurve> curves, boolean lower) {
        double best = 1;
        double fall = 0.3;
        for (var entry : curves.entrySet()) {
            LossCurve curve = entry.getValue();
            if (entry.getKey() < 1 == lower && !curve.blewUp() && curve.fall() > fall) {
                best = entry.getKey();
                fall = curve.fall();
            }
        }
        return best;
    }

    /** Gives each layer an updater of its own first: a copy of a graph shares them with its original. */
    private static void multiplyRates(ComputationGraph graph, double factor) {
        for (Layer layer : graph.getLayers()) {
            if (Layers.configuration(layer) instanceof BaseLayer configuration) {
                configuration.setIUpdater(multiplied(configuration.getIUpdater(), factor));
                configuration.setBiasUpdater(multiplied(configuration.getBiasUpdater(), factor));
            }
        }
        // A copied graph comes with its updater made, from the rates before; without one, it makes another.
        graph.setUpdater(null);
    }

    private static IUpdater multiplied(IUpdater updater, double factor) {
        if (updater == null || !updater.hasLearningRate()) {
            return updater;
        }
        IUpdater copy = updater.clone();
        copy.setLrAndSchedule(updater.getLearningRate(0, 0) * factor, null);
        return copy;
    }
}
