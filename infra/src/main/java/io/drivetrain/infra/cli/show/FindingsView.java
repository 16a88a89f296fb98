package io.drivetrain.infra.cli.show;

import io.drivetrain.schemas.DoctorFinding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What the doctor found, what failed first. */
public final class FindingsView {
    private static final int CHECK = 34;

    private FindingsView() {}

    /**
     * Returns one line for each finding, with evidence and advice below those that failed.
     *
     * @param all whether those that passed are listed, too, or only counted
     */
    public static List<String> lines(Terminal terminal, List<DoctorFinding> findings, boolean all) {
        List<String> lines = new ArrayList<>();
        if (findings.isEmpty()) {
            return lines;
        }
        List<DoctorFinding> failed =
                findings.stream().filter(DoctorFinding::getFailed).toList();
        List<DoctorFinding> passed =
                findings.stream().filter(finding -> !finding.getFailed()).toList();
        lines.add("  %s %s"
                .formatted(
                        terminal.bold("Doctor"),
                        failed.isEmpty()
                                ? "nothing is wrong in %d checks".formatted(findings.size())
                                : terminal.red("%d of %d checks failed".formatted(failed.size(), findings.size()))));
        for (DoctorFinding finding : failed.stream()
                .sorted(Comparator.comparingDouble(DoctorFinding::getScore))
                .toList()) {
            lines.add("  " + terminal.mark(false) + " " + head(finding));
            lines.addAll(terminal.wrapped(finding.getEvidence(), 4));
            if (!finding.getAdvice().isEmpty()) {
                lines.addAll(terminal.wrapped("→ " + finding.getAdvice(), 4));
            }
        }
        if (all) {
            for (DoctorFinding finding : passed) {
                lines.add("  " + terminal.mark(true) + " " + head(finding));
            }
        }
        return lines;
    }

    private static String head(DoctorFinding finding) {
        String name = finding.getSubject().isEmpty()
                ? finding.getCheck()
                : finding.getCheck() + " (" + finding.getSubject() + ")";
        return String.format(Locale.ROOT, "%-" + CHECK + "s score %.2f", name, finding.getScore());
    }
}
