package io.drivetrain.ingest.decode;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Gives a CSV parser one line at a time, so that after a row that it cannot read, another parser goes on at the line
 * below the one in which that row begins: one open quote costs one row, and not the file.
 */
final class CsvLines extends Reader {
    private record Line(long number, String text, boolean cut) {}

    private final TextLines lines;
    private final Deque<Line> again = new ArrayDeque<>();
    private final Deque<Line> row = new ArrayDeque<>();
    private String text = "";
    private int position;

    CsvLines(TextLines lines) {
        this.lines = lines;
    }

    @Override
    public int read(char[] into, int offset, int length) throws IOException {
        if (position == text.length()) {
            Optional<Line> next = again.isEmpty() ? nextLine() : Optional.of(again.remove());
            if (next.isEmpty()) {
                return -1;
            }
            row.add(next.get());
            text = next.get().text + "\n";
            position = 0;
        }
        int count = Math.min(length, text.length() - position);
        text.getChars(position, position + count, into, offset);
        position += count;
        return count;
    }

    private Optional<Line> nextLine() throws IOException {
        return lines.next().map(line -> new Line(lines.number(), line, lines.cut()));
    }

    /** Says that a row begins in the line that was given last. */
    void rowBegins() {
        while (row.size() > 1) {
            row.remove();
        }
    }

    /** Number of the line in which the row begins, from 1. */
    long number() {
        return row.isEmpty() ? lines.number() : row.element().number;
    }

    /** Whether a line of the row was too long. */
    boolean cut() {
        return row.stream().anyMatch(Line::cut);
    }

    /** Whether a line of the row is no text. */
    boolean garbled() {
        return row.stream().anyMatch(line -> TextLines.isGarbled(line.text));
    }

    /** Goes back to the line below the one in which the row begins. */
    void leaveFirstLine() {
        row.poll();
        while (!row.isEmpty()) {
            again.addFirst(row.removeLast());
        }
        text = "";
        position = 0;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
