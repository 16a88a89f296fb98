package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class SplitCommandTest {
    @Test
    void theBarShowsWhoHasWhichPositionsAndWhereTheDriveIs() throws Exception {
        assertThat(SplitCommand.bar(new ObjectMapper().readTree("""
                {"position": 0.61, "shares": [
                  {"split": "test", "low": 0, "high": 0.4},
                  {"split": "test-dev", "low": 0.4, "high": 1}]}""")))
                .containsExactly(
                        "  0 |-------------------|-----------------------------| 1",
                        "    test                test-dev",
                        "                                  ^ 0.6100");
    }
}
