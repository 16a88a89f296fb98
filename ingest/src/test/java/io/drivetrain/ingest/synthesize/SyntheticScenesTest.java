package io.drivetrain.ingest.synthesize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.synthesize.Conditions;
import io.drivetrain.schemas.synthesize.DrawnDrives;
import io.drivetrain.schemas.synthesize.Fault;
import io.drivetrain.schemas.synthesize.FaultShares;
import io.drivetrain.schemas.synthesize.StreamPlan;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class SyntheticScenesTest {
    private static StreamPlan small(StreamPlan plan) {
        return plan.withSize(160, 90).withFramesPerDrive(4);
    }

    private static List<LabeledSample> draw(StreamPlan plan, int threads) {
        List<LabeledSample> samples = new ArrayList<>();
        try (SampleSource source = SyntheticScenes.source(plan, threads)) {
            for (Collected collected : source) {
                samples.add(((Collected.Sample) collected).sample());
            }
        }
        return samples;
    }

    private static double brightness(LabeledSample sample) throws IOException {
        BufferedImage image =
                ImageIO.read(new ByteArrayInputStream(sample.getImageBytes().array()));
        double sum = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int p = image.getRGB(x, y);
                sum += (p >> 16 & 0xFF) + (p >> 8 & 0xFF) + (p & 0xFF);
            }
        }
        return sum / (3.0 * image.getWidth() * image.getHeight());
    }

    @Test
    void sameSeedGivesTheSameBytesWithOneThreadAndWithThree() {
        StreamPlan plan = small(StreamPlan.first(7, 6, 6));
        assertThat(draw(plan, 3)).isEqualTo(draw(plan, 1));
    }

    @Test
    void anotherSeedGivesOtherPictures() {
        assertThat(draw(small(StreamPlan.first(8, 1, 0)), 1).get(0).getImageBytes())
                .isNotEqualTo(draw(small(StreamPlan.first(9, 1, 0)), 1).get(0).getImageBytes());
    }

    @Test
    void theStreamHasAsManyRecordsAsThePlanSays() {
        StreamPlan plan = small(StreamPlan.first(3, 20, 20)).withFaults(new FaultShares(0, 0, 0, 0.3, 0));
        assertThat(draw(plan, 2)).hasSize((int) plan.records());
        assertThat(plan.records()).isGreaterThan(160);
    }

    @Test
    void aPedestrianIsLabelledExactlyWhereABoxIs() {
        List<LabeledSample> samples = draw(small(StreamPlan.first(5, 20, 20)).withFaults(FaultShares.NONE), 2);
        assertThat(samples)
                .allSatisfy(sample -> assertThat(sample.getLabel())
                        .isEqualTo(sample.getBoxes().isEmpty() ? "no-pedestrian" : "pedestrian"));
        Map<String, Long> counts =
                samples.stream().collect(Collectors.groupingBy(LabeledSample::getLabel, Collectors.counting()));
        assertThat(counts.get("pedestrian")).isBetween(50L, 130L);
    }

    @Test
    void boxesLieInTheFrame() {
        assertThat(draw(small(StreamPlan.first(5, 20, 0)), 2))
                .allSatisfy(sample -> assertThat(sample.getBoxes()).allSatisfy(box -> {
                    assertThat(box.getX1()).isBetween(0.0, box.getX2());
                    assertThat(box.getX2()).isLessThanOrEqualTo(160);
                    assertThat(box.getY1()).isBetween(0.0, box.getY2());
                    assertThat(box.getY2()).isLessThanOrEqualTo(90);
                }));
    }

    @Test
    void nightIsDarkAndSourceStartsByDay() throws IOException {
        List<LabeledSample> samples = draw(small(StreamPlan.first(11, 8, 16)).withFaults(FaultShares.NONE), 2);
        for (LabeledSample sample : samples) {
            String time = sample.getAttributes().get("timeofday");
            if (time.equals("daytime")) {
                assertThat(brightness(sample)).isGreaterThan(90);
            } else if (time.equals("night")
                    && sample.getAttributes().get("reflections").equals("none")) {
                assertThat(brightness(sample)).isLessThan(70);
            }
            if (sample.getDomain() == Domain.SOURCE) {
                assertThat(time).isEqualTo("daytime");
            }
        }
        assertThat(samples).anyMatch(s -> s.getAttributes().get("timeofday").equals("night"));
    }

    @Test
    void targetTurnsToNightInItsSecondHalfAndCaptureTimeFollowsTheStream() {
        List<StreamPlan.Drive> target = StreamPlan.first(1, 10, 20).drives().stream()
                .filter(d -> d.domain() == Domain.TARGET)
                .toList();
        assertThat(target.subList(0, 10)).allMatch(d -> d.conditions().timeOfDay() == Conditions.TimeOfDay.DAYTIME);
        assertThat(target.subList(10, 20)).noneMatch(d -> d.conditions().timeOfDay() == Conditions.TimeOfDay.DAYTIME);
        assertThat(target).isSortedAccordingTo(java.util.Comparator.comparing(StreamPlan.Drive::start));
    }

    @Test
    void everyPlantedFaultIsInTheLedgerAndInTheStream() {
        StreamPlan plan = small(StreamPlan.first(2, 60, 60)).withFaults(new FaultShares(0.1, 0.1, 0.05, 0.05, 0.05));
        Map<String, Fault> ledger = plan.ledger();
        assertThat(ledger.size()).isBetween(120, 220);
        Map<String, Integer> copies = new HashMap<>();
        for (LabeledSample sample : draw(plan, 2)) {
            Fault fault = ledger.getOrDefault(sample.getSampleId(), Fault.NONE);
            copies.merge(sample.getSampleId(), 1, Integer::sum);
            String truth = sample.getBoxes().isEmpty() ? "no-pedestrian" : "pedestrian";
            switch (fault) {
                case NONE, DUPLICATE, CORRUPT_IMAGE ->
                    assertThat(sample.getLabel()).isEqualTo(truth);
                case WRONG_LABEL ->
                    assertThat(sample.getLabel()).isNotEqualTo(truth).endsWith("pedestrian");
                case UNKNOWN_CLASS -> assertThat(sample.getLabel()).isEqualTo(DrawnDrives.UNKNOWN_CLASS);
                case MISSING_LABEL -> assertThat(sample.getLabel()).isNull();
            }
        }
        ledger.forEach((id, fault) -> assertThat(copies.get(id)).isEqualTo(fault == Fault.DUPLICATE ? 2 : 1));
    }

    @Test
    void plansShareNoDrive() {
        assertThat(StreamPlan.nightSource(1, 5).drives())
                .extracting(StreamPlan.Drive::id)
                .doesNotContainAnyElementsOf(StreamPlan.first(1, 5, 5).drives().stream()
                        .map(StreamPlan.Drive::id)
                        .toList());
    }

    @Test
    void aShareBeyondOneIsRefused() {
        assertThatThrownBy(() -> new FaultShares(1.2, 0, 0, 0, 0)).hasMessage("A share of faults is 1.2; give 0 to 1");
    }
}
