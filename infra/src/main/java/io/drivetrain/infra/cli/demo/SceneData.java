package io.drivetrain.infra.cli.demo;

import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.ingest.synthesize.SyntheticScenes;
import io.drivetrain.schemas.synthesize.DrawnDrives;
import io.drivetrain.schemas.synthesize.FaultShares;
import io.drivetrain.schemas.synthesize.StreamPlan;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Drawn driving scenes. */
final class SceneData implements DemoData {
    private final StreamPlan first;
    private final StreamPlan later;
    private final String firstDrives;
    private final int laterDrives;

    /** Chooses the numbers of drives: enough for intervals in the large version, few enough for CI in the small one. */
    SceneData(long seed, int width, int height, boolean small) {
        int source = small ? 60 : 220;
        int target = small ? 40 : 120;
        int frames = small ? 8 : 12;
        this.laterDrives = small ? 40 : 110;
        this.firstDrives = "%d SOURCE drives by day and in clear weather, %d TARGET drives that turn to night"
                .formatted(source, target);
        this.first =
                StreamPlan.first(seed, source, target).withSize(width, height).withFramesPerDrive(frames);
        this.later = StreamPlan.nightSource(seed, laterDrives)
                .withSize(width, height)
                .withFramesPerDrive(frames);
    }

    @Override
    public String firstIsAbout() {
        return "Is there a pedestrian? %s, drawn as they are sent, with a few wrong labels, corrupt images and unknown classes among them."
                .formatted(firstDrives);
    }

    @Override
    public String laterIsAbout() {
        return "A team that reads this report collects night scenes: %d night drives arrive as new SOURCE data."
                .formatted(laterDrives);
    }

    @Override
    public List<String> classes() {
        return DrawnDrives.CLASSES;
    }

    @Override
    public Map<String, String> settings() {
        return Map.of(
                "image.width",
                "64",
                "image.height",
                "64",
                "training.irreducible-error",
                Double.toString(FaultShares.DEFAULT.wrongLabels()));
    }

    @Override
    public String irreducibleIsAbout() {
        return String.format(
                Locale.ROOT,
                "The irreducible error is the share of wrong labels that was planted: %.1f %%.",
                100 * FaultShares.DEFAULT.wrongLabels());
    }

    @Override
    public long firstEntries() {
        return first.records();
    }

    @Override
    public long laterEntries() {
        return later.records();
    }

    @Override
    public SampleSource first() {
        return SyntheticScenes.source(first, threads());
    }

    @Override
    public SampleSource later() {
        return SyntheticScenes.source(later, threads());
    }

    private static int threads() {
        return Runtime.getRuntime().availableProcessors();
    }
}
