package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.drivetrain.schemas.BalanceComparison;
import io.drivetrain.schemas.BalanceMethod;
import io.drivetrain.schemas.BalanceReference;
import io.drivetrain.schemas.BalanceVerdict;
import io.drivetrain.schemas.ClassBalanceReport;
import io.drivetrain.schemas.ClassShare;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.WindowKind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QualityCommandTest {
    private static final Instant START = Instant.parse("2026-11-01T08:00:00Z");

    private static ClassBalanceReport report(WindowKind kind, int endSeconds, BalanceVerdict verdict, boolean starved) {
        return ClassBalanceReport.newBuilder()
                .setWindowId("train/" + endSeconds)
                .setSplit(Split.TRAIN)
                .setWindowKind(kind)
                .setWindowStart(START)
                .setWindowEnd(START.plusSeconds(endSeconds))
                .setCounts(Map.of())
                .setTotals(Map.of())
                .setClasses(List.of(ClassShare.newBuilder()
                        .setLabel("car")
                        .setSamples(0)
                        .setTotalSamples(0)
                        .setTotalDrives(0)
                        .setEffectiveWeight(0.5)
                        .setStarved(starved)
                        .build()))
                .setComparison(BalanceComparison.newBuilder()
                        .setReference(BalanceReference.TRAINING)
                        .setVerdict(verdict)
                        .setMethod(BalanceMethod.NONE)
                        .build())
                .build();
    }

    @Test
    void theNewestSharesComeWithTheVerdictOfTheNewestWindowByCount() {
        QualityCommand.Newest newest = new QualityCommand.Newest();
        newest.take(report(WindowKind.TIME, 10, BalanceVerdict.DIFFERENT, false));
        newest.take(report(WindowKind.COUNT, 15, BalanceVerdict.AS_EXPECTED, false));
        newest.take(report(WindowKind.TIME, 20, BalanceVerdict.NOT_ENOUGH_DATA, false));
        ClassBalanceReport shown = newest.shown().get(0);
        assertThat(shown.getWindowId()).isEqualTo("train/20");
        assertThat(shown.getComparison().getVerdict()).isEqualTo(BalanceVerdict.AS_EXPECTED);
        assertThat(newest.negative()).isFalse();
        JsonNode document = newest.document();
        assertThat(document.get("classBalance")).hasSize(2);
        assertThat(document.at("/classBalance/0/classes/0/effectiveWeight").asDouble())
                .isEqualTo(0.5);
        assertThat(document.get("labelSources")).isEmpty();
    }

    @Test
    void aDifferenceOrAStarvedClassIsANegativeVerdict() {
        QualityCommand.Newest different = new QualityCommand.Newest();
        different.take(report(WindowKind.COUNT, 10, BalanceVerdict.DIFFERENT, false));
        assertThat(different.negative()).isTrue();
        QualityCommand.Newest starved = new QualityCommand.Newest();
        starved.take(report(WindowKind.TIME, 10, BalanceVerdict.NOT_ENOUGH_DATA, true));
        assertThat(starved.negative()).isTrue();
    }

    @Test
    void aSplitThatGradesModelsAndLacksAClassIsANegativeVerdict() {
        for (Split split : Split.values()) {
            QualityCommand.Newest newest = new QualityCommand.Newest();
            ClassBalanceReport report = report(WindowKind.TIME, 10, BalanceVerdict.AS_EXPECTED, false);
            report.setSplit(split);
            report.setLackingClasses(List.of("car"));
            newest.take(report);
            assertThat(newest.negative())
                    .as("%s", split)
                    .isEqualTo(split == Split.TRAIN_DEV || split == Split.TEST_DEV);
        }
    }
}
