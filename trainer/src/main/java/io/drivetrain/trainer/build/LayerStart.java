package io.drivetrain.trainer.build;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What Deeplearning4j expects of a layer's configuration when it makes the layer. */
final class LayerStart {
    private LayerStart() {}

    /**
     * Gives a new layer its place in the network and its parameters.
     *
     * @param view where its parameters lie within those of the network
     * @param initialize whether the parameters are drawn anew, or those in the view are kept
     */
    static Layer of(
            Layer layer,
            ParamInitializer initializer,
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray view,
            boolean initialize) {
        layer.setListeners(listeners);
        layer.setIndex(index);
        layer.setParamsViewArray(view);
        layer.setParamTable(initializer.init(conf, view, initialize));
        layer.setConf(conf);
        return layer;
    }
}
