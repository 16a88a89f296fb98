package io.drivetrain.trainer.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.AliasDecision;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.trainer.assemble.Offsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TwinsTest {
    private static final DrivetrainConfig BASE =
            ConfigReader.read(Optional.empty(), Map.of(), Map.of("classes", "a,b", "training.network", "lenet"));
    private static final Optional<ModelAlias> CHAMPION =
            Optional.of(new ModelAlias("champion", "lenet-1", null, AliasDecision.PROMOTED, "first", Instant.EPOCH));

    private static PendingRequest request(String id, RetrainingReason reason, long upTo, Map<String, String> keys) {
        return new PendingRequest(
                id,
                reason,
                Optional.of(Offsets.of(Map.of(new Offsets.Partition("samples.train", 0), upTo))),
                keys,
                "",
                Optional.empty(),
                Instant.EPOCH,
                0,
                false);
    }

    private static PendingRequest manual(String id, Map<String, String> keys) {
        return request(id, RetrainingReason.MANUAL, 40, keys);
    }

    private static Optional<String> twin(PendingRequest request, PendingRequest... pending) {
        return Twins.of(request, List.of(pending), BASE, CHAMPION).map(PendingRequest::requestId);
    }

    @Test
    void whoAsksForTheSameDataAndKeysJoinsTheFirstWhoeverItIs() {
        PendingRequest first = manual("first", Map.of());

        assertThat(twin(manual("second", Map.of()), first)).contains("first");
        assertThat(twin(request("cron", RetrainingReason.SCHEDULE, 40, Map.of()), first))
                .contains("first");
        assertThat(twin(manual("named", Map.of("training.network", "lenet")), first))
                .as("a key that is set to what it is anyway")
                .contains("first");
        assertThat(twin(first)).isEmpty();
    }

    @Test
    void whatIsWithdrawnAnswersNobody() {
        assertThat(twin(manual("second", Map.of()), manual("first", Map.of()).asWithdrawn()))
                .isEmpty();
    }

    @Test
    void anotherSeedKeyAnalysisDataOrStepIsAnotherTraining() {
        PendingRequest first = manual("first", Map.of());

        assertThat(twin(manual("seed", Map.of("training.seed", "9")), first)).isEmpty();
        assertThat(twin(manual("network", Map.of("training.network", "dense")), first))
                .isEmpty();
        assertThat(twin(manual("curve", Map.of("analysis.learning-curve-points", "5")), first))
                .isEmpty();
        assertThat(twin(request("data", RetrainingReason.MANUAL, 41, Map.of()), first))
                .isEmpty();
        assertThat(twin(
                        new PendingRequest(
                                "again",
                                RetrainingReason.MANUAL,
                                first.upTo(),
                                Map.of(),
                                "",
                                Optional.of("lenet-1"),
                                Instant.EPOCH,
                                0,
                                false),
                        first))
                .isEmpty();
    }

    @Test
    void aWarmStartFromTheChampionIsTheSameAsOneFromTheModelThatItStandsFor() {
        PendingRequest running = manual("running", Map.of("improve.warm-start", "lenet-1"));

        assertThat(twin(manual("champion", Map.of("improve.warm-start", "champion")), running))
                .contains("running");
        assertThat(twin(manual("fresh", Map.of()), running)).isEmpty();
    }

    @Test
    void alertsThatWaitForDataJoinAndAnAlertThatTrainsAnswersWhoAsksForItsData() {
        PendingRequest waiting = PendingRequest.plain("a", RetrainingReason.ALERT, Optional.empty(), Instant.EPOCH);
        PendingRequest later = PendingRequest.plain("b", RetrainingReason.ALERT, Optional.empty(), Instant.EPOCH);
        PendingRequest training = request("c", RetrainingReason.ALERT, 40, Map.of());

        assertThat(twin(later, waiting)).contains("a");
        assertThat(twin(later, training)).isEmpty();
        assertThat(twin(manual("d", Map.of()), waiting, training)).contains("c");
    }
}
