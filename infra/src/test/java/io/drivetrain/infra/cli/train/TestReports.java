package io.drivetrain.infra.cli.train;

import io.drivetrain.schemas.Changes;
import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.NextStep;
import io.drivetrain.schemas.Provenance;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitResult;
import io.drivetrain.schemas.TopicOffset;
import io.drivetrain.schemas.TrainingReport;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Reports as a trainer would write them. */
public final class TestReports {
    public static final Instant START = Instant.parse("2026-11-01T08:00:00Z");

    private TestReports() {}

    /** A report whose shift is the largest term, with the keys of its run and no next steps. */
    public static TrainingReport.Builder report(String modelId, Map<String, String> config) {
        return TrainingReport.newBuilder()
                .setRunId("run-" + modelId)
                .setModelId(modelId)
                .setNetwork("lenet")
                .setClasses(List.of("pedestrian", "no-pedestrian"))
                .setSplits(List.of(
                        split(Split.TRAIN, 1000, 20),
                        split(Split.TRAIN_DEV, 1000, 50),
                        split(Split.TEST_DEV, 1000, 200),
                        split(Split.TEST, 1000, 210)))
                .setDecomposition(new Decomposition(
                        new Estimate(0.21, 0.17, 0.25),
                        new Estimate(0.01, null, null),
                        new Estimate(0.01, 0.0, 0.02),
                        new Estimate(0.03, 0.01, 0.05),
                        new Estimate(0.15, 0.11, 0.19),
                        new Estimate(0.01, -0.02, 0.04)))
                .setDominant("shift")
                .setDistinguishable(List.of("variance", "shift"))
                .setVerdict("The target domain is harder than what the model was trained on.")
                .setProvenance(provenance(config))
                .setPublishedAt(START);
    }

    private static SplitResult split(Split split, long samples, long errors) {
        return SplitResult.newBuilder()
                .setSplit(split)
                .setSamples(samples)
                .setDrives(40)
                .setErrors(errors)
                .setError(new Estimate((double) errors / samples, 0.0, 0.3))
                .setConfusion(List.of(List.of(samples / 2, 0L), List.of(errors, samples / 2 - errors)))
                .build();
    }

    public static Provenance provenance(Map<String, String> config) {
        return Provenance.newBuilder()
                .setOffsets(List.of(new TopicOffset("samples.train", 0, 77L)))
                .setDataFingerprint("0123456789abcdef")
                .setConfig(config)
                .setSeed(42)
                .setThreads(2)
                .setVersions(Map.of("drivetrain", "test"))
                .build();
    }

    public static NextStep step(String name, Map<String, String> overrides, Estimate predicted) {
        return NextStep.newBuilder()
                .setLadder("shift")
                .setStep(name)
                .setReason("Because " + name + " helps against that.")
                .setOverrides(overrides)
                .setCommand(overrides.isEmpty() ? "./drivetrain ingest PATH" : "./drivetrain train --next")
                .setMetric("shift")
                .setPredicted(predicted)
                .build();
    }

    public static Changes changes(String against, String step, Map<String, Estimate> outcome) {
        return Changes.newBuilder()
                .setComparedWith(against)
                .setStep(step)
                .setKeys(Map.of("improve.augment", "nothing → night"))
                .setDataChanged(false)
                .setOutcome(outcome)
                .build();
    }

    public static ModelPublished model(String modelId, int minute) {
        return ModelPublished.newBuilder()
                .setModelId(modelId)
                .setRunId("run-" + modelId)
                .setNetwork("lenet")
                .setUri("file:/models/" + modelId)
                .setClasses(List.of("pedestrian", "no-pedestrian"))
                .setChannels(3)
                .setHeight(32)
                .setWidth(32)
                .setChannelMean(List.of(1.0, 2.0, 3.0))
                .setChannelStandardDeviation(List.of(1.0, 2.0, 3.0))
                .setSha256("a")
                .setWeightsSha256("b")
                .setProvenance(provenance(Map.of("training.network", "lenet")))
                .setPublishedAt(START.plusSeconds(60L * minute))
                .build();
    }
}
