package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import io.drivetrain.trainer.assemble.Assembly;
import io.drivetrain.trainer.assemble.Offsets;
import io.drivetrain.trainer.assemble.PixelShape;
import io.drivetrain.trainer.assemble.Selection;
import io.drivetrain.trainer.assemble.ShardException;
import io.drivetrain.trainer.assemble.ShardStore;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.assemble.SyntheticDrives;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** The samples of a run, or the sentence that says why there can be none. */
sealed interface RunData {
    /** @param leftOut what is not used and why, as a sentence; empty if all is */
    record Usable(Assembly assembly, Optional<String> leftOut) implements RunData {}

    record Unusable(String reason) implements RunData {}

    /**
     * Selects what the configuration asks for: from the samples before some offsets, or from drawn ones.
     *
     * @throws ShardException if the samples cannot be read
     */
    static RunData select(ShardStore store, Offsets upTo, DrivetrainConfig config) throws ShardException {
        if (SyntheticPart.synthetic(config)) {
            return drawn(config);
        }
        PixelShape stored = store.shape();
        PixelShape wanted = new PixelShape(
                stored.channels(), config.image().height(), config.image().width());
        if (wanted.height() > stored.height() || wanted.width() > stored.width()) {
            return new Unusable(
                    "The run wants pixels of %s, curation sends %s; lower image.width and image.height, or curate at that size"
                            .formatted(wanted, stored));
        }
        Assembly assembly = Assembly.of(
                store,
                upTo,
                new Selection(
                        config.classes(),
                        config.training().limit(),
                        Optional.of(wanted),
                        config.training().telemetry()));
        return usable(assembly, store.skips(), config);
    }

    private static RunData drawn(DrivetrainConfig config) {
        if (!config.classes().containsAll(SyntheticDrives.CLASSES)) {
            return new Unusable(
                    "Synthetic scenes are of the classes %s, configured are %s; give --synthetic, which sets both, or set classes"
                            .formatted(SyntheticDrives.CLASSES, config.classes()));
        }
        Assembly assembly = SyntheticDrives.draw(
                config.training().seed(),
                new PixelShape(
                        TrainerService.CHANNELS,
                        config.image().height(),
                        config.image().width()),
                new Selection(
                        config.classes(),
                        config.training().limit(),
                        Optional.empty(),
                        config.training().telemetry()));
        return usable(assembly, new ShardStore.Skips(0, ""), config);
    }

    private static RunData usable(Assembly assembly, ShardStore.Skips skips, DrivetrainConfig config) {
        return obstacle(skips, assembly, config)
                .<RunData>map(Unusable::new)
                .orElseGet(() -> new Usable(assembly, leftOut(skips, assembly)));
    }

    private static Optional<String> leftOut(ShardStore.Skips skips, Assembly assembly) {
        int otherClasses = sum(assembly, SplitView.LeftOut::ofOtherClasses);
        int retired = sum(assembly, SplitView.LeftOut::ofRetiredTestDev);
        int overLimit = sum(assembly, SplitView.LeftOut::overLimit);
        long skipped = skips.count();
        if (otherClasses + retired + overLimit + skipped == 0) {
            return Optional.empty();
        }
        return Optional.of(
                "Left out: %d samples of classes that are not configured, %d records that could not be used%s%s%s"
                        .formatted(
                                otherClasses,
                                skipped,
                                skipped == 0 ? "" : ", the last because: " + skips.lastReason(),
                                retired == 0
                                        ? ""
                                        : ", %d samples of test-dev from before its rotation".formatted(retired),
                                overLimit == 0
                                        ? ""
                                        : ", %d samples of train beyond training.limit".formatted(overLimit)));
    }

    private static int sum(Assembly assembly, ToIntFunction<SplitView.LeftOut> count) {
        return assembly.views().values().stream()
                .map(SplitView::leftOut)
                .mapToInt(count)
                .sum();
    }

    /** What stands in the way of training on these samples, as a sentence. */
    private static Optional<String> obstacle(ShardStore.Skips skips, Assembly assembly, DrivetrainConfig config) {
        SplitView train = assembly.view(Split.TRAIN);
        if (train.size() == 0) {
            if (train.leftOut().ofOtherClasses() > 0) {
                return Optional.of(
                        "None of the %d samples of train is of a class in %s; correct classes in drivetrain.yaml"
                                .formatted(train.leftOut().ofOtherClasses(), config.classes()));
            }
            return Optional.of(
                    skips.count() > 0
                            ? "The split train is empty, and %d records were skipped, the last because: %s"
                                    .formatted(skips.count(), skips.lastReason())
                            : "The split train is empty; send SOURCE drives, and look at samples.rejected if you have");
        }
        if (Arrays.stream(train.labels()).allMatch(label -> label == train.label(0))) {
            return Optional.of("All %d samples of train are '%s'; send SOURCE drives with another class of %s too"
                    .formatted(train.size(), train.labelName(0), config.classes()));
        }
        if (assembly.view(Split.TRAIN_DEV).size() == 0) {
            return Optional.of(
                    "The split train-dev is empty, so nothing can say when to stop; send more SOURCE drives or raise split.train-dev-fraction");
        }
        return Optional.empty();
    }
}
