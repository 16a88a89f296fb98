package io.drivetrain.pipeline.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommitFateTest {
    @ParameterizedTest
    @CsvSource({
        "CompleteCommit, 0, COMMITTED",
        "CompleteCommit, 1, COMMITTED",
        "PrepareCommit, 0, COMMITTED",
        "PrepareAbort, 1, UNDECIDED",
        "PrepareEpochFence, 1, UNDECIDED",
        "CompleteAbort, 1, LOST",
        "Ongoing, 1, LOST",
        "Dead, 0, LOST",
        // It never held a record.
        "Empty, 0, LOST",
        // Another epoch was asked for behind the commit.
        "Empty, 1, COMMITTED",
        // It was fenced before.
        "Empty, 2, LOST",
        // The id has another producer.
        "Empty, -1, LOST",
        "that it has forgotten the transaction, -1, LOST"
    })
    void theStateAndTheEpochsSinceSayWhatBecameOfIt(String state, int epochs, CommitFate fate) {
        assertThat(CommitFate.of(state, epochs)).isEqualTo(fate);
    }
}
