package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Features of single frames, {@code (samples · length) × features} with the frames of a sample one after another, as
 * sequences {@code samples × features × length}, the layout of Deeplearning4j's recurrent layers.
 */
public final class FramesInTime implements InputPreProcessor {
    private static final long serialVersionUID = 1L;

    private final int length;

    /**
     * @param length frames of a sequence
     */
    public FramesInTime(@JsonProperty("length") int length) {
        this.length = length;
    }

    /** Frames of a sequence. */
    public int getLength() {
        return length;
    }

    @Override
    public INDArray preProcess(INDArray frames, int samples, LayerWorkspaceMgr workspaces) {
        INDArray ordered = frames.ordering() == 'c' && !frames.isView() ? frames : frames.dup('c');
        INDArray inTime = ordered.reshape('c', ordered.size(0) / length, length, ordered.size(1));
        return workspaces.dup(ArrayType.ACTIVATIONS, inTime.permute(0, 2, 1), 'f');
    }

    @Override
    public INDArray backprop(INDArray gradient, int samples, LayerWorkspaceMgr workspaces) {
        INDArray frames = workspaces.dup(ArrayType.ACTIVATION_GRAD, gradient.permute(0, 2, 1), 'c');
        return frames.reshape('c', frames.size(0) * length, frames.size(2));
    }

    @Override
    public InputPreProcessor clone() {
        return new FramesInTime(length);
    }

    @Override
    public InputType getOutputType(InputType features) {
        return InputType.recurrent(((InputType.InputTypeFeedForward) features).getSize(), length);
    }

    /** Every sequence is full, so that there is nothing to mask. */
    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArray(INDArray mask, MaskState state, int samples) {
        return new Pair<>(mask, state);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FramesInTime frames && frames.length == length;
    }

    @Override
    public int hashCode() {
        return Integer.hashCode(length);
    }
}
