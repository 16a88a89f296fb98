package io.drivetrain.trainer.check.doctor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The gradient of the loss of a batch by parameter, in the names of {@code graph.paramTable()}. */
final class Gradients {
    private static final Set<String> RUNNING_STATISTICS = Set.of(
            BatchNormalizationParamInitializer.GLOBAL_MEAN,
            BatchNormalizationParamInitializer.GLOBAL_VAR,
            BatchNormalizationParamInitializer.GLOBAL_LOG_STD);

    private Gradients() {}

    /** Mean over the batch; running statistics of batch-norm, which are no weights, are left out. */
    static Map<String, float[]> of(ComputationGraph graph, Probe probe) {
        graph.setInputs(probe.inputs());
        graph.setLabels(probe.labels());
        graph.computeGradientAndScore();
        Map<String, float[]> gradients = new LinkedHashMap<>();
        for (var entry : graph.gradient().gradientForVariable().entrySet()) {
            INDArray gradient = entry.getValue();
            if (gradient != null && !isRunningStatistic(entry.getKey())) {
                float[] values = Arrays2d.flat(gradient);
                for (int i = 0; i < values.length; i++) {
                    values[i] /= probe.size();
                }
                gradients.put(entry.getKey(), values);
            }
        }
        graph.clear();
        return gradients;
    }

    static boolean isRunningStatistic(String parameter) {
        return RUNNING_STATISTICS.contains(parameter.substring(parameter.lastIndexOf('_') + 1));
    }

    /** Names of all parameters but running statistics. */
    static List<String> parameters(ComputationGraph graph) {
        return graph.paramTable().keySet().stream()
                .filter(name -> !isRunningStatistic(name))
                .toList();
    }

    /** Values of the running statistics of batch-norm. */
    static Map<String, float[]> runningStatistics(ComputationGraph graph) {
        Map<String, float[]> values = new LinkedHashMap<>();
        graph.paramTable().forEach((name, value) -> {
            if (isRunningStatistic(name)) {
                values.put(name, Arrays2d.flat(value));
            }
        });
        return values;
    }
}
