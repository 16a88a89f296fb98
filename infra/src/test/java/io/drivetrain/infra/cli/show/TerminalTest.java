package io.drivetrain.infra.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        assertThat(written())
                .isEqualTo("sample \u001b[1ma\\u001b[2Kb\\u000dc\\u0007\\u001b]0;title\u001b[0m\\u009b2J"
                        + System.lineSeparator());
        assertThat(Terminal.foreign("a\u001b[8m\n+ all passed")).isEqualTo("a\\u001b[8m\\u000a+ all passed");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aColourInANameIsNoneWhetherOursAreShownOrNot(boolean colour) {
        Terminal terminal = TestTerminals.to(bytes, true, colour, true, 80);
        terminal.line("drive \u001b[8mhidden\u001b[0m, " + terminal.red("bad"));
        assertThat(written())
                .startsWith("drive \\u001b[8mhidden\\u001b[0m, ")
                .contains(colour ? "\u001b[31mbad\u001b[0m" : ", bad");
    }

    @Test
    void aNameCannotTurnTheReadingDirectionOfTheLine() {
        Terminal terminal = TestTerminals.to(bytes, true, false, true, 80);
        terminal.line("drive a\u202egpj.b, caf\u0065\u0301, \u65e5\u672c, \ud83d\ude97");
        assertThat(written())
                .isEqualTo("drive a\\u202egpj.b, caf\u0065\u0301, \u65e5\u672c, \ud83d\ude97" + System.lineSeparator());
    }

    @Test
    void whereProgressIsALineOfItsOwnTheSameIsNotSaidTwice() {
        AtomicLong nanos = new AtomicLong(10_000_000_000L);
        Terminal terminal = TestTerminals.at(bytes, nanos::get);
        for (String text : List.of("waiting", "waiting", "going on")) {
            terminal.progress(text);
            nanos.addAndGet(4_000_000_000L);
        }
        assertThat(written().lines()).containsExactly("waiting", "going on");
    }

    @Test
    void coloursTakeNoRoomInAParagraph() {
        Terminal terminal = TestTerminals.to(bytes, false, true, true, 40);
        assertThat(terminal.wrapped(terminal.red("ten") + " " + "words ".repeat(5) + "x", 2))
                .hasSize(1);
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
