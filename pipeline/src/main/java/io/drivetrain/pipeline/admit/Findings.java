package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.Violation;
import java.util.ArrayList;
import java.util.List;

/** All that is wrong with one record, in the order of checking; lists 50 violations and counts the others. */
final class Findings {
    static final int MOST = 50;
    private static final int SHOWN_CHARACTERS = 200;

    private final List<Violation> violations = new ArrayList<>(1);
    private int unlisted;

    /**
     * Adds a violation.
     *
     * @param field path in the record, such as {@code boxes[3].x2}
     * @param value as it is; it is shortened and escaped here
     * @param message what is wrong, where, and what to do; text from the record in it must have gone through {@link
     *     #shown}
     */
    void add(ViolationCode code, String field, String value, String message) {
        if (violations.size() < MOST) {
            violations.add(new Violation(code.code(), shown(field), shown(value), message));
        } else {
            unlisted++;
        }
    }

    boolean isEmpty() {
        return violations.isEmpty();
    }

    /** The violations; the last one's message says how many are not listed. */
    List<Violation> violations() {
        if (unlisted == 0) {
            return violations;
        }
        List<Violation> listed = new ArrayList<>(violations);
        Violation last = listed.get(MOST - 1);
        listed.set(
                MOST - 1,
                new Violation(
                        last.getCode(),
                        last.getField(),
                        last.getValue(),
                        "%s (%d more violations of this record are not listed)"
                                .formatted(last.getMessage(), unlisted)));
        return listed;
    }

    /**
     * Text of unknown origin, made fit for one line of a terminal or log: at most 200 characters, with control
     * characters, line separators and unpaired surrogates as {@code \\uXXXX}.
     */
    static String shown(String text) {
        if (text == null) {
            return "null";
        }
        int end = Math.min(text.length(), SHOWN_CHARACTERS);
        if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        StringBuilder out = null;
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            boolean pair = i + 1 < end && Character.isSurrogatePair(c, text.charAt(i + 1));
            if (pair || !mustBeEscaped(c)) {
                if (out != null) {
                    out.append(c);
                    if (pair) {
                        out.append(text.charAt(i + 1));
                    }
                }
                i += pair ? 1 : 0;
                continue;
            }
            if (out == null) {
                out = new StringBuilder(end + 10).append(text, 0, i);
            }
            out.append(String.format("\\u%04x", (int) c));
        }
        String shown = out == null ? text.substring(0, end) : out.toString();
        if (shown.length() <= SHOWN_CHARACTERS) {
            return shown;
        }
        // Escaping made it longer; every escape is plain ASCII, so only a pair may be cut.
        int cut =
                Character.isHighSurrogate(shown.charAt(SHOWN_CHARACTERS - 1)) ? SHOWN_CHARACTERS - 1 : SHOWN_CHARACTERS;
        return shown.substring(0, cut);
    }

    private static boolean mustBeEscaped(char c) {
        if (c >= ' ' && c <= '~') {
            return false;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }
}
