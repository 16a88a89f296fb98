package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** What all recipes share: Adam, He initialisation, NCHW inputs, a softmax at the end. */
final class Recipes {
    static final String INPUT = "pixels";
    static final String OUTPUT = "classes";

    private Recipes() {}

    static GraphBuilder begin(NetworkSpec spec) {
        return new NeuralNetConfiguration.Builder()
                .seed(spec.seed())
                .updater(new Adam(spec.learningRate()))
                .weightInit(WeightInit.RELU)
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs(INPUT)
                .setInputTypes(InputType.convolutional(spec.height(), spec.width(), spec.channels(), CNN2DFormat.NCHW));
    }

    static SubsamplingLayer halve() {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                .kernelSize(2, 2)
                .stride(2, 2)
                .convolutionMode(ConvolutionMode.Truncate)
                .build();
    }

    static ComputationGraphConfiguration classify(GraphBuilder graph, NetworkSpec spec, String last) {
        // Xavier: no ReLU follows, and smaller first logits start the loss near log(classes).
        OutputLayer output = new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nOut(spec.classes())
                .weightInit(WeightInit.XAVIER)
                .activation(Activation.SOFTMAX)
                .build();
        return graph.addLayer(OUTPUT, output, last).setOutputs(OUTPUT).build();
    }
}
