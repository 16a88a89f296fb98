package io.drivetrain.infra.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.synthesize.SyntheticScenes;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.synthesize.Fault;
import io.drivetrain.schemas.synthesize.FaultShares;
import io.drivetrain.schemas.synthesize.StreamPlan;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorrectedSourceTest {
    @Test
    void everyWrongLabelIsFollowedByItsCorrection() {
        StreamPlan plan = StreamPlan.first(5, 4, 4)
                .withSize(96, 54)
                .withFramesPerDrive(6)
                .withFaults(new FaultShares(0.3, 0, 0, 0.1, 0));
        CorrectedSource source = new CorrectedSource(SyntheticScenes.source(plan, 1), plan.ledger());
        List<LabeledSample> samples = new ArrayList<>();
        source.iterator().forEachRemaining(entry -> samples.add(((Collected.Sample) entry).sample()));
        source.close();

        assertThat(source.corrections()).isPositive();
        assertThat(samples).hasSize((int) (plan.records() + source.corrections()));
        for (int i = 0; i < samples.size(); i++) {
            LabeledSample sample = samples.get(i);
            boolean wrong = plan.ledger().get(sample.getSampleId()) == Fault.WRONG_LABEL;
            if (wrong && sample.getLabelRevision() == 0) {
                LabeledSample correction = samples.get(i + 1);
                assertThat(correction.getSampleId()).isEqualTo(sample.getSampleId());
                assertThat(correction.getImageBytes()).isEqualTo(sample.getImageBytes());
                assertThat(correction.getLabelRevision()).isEqualTo(1);
                assertThat(correction.getLabel()).isNotEqualTo(sample.getLabel());
            }
        }
        assertThat(samples.stream().filter(sample -> sample.getLabelRevision() == 1))
                .hasSize((int) source.corrections());
    }
}
