package io.drivetrain.infra.cli.show;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;

/** Lets text through as {@link Harmless#lines} shows it, for sentences that quote what somebody else has written. */
public final class HarmlessWriter extends FilterWriter {
    public HarmlessWriter(Writer to) {
        super(to);
    }

    @Override
    public void write(int c) throws IOException {
        write(String.valueOf((char) c), 0, 1);
    }

    @Override
    public void write(char[] buffer, int offset, int length) throws IOException {
        write(new String(buffer, offset, length), 0, length);
    }

    @Override
    public void write(String text, int offset, int length) throws IOException {
        out.write(Harmless.lines(text.substring(offset, offset + length)));
    }
}
