package io.drivetrain.trainer.check.doctor;

import java.lang.ref.Reference;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;

/** Arrays of the device as arrays of Java, a row for each example. */
final class Arrays2d {
    private Arrays2d() {}

    /** {@code size(0)} rows of all values of an example, in C order. */
    static float[][] rows(INDArray array) {
        int rows = (int) array.size(0);
        float[] values = flat(array);
        int width = rows == 0 ? 0 : values.length / rows;
        float[][] result = new float[rows][width];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(values, row * width, result[row], 0, width);
        }
        return result;
    }

    /** All values in C order, at most those that fit into one array of Java. */
    static float[] flat(INDArray array) {
        float[] values = new float[Math.toIntExact(array.length())];
        boolean inOrder = array.dataType() == DataType.FLOAT
                && array.ordering() == 'c'
                && !array.isView()
                && Shape.hasDefaultStridesForShape(array);
        INDArray copy = inOrder ? array : array.castTo(DataType.FLOAT).dup('c');
        try {
            // All at once: asFloat asks for one after the other.
            copy.data().asNioFloat().get(values);
        } finally {
            // Native memory is freed with its array, which the view of it does not keep.
            Reference.reachabilityFence(copy);
        }
        return values;
    }

    /** Index of the first value that is NaN or infinite, -1 if there is none. */
    static int firstNotFinite(float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                return i;
            }
        }
        return -1;
    }

    /** Root of the mean square. */
    static double rootMeanSquare(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum / Math.max(1, values.length));
    }

    /** Largest absolute difference, infinite where the shapes differ or a value is not finite. */
    static double largestDifference(float[][] one, float[][] two) {
        if (one.length != two.length) {
            return Double.POSITIVE_INFINITY;
        }
        double largest = 0;
        for (int row = 0; row < one.length; row++) {
            if (one[row].length != two[row].length) {
                return Double.POSITIVE_INFINITY;
            }
            for (int i = 0; i < one[row].length; i++) {
                double difference = Math.abs((double) one[row][i] - two[row][i]);
                if (!(difference <= Double.MAX_VALUE)) {
                    return Double.POSITIVE_INFINITY;
                }
                largest = Math.max(largest, difference);
            }
        }
        return largest;
    }

    /** Column of the largest value, the first among equals. */
    static int largest(float[] row) {
        int best = 0;
        for (int i = 1; i < row.length; i++) {
            if (row[i] > row[best]) {
                best = i;
            }
        }
        return best;
    }

    static int largest(double[] row) {
        int best = 0;
        for (int i = 1; i < row.length; i++) {
            best = row[i] > row[best] ? i : best;
        }
        return best;
    }
}
