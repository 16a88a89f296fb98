package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.infra.cli.train.TestReports;
import io.drivetrain.schemas.CollectionRequest;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LabelSuspect;
import io.drivetrain.schemas.Split;
import java.util.List;
import org.junit.jupiter.api.Test;

class SuspectsCommandTest {
    private static LabelSuspect suspect(String sample, String run, double score, String given) {
        return new LabelSuspect(
                sample, "drive", Split.TRAIN, run, score, given, "car", 0.9, null, "00", TestReports.START);
    }

    @Test
    void theNewestRunCountsEachSampleOnceAndTheMostSuspectComesFirst() {
        List<LabelSuspect> all = List.of(
                suspect("a", "old", 0.01, "bus"),
                suspect("b", "new", 0.20, "bus"),
                suspect("c", "new", 0.10, "truck"),
                suspect("b", "new", 0.05, "bus"));
        assertThat(SuspectsCommand.of(all, null, null))
                .extracting(LabelSuspect::getSampleId)
                .containsExactly("b", "c");
        assertThat(SuspectsCommand.of(all, null, "truck"))
                .extracting(LabelSuspect::getSampleId)
                .containsExactly("c");
        assertThat(SuspectsCommand.of(all, "old", null))
                .extracting(LabelSuspect::getSampleId)
                .containsExactly("a");
        assertThat(SuspectsCommand.of(List.of(), null, null)).isEmpty();
    }

    private static CollectionRequest request(String run, String slice, Estimate gain) {
        return new CollectionRequest(
                run + slice, run, "model", slice, Domain.TARGET, 12, gain, "Reason.", TestReports.START, null);
    }

    @Test
    void whatBringsMostIsCollectedFirstAndWhatNobodyKnowsLast() {
        assertThat(CollectCommand.of(
                        List.of(
                                request("old", "rain", null),
                                request("new", "fog", null),
                                request("new", "snow", new Estimate(0.01, null, null)),
                                request("new", "night", new Estimate(0.05, 0.02, 0.08))),
                        null))
                .extracting(CollectionRequest::getSlice)
                .containsExactly("night", "snow", "fog");
    }
}
