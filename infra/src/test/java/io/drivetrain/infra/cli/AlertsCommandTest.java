package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.AlertState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AlertsCommandTest {
    private static final Instant START = Instant.parse("2026-11-01T08:00:00Z");

    private static Alert alert(String id, String kind, AlertState state, int second) {
        return new Alert(
                id,
                kind,
                state,
                List.of(),
                START,
                1,
                2,
                "Message of %s, %s.".formatted(id, state),
                START.plusSeconds(second),
                kind.equals("covariate-shift") ? null : "bob",
                Map.of("rate", "0.5"));
    }

    @Test
    void whatStandsComesFirstAndWhatIsClearedSaysWhen() {
        List<AlertsCommand.Episode> episodes = AlertsCommand.episodes(List.of(
                alert("a", "covariate-shift", AlertState.RAISED, 1),
                alert("b", "label-source", AlertState.RAISED, 2),
                alert("c", "class-imbalance", AlertState.RAISED, 3),
                alert("a", "covariate-shift", AlertState.CLEARED, 4)));
        assertThat(episodes)
                .extracting(episode -> episode.raised().getAlertId())
                .containsExactly("c", "b", "a");
        assertThat(episodes).extracting(AlertsCommand.Episode::open).containsExactly(true, true, false);
        JsonNode document = AlertsCommand.document(episodes);
        assertThat(document.get("open").asInt()).isEqualTo(2);
        assertThat(document.at("/alerts/1/subject").asText()).isEqualTo("bob");
        assertThat(document.at("/alerts/1/details/rate").asText()).isEqualTo("0.5");
        assertThat(document.at("/alerts/1/clearedAt").isNull()).isTrue();
        assertThat(document.at("/alerts/2/clearedAt").asText()).isEqualTo("2026-11-01T08:00:04Z");
        assertThat(document.at("/alerts/2/message").asText()).isEqualTo("Message of a, RAISED.");
    }

    @Test
    void anAlertWhoseBeginningHasExpiredIsShownAsCleared() {
        assertThat(AlertsCommand.episodes(List.of(alert("a", "label-source", AlertState.CLEARED, 4)))
                        .get(0)
                        .open())
                .isFalse();
    }
}
