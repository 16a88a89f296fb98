package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Violation;
import java.util.List;
import org.junit.jupiter.api.Test;

class FindingsTest {
    @Test
    void textIsMadeFitForOneLine() {
        assertThat(Findings.shown(null)).isEqualTo("null");
        assertThat(Findings.shown("größe 日本 \uD83D\uDE97")).isEqualTo("größe 日本 \uD83D\uDE97");
        assertThat(Findings.shown("a\nb\u001B[2J\u2028\u202E\0")).isEqualTo("a\\u000ab\\u001b[2J\\u2028\\u202e\\u0000");
        assertThat(Findings.shown("\uD83D!\uDE97")).isEqualTo("\\ud83d!\\ude97");
    }

    @Test
    void textIsShortenedButNotInsideACharacter() {
        assertThat(Findings.shown("x".repeat(5000))).hasSize(200);
        assertThat(Findings.shown("x".repeat(199) + "\uD83D\uDE97")).isEqualTo("x".repeat(199));
        assertThat(Findings.shown("\n".repeat(5000))).hasSize(200);
        assertThat(Findings.shown("\n" + "\uD83D\uDE97".repeat(120)))
                .hasSizeLessThanOrEqualTo(200)
                .doesNotContain("\\ud");
    }

    @Test
    void theFiftiethSaysHowManyMoreThereAre() {
        Findings findings = new Findings();
        for (int i = 0; i < 53; i++) {
            findings.add(ViolationCode.BOX_EMPTY, "boxes[" + i + "]", "", "message " + i);
        }
        List<Violation> violations = findings.violations();
        assertThat(violations).hasSize(50);
        assertThat(violations.get(48).getMessage()).isEqualTo("message 48");
        assertThat(violations.get(49).getMessage())
                .isEqualTo("message 49 (3 more violations of this record are not listed)");
    }
}
