package io.drivetrain.trainer.vectors;

/** One file of reference vectors: computes what each case expects and says where ours differs. */
interface VectorGroup {
    /** The file's name, for example {@code evaluation.json}. */
    String file();

    /** Computes the case and compares; a kind that is not known is skipped, not failed. */
    void check(VectorCase test);
}
