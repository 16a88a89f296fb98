package io.drivetrain.infra.cli.show;

import io.drivetrain.infra.cli.train.KnownModel;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.Provenance;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Published models, and which of them is in service. */
public final class ModelTable {
    private static final int MODEL = 26;

    private ModelTable() {}

    /** Two lines for each model: its errors, and why it is champion or not. */
    public static List<String> lines(Terminal terminal, List<KnownModel> models) {
        List<String> lines = new ArrayList<>();
        for (KnownModel model : models) {
            lines.add("%s %-"
                    .concat(MODEL + "s %s  test-dev %s%s")
                    .formatted(
                            model.champion() ? terminal.mark(true) : " ",
                            model.modelId(),
                            terminal.dim(model.published()
                                    .getPublishedAt()
                                    .toString()
                                    .substring(0, 16)
                                    .replace('T', ' ')),
                            model.testDev().map(Figures::rate).orElse(Figures.NONE),
                            model.champion() ? "  " + terminal.green("champion") : ""));
            model.reason().ifPresent(reason -> lines.addAll(terminal.wrapped(reason, 4)));
        }
        return lines;
    }

    /** One model with its provenance. */
    public static List<String> details(Terminal terminal, KnownModel model) {
        ModelPublished published = model.published();
        Provenance provenance = published.getProvenance();
        List<String> lines = new ArrayList<>(lines(terminal, List.of(model)));
        lines.add("  files       " + published.getUri());
        lines.add("  weights     SHA-256 " + published.getWeightsSha256());
        lines.add("  classes     " + String.join(", ", published.getClasses()));
        lines.add("  input       %d channels, %d x %d pixels"
                .formatted(published.getChannels(), published.getWidth(), published.getHeight()));
        lines.add("  test error  " + model.test().map(Figures::rate).orElse(Figures.NONE));
        lines.add("  data        fingerprint %s, %s"
                .formatted(
                        Figures.cut(provenance.getDataFingerprint(), 13),
                        provenance.getSnapshotId() == null
                                ? "offsets of %d partitions"
                                        .formatted(provenance.getOffsets().size())
                                : "snapshot " + provenance.getSnapshotId()));
        lines.add("  seed        %d, %d threads".formatted(provenance.getSeed(), provenance.getThreads()));
        lines.add("  keys");
        new TreeMap<>(provenance.getConfig()).forEach((key, value) -> lines.add("    %-34s %s".formatted(key, value)));
        lines.add("  versions");
        new TreeMap<>(provenance.getVersions())
                .forEach((name, value) -> lines.add("    %-34s %s".formatted(name, value)));
        return lines;
    }
}
