package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.improve.augment.Augmentation;
import java.util.Optional;

/** What stands in the way of a fit, as sentences. */
final class FitObjections {
    private FitObjections() {}

    /** The first objection to a request, before anything is built. */
    static Optional<String> to(FitRequest request) {
        return to(request.train(), "train", request.network())
                .or(() -> to(request.trainDev(), "train-dev", request.network()))
                .or(() -> toFreezing(request))
                .or(() -> toMirroring(request));
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
