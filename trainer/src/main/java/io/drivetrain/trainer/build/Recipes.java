package io.drivetrain.trainer.build;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** What all recipes share: Adam, He initialisation, NCHW inputs, small encoders, a softmax at the end. */
final class Recipes {
    static final String INPUT = NetworkInput.PIXELS.inputName();
    static final String OUTPUT = "classes";
    static final String DROPOUT = "dropout";

    private static final int LARGE_IMAGE = 32;

    private Recipes() {}

    static GraphBuilder begin(NetworkSpec spec) {
        return begin(spec, List.of(NetworkInput.PIXELS));
    }

    static GraphBuilder begin(NetworkSpec spec, List<NetworkInput> inputs) {
        return new NeuralNetConfiguration.Builder()
                .seed(spec.seed())
                .updater(new Adam(spec.learningRate()))
                .weightInit(WeightInit.RELU)
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs(inputs.stream().map(NetworkInput::inputName).toArray(String[]::new))
                .setInputTypes(inputs.stream().map(input -> input.type(spec)).toArray(InputType[]::new));
    }

    static SubsamplingLayer halve() {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                .kernelSize(2, 2)
                .stride(2, 2)
                .convolutionMode(ConvolutionMode.Truncate)
                .build();
    }

    /** A convolution, halved and rectified; where the ReLU comes after the pooling, it touches a quarter of the values. */
    static String convolution(
            GraphBuilder graph, String name, String input, LayerFamily layers, int outputs, int kernel, int stride) {
        graph.addLayer("convolution" + name, layers.convolutionOf(input, outputs, kernel, stride, true), input);
        graph.addLayer("pool" + name, halve(), "convolution" + name);
        graph.addLayer("relu" + name, layers.rectification(), "pool" + name);
        return "relu" + name;
    }

    static String dense(GraphBuilder graph, String name, String input, LayerFamily layers, int outputs) {
        graph.addLayer(
                name,
                new DenseLayer.Builder().nOut(outputs).activation(layers.relu()).build(),
                input);
        return name;
    }

    /** An image as a small vector: two convolutions and a dense layer. */
    static String encodeImage(GraphBuilder graph, String input, NetworkSpec spec, LayerFamily layers, int features) {
        String last = convolution(graph, "1", input, layers, 16, 5, entranceStride(spec));
        last = convolution(graph, "2", last, layers, 32, 3, 1);
        return dense(graph, "image-features", last, layers, features);
    }

    /** 2 for images that are larger than those the small convolutional networks were made for. */
    static int entranceStride(NetworkSpec spec) {
        return Math.max(spec.height(), spec.width()) > LARGE_IMAGE ? 2 : 1;
    }

    static ComputationGraphConfiguration classify(GraphBuilder graph, NetworkSpec spec, String last) {
        String features = last;
        if (spec.dropout() > 0) {
            // Deeplearning4j asks for the share that is kept.
            graph.addLayer(DROPOUT, new DropoutLayer.Builder(1 - spec.dropout()).build(), last);
            features = DROPOUT;
        }
        // Xavier: no ReLU follows, and smaller first logits start the loss near log(classes).
        OutputLayer output = new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nOut(spec.classes())
                .weightInit(WeightInit.XAVIER)
                .activation(Activation.SOFTMAX)
                .build();
        ComputationGraphConfiguration described =
                graph.addLayer(OUTPUT, output, features).setOutputs(OUTPUT).build();
        if (spec.weightDecay() > 0) {
            described.getVertices().values().forEach(vertex -> decay(vertex, spec.weightDecay()));
        }
        return described;
    }

    /** Asked for weight decay by its builder, Deeplearning4j notes it twice in every layer, and it works twice. */
    private static void decay(GraphVertex vertex, double weightDecay) {
        if (vertex instanceof LayerVertex layerVertex) {
            Layer layer = layerVertex.getLayerConf().getLayer();
            Layer inner = layer instanceof BaseWrapperLayer wrapper ? wrapper.getUnderlying() : layer;
            if (inner instanceof BaseLayer trained) {
                trained.setRegularization(new ArrayList<>(List.of(new WeightDecay(weightDecay, true))));
            }
        }
    }
}
