package io.drivetrain.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.build.Networks;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import io.drivetrain.trainer.improve.ClassWeights;
import io.drivetrain.trainer.improve.Resampling;
import io.drivetrain.trainer.improve.augment.Augmentations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Each improvement does what it says. */
class ImprovementsTest {
    private static final int SIDE = BrightSquares.SIDE;
    private static final NetworkSpec NETWORK = lenet(2);
    private static final FitSettings PLAIN = new FitSettings(6, 6, 16, 5, 1);
    private static final BrightSquares TRAIN = BrightSquares.of(200, 1);
    private static final BrightSquares TRAIN_DEV = BrightSquares.of(80, 2);

    private static NetworkSpec lenet(int classes) {
        return new NetworkSpec("lenet", 3, SIDE, SIDE, classes, 3, 1e-3);
    }

    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(1);
    }

    @Test
    void classWeightsRaiseTheRecallOfTheRareClass() throws InterruptedException {
        double plain = rareRecall(PLAIN);
        double weighted = rareRecall(PLAIN.with(new ClassWeights.Balanced()));
        assertThat(plain).isLessThan(0.3);
        assertThat(weighted).isGreaterThan(plain + 0.3);
    }

    @Test
    void balancedEpochsRaiseTheRecallOfTheRareClass() throws InterruptedException {
        assertThat(rareRecall(PLAIN.with(Resampling.BALANCED))).isGreaterThan(rareRecall(PLAIN) + 0.3);
    }

    @Test
    void equalWeightsAreNoWeights() throws InterruptedException {
        // Of a balanced training set both give each sample the weight 1.
        BrightSquares balanced = TRAIN;
        for (int i = 0; i < TRAIN.size(); i++) {
            balanced = balanced.withLabel(i, i % 2);
        }
        FitSettings once = new FitSettings(1, 1, 16, 5, 1);
        assertThat(bits(balanced, once.with(new ClassWeights.Balanced()))).isEqualTo(bits(balanced, once));
    }

    @Test
    void augmentationChangesWhatTrainingSeesAndNothingElse() throws InterruptedException {
        // Always flipped, left is right: the network learns the contrary of what train-dev, which is not flipped, says.
        try (FittedModel contrary = fitted(request(TRAIN, PLAIN.with(Augmentations.parse(List.of("flip=1")))));
                FittedModel plain = fitted(request(TRAIN, PLAIN))) {
            assertThat(plain.bestTrainDevError()).isLessThan(0.15);
            assertThat(contrary.bestTrainDevError()).isGreaterThan(0.35);
        }
    }

    @Test
    void sameSeedGivesTheSameBitsWithEveryImprovement() throws InterruptedException {
        FitSettings all = new FitSettings(2, 2, 16, 5, 1)
                .with(Augmentations.parse(List.of("flip", "crop", "night", "reflections", "blur", "noise", "cut-out")))
                .with(Resampling.BALANCED)
                .with(LearningRateSchedule.parse("one-cycle", 0));
        assertThat(bits(TRAIN, all)).isEqualTo(bits(TRAIN, all));
        FitSettings weighted = new FitSettings(2, 2, 16, 5, 1)
                .with(new ClassWeights.EffectiveNumber(0.99))
                .with(LearningRateSchedule.parse("step", 1));
        assertThat(bits(TRAIN, weighted)).isEqualTo(bits(TRAIN, weighted));
    }

    @Test
    void batchesDoNotDependOnTheNumberOfThreadsThatPrepareThem() throws InterruptedException {
        Augmentations augmentations = Augmentations.parse(List.of("crop", "noise"));
        PixelTransform transform = (chw, sample, position) ->
                System.arraycopy(augmentations.apply(chw, 3, SIDE, SIDE, 1, sample, position), 0, chw, 0, chw.length);
        BatchReader reader =
                new BatchReader(TRAIN, Normalisation.of(TRAIN), NETWORK, transform, Optional.of(new float[] {0.5f, 2}));
        int[] order = IntStream.range(0, TRAIN.size()).toArray();
        try (BatchStream one = new BatchStream(reader, order, 16, 32, 1);
                BatchStream three = new BatchStream(reader, order, 16, 32, 3)) {
            while (one.hasNext()) {
                Batch expected = one.next();
                Batch batch = three.next();
                assertThat(batch.inputs().get(0).values())
                        .isEqualTo(expected.inputs().get(0).values());
                assertThat(batch.labels()).isEqualTo(expected.labels());
                assertThat(batch.weights().orElseThrow())
                        .isEqualTo(expected.weights().orElseThrow());
            }
            assertThat(three.hasNext()).isFalse();
        }
    }

    @Test
    void learningRateOfZeroLeavesTheWeights() {
        ComputationGraph graph = Networks.build(NETWORK);
        INDArray before = graph.params().dup();
        try (Device device = new Device(graph, NETWORK)) {
            Batch batch = new BatchReader(TRAIN, Normalisation.of(TRAIN), NETWORK).read(new int[] {0, 1, 2, 3}, 0, 4);
            device.learningRate(0);
            device.update(batch);
            assertThat(graph.params()).isEqualTo(before);
            device.learningRate(1e-3);
            device.update(batch);
            assertThat(graph.params()).isNotEqualTo(before);
        }
    }

    @Test
    void lossOfAWeighedSampleCountsThatManyTimes() {
        BatchReader plain = new BatchReader(TRAIN, Normalisation.of(TRAIN), NETWORK);
        BatchReader weighed = new BatchReader(
                TRAIN, Normalisation.of(TRAIN), NETWORK, PixelTransform.NONE, Optional.of(new float[] {3, 1}));
        int[] order = {0, 1, 2, 3, 4, 5};
        double expected = 0;
        for (int i = 0; i < order.length; i++) {
            double alone = loss(plain.read(order, i, i + 1));
            expected += alone * (TRAIN.label(i) == 0 ? 3 : 1) / order.length;
        }
        assertThat(loss(weighed.read(order, 0, 6))).isCloseTo(expected, within(1e-4));
    }

    private static double loss(Batch batch) {
        try (Device device = new Device(Networks.build(NETWORK), NETWORK)) {
            return device.update(batch);
        }
    }

    @Test
    void weightDecayShrinksTheWeights() throws InterruptedException {
        NetworkSpec decaying = new NetworkSpec("lenet", 3, SIDE, SIDE, 2, 3, 1e-3, List.of(), 1, 10, 0);
        FitSettings few = new FitSettings(2, 2, 16, 5, 1);
        try (FittedModel plain = fitted(request(TRAIN, few));
                FittedModel decayed = fitted(new FitRequest(TRAIN, TRAIN_DEV, decaying, few))) {
            assertThat(norm(decayed, "dense")).isLessThan(0.9 * norm(plain, "dense"));
        }
    }

    private static double norm(FittedModel model, String layer) {
        return model.graph().getLayer(layer).getParam("W").norm2Number().doubleValue();
    }

    private static NetworkSpec reading(String telemetry) {
        return new NetworkSpec("multi-input", 3, SIDE, SIDE, 2, 3, 1e-3, List.of(telemetry), 1, 0, 0);
    }

    @Test
    void mirroringImagesButNotTelemetryIsAnOutcome() throws InterruptedException {
        NetworkSpec reading = reading("yaw-rate");
        assertThat(new Fitter()
                        .fit(
                                new FitRequest(
                                        TRAIN, TRAIN_DEV, reading, PLAIN.with(Augmentations.parse(List.of("flip")))),
                                progress -> {}))
                .isEqualTo(
                        new FitOutcome.Unfit(
                                "improve.augment mirrors images, but the telemetry [yaw-rate] that multi-input reads cannot be mirrored: a car that turns left would see itself turn right; remove flip from improve.augment"));
    }

    @Test
    void warmStartBeginsBetter(@TempDir Path folder) throws InterruptedException, IOException {
        List<EpochProgress> fresh = new ArrayList<>();
        save(fitted(request(TRAIN, PLAIN), fresh::add), folder);
        List<EpochProgress> warm = new ArrayList<>();
        FitSettings gentle = new FitSettings(1, 1, 16, 5, 1);
        fitted(warm(folder, NETWORK, gentle), warm::add).close();
        assertThat(warm.get(0).trainLoss()).isLessThan(fresh.get(0).trainLoss() / 2);
        assertThat(warm.get(0).trainDevError()).isLessThan(fresh.get(0).trainDevError());
    }

    @Test
    void outputLayerOfOtherClassesBeginsAfresh(@TempDir Path folder) throws InterruptedException, IOException {
        save(fitted(request(TRAIN, PLAIN)), folder);
        FitSettings none = new FitSettings(1, 1, 16, 5, 1).withFreeze(3);
        try (FittedModel saved = FittedModel.load(folder);
                FittedModel three = fitted(warm(folder, lenet(3), none))) {
            assertThat(weights(three, "convolution3")).isEqualTo(weights(saved, "convolution3"));
            assertThat(three.network().classes()).isEqualTo(3);
            assertThat(three.probabilities(TRAIN_DEV)[0]).hasSize(3);
        }
    }

    @Test
    void anotherArchitectureIsAnOutcome(@TempDir Path folder) throws InterruptedException, IOException {
        save(fitted(request(TRAIN, new FitSettings(1, 1, 16, 5, 1))), folder);
        NetworkSpec residual = new NetworkSpec("resnet18", 3, SIDE, SIDE, 2, 3, 1e-3);
        assertThat(new Fitter().fit(warm(folder, residual, PLAIN), progress -> {}))
                .isEqualTo(new FitOutcome.Unfit(
                        "The model in %s is lenet for inputs of 3×16×16, the training wants resnet18 for 3×16×16; set training.network, image.width and image.height to the model's, or remove improve.warm-start"
                                .formatted(folder)));
    }

    @Test
    void warmStartFromAFolderWithoutAModelIsAnOutcome(@TempDir Path folder) throws InterruptedException {
        assertThat(new Fitter().fit(warm(folder, NETWORK, PLAIN), progress -> {}))
                .isEqualTo(new FitOutcome.Unfit(
                        "Cannot begin with the model in %s: Cannot load a model from %s: there is no model.zip in it; choose another improve.warm-start"
                                .formatted(folder, folder)));
    }

    @Test
    void frozenLayersKeepTheirBitsAndTheOthersMove(@TempDir Path folder) throws InterruptedException, IOException {
        save(fitted(request(TRAIN, new FitSettings(1, 1, 16, 5, 1))), folder);
        try (FittedModel before = FittedModel.load(folder);
                FittedModel after = fitted(warm(folder, NETWORK, new FitSettings(2, 2, 16, 6, 1).withFreeze(2)))) {
            assertFrozen(before, after, List.of("convolution1", "convolution2"));
            after.save(folder.resolve("again"));
            try (FittedModel loaded = FittedModel.load(folder.resolve("again"))) {
                assertThat(loaded.weightsSha256()).isEqualTo(after.weightsSha256());
                assertThat(loaded.probabilities(TRAIN_DEV)).isDeepEqualTo(after.probabilities(TRAIN_DEV));
            }
        }
    }

    @Test
    void statisticsOfFrozenBatchNormalisationKeepTheirBits(@TempDir Path folder)
            throws InterruptedException, IOException {
        NetworkSpec residual = new NetworkSpec("resnet18", 3, SIDE, SIDE, 2, 3, 1e-3);
        BrightSquares few = BrightSquares.of(32, 1);
        FitSettings once = new FitSettings(1, 1, 16, 5, 1);
        save(fitted(new FitRequest(few, few, residual, once)), folder);
        FitRequest frozen =
                new FitRequest(few, few, residual, once.withFreeze(2), Optional.of(folder), Optional.empty());
        try (FittedModel before = FittedModel.load(folder);
                FittedModel after = fitted(frozen)) {
            assertFrozen(
                    before,
                    after,
                    List.of("stem-convolution", "stem-norm", "group1-block1-1-convolution", "group1-block1-1-norm"));
        }
    }

    @Test
    void dropoutMayBeSwitchedOnAtAWarmStart(@TempDir Path folder) throws InterruptedException, IOException {
        save(fitted(request(TRAIN, new FitSettings(1, 1, 16, 5, 1))), folder);
        NetworkSpec dropout = new NetworkSpec(
                NETWORK.name(), 3, SIDE, SIDE, NETWORK.classes(), NETWORK.seed(), 1e-3, List.of(), 1, 0, 0.5);
        try (FittedModel before = FittedModel.load(folder);
                FittedModel after = fitted(warm(folder, dropout, new FitSettings(1, 1, 16, 5, 1).withFreeze(2)))) {
            assertThat(weights(after, "convolution1")).isEqualTo(weights(before, "convolution1"));
        }
    }

    @Test
    void aModelOfOtherTelemetryIsNoWarmStart(@TempDir Path folder) throws InterruptedException, IOException {
        FitSettings once = new FitSettings(1, 1, 16, 5, 1);
        Drives few = Drives.ofSquareOrTelemetry(40, 1);
        save(fitted(new FitRequest(few, few, reading("speed"), once)), folder);
        assertThat(new Fitter()
                        .fit(
                                new FitRequest(
                                        few, few, reading("yaw-rate"), once, Optional.of(folder), Optional.empty()),
                                progress -> {}))
                .isEqualTo(new FitOutcome.Unfit(
                        "The model in %s reads the telemetry [speed], the training wants [yaw-rate]; set training.telemetry to the model's, or remove improve.warm-start"
                                .formatted(folder)));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6, 7, 8})
    void batchNormalisationIsFrozenWithTheConvolutionBeforeIt(int freeze, @TempDir Path folder)
            throws InterruptedException, IOException {
        NetworkSpec residual = new NetworkSpec("resnet18", 3, SIDE, SIDE, 2, 3, 1e-3);
        BrightSquares few = BrightSquares.of(32, 1);
        FitSettings once = new FitSettings(1, 1, 16, 5, 1);
        save(fitted(new FitRequest(few, few, residual, once)), folder);
        FitRequest frozen =
                new FitRequest(few, few, residual, once.withFreeze(freeze), Optional.of(folder), Optional.empty());
        try (FittedModel before = FittedModel.load(folder);
                FittedModel after = fitted(frozen)) {
            int norms = 0;
            for (Layer layer : before.graph().getLayers()) {
                String norm = layer.conf().getLayer().getLayerName();
                String convolution = norm.replace("norm", "convolution");
                if (norm.equals(convolution)) {
                    continue;
                }
                norms++;
                assertThat(Arrays.equals(weights(after, norm), weights(before, norm)))
                        .as(norm)
                        .isEqualTo(Arrays.equals(weights(after, convolution), weights(before, convolution)));
            }
            assertThat(norms).isEqualTo(20);
        }
    }

    @Test
    void freezingEverythingOrWithoutAWarmStartIsAnOutcome(@TempDir Path folder)
            throws InterruptedException, IOException {
        save(fitted(request(TRAIN, new FitSettings(1, 1, 16, 5, 1))), folder);
        assertThat(new Fitter().fit(warm(folder, NETWORK, PLAIN.withFreeze(5)), progress -> {}))
                .isEqualTo(new FitOutcome.Unfit(
                        "improve.freeze is 5, and lenet has 5 layers with weights; leave at least one to be fitted"));
        assertThat(new Fitter().fit(request(TRAIN, PLAIN.withFreeze(1)), progress -> {}))
                .isInstanceOfSatisfying(
                        FitOutcome.Unfit.class,
                        unfit -> assertThat(unfit.reason()).contains("there is no improve.warm-start"));
    }

    @Test
    void settingsThatContradictEachOtherAreRefused() {
        assertThatThrownBy(() -> PLAIN.with(new ClassWeights.Balanced()).with(Resampling.BALANCED))
                .hasMessageContaining("set one of them to none");
        assertThatThrownBy(() -> PLAIN.with(LearningRateSchedule.parse("cosine", 6)))
                .hasMessage(
                        "improve.warm-up is 6 epochs and training.max-epochs 6; the warm-up must be shorter than the training");
    }

    private static void assertFrozen(FittedModel before, FittedModel after, List<String> frozen) {
        for (Layer layer : before.graph().getLayers()) {
            String name = layer.conf().getLayer().getLayerName();
            if (layer.numParams() == 0) {
                continue;
            }
            if (frozen.contains(name)) {
                assertThat(weights(after, name)).as(name).isEqualTo(weights(before, name));
            } else {
                assertThat(weights(after, name)).as(name).isNotEqualTo(weights(before, name));
            }
        }
    }

    private static float[] weights(FittedModel model, String layer) {
        return model.graph().getLayer(layer).params().toFloatVector();
    }

    private static void save(FittedModel model, Path folder) throws IOException {
        try (model) {
            model.save(folder);
        }
    }

    private static FitRequest request(SampleStore train, FitSettings settings) {
        return new FitRequest(train, TRAIN_DEV, NETWORK, settings);
    }

    private static FitRequest warm(Path folder, NetworkSpec network, FitSettings settings) {
        return new FitRequest(TRAIN, TRAIN_DEV, network, settings, Optional.of(folder), Optional.empty());
    }

    private static FittedModel fitted(FitRequest request) throws InterruptedException {
        return fitted(request, progress -> {});
    }

    private static FittedModel fitted(FitRequest request, ProgressListener listener) throws InterruptedException {
        FitOutcome outcome = new Fitter().fit(request, listener);
        assertThat(outcome).isInstanceOf(FitOutcome.Fitted.class);
        return ((FitOutcome.Fitted) outcome).model();
    }

    private static String bits(SampleStore train, FitSettings settings) throws InterruptedException {
        try (FittedModel model = fitted(request(train, settings))) {
            return model.weightsSha256();
        }
    }

    /** Share of the rare class that is found by a network that saw one of it among fifteen of the other. */
    private static double rareRecall(FitSettings settings) throws InterruptedException {
        BrightSquares train = shades(320, 16, 1);
        BrightSquares test = shades(200, 2, 2);
        try (FittedModel model = fitted(new FitRequest(train, shades(160, 16, 3), NETWORK, settings))) {
            int[] predicted = model.predict(test);
            long rare = Arrays.stream(test.labels()).filter(label -> label == 1).count();
            long found = IntStream.range(0, test.size())
                    .filter(i -> test.label(i) == 1 && predicted[i] == 1)
                    .count();
            return (double) found / rare;
        }
    }

    /** Grey images; every {@code oneIn}th is of class 1, which is somewhat brighter, with much overlap. */
    private static BrightSquares shades(int size, int oneIn, long seed) {
        Random random = new Random(seed);
        byte[][] samples = new byte[size][3 * SIDE * SIDE];
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            labels[i] = i % oneIn == 0 ? 1 : 0;
            double shade = 100 + 40 * labels[i] + 30 * random.nextGaussian();
            for (int p = 0; p < samples[i].length; p++) {
                samples[i][p] = (byte) Math.max(0, Math.min(255, shade + 5 * random.nextGaussian()));
            }
        }
        return new BrightSquares(samples, labels);
    }
}
