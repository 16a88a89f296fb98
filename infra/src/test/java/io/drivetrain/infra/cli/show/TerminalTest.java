package io.drivetrain.infra.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void onATerminalProgressStaysOnOneLineAndIsCutToItsWidth() {
        Terminal terminal = TestTerminals.to(bytes, true, false, true, 40);
        terminal.progress("x".repeat(100));
        terminal.progress("y".repeat(100));
        assertThat(written()).doesNotContain("\n").contains("y".repeat(39)).doesNotContain("y".repeat(40));
    }

    @Test
    void aNumberOfTheProgressIsShownWholeOrNotAtAll() {
        assertThat(Terminal.fit("\u001b[1mepoch\u001b[0m 2, 7 s left, 1,810 images/s", 24))
                .isEqualTo("\u001b[1mepoch\u001b[0m 2, 7 s left");
        assertThat(Terminal.fit("epoch 2, 7 s left", 17)).isEqualTo("epoch 2, 7 s left");
    }

    @Test
    void withoutATerminalProgressIsALineNowAndThen() {
        Terminal terminal = TestTerminals.to(bytes, false, false, true, 80);
        terminal.progress("one");
        terminal.progress("two");
        assertThat(written()).isEqualTo("one" + System.lineSeparator());
    }

    @Test
    void aLineTakesTheProgressAwayFirst() {
        Terminal terminal = TestTerminals.to(bytes, true, false, true, 80);
        terminal.progress("half");
        terminal.line("whole");
        assertThat(written()).endsWith("\r\u001b[2Kwhole" + System.lineSeparator());
    }

    @Test
    void anEmptyProgressTakesTheLineAway() {
        Terminal terminal = TestTerminals.to(bytes, true, false, true, 80);
        terminal.progress("half");
        terminal.progress("");
        assertThat(written()).endsWith("half\r\u001b[2K");
    }

    @Test
    void whatOthersWroteDoesNotMoveTheCursorOrRingTheBell() {
        Terminal terminal = TestTerminals.to(bytes, true, true, true, 80);
        terminal.line("sample " + terminal.bold("a\u001b[2Kb\rc\u0007\u001b]0;title") + "\u009b2J");
        assertThat(written()).isEqualTo("sample \u001b[1ma?[2Kb?c??]0;title\u001b[0m?2J" + System.lineSeparator());
        assertThat(Terminal.foreign("a\u001b[8m\n+ all passed")).isEqualTo("a?[8m?+ all passed");
    }

    @Test
    void withoutColourThereIsNoEscapeSequence() {
        Terminal terminal = TestTerminals.to(bytes, false, false, true, 80);
        terminal.heading("Step");
        terminal.line(terminal.red("r") + terminal.bar(0.5, 4) + terminal.mark(true));
        assertThat(written()).doesNotContain("\u001b").contains("██░░");
    }

    @Test
    void colourSequencesAreNotCounted() {
        assertThat(Terminal.cut("\u001b[1mabc\u001b[0mdef", 4)).isEqualTo("\u001b[1mabc\u001b[0md");
    }

    @Test
    void anEndingProcessSaysNoMore() {
        Terminal terminal = TestTerminals.to(bytes, true, false, true, 80);
        terminal.mute();
        terminal.line("late");
        terminal.progress("later");
        assertThat(written()).isEmpty();
    }

    @Test
    void paragraphsBreakAtSpaces() {
        Terminal terminal = TestTerminals.to(bytes, false, false, true, 40);
        terminal.paragraph("word ".repeat(20), 2);
        assertThat(List.of(written().split(System.lineSeparator())))
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(40));
    }

    @Test
    void onlyALocaleThatNamesAnotherCharsetGetsAscii() {
        assertThat(Terminal.unicode(Map.of())).isTrue();
        assertThat(Terminal.unicode(Map.of("LANG", "de_DE.UTF-8"))).isTrue();
        assertThat(Terminal.unicode(Map.of("LANG", "de_DE.UTF-8", "LC_ALL", "C")))
                .isFalse();
    }
}
