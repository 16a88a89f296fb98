package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.ActivationLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.RectifiedLinear;
import org.nd4j.linalg.api.ops.impl.scalar.Step;
import org.nd4j.linalg.factory.Nd4j;

/** Writes straight into its results; Deeplearning4j's layer copies its input first, forward and backward. */
final class DirectRectificationLayer extends ActivationLayer {
    private static final long serialVersionUID = 1L;

    DirectRectificationLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        if (!training || input.ordering() != 'c') {
            return super.activate(training, workspaces);
        }
        assertInputSet(false);
        INDArray out = workspaces.createUninitialized(ArrayType.ACTIVATIONS, input.dataType(), input.shape(), 'c');
        Nd4j.exec(new RectifiedLinear(input, out));
        return out;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        if (input.ordering() != 'c') {
            return super.backpropGradient(epsilon, workspaces);
        }
        assertInputSet(true);
        INDArray delta =
                workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, input.dataType(), input.shape(), 'c');
        Nd4j.exec(new Step(input, delta));
        delta.muli(epsilon);
        return new Pair<>(new DefaultGradient(), delta);
    }
}
