package io.drivetrain.trainer.grade.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.trainer.grade.ClusterBootstrap;
import java.util.List;
import org.junit.jupiter.api.Test;

class NoisyLabelsTest {
    private static final ClusterBootstrap.Settings SETTINGS = new ClusterBootstrap.Settings(100, 2, 1);

    private static NoisyLabels labels(int[] labels, double[]... rows) {
        return new NoisyLabels(labels, rows, 2);
    }

    private static String objection(NoisyLabels labels) {
        return labels.objection().orElseThrow();
    }

    @Test
    void soundLabelsRaiseNoObjection() {
        assertThat(labels(new int[] {0, 1}, new double[] {0.9, 0.1}, new double[] {0.2, 0.8})
                        .objection())
                .isEmpty();
    }

    @Test
    void rowsThatDoNotSumToOneAreToldWithTheirSample() {
        assertThat(objection(labels(new int[] {0, 1}, new double[] {0.9, 0.1}, new double[] {0.2, 0.6})))
                .isEqualTo(
                        "Probabilities of sample 1 sum to 0.8000 and should sum to 1; apply softmax to the model's output");
    }

    @Test
    void aProbabilityThatIsNotANumberIsToldWithItsClass() {
        assertThat(objection(labels(new int[] {0, 1}, new double[] {0.9, Double.NaN}, new double[] {0.2, 0.8})))
                .startsWith("Probability of class 1 for sample 0 is NaN and should be in 0..1");
        assertThat(objection(labels(new int[] {0, 1}, new double[] {1.5, -0.5}, new double[] {0.2, 0.8})))
                .startsWith("Probability of class 0 for sample 0 is 1.5");
    }

    @Test
    void aLabelOutOfRangeIsToldWithItsSample() {
        assertThat(objection(labels(new int[] {0, 2}, new double[] {0.9, 0.1}, new double[] {0.2, 0.8})))
                .isEqualTo("Sample 1 has class 2 of 2; add its class to classes in drivetrain.yaml");
    }

    @Test
    void labelsOfOneClassAndNoLabelsCannotBeJudged() {
        assertThat(objection(labels(new int[] {1, 1}, new double[] {0.9, 0.1}, new double[] {0.2, 0.8})))
                .startsWith("All 2 samples have class 1");
        assertThat(objection(labels(new int[0]))).startsWith("There are no labelled samples");
    }

    @Test
    void probabilitiesOfOtherClassesAreTold() {
        assertThat(objection(labels(new int[] {0, 1}, new double[] {0.9, 0.1}, new double[] {0.2, 0.3, 0.5})))
                .startsWith("Sample 1 has probabilities of 3 classes instead of 2");
        assertThatThrownBy(() -> labels(new int[] {0, 1}, new double[] {1, 0}))
                .hasMessage("2 labels and probabilities of 1 samples; they must be as many");
    }

    @Test
    void whatCannotBeJudgedIsNotEstimated() {
        NoisyLabels bad = labels(new int[] {0, 1}, new double[] {0.9, Double.NaN}, new double[] {0.2, 0.8});
        assertThat(LabelNoiseReport.of(bad, new int[] {0, 1}, List.of("car", "bus"), 2, SETTINGS))
                .isEqualTo(new LabelNoiseReport.Outcome.NotEstimated(objection(bad)));
    }

    @Test
    void theErrorOfTheModelsThatJudgeStandsBesideTheShareOfWrongLabels() {
        NoisyLabels data = labels(
                new int[] {0, 0, 1, 1},
                new double[] {0.9, 0.1},
                new double[] {0.4, 0.6},
                new double[] {0.2, 0.8},
                new double[] {0.1, 0.9});
        LabelNoiseReport.Outcome.Estimated judged = (LabelNoiseReport.Outcome.Estimated)
                LabelNoiseReport.of(data, new int[] {0, 0, 1, 2}, List.of("car", "bus"), 2, SETTINGS);
        assertThat(judged.labelNoise().getOutOfFoldError().getValue()).isEqualTo(0.25);
    }

    @Test
    void wholeNumbersKeepTheirSum() {
        assertThat(ConfidentJoint.roundedKeepingSum(new double[] {1.4, 1.4, 1.2}))
                .containsExactly(1, 2, 1);
        assertThat(ConfidentJoint.roundedKeepingSum(new double[] {1.6, 1.7, 1.7}))
                .containsExactly(1, 2, 2);
        assertThat(ConfidentJoint.roundedKeepingSum(new double[] {3, 0})).containsExactly(3, 0);
    }
}
