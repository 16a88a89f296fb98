package io.drivetrain.trainer.grade.slice;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Made-up splits of drives. Each drive has a time of day, a weather, a road number and a level of three measurements; each
 * frame its own measurements around that level and an embedding; errors of a drive go together.
 */
final class Worlds {
    static final List<String> CLASSES = List.of("car", "pedestrian", "truck");
    static final List<String> MEASUREMENTS = List.of("brightness", "glareShare", "entropy");
    static final int DIMENSIONS = 12;

    private Worlds() {}

    /** One frame before it is judged. */
    record Frame(int drive, int label, Map<String, String> attributes, double[] measurements, float[] embedding) {}

    /** The probability that the model errs on a frame, 0..1. */
    interface Difficulty {
        double of(Frame frame);
    }

    /** How a split is made. */
    record Recipe(int drives, int frames, double nightShare, double correlation) {}

    static GradedSplit split(SplittableRandom random, Recipe recipe, Difficulty difficulty) {
        List<Frame> frames = new ArrayList<>();
        List<String> drives = new ArrayList<>();
        List<Double> moods = new ArrayList<>();
        for (int drive = 0; drive < recipe.drives; drive++) {
            drives.add("drive-%05d".formatted(drive));
            moods.add(random.nextDouble() < recipe.correlation ? random.nextDouble() : Double.NaN);
            Map<String, String> attributes = new LinkedHashMap<>();
            attributes.put("timeofday", random.nextDouble() < recipe.nightShare ? "night" : "daytime");
            attributes.put(
                    "weather", List.of("clear", "rainy", "snowy", "foggy").get(random.nextInt(4)));
            attributes.put("vehicle", "v" + random.nextInt(3));
            double[] level = {random.nextDouble(), random.nextDouble(), 8 * random.nextDouble()};
            boolean unusual = random.nextDouble() < 0.2;
            int length = 1 + random.nextInt(2 * recipe.frames - 1);
            for (int frame = 0; frame < length; frame++) {
                double[] measurements = {
                    level[0] + 0.1 * random.nextDouble(),
                    level[1] + 0.1 * random.nextDouble(),
                    level[2] + random.nextDouble()
                };
                float[] embedding = new float[DIMENSIONS];
                for (int i = 0; i < DIMENSIONS; i++) {
                    embedding[i] = (float) (random.nextDouble() + random.nextDouble() - 1);
                }
                // A look of its own, which no attribute and no measurement tells.
                embedding[3] += unusual ? 4 : 0;
                frames.add(new Frame(drive, random.nextInt(CLASSES.size()), attributes, measurements, embedding));
            }
        }
        boolean[] wrong = new boolean[frames.size()];
        for (int i = 0; i < wrong.length; i++) {
            double mood = moods.get(frames.get(i).drive);
            double chance = Double.isNaN(mood) ? random.nextDouble() : mood;
            wrong[i] = chance < difficulty.of(frames.get(i));
        }
        return graded(frames, drives, wrong);
    }

    static GradedSplit graded(List<Frame> frames, List<String> drives, boolean[] wrong) {
        float[][] probabilities = new float[frames.size()][CLASSES.size()];
        for (int i = 0; i < wrong.length; i++) {
            int label = frames.get(i).label;
            probabilities[i][wrong[i] ? (label + 1) % CLASSES.size() : label] = 0.75f;
            probabilities[i][wrong[i] ? label : (label + 1) % CLASSES.size()] = 0.25f;
        }
        float[][] embeddings = frames.stream().map(Frame::embedding).toArray(float[][]::new);
        return new GradedSplit(
                frames.stream().mapToInt(Frame::label).toArray(),
                probabilities,
                frames.stream().mapToInt(Frame::drive).toArray(),
                drives,
                frames.stream().map(Frame::attributes).toList(),
                MEASUREMENTS,
                frames.stream().map(Frame::measurements).toArray(double[][]::new),
                samples -> Arrays.stream(samples).mapToObj(i -> embeddings[i]).toArray(float[][]::new));
    }

    /** Embeddings are in memory, so that nobody is to interrupt their reading. */
    static ErrorAnalysis.Result analyse(
            GradedSplit train, GradedSplit trainDev, GradedSplit testDev, SliceSettings settings) {
        try {
            return ErrorAnalysis.analyse(train, trainDev, testDev, List.of("timeofday"), CLASSES, settings);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The unusual look that a fifth of the drives have. */
    static boolean looksUnusual(Frame frame) {
        return frame.embedding[3] > 2;
    }

    static boolean isNight(Frame frame) {
        return frame.attributes.get("timeofday").equals("night");
    }

    /** Slices of exact sizes and errors, one frame a drive: by name its drives and errors. */
    static GradedSplit counted(String attribute, Map<String, int[]> samplesAndErrors) {
        List<Frame> frames = new ArrayList<>();
        List<String> drives = new ArrayList<>();
        List<Boolean> wrong = new ArrayList<>();
        samplesAndErrors.forEach((value, counts) -> {
            for (int i = 0; i < counts[0]; i++) {
                frames.add(new Frame(
                        drives.size(),
                        0,
                        value.isEmpty() ? Map.of() : Map.of(attribute, value),
                        new double[] {0, 0, 0},
                        null));
                drives.add("drive-%05d".formatted(drives.size()));
                wrong.add(i < counts[1]);
            }
        });
        boolean[] errors = new boolean[wrong.size()];
        for (int i = 0; i < errors.length; i++) {
            errors[i] = wrong.get(i);
        }
        GradedSplit split = graded(frames, drives, errors);
        return new GradedSplit(
                split.labels(),
                split.probabilities(),
                split.driveOf(),
                split.drives(),
                split.attributes(),
                split.measurementNames(),
                split.measurements(),
                null);
    }
}
