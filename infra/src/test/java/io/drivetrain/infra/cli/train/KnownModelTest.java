package io.drivetrain.infra.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.AliasDecision;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.Promotion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KnownModelTest {
    private static ModelAlias champion(String modelId, String before) {
        return new ModelAlias("champion", modelId, before, AliasDecision.PROMOTED, "better", TestReports.START);
    }

    @Test
    void theNewestModelIsFirstAndOnlyTheAliasSaysWhichIsChampion() {
        List<KnownModel> models = KnownModel.of(
                List.of(TestReports.model("a", 1), TestReports.model("b", 2), TestReports.model("a", 3)),
                List.of(TestReports.report("b", Map.of())
                        .setPromotion(Promotion.newBuilder()
                                .setChampion(false)
                                .setReason("night is worse")
                                .build())
                        .build()),
                Optional.of(champion("a", null)));
        assertThat(models).extracting(KnownModel::modelId).containsExactly("a", "b");
        assertThat(models).extracting(KnownModel::champion).containsExactly(true, false);
        assertThat(models.get(0).reason()).contains("better");
        assertThat(models.get(0).testDev()).isEmpty();
        assertThat(models.get(1).reason()).contains("night is worse");
        assertThat(models.get(1).testDev()).contains(new Estimate(0.2, 0.0, 0.3));
    }

    @Test
    void theNewestDecisionOnTheAliasHolds() {
        assertThat(KnownModel.championOf(List.of(champion("a", null), champion("b", "a")))
                        .map(ModelAlias::getModelId))
                .contains("b");
        assertThat(KnownModel.championOf(List.of())).isEmpty();
    }
}
