package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.AliasDecision;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.Promotion;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.schemas.TrainingStage;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.grade.Comparison;
import io.drivetrain.trainer.grade.MostProbable;
import io.drivetrain.trainer.grade.PromotionDecision;
import io.drivetrain.trainer.grade.PromotionRule;
import io.drivetrain.trainer.publish.Outgoing;
import io.drivetrain.trainer.publish.Published;
import io.drivetrain.trainer.publish.Publisher;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides whether the model takes the champion's place: the first one does, a later one if it is not worse on test-dev as
 * it is now. One that trains an earlier model again, or learned from synthetic scenes, never does.
 */
final class PromotionPart implements ReportPart {
    private final Published published;
    private final EarlierModels earlier;
    private final InstantSource clock;

    PromotionPart(Published published, EarlierModels earlier, InstantSource clock) {
        this.published = published;
        this.earlier = earlier;
        this.clock = clock;
    }

    @Override
    public void add(GradedRun run, TrainingReport.Builder report) throws InterruptedException {
        if (run.request().reproduces().isPresent()) {
            return;
        }
        Optional<String> champion = published.champion().map(ModelAlias::getModelId);
        if (SyntheticPart.synthetic(run.config())) {
            report.setPromotion(
                    promotion(
                            false,
                            champion,
                            Optional.empty(),
                            "It learned from synthetic scenes (training.data is synthetic), and such a model is never promoted; train on the stream without --synthetic."));
            return;
        }
        Promotion promotion = champion.isEmpty()
                ? promotion(true, champion, Optional.empty(), "The first model of this stream.")
                : against(champion.get(), run);
        report.setPromotion(promotion);
        // The champion trained again changes nothing; said once more, it would be the champion before itself, and there
        // would be none to roll back to.
        if (promotion.getChampion() && !champion.equals(Optional.of(run.modelId()))) {
            run.outgoing()
                    .add(Outgoing.of(
                            Topic.MODELS_ALIASES,
                            Publisher.CHAMPION,
                            new ModelAlias(
                                    Publisher.CHAMPION,
                                    run.modelId(),
                                    champion.orElse(null),
                                    AliasDecision.PROMOTED,
                                    promotion.getReason(),
                                    clock.instant())));
        }
    }

    private Promotion against(String champion, GradedRun run) throws InterruptedException {
        if (champion.equals(run.modelId())) {
            return promotion(true, Optional.of(champion), Optional.empty(), "The champion itself, trained again.");
        }
        ModelPublished model = published.models().get(champion);
        if (model == null) {
            return promotion(
                    false,
                    Optional.of(champion),
                    Optional.empty(),
                    "The champion %s is not on models.published, so nothing can be compared; choose another with './drivetrain models rollback'"
                            .formatted(champion));
        }
        run.progress().tell(TrainingStage.ANALYSING, "Comparing with the champion %s on test-dev".formatted(champion));
        EarlierModels.Answer answer = earlier.ask(model, run, List.of(Split.TEST_DEV));
        if (answer instanceof EarlierModels.Answer.Incomparable incomparable) {
            return promotion(
                    false,
                    Optional.of(champion),
                    Optional.empty(),
                    "Not compared: %s; it stays a challenger until you make it champion with './drivetrain models promote %s'"
                            .formatted(incomparable.reason(), run.modelId()));
        }
        int[] theirs = ((EarlierModels.Answer.Predicted) answer).classes().get(Split.TEST_DEV);
        if (theirs == null) {
            return promotion(false, Optional.of(champion), Optional.empty(), "Not compared: test-dev is empty.");
        }
        SplitView testDev = run.assembly().view(Split.TEST_DEV);
        List<Map<String, String>> attributes = new ArrayList<>();
        for (int i = 0; i < testDev.size(); i++) {
            attributes.add(testDev.attributes(i));
        }
        PromotionDecision decision = PromotionRule.decide(
                new PromotionRule.Contest(
                        testDev.labels(),
                        MostProbable.of(run.probabilities().get(Split.TEST_DEV)),
                        theirs,
                        testDev.driveOf(),
                        testDev.drives().size(),
                        attributes),
                GradePart.settings(run.config().training()));
        boolean promoted = decision instanceof PromotionDecision.Promote;
        return promotion(promoted, Optional.of(champion), Optional.of(decision.comparison()), decision.reason());
    }

    private static Promotion promotion(
            boolean champion, Optional<String> against, Optional<Comparison> comparison, String reason) {
        Promotion.Builder promotion = Promotion.newBuilder()
                .setChampion(champion)
                .setAgainst(against.orElse(null))
                .setReason(reason);
        comparison.filter(c -> !Double.isNaN(c.difference())).ifPresent(c -> {
            promotion.setDifference(new Estimate(
                    c.difference(),
                    c.interval().map(i -> i.low()).orElse(null),
                    c.interval().map(i -> i.high()).orElse(null)));
            c.mcnemarPValue().ifPresent(promotion::setMcnemarPValue);
        });
        return promotion.build();
    }
}
