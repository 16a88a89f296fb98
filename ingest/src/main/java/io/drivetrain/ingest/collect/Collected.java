package io.drivetrain.ingest.collect;

import io.drivetrain.schemas.LabeledSample;

/** One entry of a source: a sample, or the reason why it is none. */
public sealed interface Collected {
    /** A labelled image, ready to be sent; whether it is any good is for curation to say. */
    record Sample(LabeledSample sample) implements Collected {}

    /**
     * An entry that cannot become a sample.
     *
     * @param line in the file, from 1; 0 if the file as a whole is meant
     */
    record Malformed(String file, long line, String what, String whatToDo) implements Collected {
        /** One sentence: where, what, and what to do. */
        public String sentence() {
            return (line > 0 ? "%s line %d: %s; %s" : "%s:%.0s %s; %s").formatted(file, line, what, whatToDo);
        }
    }
}
