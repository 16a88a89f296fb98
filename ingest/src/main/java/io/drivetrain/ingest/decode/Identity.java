package io.drivetrain.ingest.decode;

import java.util.Optional;

/** Writes values one after the other, so that no two lists of values give the same text. */
final class Identity {
    private final StringBuilder out = new StringBuilder();

    Identity text(String value) {
        out.append(value.length()).append(':').append(value);
        return this;
    }

    Identity optional(Optional<String> value) {
        if (value.isPresent()) {
            return text(value.get());
        }
        out.append('-');
        return this;
    }

    Identity number(long value) {
        out.append(value).append(';');
        return this;
    }

    /** Its bits, because Java's text of a number has changed between versions. */
    Identity real(double value) {
        out.append(Long.toHexString(Double.doubleToLongBits(value))).append(';');
        return this;
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
