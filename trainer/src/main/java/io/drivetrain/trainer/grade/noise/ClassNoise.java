package io.drivetrain.trainer.grade.noise;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How wrong the labels of one class are.
 *
 * @param classIndex the class
 * @param issues samples labelled so that are of another class
 * @param inverseIssues samples of it that are labelled otherwise
 * @param noise share of the samples labelled so that are of another class, 0..1
 * @param inverseNoise share of the samples of it that are labelled otherwise, 0..1
 */
public record ClassNoise(int classIndex, int issues, int inverseIssues, double noise, double inverseNoise) {
    private static final double LEAST_SHARE = 1e-6;

    /**
     * Two classes that are labelled as each other.
     *
     * @param samples how many, either way
     * @param share of all samples, 0..1
     */
    public record Overlap(int oneClass, int otherClass, int samples, double share) {}

    /** Share of the samples labelled so that are of it, 0..1. */
    public double quality() {
        return 1 - noise;
    }

    /** All classes, the worst labelled first. */
    public static List<ClassNoise> ranked(NoisyLabels data) {
        double[][] joint = ConfidentJoint.of(data).joint();
        return IntStream.range(0, joint.length)
                .mapToObj(k -> of(joint, k, data.size()))
                .sorted(Comparator.comparingDouble(ClassNoise::quality))
                .toList();
    }

    private static ClassNoise of(double[][] joint, int k, int samples) {
        double given = 0;
        double real = 0;
        for (int other = 0; other < joint.length; other++) {
            given += joint[k][other];
            real += joint[other][k];
        }
        double wrong = given - joint[k][k];
        double missed = real - joint[k][k];
        return new ClassNoise(
                k,
                (int) Math.rint(wrong * samples),
                (int) Math.rint(missed * samples),
                wrong / Math.max(LEAST_SHARE, given),
                missed / Math.max(LEAST_SHARE, real));
    }

    /** All pairs of classes, those confused most often first. */
    public static List<Overlap> overlaps(NoisyLabels data) {
        double[][] joint = ConfidentJoint.of(data).joint();
        List<Overlap> overlaps = new ArrayList<>();
        for (int one = 0; one < joint.length; one++) {
            for (int other = one + 1; other < joint.length; other++) {
                double share = joint[one][other] + joint[other][one];
                overlaps.add(new Overlap(one, other, (int) Math.rint(share * data.size()), share));
            }
        }
        overlaps.sort(Comparator.comparingDouble(Overlap::share).reversed());
        return List.copyOf(overlaps);
    }
}
