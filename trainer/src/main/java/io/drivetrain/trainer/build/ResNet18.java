package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/** ResNet-18 (He et al., 2016): two basic blocks in each group. */
final class ResNet18 implements NetworkRecipe {
    @Override
    public int smallestInput() {
        return Residual.SMALLEST_INPUT;
    }

    @Override
    public ComputationGraphConfiguration describe(NetworkSpec spec, LayerFamily layers) {
        return Residual.describe(spec, layers, Residual.Block.BASIC, 2, 2, 2, 2);
    }
}
