package io.drivetrain.trainer.assemble;

import java.util.function.IntFunction;

/** Ids of samples, or of their drives, by index; safe for several threads. */
@FunctionalInterface
public interface Ids extends IntFunction<String> {
    /** {@link String#hashCode} of an id, which may be had without the text: a million texts take longer than all else about them. */
    default int hash(int index) {
        return apply(index).hashCode();
    }
}
