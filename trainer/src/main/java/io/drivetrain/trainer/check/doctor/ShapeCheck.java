package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.SampleStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Shapes and data types of a small batch of every split, and whether a row of a batch is what its sample alone gives:
 * the first of the five bugs, since a wrong shape is broadcast silently.
 */
final class ShapeCheck {
    private static final int ROWS = 5;

    private ShapeCheck() {}

    static void examine(Patient patient, ComputationGraph graph, Findings findings) {
        List<SplitSource> splits = new ArrayList<>();
        splits.add(patient.train());
        splits.addAll(patient.others());
        int before = splits.size();
        for (SplitSource split : splits) {
            if (split.samples().size() == 0) {
                if (split == patient.train()) {
                    findings.failed(Ailment.SPLIT_EMPTY, split.name(), 0, "Split %s has no samples.", split.name());
                } else {
                    findings.skipped("Split %s has no samples yet, so nothing was examined there.", split.name());
                    before--;
                }
            } else {
                examine(split, patient.declared(), graph, findings);
            }
        }
        dataTypesOfLayers(graph, findings);
        if (!findings.anyFailed()) {
            findings.passed(
                    Ailment.INPUT_WRONG_SHAPE, "", 1, "Batches of %d splits have the shapes of the network.", before);
        }
    }

    private static void examine(
            SplitSource split, Patient.Declaration declared, ComputationGraph graph, Findings findings) {
        SampleStore samples = split.samples();
        // As many rows as classes would hide that rows and columns of the labels are exchanged.
        int rows = declared.classes() == ROWS ? ROWS + 1 : ROWS;
        int[] indices = SplitScan.spread(samples.size(), Math.min(rows, samples.size()));
        for (int index : SplitScan.spread(samples.size(), Math.min(100_000, samples.size()))) {
            int label = samples.label(index);
            if (label < 0 || label >= declared.classes()) {
                findings.failed(
                        Ailment.LABEL_OUT_OF_RANGE,
                        split.name(),
                        0,
                        "Sample %d of %s has class index %d; there are %d classes, from 0 to %d.",
                        index,
                        split.name(),
                        label,
                        declared.classes(),
                        declared.classes() - 1);
                return;
            }
        }
        INDArray[] inputs;
        INDArray labels;
        try {
            inputs = split.inputs().read(samples, indices);
            labels = split.labels().encode(samples, indices);
        } catch (RuntimeException e) {
            findings.failed(
                    Ailment.STEP_FAILS,
                    split.name(),
                    0,
                    "Samples %s of %s cannot be turned into a batch: %s",
                    Arrays.toString(indices),
                    split.name(),
                    e);
            return;
        }
        if (!inputsFit(split, indices, inputs, graph, findings)) {
            return;
        }
        if (labels.rank() != 2 || labels.size(0) != indices.length || labels.size(1) != declared.classes()) {
            findings.failed(
                    Ailment.LABEL_WRONG_SHAPE,
                    split.name(),
                    0,
                    "Labels of %d samples of %s have shape %s; (%d, %d) is expected for %d classes.",
                    indices.length,
                    split.name(),
                    Arrays.toString(labels.shape()),
                    indices.length,
                    declared.classes(),
                    declared.classes());
            return;
        }
        DataType expected = graph.getConfiguration().getDataType();
        for (INDArray input : inputs) {
            dataType(split.name(), "inputs", input.dataType(), expected, findings);
        }
        dataType(split.name(), "labels", labels.dataType(), expected, findings);
        rowsAreIndependent(split, indices, inputs, findings);
    }

    private static boolean inputsFit(
            SplitSource split, int[] indices, INDArray[] inputs, ComputationGraph graph, Findings findings) {
        if (inputs.length != graph.getNumInputArrays()) {
            findings.failed(
                    Ailment.INPUT_WRONG_SHAPE,
                    split.name(),
                    0,
                    "A batch of %s has %d input arrays; the network takes %d: %s.",
                    split.name(),
                    inputs.length,
                    graph.getNumInputArrays(),
                    graph.getConfiguration().getNetworkInputs());
            return false;
        }
        SampleStore samples = split.samples();
        long[] image = {indices.length, samples.channels(), samples.height(), samples.width()};
        for (INDArray input : inputs) {
            boolean rowForEach = input.rank() >= 1 && input.size(0) == indices.length;
            boolean likeTheImage = input.rank() != 4 || Arrays.equals(input.shape(), image);
            if (!rowForEach || !likeTheImage) {
                findings.failed(
                        Ailment.INPUT_WRONG_SHAPE,
                        split.name(),
                        0,
                        "Inputs of %d samples of %s have shape %s; the samples are %s (batch, channels, height, width).",
                        indices.length,
                        split.name(),
                        Arrays.toString(input.shape()),
                        Arrays.toString(image));
                return false;
            }
        }
        return true;
    }

