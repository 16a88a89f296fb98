package io.drivetrain.trainer.publish;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.trainer.assemble.Assembly;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.grade.Quantiles;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;

/**
 * What a model's SOURCE drives looked like, for telling later how far a stream has moved from them: for each measurement
 * the quantiles, over the drives of train and of train-dev, of the drive's mean.
 */
public final class ReferenceProfile {
    private static final List<Double> PROBABILITIES =
            List.of(0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0);

    private ReferenceProfile() {}

    /** As a document: {@code probabilities}, and by split its drives, samples and quantiles by measurement. */
    public static ObjectNode of(Assembly assembly) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("unit", "mean of a drive");
        ArrayNode probabilities = root.putArray("probabilities");
        PROBABILITIES.forEach(probabilities::add);
        ObjectNode splits = root.putObject("splits");
        for (Split split : List.of(Split.TRAIN, Split.TRAIN_DEV)) {
            SplitView view = assembly.view(split);
            ObjectNode node = splits.putObject(Splits.label(split));
            node.put("drives", view.drives().size());
            node.put("samples", view.size());
            ObjectNode quantiles = node.putObject("quantiles");
            if (view.size() == 0) {
                continue;
            }
            double[][] byMeasurement = driveMeans(view);
            for (Schema.Field field : Measurements.getClassSchema().getFields()) {
                double[] means = byMeasurement[field.pos()];
                Arrays.sort(means);
                ArrayNode values = quantiles.putArray(field.name());
                PROBABILITIES.forEach(p -> values.add(Quantiles.ofValues(means, p)));
            }
        }
        return root;
    }

    /** The mean of each measurement, by its position in the schema, for each drive. */
    static double[][] driveMeans(SplitView view) {
        double[][] means = new double[Measurements.getClassSchema().getFields().size()]
                [view.drives().size()];
        int[] counts = new int[view.drives().size()];
        for (int i = 0; i < view.size(); i++) {
            Measurements measured = view.measurements(i);
            for (int m = 0; m < means.length; m++) {
                means[m][view.drive(i)] += (Double) measured.get(m);
            }
            counts[view.drive(i)]++;
        }
        for (double[] ofMeasurement : means) {
            for (int drive = 0; drive < counts.length; drive++) {
                ofMeasurement[drive] /= counts[drive];
            }
        }
        return means;
    }
}
