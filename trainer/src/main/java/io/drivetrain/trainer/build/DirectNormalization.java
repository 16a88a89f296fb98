package io.drivetrain.trainer.build;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Batch normalisation (Ioffe and Szegedy, 2015) run by {@link DirectNormalizationLayer}. Same parameters, defaults and
 * mathematics as Deeplearning4j's {@link BatchNormalization}.
 */
public final class DirectNormalization extends BatchNormalization {
    private static final long serialVersionUID = 1L;

    private static final double DECAY = 0.9;
    private static final double EPSILON = 1e-5;

    /** With the defaults of Deeplearning4j's builder; also for the JSON of a saved model, which then sets its own. */
    public DirectNormalization() {
        setDecay(DECAY);
        setEps(EPSILON);
        setMinibatch(true);
        setGamma(1);
        setBeta(0);
        setCudnnAllowFallback(true);
        setUseLogStd(true);
        setCnn2DFormat(CNN2DFormat.NCHW);
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> trainingListeners,
            int layerIndex,
            INDArray layerParamsView,
            boolean initializeParams,
            DataType networkDataType) {
        Layer layer = new DirectNormalizationLayer(conf, networkDataType);
        return LayerStart.of(
                layer, initializer(), conf, trainingListeners, layerIndex, layerParamsView, initializeParams);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DirectNormalization && super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
