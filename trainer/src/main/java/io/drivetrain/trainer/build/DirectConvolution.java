package io.drivetrain.trainer.build;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A 2-D convolution in NCHW without activation, run by {@link DirectConvolutionLayer}. Same parameters and mathematics
 * as Deeplearning4j's {@link ConvolutionLayer}; its activation belongs in a layer after it.
 */
public final class DirectConvolution extends ConvolutionLayer {
    private static final long serialVersionUID = 1L;

    /** In the JSON of a saved model; one without it computes the gradient at its input, which costs only time. */
    @JsonProperty
    private boolean ofData;

    /** For the JSON of a saved model. */
    @SuppressWarnings("unused")
    private DirectConvolution() {}

    private DirectConvolution(Builder builder) {
        super(builder);
        ofData = builder.ofData;
    }

    /** Whether the input is data, so that backward nobody asks for the gradient there. */
    boolean isOfData() {
        return ofData;
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> trainingListeners,
            int layerIndex,
            INDArray layerParamsView,
            boolean initializeParams,
            DataType networkDataType) {
        if (!(getActivationFn() instanceof ActivationIdentity)) {
            throw new IllegalStateException(
                    "Layer '%s' has activation %s inside the convolution; put it in a layer after it"
                            .formatted(getLayerName(), getActivationFn()));
        }
        Layer layer = new DirectConvolutionLayer(conf, networkDataType);
        return LayerStart.of(
                layer, initializer(), conf, trainingListeners, layerIndex, layerParamsView, initializeParams);
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        super.setNIn(inputType, override);
        if (getCnn2dDataFormat() != CNN2DFormat.NCHW) {
            // NHWC with oneDNN gives silently wrong gradients in M2.1.
            throw new IllegalStateException("Layer '%s' was given %s inputs; only NCHW is supported"
                    .formatted(getLayerName(), getCnn2dDataFormat()));
        }
    }

    static final class Builder extends ConvolutionLayer.Builder {
        private boolean ofData;

        Builder(int kernelHeight, int kernelWidth) {
            super(kernelHeight, kernelWidth);
        }

        Builder ofData() {
            ofData = true;
            return this;
        }

        @Override
        @SuppressWarnings("unchecked")
        public DirectConvolution build() {
            return new DirectConvolution(this);
        }
    }
}
