package io.drivetrain.infra.cli.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.schemas.DoctorFinding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The doctor's document: {@code {"findings": [{"check": …, "subject": …, "score": …, "failed": …, …}]}}. */
public final class FindingsJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private FindingsJson() {}

    /** Returns the findings; empty if the text is no such document. */
    public static Optional<List<DoctorFinding>> parse(String text) {
        JsonNode findings;
        try {
            findings = JSON.readTree(text).path("findings");
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
        if (!findings.isArray()) {
            return Optional.empty();
        }
        List<DoctorFinding> parsed = new ArrayList<>();
        for (JsonNode finding : findings) {
            if (!finding.path("check").isTextual()
                    || !finding.path("score").isNumber()
                    || !finding.path("failed").isBoolean()) {
                return Optional.empty();
            }
            parsed.add(new DoctorFinding(
                    finding.get("check").asText(),
                    finding.path("subject").asText(""),
                    finding.get("score").asDouble(),
                    finding.get("failed").asBoolean(),
                    finding.path("evidence").asText(""),
                    finding.path("advice").asText("")));
        }
        return Optional.of(List.copyOf(parsed));
    }
}
