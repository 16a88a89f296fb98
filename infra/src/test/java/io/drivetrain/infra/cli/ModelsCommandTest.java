package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.drivetrain.infra.cli.train.KnownModel;
import io.drivetrain.infra.cli.train.TestReports;
import io.drivetrain.schemas.AliasDecision;
import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.ModelPublished;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelsCommandTest {
    private static final Instant NOW = TestReports.START.plusSeconds(600);

    private static ModelAlias alias(String modelId, String before) {
        return new ModelAlias("champion", modelId, before, AliasDecision.PROMOTED, "better", TestReports.START);
    }

    private static final List<KnownModel> MODELS = KnownModel.of(
            List.of(TestReports.model("a", 1), TestReports.model("b", 2)), List.of(), Optional.of(alias("b", "a")));

    @Test
    void aRollbackGoesToTheChampionBeforeAndCanBeTakenBack() throws Exception {
        String before = ModelsCommand.before(List.of(alias("b", "a")));
        ModelAlias back = ModelsCommand.decision(MODELS, before, AliasDecision.ROLLED_BACK, "night", NOW);
        assertThat(back).isEqualTo(new ModelAlias("champion", "a", "b", AliasDecision.ROLLED_BACK, "night", NOW));
        assertThat(ModelsCommand.before(List.of(alias("b", "a"), back))).isEqualTo("b");
    }

    @Test
    void aChampionThatWasTrainedAgainIsNotTheOneBeforeItself() throws Exception {
        assertThat(ModelsCommand.before(List.of(alias("a", null), alias("b", "a"), alias("b", "b"), alias("b", "b"))))
                .isEqualTo("a");
        assertThatThrownBy(() -> ModelsCommand.before(List.of(alias("a", null), alias("a", "a"))))
                .hasMessageContaining("a is the first champion");
    }

    @Test
    void theFirstChampionHasNoneToGoBackTo() {
        assertThatThrownBy(() -> ModelsCommand.before(List.of(alias("a", null))))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("a is the first champion");
        assertThatThrownBy(() -> ModelsCommand.before(List.of())).hasMessageContaining("./drivetrain train");
    }

    @Test
    void anUnknownModelAndTheChampionItselfAreWrongUsage() {
        assertThatThrownBy(() -> ModelsCommand.decision(MODELS, "c", AliasDecision.PROMOTED, "", NOW))
                .hasMessage("There is no model 'c'; known are: b, a")
                .isInstanceOfSatisfying(
                        CommandException.class,
                        wrong -> assertThat(wrong.exitCode()).isEqualTo(ExitCode.WRONG_USAGE));
        assertThatThrownBy(() -> ModelsCommand.decision(MODELS, "b", AliasDecision.PROMOTED, "", NOW))
                .hasMessageContaining("champion already");
    }

    @ParameterizedTest
    @EnumSource(AliasDecision.class)
    void aModelOfSyntheticScenesIsNotPutIntoServiceByHandEither(AliasDecision decision) {
        ModelPublished drawn = ModelPublished.newBuilder(TestReports.model("drawn", 3))
                .setProvenance(TestReports.provenance(Map.of("training.data", "synthetic")))
                .build();
        List<KnownModel> models =
                KnownModel.of(List.of(TestReports.model("a", 1), drawn), List.of(), Optional.of(alias("a", null)));
        assertThatThrownBy(() -> ModelsCommand.decision(models, "drawn", decision, "", NOW))
                .hasMessageContaining("drawn learned from synthetic scenes (training.data is synthetic)")
                .isInstanceOfSatisfying(
                        CommandException.class,
                        refused -> assertThat(refused.exitCode()).isEqualTo(ExitCode.NEGATIVE));
    }

    @Test
    void theListIsOneDocumentWithTheChampion() {
        JsonNode document = ModelsCommand.document(MODELS);
        assertThat(document.get("champion").asText()).isEqualTo("b");
        assertThat(document.at("/models/0/modelId").asText()).isEqualTo("b");
        assertThat(document.at("/models/1/champion").asBoolean()).isFalse();
        assertThat(document.at("/models/1/testDevError").isNull()).isTrue();
    }
}
