package io.drivetrain.trainer.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.AliasDecision;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.Provenance;
import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.schemas.TopicOffset;
import io.drivetrain.trainer.assemble.Offsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestBindingTest {
    private static final DrivetrainConfig BASE = ConfigReader.read(Optional.empty(), Map.of(), Map.of());
    private static final ModelPublished MODEL = ModelPublished.newBuilder()
            .setModelId("lenet-1")
            .setRunId("run-1")
            .setNetwork("lenet")
            .setUri("file:///models/lenet-1/")
            .setClasses(List.of("a", "b"))
            .setChannels(3)
            .setHeight(32)
            .setWidth(32)
            .setChannelMean(List.of())
            .setChannelStandardDeviation(List.of())
            .setSha256("")
            .setWeightsSha256("")
            .setProvenance(new Provenance(
                    List.of(new TopicOffset("samples.train", 0, 40L)),
                    null,
                    "",
                    Map.of("training.seed", "9", "split.salt", "s", "classes", "a,b"),
                    9L,
                    1,
                    Map.of()))
            .setPublishedAt(Instant.EPOCH)
            .build();
    private static final ModelAlias CHAMPION =
            new ModelAlias("champion", "lenet-1", null, AliasDecision.PROMOTED, "first", Instant.EPOCH);

    private static PendingRequest request(Map<String, String> overrides, Optional<String> reproduces) {
        return new PendingRequest(
                "r", RetrainingReason.MANUAL, Optional.empty(), overrides, "", reproduces, Instant.EPOCH, 0);
    }

    private static RequestBinding bind(PendingRequest request, Optional<ModelAlias> champion) {
        return RequestBinding.of(request, BASE, Map.of("lenet-1", MODEL), champion);
    }

    @Test
    void aReproductionTakesDataAndKeysOfItsModel() {
        PendingRequest bound =
                ((RequestBinding.Bound) bind(request(Map.of(), Optional.of("lenet-1")), Optional.empty())).request();

        assertThat(bound.upTo()).contains(Offsets.of(MODEL.getProvenance().getOffsets()));
        assertThat(bound.overrides()).isEqualTo(Map.of("training.seed", "9", "classes", "a,b"));
    }

    @Test
    void anUnknownModelIsRefusedWithThoseThatAreKnown() {
        assertThat(bind(request(Map.of(), Optional.of("lenet-2")), Optional.empty()))
                .isEqualTo(new RequestBinding.Refused("There is no model 'lenet-2' to reproduce; known are [lenet-1]"));
    }

    @Test
    void theChampionIsBoundByItsIdSoThatARepeatedRunBeginsWithTheSameWeights() {
        PendingRequest warm = request(Map.of("improve.warm-start", "champion"), Optional.empty());

        assertThat(((RequestBinding.Bound) bind(warm, Optional.of(CHAMPION)))
                        .request()
                        .overrides())
                .containsEntry("improve.warm-start", "lenet-1");
        assertThat(((RequestBinding.Bound) bind(warm, Optional.empty()))
                        .request()
                        .overrides())
                .containsEntry("improve.warm-start", "");
    }

    @Test
    void offsetsOfATopicWithoutSamplesAreRefused() {
        PendingRequest foreign = PendingRequest.plain(
                "r",
                RetrainingReason.MANUAL,
                Optional.of(Offsets.of(List.of(new TopicOffset("alerts", 0, 5L)))),
                Instant.EPOCH);

        assertThat(((RequestBinding.Refused) bind(foreign, Optional.empty())).reason())
                .startsWith("The request names offsets of alerts/0; data comes from");
    }
}
