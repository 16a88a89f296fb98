package io.drivetrain.trainer.build;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;

/**
 * One native operation forward and one backward, with nothing computed twice: Deeplearning4j's own layer repeats the
 * forward convolution in its backward pass.
 */
final class DirectConvolutionLayer extends ConvolutionLayer {
    private static final long serialVersionUID = 1L;

    private static final int NCHW = 0;
    private static final int OUT_IN_HEIGHT_WIDTH = 1;

    private final transient CustomOp forward = DynamicCustomOp.builder("conv2d").build();
    private final transient CustomOp backward =
            DynamicCustomOp.builder("conv2d_bp").build();
    private final transient CustomOp backwardOfDepthOne =
            DynamicCustomOp.builder("conv3dnew_bp").build();
    private final transient CustomOp transposedBackward =
            DynamicCustomOp.builder("deconv2d_bp").build();
    private transient OpContext forwardContext;
    private transient OpContext backwardContext;

    DirectConvolutionLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaces);
        INDArray in = input.castTo(dataType);
        validateInputRank();
        validateInputDepth(layerConf().getNIn());
        if (forwardContext == null) {
            forwardContext = Nd4j.getExecutioner().buildContext();
            forwardContext.setIArguments(arguments2d());
        }
        INDArray out = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, outputShape(in), 'c');
        INDArray weights = getParam(ConvolutionParamInitializer.WEIGHT_KEY);
        forwardContext.purge();
        forwardContext.setInputArray(0, in);
        forwardContext.setInputArray(1, weights);
        if (hasBias()) {
            forwardContext.setInputArray(2, flat(getParam(ConvolutionParamInitializer.BIAS_KEY)));
        }
        forwardContext.setOutputArray(0, out);
        Nd4j.exec(forward, forwardContext);
        return out;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray in = input.castTo(dataType);
        INDArray delta = contiguous(epsilon.castTo(dataType));
        if (isOfData()) {
            return new Pair<>(gradientOfWeights(in, delta, workspaces), null);
        }
        INDArray weights = getParam(ConvolutionParamInitializer.WEIGHT_KEY);
        INDArray weightGradient = gradientViews.get(ConvolutionParamInitializer.WEIGHT_KEY);
        INDArray inputGradient = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, in.shape(), 'c');
        boolean asDepthOne = isThreeByThreeOfStrideOne();
        if (backwardContext == null) {
            backwardContext = Nd4j.getExecutioner().buildContext();
            backwardContext.setIArguments(asDepthOne ? arguments3d() : arguments2d());
        }
        int slot = 0;
        backwardContext.purge();
        backwardContext.setInputArray(slot++, asDepthOne ? withDepthOne(in) : in);
        backwardContext.setInputArray(slot++, asDepthOne ? withDepthOne(weights) : weights);
        if (hasBias()) {
            backwardContext.setInputArray(slot++, flat(getParam(ConvolutionParamInitializer.BIAS_KEY)));
        }
        backwardContext.setInputArray(slot, asDepthOne ? withDepthOne(delta) : delta);
        backwardContext.setOutputArray(0, asDepthOne ? withDepthOne(inputGradient) : inputGradient);
        backwardContext.setOutputArray(1, asDepthOne ? withDepthOne(weightGradient) : weightGradient);
        Gradient gradient = new DefaultGradient();
        if (hasBias()) {
            INDArray biasGradient = gradientViews.get(ConvolutionParamInitializer.BIAS_KEY);
            backwardContext.setOutputArray(2, flat(biasGradient));
            gradient.setGradientFor(ConvolutionParamInitializer.BIAS_KEY, biasGradient);
        }
        Nd4j.exec(asDepthOne ? backwardOfDepthOne : backward, backwardContext);
        gradient.setGradientFor(ConvolutionParamInitializer.WEIGHT_KEY, weightGradient, 'c');
        weightNoiseParams.clear();
        return new Pair<>(gradient, backpropDropOutIfPresent(inputGradient));
    }

    private boolean isOfData() {
        int[] dilation = layerConf().getDilation();
        return layerConf() instanceof DirectConvolution convolution
                && convolution.isOfData()
                && dilation[0] == 1
                && dilation[1] == 1
                && Nd4j.getEnvironment().isCPU();
    }

    /**
     * The gradient without that at the input, which takes most of the time of {@code conv2d_bp} where the input has few
     * channels. No operation computes it alone. A convolution is the gradient of a transposed one, so backward through
     * that, with the roles of input and delta exchanged, the gradient of the weights is the same, and the other result is
     * one more convolution forward, which is cheap and dropped.
     */
    private Gradient gradientOfWeights(INDArray in, INDArray delta, LayerWorkspaceMgr workspaces) {
        int[] kernel = layerConf().getKernelSize();
        int[] stride = layerConf().getStride();
        INDArray weightGradient = gradientViews.get(ConvolutionParamInitializer.WEIGHT_KEY);
        if (backwardContext == null) {
            backwardContext = Nd4j.getExecutioner().buildContext();
            backwardContext.setIArguments(
                    kernel[0], kernel[1], stride[0], stride[1], 0, 0, 1, 1, 0, NCHW, OUT_IN_HEIGHT_WIDTH);
        }
        backwardContext.purge();
        backwardContext.setInputArray(0, delta);
        backwardContext.setInputArray(1, getParam(ConvolutionParamInitializer.WEIGHT_KEY));
        backwardContext.setInputArray(2, padded(in, delta, workspaces));
        backwardContext.setOutputArray(
                0, workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, delta.shape(), 'c'));
        backwardContext.setOutputArray(1, weightGradient);
        Nd4j.exec(transposedBackward, backwardContext);
        Gradient gradient = new DefaultGradient();
        if (hasBias()) {
            INDArray biasGradient = gradientViews.get(ConvolutionParamInitializer.BIAS_KEY);
            delta.sum(flat(biasGradient), 0, 2, 3);
            gradient.setGradientFor(ConvolutionParamInitializer.BIAS_KEY, biasGradient);
        }
        gradient.setGradientFor(ConvolutionParamInitializer.WEIGHT_KEY, weightGradient, 'c');
        weightNoiseParams.clear();
        return gradient;
    }

    /** As many rows and columns as the kernel passes over, with zeros around the input. */
    private INDArray padded(INDArray in, INDArray delta, LayerWorkspaceMgr workspaces) {
        long[] shape = in.shape().clone();
        INDArrayIndex[] from = new INDArrayIndex[] {all(), all(), null, null};
        INDArrayIndex[] to = from.clone();
        for (int axis = 0; axis < 2; axis++) {
            int kernel = layerConf().getKernelSize()[axis];
            long input = in.size(2 + axis);
            long reach = (delta.size(2 + axis) - 1) * layerConf().getStride()[axis] + kernel;
            long before =
                    same() == 1 ? Math.max(0, reach - input) / 2 : layerConf().getPadding()[axis];
            long seen = Math.min(input, reach - before);
            shape[2 + axis] = reach;
            from[2 + axis] = interval(0, seen);
            to[2 + axis] = interval(before, before + seen);
        }
        INDArray padded = workspaces.create(ArrayType.BP_WORKING_MEM, dataType, shape, 'c');
        padded.get(to).assign(in.get(from));
        return padded;
    }

    /** The bundled oneDNN takes Winograd for these in 2-D, which is slow backward on small maps, and not in 3-D. */
    private boolean isThreeByThreeOfStrideOne() {
        int[] kernel = layerConf().getKernelSize();
        int[] stride = layerConf().getStride();
        return kernel[0] == 3 && kernel[1] == 3 && stride[0] == 1 && stride[1] == 1;
    }

    private long[] arguments2d() {
        int[] kernel = layerConf().getKernelSize();
        int[] stride = layerConf().getStride();
        int[] padding = layerConf().getPadding();
        int[] dilation = layerConf().getDilation();
        return new long[] {
            kernel[0],
            kernel[1],
            stride[0],
            stride[1],
            padding[0],
            padding[1],
            dilation[0],
            dilation[1],
            same(),
            NCHW,
            OUT_IN_HEIGHT_WIDTH
        };
    }

    private long[] arguments3d() {
        int[] kernel = layerConf().getKernelSize();
        int[] stride = layerConf().getStride();
        int[] padding = layerConf().getPadding();
        int[] dilation = layerConf().getDilation();
        return new long[] {
            1,
            kernel[0],
            kernel[1],
            1,
            stride[0],
            stride[1],
            0,
            padding[0],
            padding[1],
            1,
            dilation[0],
            dilation[1],
            same(),
            NCHW,
            OUT_IN_HEIGHT_WIDTH
        };
    }

    private int same() {
        return layerConf().getConvolutionMode() == ConvolutionMode.Same ? 1 : 0;
    }

    private long[] outputShape(INDArray in) {
        int[] kernel = layerConf().getKernelSize();
        int[] stride = layerConf().getStride();
        int[] padding = layerConf().getPadding();
        int[] dilation = layerConf().getDilation();
        long[] shape = {in.size(0), layerConf().getNOut(), 0, 0};
        for (int axis = 0; axis < 2; axis++) {
            long length = in.size(2 + axis);
            long reach = 1 + (long) dilation[axis] * (kernel[axis] - 1);
            shape[2 + axis] = same() == 1
                    ? (length + stride[axis] - 1) / stride[axis]
                    : (length + 2L * padding[axis] - reach) / stride[axis] + 1;
        }
        return shape;
    }

    private static INDArray flat(INDArray bias) {
        return bias.rank() == 1 ? bias : bias.reshape(bias.length());
    }

    private static INDArray contiguous(INDArray array) {
        return array.ordering() == 'c' && !array.isView() ? array : array.dup('c');
    }

    private static INDArray withDepthOne(INDArray array) {
        return array.reshape('c', array.size(0), array.size(1), 1, array.size(2), array.size(3));
    }
}
