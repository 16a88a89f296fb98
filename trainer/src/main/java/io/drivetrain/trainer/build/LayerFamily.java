package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationReLU;

/** Whose implementation of the same mathematics a recipe is built with. */
public enum LayerFamily {
    /** {@link DirectConvolution}, {@link DirectNormalization}, {@link DirectRectification} and {@link Rectifier}: what training uses. */
    DIRECT {
        @Override
        ConvolutionLayer convolution(int outputs, int kernel, int stride, boolean bias) {
            return configured(new DirectConvolution.Builder(kernel, kernel), outputs, stride, bias)
                    .build();
        }

        @Override
        ConvolutionLayer convolutionOfData(int outputs, int kernel, int stride, boolean bias) {
            return configured(new DirectConvolution.Builder(kernel, kernel).ofData(), outputs, stride, bias)
                    .build();
        }

        @Override
        BatchNormalization normalization() {
            return new DirectNormalization();
        }

        @Override
        ActivationLayer rectification() {
            return new DirectRectification();
        }

        @Override
        IActivation relu() {
            return new Rectifier();
        }
    },
    /** Deeplearning4j's own layers: the yardstick of the benchmark and of the tests. */
    PLAIN {
        @Override
        ConvolutionLayer convolution(int outputs, int kernel, int stride, boolean bias) {
            return configured(new ConvolutionLayer.Builder(kernel, kernel), outputs, stride, bias)
                    .build();
        }

        @Override
        ConvolutionLayer convolutionOfData(int outputs, int kernel, int stride, boolean bias) {
            return convolution(outputs, kernel, stride, bias);
        }

        @Override
        BatchNormalization normalization() {
            return new BatchNormalization.Builder().build();
        }

        @Override
        ActivationLayer rectification() {
            return new ActivationLayer(relu());
        }

        @Override
        IActivation relu() {
            return new ActivationReLU();
        }
    };

    /** A square convolution, padded so that the output has {@code ceil(input / stride)} rows and columns. */
    abstract ConvolutionLayer convolution(int outputs, int kernel, int stride, boolean bias);

    /** The same on the input of a network, where nobody asks for a gradient. */
    abstract ConvolutionLayer convolutionOfData(int outputs, int kernel, int stride, boolean bias);

    /** A convolution of the network's input or of the layer that {@code input} names. */
    final ConvolutionLayer convolutionOf(String input, int outputs, int kernel, int stride, boolean bias) {
        return input.equals(Recipes.INPUT)
                ? convolutionOfData(outputs, kernel, stride, bias)
                : convolution(outputs, kernel, stride, bias);
    }

    /** Over the images of a batch and their pixels, channel by channel. */
    abstract BatchNormalization normalization();

    /** A ReLU as a layer of its own. */
    abstract ActivationLayer rectification();

    /** A ReLU inside a dense layer. */
    abstract IActivation relu();

    private static <B extends ConvolutionLayer.Builder> B configured(B builder, int outputs, int stride, boolean bias) {
        builder.stride(stride, stride);
        builder.nOut(outputs);
        builder.hasBias(bias);
        builder.convolutionMode(ConvolutionMode.Same);
        builder.activation(Activation.IDENTITY);
        return builder;
    }
}
