package io.drivetrain.infra.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackFolderTest {
    @TempDir
    private Path folder;

    @Test
    void aSecondStackInTheSameFolderIsRefusedWithTheHoldersProcess() throws Exception {
        try (StackLock first = StackLock.take(folder)) {
            assertThatThrownBy(() -> StackLock.take(folder))
                    .isInstanceOf(StackException.class)
                    .hasMessageContaining("already runs in " + folder)
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
        }
    }

    @Test
    void theLockCanBeTakenAgainAfterItWasGivenBack() throws Exception {
        StackLock.take(folder).close();
        StackLock.take(folder).close();
    }

    @Test
    void tooLittleSpaceIsSaidWithHowMuchIsMissing() {
        assertThatThrownBy(() -> Preflight.checkSpace(folder, 500_000_000L, 2_000_000_000L))
                .hasMessageStartingWith("Only 0.5 GB free at " + folder + ", this needs 2.0 GB");
    }

    @Test
    void moreSpaceThanThereIsCannotBeHad() {
        assertThatThrownBy(() -> Preflight.check(folder, Long.MAX_VALUE)).hasMessageContaining("make room");
    }

    @Test
    void aFileInPlaceOfTheFolderIsSaid() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> Preflight.check(file, 0))
                .isInstanceOf(StackException.class)
                .hasMessageContaining("is a file");
    }

    @Test
    void theStateOfADeadSupervisorDoesNotCountAsRunning() throws Exception {
        long noProcess = Long.MAX_VALUE / 2;
        StackState.write(
                folder,
                new StackState(noProcess, "b", "f", Map.of(), Map.of(), "d", "now", Map.of(), Map.of("a.b", "c")));
        assertThat(StackState.running(folder)).isEmpty();
        StackState alive = new StackState(
                ProcessHandle.current().pid(),
                "b",
                "f",
                Map.of("broker", 1L),
                Map.of(),
                "d",
                "now",
                Map.of("curation", "Curation failed"),
                Map.of());
        StackState.write(folder, alive);
        assertThat(StackState.running(folder)).contains(alive);
    }

    @Test
    void aStackThatAnEarlierVersionStartedHasToldOfNoTrouble() throws Exception {
        Files.writeString(folder.resolve("stack.json"), """
                {"supervisorPid": %d, "bootstrap": "b", "flinkUrl": "f", "pids": {}, "ports": {}, "directory": "d",
                 "startedAt": "now", "config": {}}""".formatted(
                        ProcessHandle.current().pid()));
        assertThat(StackState.running(folder).orElseThrow().troubles()).isEmpty();
    }

    @Test
    void theJobsOfAStackKeepTransactionsForAsLongAsItsBrokerAllows() {
        assertThat(transactionTimeout(Map.of())).isEqualTo(BrokerProcess.LONGEST_TRANSACTION.toString());
    }

    @Test
    void aTransactionTimeoutThatTheUserChoseStays() {
        assertThat(transactionTimeout(Map.of("flink.transaction-timeout", "PT1H")))
                .isNull();
    }

    private String transactionTimeout(Map<String, String> overrides) {
        StackSettings settings =
                new StackSettings(folder, Optional.empty(), overrides, Optional.empty(), Optional.empty(), 0);
        return LocalStack.inside(settings).get("flink.transaction-timeout");
    }

    @Test
    void everyProcessHasItsTurnWhenAStackStopsAndTheBrokerIsLast() {
        assertThat(Role.IN_STOPPING_ORDER)
                .containsExactlyInAnyOrder(Role.values())
                .endsWith(Role.BROKER);
    }
}
