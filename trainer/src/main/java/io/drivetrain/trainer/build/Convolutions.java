package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;

/** Which convolution layer a recipe is built with. */
public enum Convolutions {
    /** {@link DirectConvolution}: what training uses. */
    DIRECT {
        @Override
        ConvolutionLayer layer(int outputs, int kernel, int stride, boolean bias) {
            return configured(new DirectConvolution.Builder(kernel, kernel), outputs, stride, bias)
                    .build();
        }
    },
    /** Deeplearning4j's own layer: the yardstick of the benchmark and of the gradient tests. */
    PLAIN {
        @Override
        ConvolutionLayer layer(int outputs, int kernel, int stride, boolean bias) {
            return configured(new ConvolutionLayer.Builder(kernel, kernel), outputs, stride, bias)
                    .build();
        }
    };

    /** A square convolution, padded so that the output has {@code ceil(input / stride)} rows and columns. */
    abstract ConvolutionLayer layer(int outputs, int kernel, int stride, boolean bias);

    private static <B extends ConvolutionLayer.Builder> B configured(B builder, int outputs, int stride, boolean bias) {
        builder.stride(stride, stride);
        builder.nOut(outputs);
        builder.hasBias(bias);
        builder.convolutionMode(ConvolutionMode.Same);
        builder.activation(org.nd4j.linalg.activations.Activation.IDENTITY);
        return builder;
    }
}
