package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.improve.augment.Augmentation;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** What stands in the way of a fit, as sentences. */
final class FitObjections {
    private FitObjections() {}

    /** The first objection to a request, before anything is built. */
    static Optional<String> to(FitRequest request) {
        return to(request.train(), "train", request.network())
                .or(() -> to(request.trainDev(), "train-dev", request.network()))
                .or(() -> toFreezing(request))
                .or(() -> toMirroring(request))
                .or(() -> toTelemetry(request.train(), "train", request.network()))
                .or(() -> toTelemetry(request.trainDev(), "train-dev", request.network()));
    }

    /** What single samples lack is filled up with the mean of train; what no sample has cannot be. */
    private static Optional<String> toTelemetry(SampleStore store, String split, NetworkSpec network) {
        if (!network.readsTelemetry()) {
            return Optional.empty();
        }
        List<String> names = network.telemetry();
        if (store.telemetryCount() != names.size()) {
            return Optional.of(
                    "Samples of split %s have %d numbers of telemetry, %s reads the %d of training.telemetry (%s); select samples by the same list"
                            .formatted(
                                    split,
                                    store.telemetryCount(),
                                    network.name(),
                                    names.size(),
                                    String.join(", ", names)));
        }
        boolean[] sent = new boolean[names.size()];
        float[] values = new float[names.size()];
        int found = 0;
        // Reading the telemetry of all of a million samples takes seconds, and the first few have it as a rule.
        for (int index = 0; index < store.size() && found < sent.length; index++) {
            store.readTelemetry(index, values, 0);
            for (int i = 0; i < values.length; i++) {
                found += sent[i] || Float.isNaN(values[i]) ? 0 : 1;
                sent[i] |= !Float.isNaN(values[i]);
            }
        }
        List<String> missing = IntStream.range(0, sent.length)
                .filter(i -> !sent[i])
                .mapToObj(names::get)
                .toList();
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "None of the %d samples of split %s has the telemetry %s, which %s reads; send it with the samples (in a manifest: a column telemetry.%s), or correct training.telemetry"
                                .formatted(
                                        store.size(),
                                        split,
                                        String.join(", ", missing),
                                        network.name(),
                                        missing.get(0)));
    }

    private static Optional<String> toMirroring(FitRequest request) {
        return request.settings().augmentations().contains(Augmentation.FLIP)
                        && request.network().readsTelemetry()
                ? Optional.of(
                        "improve.augment mirrors images, but the telemetry %s that %s reads cannot be mirrored: a car that turns left would see itself turn right; remove flip from improve.augment"
                                .formatted(
                                        request.network().telemetry(),
                                        request.network().name()))
                : Optional.empty();
    }

    private static Optional<String> toFreezing(FitRequest request) {
        int freeze = request.settings().freeze();
        return freeze > 0 && request.warmStart().isEmpty()
                ? Optional.of(
                        "improve.freeze is %d, but there is no improve.warm-start: layers would keep their random weights; set a warm start or set improve.freeze to 0"
                                .formatted(freeze))
                : Optional.empty();
    }

    private static Optional<String> to(SampleStore store, String split, NetworkSpec network) {
        if (store.size() == 0) {
            return Optional.of("Split %s has no samples yet; ingest more drives and train again".formatted(split));
        }
        if (store.channels() != network.channels()
                || store.height() != network.height()
                || store.width() != network.width()) {
            return Optional.of(
                    "Samples of split %s are %d×%d×%d (channels×height×width), the network takes %d×%d×%d; use the same image.width and image.height for curation and training"
                            .formatted(
                                    split,
                                    store.channels(),
                                    store.height(),
                                    store.width(),
                                    network.channels(),
                                    network.height(),
                                    network.width()));
        }
        for (int index = 0; index < store.size(); index++) {
            int label = store.label(index);
            if (label < 0 || label >= network.classes()) {
                return Optional.of(
                        "Sample %d of split %s has class index %d, the network has %d classes; curate and train with the same list of classes"
                                .formatted(index, split, label, network.classes()));
            }
        }
        return Optional.empty();
    }
}
