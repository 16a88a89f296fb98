package io.drivetrain.trainer.check.doctor;

import io.drivetrain.schemas.DoctorFinding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Examines a training set-up before it trains: the real network on the real data, from the stored bytes to a few updates
 * of the weights. What comes first on that way is looked at first, and what lies behind a fault is not, since the fault
 * explains it.
 *
 * <p>An examination is a function of the patient and the settings. It seeds ND4J's random numbers; whoever trains
 * afterwards seeds them anew.
 */
public final class Doctor {
    private static final int SAMPLES_FOR_STATISTICS = 2000;
    private static final int SAMPLES_FOR_WORK = 4;
    private static final int SAMPLES_FOR_GRADIENTS = 16;
    private static final int UPDATES_TO_AWAKEN = 3;

    private Doctor() {}

    /**
     * Examines all on the calling thread.
     *
     * @throws InterruptedException soon after the thread was interrupted
     */
    public static Examination examine(Patient patient, Settings settings) throws InterruptedException {
        return examine(patient, settings, List.of());
    }

    /**
     * Examines on the calling thread.
     *
     * @param ofRecipe what an examination of the same recipe, in the same process, found about it; then shapes and samples
     *     are examined and these findings taken over. Empty: all is examined
     * @throws InterruptedException soon after the thread was interrupted
     */
    public static Examination examine(Patient patient, Settings settings, List<DoctorFinding> ofRecipe)
            throws InterruptedException {
        Findings findings = new Findings();
        ComputationGraph graph;
        // A copy keeps the weights of the patient's own network; what is known to train is not updated here.
        boolean copied = ofRecipe.isEmpty();
        try {
            graph = copied ? patient.network().get().clone() : patient.network().get();
        } catch (RuntimeException e) {
            findings.failed(Ailment.STEP_FAILS, "network", 0, "The network cannot be built: %s", e);
            return findings.examination();
        }
        try {
            examine(patient, graph, settings, ofRecipe, findings);
        } finally {
            if (copied) {
                graph.close();
            }
        }
        return findings.examination();
    }

    private static void examine(
            Patient patient, ComputationGraph graph, Settings settings, List<DoctorFinding> ofRecipe, Findings findings)
            throws InterruptedException {
        ShapeCheck.examine(patient, graph, findings);
        if (findings.anyFailed()) {
            findings.skipped("Data, network and training were not examined: the shapes come first.");
            return;
        }
        List<SplitScan> scans = data(patient, settings, findings);
        if (findings.anyFailed()) {
            findings.skipped("Network and training were not examined: with such data they would look ill, too.");
            return;
        }
        Probe small = Probe.of(scans.get(0), patient.declared().classes(), SAMPLES_FOR_WORK);
        if (!takes(graph, small, patient, findings)) {
            findings.skipped("Training was not examined: with such a network it would look ill, too.");
            return;
        }
        findings.recipeBegins();
        if (!ofRecipe.isEmpty()) {
            findings.takeOver(ofRecipe);
            return;
        }
        Work work = Work.of(graph, small.inputs(), settings);
        // Batch-norm over very few samples gives gradients that no training has.
        Probe probe =
                Probe.of(scans.get(0), patient.declared().classes(), Math.max(SAMPLES_FOR_GRADIENTS, work.batch()));
        RecipeCheck.examine(graph, findings);
        if (findings.anyFailed()) {
            findings.skipped("Network and training were not examined: such settings explain what they would show.");
            return;
        }
        network(patient, graph, probe, scans.get(0).counts(patient.declared().classes()), settings, findings);
        if (findings.anyFailed()) {
            findings.skipped("Training was not examined: with such a network it would look ill, too.");
            return;
        }
        Probe batch = Probe.of(scans.get(0), patient.declared().classes(), work.batch());
        UpdateCheck.examine(graph, batch, patient, settings, findings);
        if (findings.anyFailed()) {
            findings.skipped("No batch was learnt by heart: with such updates it could not be.");
            return;
        }
        OverfitCheck.examine(graph, batch, work, patient, settings, findings);
    }

