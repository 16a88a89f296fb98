package io.drivetrain.trainer.check.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A small convolutional network, each part of which a test can exchange for a faulty one. */
final class TinyNetwork {
    private final int classes;
    private final int channels;
    private final int side;
    IUpdater updater = new Adam(1e-3);
    IUpdater denseUpdater;
    WeightInit weightInit = WeightInit.RELU;
    Activation hidden = Activation.RELU;
    double denseBias;
    double retain;
    boolean batchNorm;
    double batchNormDecay = 0.9;
    double weightDecay;
    double l2;
    int extraDense;
    Activation outputActivation = Activation.SOFTMAX;
    LossFunction loss = LossFunction.MCXENT;
    Layer output;
    List<Layer> beforeOutput = new ArrayList<>();
    int outputs;

    TinyNetwork(Scenes.Look look) {
        this.classes = look.classes();
        this.channels = look.channels();
        this.side = look.side();
        this.outputs = classes;
    }

    static TinyNetwork standard() {
        return new TinyNetwork(Scenes.Look.STANDARD);
    }

    Supplier<ComputationGraph> supplier() {
        return this::build;
    }

    ComputationGraph build() {
        NeuralNetConfiguration.Builder common = new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(updater)
                .weightInit(weightInit)
                .activation(Activation.IDENTITY);
        if (weightDecay > 0) {
            common.weightDecay(weightDecay);
        }
        if (l2 > 0) {
            common.l2(l2);
        }
        GraphBuilder graph =
                common.graphBuilder().addInputs("pixels").setInputTypes(InputType.convolutional(side, side, channels));
        graph.addLayer(
                "convolution",
                new ConvolutionLayer.Builder(3, 3)
                        .nOut(12)
                        .convolutionMode(ConvolutionMode.Same)
                        .build(),
                "pixels");
        String last = "convolution";
        if (batchNorm) {
            graph.addLayer(
                    "norm",
                    new BatchNormalization.Builder().decay(batchNormDecay).build(),
                    last);
            last = "norm";
        }
        graph.addLayer("act", new ActivationLayer(hidden), last);
        graph.addLayer(
                "pool",
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build(),
                "act");
        DenseLayer.Builder dense =
                new DenseLayer.Builder().nOut(32).activation(hidden).biasInit(denseBias);
        if (denseUpdater != null) {
            dense.updater(denseUpdater);
            dense.biasUpdater(denseUpdater);
        }
        graph.addLayer("dense", dense.build(), "pool");
        last = "dense";
        for (int i = 0; i < extraDense; i++) {
            String name = "dense" + i;
            graph.addLayer(
                    name, new DenseLayer.Builder().nOut(32).activation(hidden).build(), last);
            last = name;
        }
        if (retain > 0) {
            graph.addLayer("dropout", new DropoutLayer.Builder(retain).build(), last);
            last = "dropout";
        }
        for (int i = 0; i < beforeOutput.size(); i++) {
            graph.addLayer("before" + i, beforeOutput.get(i), last);
            last = "before" + i;
        }
        Layer end = output != null
                ? output
                : new OutputLayer.Builder(loss)
                        .nOut(outputs)
                        .weightInit(WeightInit.XAVIER)
                        .activation(outputActivation)
                        .build();
        graph.addLayer("classes", end, last).setOutputs("classes");
        graph.validateOutputLayerConfig(false);
        ComputationGraph network = new ComputationGraph(graph.build());
        network.init();
        return network;
    }
}
