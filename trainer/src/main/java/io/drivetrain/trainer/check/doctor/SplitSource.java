package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.Ids;
import io.drivetrain.trainer.assemble.SampleStore;
import java.util.List;

/**
 * One split of a patient: its samples and the steps that make a batch of them. Several threads read and ask at once.
 *
 * @param name {@code train}, {@code train-dev}, {@code test-dev} or {@code test}
 * @param samples of the split
 * @param sampleId id of a sample by index, equal in two splits for the same sample
 * @param driveId id of a sample's drive by index, equal in two splits for the same drive
 * @param classes names in the order of the class indices
 * @param inputs what the network is fed with
 * @param labels what its output is compared with
 */
public record SplitSource(
        String name,
        SampleStore samples,
        Ids sampleId,
        Ids driveId,
        List<String> classes,
        Patient.InputStep inputs,
        Patient.LabelStep labels) {
    public SplitSource {
        classes = List.copyOf(classes);
    }

    /** A split of images with the production's steps: pixels normalised by the given statistics, one-hot labels. */
    public static SplitSource of(
            String name,
            SampleStore samples,
            Ids sampleId,
            Ids driveId,
            List<String> classes,
            ChannelStatistics statistics) {
        return new SplitSource(
                name,
                samples,
                sampleId,
                driveId,
                classes,
                Patient.InputStep.pixels(Preprocessing.normalising(statistics)),
                Patient.LabelStep.oneHot(classes.size()));
    }

    /** The same with other samples. */
    public SplitSource withSamples(SampleStore other) {
        return new SplitSource(name, other, sampleId, driveId, classes, inputs, labels);
    }

    /** The same with other ids of its samples and drives. */
    public SplitSource withIds(Ids samplesBy, Ids drivesBy) {
        return new SplitSource(name, samples, samplesBy, drivesBy, classes, inputs, labels);
    }

    /** The same with another order of the classes. */
    public SplitSource withClasses(List<String> other) {
        return new SplitSource(name, samples, sampleId, driveId, other, inputs, labels);
    }

    /** The same with another way from samples to inputs. */
    public SplitSource withInputs(Patient.InputStep other) {
        return new SplitSource(name, samples, sampleId, driveId, classes, other, labels);
    }

    /** The same with another way from samples to labels. */
    public SplitSource withLabels(Patient.LabelStep other) {
        return new SplitSource(name, samples, sampleId, driveId, classes, inputs, other);
    }
}