    private static List<SplitScan> data(Patient patient, Settings settings, Findings findings)
            throws InterruptedException {
        List<SplitSource> splits = new ArrayList<>();
        splits.add(patient.train());
        patient.others().stream().filter(split -> split.samples().size() > 0).forEach(splits::add);
        // Beside each other, since parts of each leave a core idle.
        List<SplitScan> scans = Parallel.beside(
                () -> LeakageCheck.examine(splits, settings, findings),
                () -> Parallel.map(splits, split -> SplitScan.of(split, settings.scanned())));
        PixelStatistics statistics = PixelStatistics.of(patient.train(), SAMPLES_FOR_STATISTICS);
        InputCheck.examine(scans, statistics, patient, findings);
        BorderCheck.examine(scans, findings);
        ChannelOrderCheck.examine(
                GreyCheck.examine(scans, findings),
                OrientationCheck.examine(scans, settings, findings),
                settings,
                findings);
        if (!findings.hasFailed(Ailment.NOT_FINITE_INPUT) && !findings.hasFailed(Ailment.INPUTS_IDENTICAL)) {
            LabelCheck.examine(scans, patient, settings, findings);
        }
        return scans;
    }

    /** Whether a layer was given another size than it was built for; a function that fails by itself is another thing. */
    private static boolean ofInput(RuntimeException e) {
        return e instanceof DL4JInvalidInputException
                || Arrays.stream(e.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().startsWith("org.deeplearning4j.nn.conf.preprocessor."));
    }

    /** Whether the network makes a row of the right width of each sample. */
    private static boolean takes(ComputationGraph graph, Probe probe, Patient patient, Findings findings) {
        INDArray output;
        try {
            output = graph.outputSingle(false, probe.inputs());
        } catch (RuntimeException e) {
            findings.failed(
                    ofInput(e) ? Ailment.INPUT_WRONG_SHAPE : Ailment.STEP_FAILS,
                    "network",
                    0,
                    "The network cannot take a batch of shape %s: %s",
                    Arrays.toString(probe.inputs()[0].shape()),
                    e);
            return false;
        }
        if (output.size(0) != probe.size()
                || output.size(1) != patient.declared().classes()) {
            findings.failed(
                    Ailment.OUTPUT_WRONG_SHAPE,
                    graph.getConfiguration().getNetworkOutputs().get(0),
                    0,
                    "The output of %d samples has shape %s; %d classes are declared.",
                    probe.size(),
                    Arrays.toString(output.shape()),
                    patient.declared().classes());
            return false;
        }
        return true;
    }

    private static void network(
            Patient patient,
            ComputationGraph original,
            Probe probe,
            int[] counts,
            Settings settings,
            Findings findings) {
        ActivationCheck.examine(original, probe, patient, findings);
        LossCheck.examine(original, probe, counts, findings);
        if (findings.hasFailed(Ailment.WEIGHTS_NOT_FINITE) || findings.hasFailed(Ailment.ACTIVATIONS_NOT_FINITE)) {
            return;
        }
        ComputationGraph graph = Layers.zeroOnPurpose(original).isEmpty() || findings.anyFailed()
                ? original
                : awakened(original, probe, patient, settings);
        ModeCheck.examine(graph, probe, patient, settings, findings);
        if (!findings.anyFailed()) {
            GradientCheck.examine(graph, probe, patient, settings, findings);
        }
        if (graph != original) {
            graph.close();
        }
    }

    /** After a few updates: what begins with 0 hides what lies before it until it has moved. */
    private static ComputationGraph awakened(
            ComputationGraph original, Probe probe, Patient patient, Settings settings) {
        ComputationGraph graph = original.clone();
        Nd4j.getRandom().setSeed(settings.seed());
        try {
            for (int update = 0; update < UPDATES_TO_AWAKEN; update++) {
                patient.trainStep().update(graph, probe.inputs(), probe.labels());
            }
            return graph;
        } catch (RuntimeException e) {
            // An update that fails is the next check's to name.
            graph.close();
            return original;
        }
    }
}
