package io.drivetrain.trainer.assemble;

/** What became of a record of a split topic. */
public sealed interface AppendResult {
    record Appended() implements AppendResult {}

    /** Not stored. The reason is a sentence that says which sample and what to do. */
    record Skipped(String reason) implements AppendResult {}
}
