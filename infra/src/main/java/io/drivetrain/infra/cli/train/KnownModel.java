package io.drivetrain.infra.cli.train;

import io.drivetrain.schemas.ConfigKey;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.Promotion;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitResult;
import io.drivetrain.schemas.TrainingReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A published model with what is known of it.
 *
 * @param champion whether it is in service now
 * @param testDev error rate
 * @param test error rate
 * @param reason why it became champion or stayed a challenger
 */
public record KnownModel(
        ModelPublished published,
        boolean champion,
        Optional<Estimate> testDev,
        Optional<Estimate> test,
        Optional<String> reason) {
    /** The alias of the model in service, which is the key of its record, too. */
    public static final String CHAMPION = "champion";

    public String modelId() {
        return published.getModelId();
    }

    /** Whether it learned from drawn scenes, which say nothing about the stream. */
    public boolean synthetic() {
        return "synthetic".equals(published.getProvenance().getConfig().get(ConfigKey.TRAINING_DATA.path()));
    }

    /** What is in service now, by the newest decision. */
    public static Optional<ModelAlias> championOf(List<ModelAlias> aliases) {
        return aliases.stream()
                .filter(alias -> alias.getAlias().equals(CHAMPION))
                .reduce((earlier, later) -> later);
    }

    /**
     * Returns each model once, the newest first.
     *
     * @param published oldest first
     * @param reports oldest first
     */
    public static List<KnownModel> of(
            List<ModelPublished> published, List<TrainingReport> reports, Optional<ModelAlias> champion) {
        Map<String, ModelPublished> byId = new LinkedHashMap<>();
        published.forEach(model -> byId.put(model.getModelId(), model));
        List<KnownModel> models = new ArrayList<>();
        for (ModelPublished model : byId.values()) {
            Optional<TrainingReport> report = reports.stream()
                    .filter(candidate -> candidate.getModelId().equals(model.getModelId()))
                    .reduce((earlier, later) -> later);
            Optional<ModelAlias> alias =
                    champion.filter(name -> name.getModelId().equals(model.getModelId()));
            models.add(new KnownModel(
                    model,
                    alias.isPresent(),
                    report.flatMap(found -> error(found, Split.TEST_DEV)),
                    report.flatMap(found -> error(found, Split.TEST)),
                    alias.map(ModelAlias::getReason)
                            .or(() -> report.map(TrainingReport::getPromotion).map(Promotion::getReason))));
        }
        models.sort(Comparator.comparing((KnownModel model) -> model.published().getPublishedAt())
                .reversed());
        return models;
    }

    private static Optional<Estimate> error(TrainingReport report, Split split) {
        return report.getSplits().stream()
                .filter(result -> result.getSplit() == split)
                .findFirst()
                .map(SplitResult::getError);
    }
}
