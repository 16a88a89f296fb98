package io.drivetrain.trainer.check;

import java.util.Optional;
import org.deeplearning4j.nn.layers.mkldnn.BaseMKLDNNHelper;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.Nd4jCpu;

/**
 * Whether oneDNN really computes. Deeplearning4j falls back to code several times slower with one log line, so the
 * check looks at results and not at the log.
 */
public final class OneDnn {
    /** Deeplearning4j creates its oneDNN helpers only where this is {@code false}. */
    public static final String HELPERS_DISABLED = "org.eclipse.deeplearning4j.helpers.disable";

    private OneDnn() {}

    /** Must run before the first network is built. */
    public static void enable() {
        System.setProperty(HELPERS_DISABLED, "false");
    }

    /** Whether the natives on the class path have oneDNN: all for x86 that the build chooses, none for ARM. */
    public static boolean isInTheNatives() {
        return Nd4j.getEnvironment().isCPU()
                && Nd4jCpu.Environment.getInstance().isUseMKLDNN();
    }

    /**
     * Fails unless convolutions and pooling run in oneDNN.
     *
     * @throws BackendException saying which of the switches is off
     */
    public static void assertActive() throws BackendException {
        Optional<String> objection = objection();
        if (objection.isPresent()) {
            throw new BackendException(objection.get());
        }
    }

    /** Which of the switches is off, or nothing when oneDNN computes. */
    static Optional<String> objection() {
        if (!Boolean.FALSE.toString().equals(System.getProperty(HELPERS_DISABLED))) {
            return Optional.of("oneDNN is off, training would be several times slower: start the JVM with -D%s=false"
                    .formatted(HELPERS_DISABLED));
        }
        if (!isInTheNatives()) {
            return Optional.of("The natives of ND4J on the class path have no oneDNN, training would be several times"
                    + " slower: build with -Dnd4j.classifier=linux-x86_64-onednn or another with onednn in its name");
        }
        if (!BaseMKLDNNHelper.mklDnnEnabled()) {
            return Optional.of("Deeplearning4j does not find oneDNN: keep the class org.nd4j.nativeblas.Nd4jCpu of the"
                    + " trainer on the class path, before any other of that name");
        }
        if (!changesTheLastBits()) {
            return Optional.of("oneDNN is on, yet a convolution gives bit for bit what ND4J computes without it, so it"
                    + " is not used: please report this with the processor and the ND4J classifier of this build");
        }
        return Optional.empty();
    }

    /** Sums of 1,152 products are rounded differently by different code, so equal bits mean the same code ran twice. */
    private static boolean changesTheLastBits() {
        INDArray input = ramp(2, 128, 9, 9);
        INDArray weights = ramp(16, 128, 3, 3);
        return !convolved(input, weights, true).equalsWithEps(convolved(input, weights, false), 0.0);
    }

    private static INDArray ramp(long... shape) {
        INDArray values = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
        for (long i = 0; i < values.length(); i++) {
            values.putScalar(i, Math.sin(1.7 * i));
        }
        return values;
    }

    private static INDArray convolved(INDArray input, INDArray weights, boolean helpers) {
        INDArray output = Nd4j.createUninitialized(
                DataType.FLOAT, new long[] {input.size(0), weights.size(0), input.size(2), input.size(3)}, 'c');
        OpContext context = Nd4j.getExecutioner().buildContext();
        context.setIArguments(3, 3, 1, 1, 0, 0, 1, 1, 1, 0, 1);
        context.allowHelpers(helpers);
        context.setInputArray(0, input);
        context.setInputArray(1, weights);
        context.setOutputArray(0, output);
        Nd4j.exec(DynamicCustomOp.builder("conv2d").build(), context);
        return output;
    }
}
