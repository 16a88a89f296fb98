package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/** ResNet-101 (He et al., 2016): 33 bottleneck blocks. */
final class ResNet101 implements NetworkRecipe {
    @Override
    public int smallestInput() {
        return Residual.SMALLEST_INPUT;
    }

    @Override
    public ComputationGraphConfiguration describe(NetworkSpec spec, LayerFamily layers) {
        return Residual.describe(spec, layers, Residual.Block.BOTTLENECK, 3, 4, 23, 3);
    }
}
