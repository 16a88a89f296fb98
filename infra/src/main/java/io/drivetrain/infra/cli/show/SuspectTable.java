package io.drivetrain.infra.cli.show;

import io.drivetrain.schemas.LabelSuspect;
import io.drivetrain.schemas.Splits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Samples whose label is probably wrong. */
public final class SuspectTable {
    private static final int SAMPLE = 30;
    private static final int LABEL = 14;

    private SuspectTable() {}

    /** The suspects in the order given, with who labelled them where that is known. */
    public static List<String> lines(Terminal terminal, List<LabelSuspect> suspects) {
        List<String> lines = new ArrayList<>();
        lines.add(terminal.dim(("  %-" + SAMPLE + "s %-9s %5s %-" + LABEL + "s %-" + LABEL + "s %s")
                .formatted("sample", "split", "score", "given", "suggested", "p")));
        for (LabelSuspect suspect : suspects) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %-" + SAMPLE + "s %-9s %5.3f %-" + LABEL + "s %-" + LABEL + "s %.2f%s",
                    Figures.cut(suspect.getSampleId(), SAMPLE),
                    Splits.label(suspect.getSplit()),
                    suspect.getScore(),
                    Figures.cut(suspect.getGivenLabel(), LABEL),
                    Figures.cut(suspect.getSuggestedLabel(), LABEL),
                    suspect.getSuggestedProbability(),
                    suspect.getLabelSource() == null ? "" : terminal.dim("  " + suspect.getLabelSource())));
        }
        lines.addAll(terminal.wrapped(
                "score: probability of the given label by a model that has not seen the sample; the lower, the more suspect",
                2));
        return lines;
    }
}
