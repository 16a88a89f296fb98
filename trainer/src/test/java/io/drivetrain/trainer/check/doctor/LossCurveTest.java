package io.drivetrain.trainer.check.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.trainer.check.doctor.LossCurve.Symptom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LossCurveTest {
    private static final double GUESSING = Math.log(3);

    @Test
    void steadyFallIsNoSymptom() {
        LossCurve curve = curve(1.1, 0.9, 0.6, 0.3, 0.1);
        assertThat(curve.symptom()).isEqualTo(Symptom.NONE);
        assertThat(curve.learnt()).isTrue();
    }

    @Test
    void slowFallIsNoSymptomAndNotYetLearnt() {
        LossCurve curve = curve(1.1, 1.0, 0.95, 0.9, 0.8);
        assertThat(curve.symptom()).isEqualTo(Symptom.NONE);
        assertThat(curve.learnt()).isFalse();
    }

    @Test
    void risingErrorIsToldFromAnExplosion() {
        assertThat(curve(1.1, 1.3, 1.5, 1.8, 2.2).symptom()).isEqualTo(Symptom.RISES);
        assertThat(curve(1.1, 30, 12, 60, 3).symptom()).isEqualTo(Symptom.EXPLODES);
        assertThat(curve(1.1, 1.2, Double.NaN).symptom()).isEqualTo(Symptom.EXPLODES);
    }

    @Test
    void lossThatSwingsOscillates() {
        double[] swings =
                IntStream.range(0, 40).mapToDouble(i -> i % 2 == 0 ? 1.1 : 2.0).toArray();
        assertThat(new LossCurve(swings, GUESSING).symptom()).isEqualTo(Symptom.OSCILLATES);
    }

    @Test
    void lossThatStaysIsAPlateau() {
        assertThat(curve(1.1, 1.09, 1.08, 1.08, 1.08).symptom()).isEqualTo(Symptom.PLATEAUS);
    }

    @Test
    void comingDownToGuessingIsAPlateau() {
        assertThat(curve(5.8, 3.0, 1.5, 1.1, 1.1).symptom()).isEqualTo(Symptom.PLATEAUS);
    }

    private static LossCurve curve(double... losses) {
        return new LossCurve(losses, GUESSING);
    }
}
