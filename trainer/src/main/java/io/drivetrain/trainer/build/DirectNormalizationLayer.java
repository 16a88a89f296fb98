package io.drivetrain.trainer.build;

import java.nio.FloatBuffer;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Normalises while training in two passes over the values forward and two backward; Deeplearning4j takes three and a dozen,
 * through temporary arrays of the same size. Sums are taken image by image and added up in their order, so that the result
 * does not depend on the number of threads. What is not 4-D, single precision and on the CPU goes Deeplearning4j's way.
 */
final class DirectNormalizationLayer extends BatchNormalization {
    private static final long serialVersionUID = 1L;

    private static final int LANES = 8;

    private transient float[] mean;
    private transient double[] variance;
    private transient float[] inverseDeviation;
    private transient boolean direct;

    DirectNormalizationLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        direct = training
                && input.rank() == 4
                && dataType == DataType.FLOAT
                && !layerConf().isLockGammaBeta()
                && Nd4j.getEnvironment().isCPU();
        if (!direct) {
            return super.activate(training, workspaces);
        }
        assertInputSet(false);
        Planes in = Planes.of(input.castTo(dataType));
        measure(in);
        float[] gamma = values(BatchNormalizationParamInitializer.GAMMA);
        float[] beta = values(BatchNormalizationParamInitializer.BETA);
        float[] scale = new float[in.channels];
        float[] shift = new float[in.channels];
        for (int channel = 0; channel < in.channels; channel++) {
            scale[channel] = gamma[channel] * inverseDeviation[channel];
            shift[channel] = beta[channel] - mean[channel] * scale[channel];
        }
        INDArray out = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, input.shape(), 'c');
        FloatBuffer target = memory(out);
        inParallel(in.images, image -> {
            float[] x = in.image(image);
            for (int channel = 0; channel < in.channels; channel++) {
                scale(x, channel * in.size, in.size, scale[channel], shift[channel]);
            }
            target.put(image * x.length, x);
        });
        return out;
    }

    /** Mean and variance of each channel; those of single planes are joined by the formula of Chan et al. (1979). */
    private void measure(Planes in) {
        float[][] means = new float[in.images][in.channels];
        float[][] squares = new float[in.images][in.channels];
        inParallel(in.images, image -> {
            float[] x = in.image(image);
            for (int channel = 0; channel < in.channels; channel++) {
                int from = channel * in.size;
                float planeMean = sum(x, from, in.size) / in.size;
                means[image][channel] = planeMean;
                squares[image][channel] = sumOfSquares(x, from, in.size, planeMean);
            }
        });
        mean = new float[in.channels];
        variance = new double[in.channels];
        inverseDeviation = new float[in.channels];
        double epsilon = layerConf().getEps();
        for (int channel = 0; channel < in.channels; channel++) {
            double centre = 0;
            double spread = 0;
            for (int image = 0; image < in.images; image++) {
                double difference = means[image][channel] - centre;
                centre += difference / (image + 1);
                spread += squares[image][channel] + difference * difference * in.size * image / (image + 1);
            }
            mean[channel] = (float) centre;
            variance[channel] = spread / ((double) in.images * in.size);
            inverseDeviation[channel] = (float) (1 / Math.sqrt(variance[channel] + epsilon));
        }
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        if (!direct) {
            return super.backpropGradient(epsilon, workspaces);
        }
        assertInputSet(true);
        Planes in = Planes.of(input.castTo(dataType));
        Planes delta = Planes.of(epsilon.castTo(dataType));
        double[] sums = new double[in.channels];
        double[] products = new double[in.channels];
        addUp(in, delta, sums, products);

        // dx = gamma / deviation * (delta - mean(delta) - normalised x * mean(delta * normalised x)), in powers of x
        float[] gamma = values(BatchNormalizationParamInitializer.GAMMA);
        float[] gammaGradient = new float[in.channels];
        float[] betaGradient = new float[in.channels];
        float[] ofDelta = new float[in.channels];
        float[] ofInput = new float[in.channels];
        float[] constant = new float[in.channels];
        double count = (double) in.images * in.size;
        for (int channel = 0; channel < in.channels; channel++) {
            double inverse = inverseDeviation[channel];
            double scale = gamma[channel] * inverse;
            double slope = -scale * inverse * inverse * products[channel] / count;
            gammaGradient[channel] = (float) (products[channel] * inverse);
            betaGradient[channel] = (float) sums[channel];
            ofDelta[channel] = (float) scale;
            ofInput[channel] = (float) slope;
            constant[channel] = (float) (-scale * sums[channel] / count - slope * mean[channel]);
        }
        INDArray inputGradient = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, in.shape(), 'c');
        FloatBuffer target = memory(inputGradient);
        inParallel(in.images, image -> {
            float[] x = in.image(image);
            float[] d = delta.image(image);
            for (int channel = 0; channel < in.channels; channel++) {
                combine(d, x, channel * in.size, in.size, ofDelta[channel], ofInput[channel], constant[channel]);
            }
            target.put(image * d.length, d);
        });
        return new Pair<>(gradient(gammaGradient, betaGradient), inputGradient);
    }

    /** Of each channel the sum of delta, and of delta times the distance of the input from its mean. */
    private void addUp(Planes in, Planes delta, double[] sums, double[] products) {
        float[][] sumsOfImage = new float[in.images][in.channels];
        float[][] productsOfImage = new float[in.images][in.channels];
        inParallel(in.images, image -> {
            float[] x = in.image(image);
            float[] d = delta.image(image);
            for (int channel = 0; channel < in.channels; channel++) {
                int from = channel * in.size;
                sumsOfImage[image][channel] = sum(d, from, in.size);
                productsOfImage[image][channel] = sumOfProducts(d, x, from, in.size, mean[channel]);
            }
        });
        for (int image = 0; image < in.images; image++) {
            for (int channel = 0; channel < in.channels; channel++) {
                sums[channel] += sumsOfImage[image][channel];
                products[channel] += productsOfImage[image][channel];
            }
        }
    }

    /** With the running statistics, which Deeplearning4j moves by subtracting a "gradient". */
    private Gradient gradient(float[] gammaGradient, float[] betaGradient) {
        boolean asLogarithm = layerConf().isUseLogStd();
        String spread = asLogarithm
                ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD
                : BatchNormalizationParamInitializer.GLOBAL_VAR;
        float[] runningMean = values(BatchNormalizationParamInitializer.GLOBAL_MEAN);
        float[] runningSpread = values(spread);
        double share = 1 - layerConf().getDecay();
        for (int channel = 0; channel < mean.length; channel++) {
            runningMean[channel] = (float) ((runningMean[channel] - mean[channel]) * share);
            double old = asLogarithm ? Math.pow(10, 2 * runningSpread[channel]) : runningSpread[channel];
            double now = old + share * (variance[channel] - old);
            runningSpread[channel] = (float) (asLogarithm ? Math.log10(old / now) / 2 : old - now);
        }
        Gradient gradient = new DefaultGradient();
        set(gradient, BatchNormalizationParamInitializer.GAMMA, gammaGradient);
        set(gradient, BatchNormalizationParamInitializer.BETA, betaGradient);
        set(gradient, BatchNormalizationParamInitializer.GLOBAL_MEAN, runningMean);
        set(gradient, spread, runningSpread);
        return gradient;
    }

    private void set(Gradient gradient, String name, float[] values) {
        INDArray view = gradientViews.get(name);
        memory(view).put(0, values);
        gradient.setGradientFor(name, view);
    }

    private float[] values(String name) {
        INDArray parameter = getParam(name);
        float[] values = new float[(int) parameter.length()];
        memory(parameter).get(0, values);
        return values;
    }

    private static FloatBuffer memory(INDArray array) {
        return array.data().asNioFloat().slice();
    }

    private interface OfImage {
        void accept(int image);
    }

    private static void inParallel(int images, OfImage work) {
        int threads = Math.min(images, Nd4j.getEnvironment().maxThreads());
        if (threads == 1) {
            for (int image = 0; image < images; image++) {
                work.accept(image);
            }
        } else {
            IntStream.range(0, threads).parallel().forEach(thread -> {
                int end = (int) ((long) images * (thread + 1) / threads);
                for (int image = (int) ((long) images * thread / threads); image < end; image++) {
                    work.accept(image);
                }
            });
        }
    }

    /** Several sums at a time, as each addition would otherwise wait for the one before it. */
    private static float sum(float[] x, int from, int size) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        float e = 0;
        float f = 0;
        float g = 0;
        float h = 0;
        int end = from + size;
        int i = from;
        for (; i <= end - LANES; i += LANES) {
            a += x[i];
            b += x[i + 1];
            c += x[i + 2];
            d += x[i + 3];
            e += x[i + 4];
            f += x[i + 5];
            g += x[i + 6];
            h += x[i + 7];
        }
        for (; i < end; i++) {
            a += x[i];
        }
        return ((a + b) + (c + d)) + ((e + f) + (g + h));
    }

    private static float sumOfSquares(float[] x, int from, int size, float centre) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int end = from + size;
        int i = from;
        for (; i <= end - LANES / 2; i += LANES / 2) {
            float p = x[i] - centre;
            float q = x[i + 1] - centre;
            float r = x[i + 2] - centre;
            float s = x[i + 3] - centre;
            a += p * p;
            b += q * q;
            c += r * r;
            d += s * s;
        }
        for (; i < end; i++) {
            a += (x[i] - centre) * (x[i] - centre);
        }
        return (a + b) + (c + d);
    }

    private static float sumOfProducts(float[] delta, float[] x, int from, int size, float centre) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int end = from + size;
        int i = from;
        for (; i <= end - LANES / 2; i += LANES / 2) {
            a += delta[i] * (x[i] - centre);
            b += delta[i + 1] * (x[i + 1] - centre);
            c += delta[i + 2] * (x[i + 2] - centre);
            d += delta[i + 3] * (x[i + 3] - centre);
        }
        for (; i < end; i++) {
            a += delta[i] * (x[i] - centre);
        }
        return (a + b) + (c + d);
    }

    private static void scale(float[] x, int from, int size, float factor, float addend) {
        for (int i = from; i < from + size; i++) {
            x[i] = x[i] * factor + addend;
        }
    }

    private static void combine(
            float[] delta, float[] x, int from, int size, float ofDelta, float ofInput, float constant) {
        for (int i = from; i < from + size; i++) {
            delta[i] = delta[i] * ofDelta + x[i] * ofInput + constant;
        }
    }

    /** An array in NCHW whose images are copied out one at a time, each small enough for a core's cache. */
    private static final class Planes {
        private final FloatBuffer memory;
        private final int images;
        private final int channels;
        private final int size;
        private final long[] shape;

        private Planes(INDArray array) {
            this.memory = memory(array);
            this.shape = array.shape();
            this.images = (int) shape[0];
            this.channels = (int) shape[1];
            this.size = (int) (shape[2] * shape[3]);
        }

        static Planes of(INDArray array) {
            return new Planes(array.ordering() == 'c' && !array.isView() ? array : array.dup('c'));
        }

        long[] shape() {
            return shape.clone();
        }

        float[] image(int image) {
            float[] values = new float[channels * size];
            memory.get(image * values.length, values);
            return values;
        }
    }
}
