package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.infra.cli.read.LeftOut;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.Provenance;
import io.drivetrain.schemas.Topic;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotsCommandTest {
    @TempDir
    private Path folder;

    private static ModelPublished model(Long snapshotId) {
        return new ModelPublished(
                "lenet-0123456789ab",
                "run-1",
                "lenet",
                "file:/models/lenet",
                List.of("a", "b"),
                3,
                64,
                64,
                List.of(0.0, 0.0, 0.0),
                List.of(1.0, 1.0, 1.0),
                "00",
                "00",
                new Provenance(List.of(), snapshotId, "00", Map.of(), 1L, 1, Map.of()),
                true,
                Instant.parse("2026-11-25T08:00:00.123Z"));
    }

    @Test
    void aModelOfTheTopicsIsPinnedFromItsPublicationOn() {
        assertThat(SnapshotsCommand.OnTable.pin(model(null))).isEqualTo("lenet-0123456789ab@2026-11-25T08:00:00.123Z");
    }

    @Test
    void aModelOfASnapshotIsPinnedThere() {
        assertThat(SnapshotsCommand.OnTable.pin(model(42L))).isEqualTo("lenet-0123456789ab=42");
    }

    @ParameterizedTest
    @ValueSource(strings = {"expire", "expire --dry-run", "pin"})
    void withoutABrokerNothingIsDoneAsIfThereWereNoModels(String command) {
        StringWriter err = new StringWriter();
        String[] arguments = ("snapshots " + command + " --dir " + folder).split(" ");
        assertThat(Main.run(arguments, new PrintWriter(new StringWriter()), new PrintWriter(err, true)))
                .isEqualTo(1);
        assertThat(err.toString().strip().lines()).hasSize(1);
        assertThat(err.toString()).contains("./drivetrain up", "--bootstrap");
        assertThat(err.toString().contains("--without-pins")).isEqualTo(command.startsWith("expire"));
    }

    @Test
    void nothingExpiresWhileAModelCannotBeReadWhoseSnapshotItMightBe() {
        LeftOut leftOut = new LeftOut();
        leftOut.add(Topic.MODELS_PUBLISHED, 7, "the schema 0xab is not known");
        assertThatThrownBy(() -> new SnapshotsCommand.Expire().withoutSome(leftOut))
                .isInstanceOf(CommandException.class)
                .hasMessage(
                        "Left out record 7 of models.published: the schema 0xab is not known; so it is not known which snapshots all models were trained on: read it with a newer drivetrain, or add --without-pins, which lets go what models need that have not been pinned yet");
    }
}
