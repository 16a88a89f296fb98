package io.drivetrain.infra.cli.demo;

import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.ingest.decode.FolderDataset;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** A user's own images. */
final class FolderData implements DemoData {
    private static final int SMALL_SIDE = 72;

    private final Path folder;
    private final FolderDataset first;
    private final Optional<FolderDataset> later;

    private FolderData(Path folder, FolderDataset first, Optional<FolderDataset> later) {
        this.folder = folder;
        this.first = first;
        this.later = later;
    }

    static FolderData open(Path folder, Optional<Path> manifest, Optional<Path> later) throws DatasetException {
        FolderDataset first = FolderDataset.open(folder, manifest);
        Optional<FolderDataset> second = Optional.empty();
        if (later.isPresent()) {
            second = Optional.of(FolderDataset.open(folder, later));
        }
        return new FolderData(folder, first, second);
    }

    @Override
    public String firstIsAbout() {
        return String.format(
                Locale.ROOT,
                "%,d images of %s, %d classes: %s.",
                first.count(),
                folder,
                classes().size(),
                String.join(", ", classes()));
    }

    @Override
    public String laterIsAbout() {
        return later.map(more -> String.format(Locale.ROOT, "New SOURCE data arrives: %,d images.", more.count()))
                .orElse("");
    }

    @Override
    public List<String> classes() {
        TreeSet<String> all = new TreeSet<>(first.classes());
        later.ifPresent(more -> all.addAll(more.classes()));
        return List.copyOf(all);
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        String side = first.medianSide() <= SMALL_SIDE ? "32" : "64";
        settings.put("image.width", side);
        settings.put("image.height", side);
        settings.put("admission.min-width", "4");
        settings.put("admission.min-height", "4");
        settings.put("training.irreducible-error", "0.0");
        return settings;
    }

    @Override
    public String irreducibleIsAbout() {
        return "The irreducible error is not known for this data; it is assumed to be 0 %.";
    }

    @Override
    public long firstEntries() {
        return first.count();
    }

    @Override
    public long laterEntries() {
        return later.map(FolderDataset::count).orElse(0L);
    }

    @Override
    public SampleSource first() throws DatasetException {
        return first.source();
    }

    @Override
    public SampleSource later() throws DatasetException {
        return later.orElseThrow().source();
    }
}
