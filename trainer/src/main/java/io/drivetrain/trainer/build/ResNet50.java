package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/** ResNet-50 (He et al., 2016): 16 bottleneck blocks. */
final class ResNet50 implements NetworkRecipe {
    @Override
    public int smallestInput() {
        return Residual.SMALLEST_INPUT;
    }

    @Override
    public ComputationGraphConfiguration describe(NetworkSpec spec, LayerFamily layers) {
        return Residual.describe(spec, layers, Residual.Block.BOTTLENECK, 3, 4, 6, 3);
    }
}
