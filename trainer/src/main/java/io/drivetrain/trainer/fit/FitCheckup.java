package io.drivetrain.trainer.fit;

import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.Splits;
import io.drivetrain.trainer.assemble.Ids;
import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.check.NativeThreads;
import io.drivetrain.trainer.check.doctor.ChannelStatistics;
import io.drivetrain.trainer.check.doctor.Doctor;
import io.drivetrain.trainer.check.doctor.Examination;
import io.drivetrain.trainer.check.doctor.Patient;
import io.drivetrain.trainer.check.doctor.Settings;
import io.drivetrain.trainer.check.doctor.SplitSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The set-up of a fit, for the doctor and for the fit itself, so that it is built once: the network that the fit begins with, its statistics, and the reader that makes
 * its batches, so that what is examined is what will train. Augmentation, class weights and the schedule of the learning
 * rate are left out: one batch must be learnt by heart without them.
 */
public final class FitCheckup implements AutoCloseable {
    private final FitRequest request;
    private final StartingPoint.Ready start;
    private final Patient patient;
    private final int threads;
    private boolean spent;

    private FitCheckup(FitRequest request, StartingPoint.Ready start, Patient patient, int threads) {
        this.request = request;
        this.start = start;
        this.patient = patient;
        this.threads = threads;
    }

    /** A set-up, or the sentence that says why it cannot be fitted at all. */
    public sealed interface Outcome {
        record Ready(FitCheckup checkup) implements Outcome {}

        record Impossible(String reason) implements Outcome {}
    }

    /**
     * A split and what its samples are called.
     *
     * @param name {@code train}, {@code train-dev}, {@code test-dev} or {@code test}
     * @param sampleId by index
     * @param driveId by index
     */
    public record NamedSplit(String name, SampleStore samples, Ids sampleId, Ids driveId) {
        public static NamedSplit of(SplitView view) {
            List<String> drives = view.drives();
            return new NamedSplit(Splits.label(view.split()), view, view.ids(), index -> drives.get(view.drive(index)));
        }
    }

    /**
     * Builds what the fit would begin with.
     *
     * @param classes names in the order of the class indices
     * @param train the split that weights are fitted to, with the samples of the request
     * @param others the splits that a model is judged by, in the order train-dev, test-dev, test; may be empty ones
     */
    public static Outcome of(FitRequest request, List<String> classes, NamedSplit train, List<NamedSplit> others) {
        Optional<String> objection = FitObjections.to(request);
        if (objection.isPresent()) {
            return new Outcome.Impossible(objection.get());
        }
        int threads = NativeThreads.use(request.settings().threads());
        StartingPoint start = StartingPoint.of(request);
        if (start instanceof StartingPoint.Impossible impossible) {
            return new Outcome.Impossible(impossible.reason());
        }
        StartingPoint.Ready ready = (StartingPoint.Ready) start;
        Normalisation normalisation = ready.normalisation();
        ChannelStatistics statistics = new ChannelStatistics(normalisation.mean(), normalisation.deviation());
        Patient plain = Patient.of(
                source(train, classes, normalisation, request.network()),
                others.stream()
                        .map(split -> source(split, classes, normalisation, request.network()))
                        .toList(),
                // The doctor works on copies, so that one is enough.
                ready::graph,
                statistics);
        Patient.Declaration declared = plain.declared();
        Patient patient = plain.withDeclared(new Patient.Declaration(
                declared.classes(),
                // A warm start brings the statistics of another train split, and is meant to.
                request.warmStart().isPresent() ? Optional.empty() : declared.statistics(),
                frozen(ready.graph(), request.settings().freeze()),
                declared.softLabels(),
                request.warmStart().isPresent()));
        return new Outcome.Ready(new FitCheckup(request, ready, patient, threads));
    }

    private static Set<String> frozen(ComputationGraph graph, int layers) {
        return layers == 0 ? Set.of() : Set.copyOf(LayerWeights.before(graph, layers));
    }

    private static SplitSource source(
            NamedSplit split, List<String> classes, Normalisation normalisation, NetworkSpec network) {
        return new SplitSource(
                split.name(),
                split.samples(),
                split.sampleId(),
                split.driveId(),
                classes,
                (samples, indices) ->
                        arrays(new BatchReader(samples, normalisation, network).read(indices, 0, indices.length)),
                Patient.LabelStep.oneHot(network.classes()));
    }

    private static INDArray[] arrays(Batch batch) {
        return batch.inputs().stream()
                .map(input -> {
                    INDArray array = Nd4j.createUninitialized(DataType.FLOAT, input.shape());
                    Device.fill(array, input.values());
                    return array;
                })
                .toArray(INDArray[]::new);
    }

    /** What the doctor is given; every step of it can be replaced. */
    public Patient patient() {
        return patient;
    }

    /**
     * Examines all on the calling thread.
     *
     * @throws InterruptedException soon after the thread was interrupted
     */
    public Examination examine(Settings settings) throws InterruptedException {
        return examine(settings, List.of());
    }

    /**
     * Examines on the calling thread.
     *
     * @param ofRecipe what is known of the recipe, as {@link Doctor#examine(Patient, Settings, List)} takes it
     * @throws InterruptedException soon after the thread was interrupted
     */
    public Examination examine(Settings settings, List<DoctorFinding> ofRecipe) throws InterruptedException {
        NativeThreads.use(threads);
        return Doctor.examine(patient, settings, ofRecipe);
    }

    /**
     * Fits what was examined, on the calling thread; the result is the same as without an examination. The checkup is
     * spent then.
     *
     * @throws InterruptedException at the next batch after the thread was interrupted
     */
    public FitOutcome fit(ProgressListener listener) throws InterruptedException {
        spent = true;
        NativeThreads.use(threads);
        return new Fitter().fit(request, start, threads, listener);
    }

    /** Where the fit begins. */
    StartingPoint.Ready start() {
        return start;
    }

    @Override
    public void close() {
        // A model that was fitted goes on with the graph.
        if (!spent) {
            start.graph().close();
        }
    }
}
