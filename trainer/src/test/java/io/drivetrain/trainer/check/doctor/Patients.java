package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.build.Networks;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Healthy set-ups on synthetic scenes. */
final class Patients {
    static final int TRAIN = 240;
    static final int OTHER = 120;
    private static final List<String> OTHERS = List.of("train-dev", "test-dev", "test");

    private Patients() {}

    static Patient lenet() {
        return of("lenet", Scenes.Look.STANDARD, TRAIN, OTHER, 1e-3);
    }

    static Patient of(String network, Scenes.Look look, int train, int other, double learningRate) {
        return of(look, train, other, network(network, look, learningRate));
    }

    static Supplier<ComputationGraph> network(String name, Scenes.Look look, double learningRate) {
        return () -> Networks.build(
                new NetworkSpec(name, look.channels(), look.side(), look.side(), look.classes(), 11, learningRate));
    }

    static Patient of(Scenes.Look look, int train, int other, Supplier<ComputationGraph> network) {
        Scenes samples = Scenes.of(train, look, 1);
        ChannelStatistics statistics = statistics(samples);
        List<SplitSource> others = new ArrayList<>();
        for (int i = 0; i < OTHERS.size(); i++) {
            others.add(split(OTHERS.get(i), Scenes.of(other, look, 2 + i), look.classes(), statistics));
        }
        return Patient.of(split("train", samples, look.classes(), statistics), others, network, statistics);
    }

    static SplitSource split(String name, Scenes samples, int classes, ChannelStatistics statistics) {
        return SplitSource.of(
                name,
                samples,
                index -> name + "/" + index,
                index -> name + "-drive-" + samples.drive(index),
                IntStream.range(0, classes).mapToObj(k -> "class-" + k).toList(),
                statistics);
    }

    /** Exact statistics, computed independently of the doctor's. */
    static ChannelStatistics statistics(Scenes samples) {
        List<Double> mean = new ArrayList<>();
        List<Double> deviation = new ArrayList<>();
        int plane = samples.side() * samples.side();
        for (int channel = 0; channel < samples.channels(); channel++) {
            double sum = 0;
            double squares = 0;
            for (byte[] image : samples.pixels()) {
                for (int i = channel * plane; i < (channel + 1) * plane; i++) {
                    double value = (image[i] & 0xff) / 255.0;
                    sum += value;
                    squares += value * value;
                }
            }
            double count = (double) samples.size() * plane;
            mean.add(sum / count);
            double spread = Math.sqrt(Math.max(0, squares / count - sum / count * (sum / count)));
            deviation.add(spread > 1e-6 ? spread : 1);
        }
        return new ChannelStatistics(mean, deviation);
    }
}
