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
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
                "r", RetrainingReason.MANUAL, Optional.empty(), overrides, "", reproduces, Instant.EPOCH, 0, false);
    }

    private static RequestBinding bind(PendingRequest request) {
        return RequestBinding.of(
                request, BASE, Map.of("lenet-1", MODEL), Set.of(new Offsets.Partition("samples.train", 0)));
    }

    private static String refusal(PendingRequest request) {
        return ((RequestBinding.Refused) bind(request)).reason();
    }

    private static PendingRequest upTo(String topic, int partition, long offset) {
        return PendingRequest.plain(
                "r",
                RetrainingReason.MANUAL,
                Optional.of(Offsets.of(List.of(new TopicOffset(topic, partition, offset)))),
                Instant.EPOCH);
    }

    @Test
    void aReproductionTakesDataAndKeysOfItsModel() {
        PendingRequest bound = ((RequestBinding.Bound) bind(request(Map.of(), Optional.of("lenet-1")))).request();

        assertThat(bound.upTo()).contains(Offsets.of(MODEL.getProvenance().getOffsets()));
        assertThat(bound.overrides()).isEqualTo(Map.of("training.seed", "9", "classes", "a,b"));
    }

    @Test
    void anUnknownModelIsRefusedWithThoseThatAreKnown() {
        assertThat(bind(request(Map.of(), Optional.of("lenet-2"))))
                .isEqualTo(new RequestBinding.Refused("There is no model 'lenet-2' to reproduce; known are: lenet-1"));
    }

    @Test
    void theChampionIsBoundByItsIdSoThatARepeatedRunBeginsWithTheSameWeights() {
        PendingRequest warm = request(Map.of("improve.warm-start", "champion"), Optional.empty());
        PendingRequest bound = RequestBinding.withChampion(warm, BASE, Optional.of(CHAMPION));

        assertThat(bind(warm)).isEqualTo(new RequestBinding.Bound(warm));
        assertThat(bound.overrides()).containsEntry("improve.warm-start", "lenet-1");
        assertThat(RequestBinding.withChampion(bound, BASE, Optional.empty())).isEqualTo(bound);
        assertThat(RequestBinding.withChampion(warm, BASE, Optional.empty()).overrides())
                .containsEntry("improve.warm-start", "");
    }

    @Test
    void theChampionOfTheTrainersOwnConfigurationIsBoundTooAndARequestForNoneIsLeftAlone() {
        DrivetrainConfig warm = ConfigReader.read(
                Optional.empty(), Map.of(), Map.of("classes", "a,b", "improve.warm-start", "champion"));
        PendingRequest plain = request(Map.of(), Optional.empty());

        assertThat(RequestBinding.withChampion(plain, warm, Optional.of(CHAMPION))
                        .overrides())
                .containsEntry("improve.warm-start", "lenet-1");
        assertThat(RequestBinding.withChampion(plain, BASE, Optional.of(CHAMPION)))
                .isEqualTo(plain);
    }

    @Test
    void aWarmStartFromAModelThatIsNotThereIsRefused(@TempDir Path folder) {
        assertThat(refusal(request(Map.of("improve.warm-start", "lenet-2"), Optional.empty())))
                .isEqualTo("There is no model 'lenet-2' to start from; known are: lenet-1");
        assertThat(refusal(request(Map.of("improve.warm-start", "lenet-1"), Optional.empty())))
                .startsWith("The folder of model lenet-1 is gone (/models/lenet-1");
        ModelPublished there = ModelPublished.newBuilder(MODEL)
                .setUri(folder.toUri().toString())
                .build();
        PendingRequest warm = request(Map.of("improve.warm-start", "lenet-1"), Optional.empty());
        assertThat(RequestBinding.of(warm, BASE, Map.of("lenet-1", there), Set.of()))
                .isEqualTo(new RequestBinding.Bound(warm));
    }

    @Test
    void offsetsThatWillNeverBeReachedAreRefused() {
        assertThat(refusal(upTo("alerts", 0, 5)))
                .isEqualTo("The request names offsets of alerts/0; data comes from [samples.train/0]");
        assertThat(refusal(upTo("samples.train", 7, 5))).startsWith("The request names offsets of samples.train/7;");
        assertThat(refusal(upTo("samples.train", 0, -1)))
                .isEqualTo("The request names offset -1 of samples.train/0; give 0 or more");
        assertThat(bind(upTo("samples.train", 0, 5))).isInstanceOf(RequestBinding.Bound.class);
    }
}
