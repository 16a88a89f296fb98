package io.drivetrain.trainer.grade;

/** Whether a candidate takes the champion's place. */
public sealed interface PromotionDecision {
    Comparison comparison();

    /** One or two sentences with the figures that decided. */
    String reason();

    /** The candidate is not worse and becomes the champion. */
    record Promote(Comparison comparison, String reason) implements PromotionDecision {}

    /** The candidate is worse, or too little is known to say that it is not, and stays a challenger. */
    record KeepChallenger(Comparison comparison, String reason) implements PromotionDecision {}
}
