package io.drivetrain.trainer.vectors;

/** {@code label_errors.json}: confident learning. */
final class LabelErrorVectors implements VectorGroup {
    @Override
    public String file() {
        return "label_errors.json";
    }

    @Override
    public void check(VectorCase test) {
        test.skip("the kind is not known");
    }

    @Override
    public String toString() {
        return file();
    }
}
