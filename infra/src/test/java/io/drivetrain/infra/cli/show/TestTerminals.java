package io.drivetrain.infra.cli.show;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/** Terminals that write to memory. */
final class TestTerminals {
    private TestTerminals() {}

    static Terminal plain(int width) {
        return to(new ByteArrayOutputStream(), false, false, true, width);
    }

    static Terminal ascii(int width) {
        return to(new ByteArrayOutputStream(), false, false, false, width);
    }

    static Terminal to(ByteArrayOutputStream bytes, boolean interactive, boolean colour, boolean unicode, int width) {
        return new Terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), interactive, colour, unicode, width);
    }

    /** Not interactive, at a time of the test's. */
    static Terminal at(ByteArrayOutputStream bytes, LongSupplier nanoTime) {
        return new Terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), false, false, true, 80, nanoTime);
    }
}
