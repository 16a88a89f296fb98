package io.drivetrain.trainer.build;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A ReLU between two layers, run by {@link DirectRectificationLayer}. */
public final class DirectRectification extends ActivationLayer {
    private static final long serialVersionUID = 1L;

    /** Also for the JSON of a saved model. */
    public DirectRectification() {
        super(new Rectifier());
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> trainingListeners,
            int layerIndex,
            INDArray layerParamsView,
            boolean initializeParams,
            DataType networkDataType) {
        Layer layer = new DirectRectificationLayer(conf, networkDataType);
        return LayerStart.of(
                layer, initializer(), conf, trainingListeners, layerIndex, layerParamsView, initializeParams);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DirectRectification && super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