    private static void dataType(String split, String what, DataType found, DataType expected, Findings findings) {
        if (found != expected) {
            findings.failed(
                    Ailment.WRONG_DATA_TYPE,
                    split + " " + what,
                    0,
                    "The %s of %s are %s, the network computes in %s.",
                    what,
                    split,
                    found,
                    expected);
        }
    }

    private static void dataTypesOfLayers(ComputationGraph graph, Findings findings) {
        DataType expected = graph.getConfiguration().getDataType();
        for (Layer layer : graph.getLayers()) {
            for (var parameter : layer.paramTable().entrySet()) {
                if (parameter.getValue().dataType() != expected) {
                    findings.failed(
                            Ailment.MIXED_DATA_TYPES,
                            Layers.name(layer),
                            0,
                            "Parameter %s of layer %s is %s, the network is configured for %s.",
                            parameter.getKey(),
                            Layers.name(layer),
                            parameter.getValue().dataType(),
                            expected);
                    return;
                }
            }
        }
    }

    /** A sample read alone must give the row that it gives in a batch. */
    private static void rowsAreIndependent(SplitSource split, int[] indices, INDArray[] inputs, Findings findings) {
        if (indices.length < 2) {
            return;
        }
        INDArray[][] alone = IntStream.range(0, indices.length)
                .mapToObj(row -> split.inputs().read(split.samples(), new int[] {indices[row]}))
                .toArray(INDArray[][]::new);
        for (int input = 0; input < inputs.length; input++) {
            int which = input;
            float[][] rows = Arrays.stream(alone)
                    .map(ofRow -> Arrays2d.rows(ofRow[which])[0])
                    .toArray(float[][]::new);
            if (!rowsAreIndependent(split, indices, Arrays2d.rows(inputs[input]), rows, findings)) {
                return;
            }
        }
    }

    private static boolean rowsAreIndependent(
            SplitSource split, int[] indices, float[][] batch, float[][] alone, Findings findings) {
        if (hasNotFinite(batch) || hasNotFinite(alone) || allRowsEqual(batch)) {
            return true;
        }
        for (int row = 0; row < indices.length; row++) {
            double scale = 1e-4 * (1 + Arrays2d.rootMeanSquare(alone[row]));
            if (difference(batch[row], alone[row]) <= scale) {
                continue;
            }
            for (int other = 0; other < indices.length; other++) {
                if (difference(batch[row], alone[other]) <= scale) {
                    findings.failed(
                            Ailment.LABELS_SHUFFLED,
                            split.name(),
                            0,
                            "Row %d of a batch of %s holds the input of sample %d beside the label of sample %d.",
                            row,
                            split.name(),
                            indices[other],
                            indices[row]);
                    return false;
                }
            }
            findings.failed(
                    Ailment.BATCH_MIXES_EXAMPLES,
                    split.name() + " inputs",
                    0,
                    "Sample %d of %s gives other inputs alone than in a batch of %d: they differ by up to %.3g.",
                    indices[row],
                    split.name(),
                    indices.length,
                    difference(batch[row], alone[row]));
            return false;
        }
        return true;
    }

    private static boolean allRowsEqual(float[][] rows) {
        return Arrays.stream(rows).allMatch(row -> Arrays.equals(row, rows[0]));
    }

    private static boolean hasNotFinite(float[][] rows) {
        return Arrays.stream(rows).anyMatch(row -> Arrays2d.firstNotFinite(row) >= 0);
    }

    private static double difference(float[] one, float[] two) {
        return Arrays2d.largestDifference(new float[][] {one}, new float[][] {two});
    }
}
