package io.drivetrain.trainer.check.doctor;

/** Ends an examination between two pieces of work. */
final class Interruption {
    private Interruption() {}

    static void check() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("Interrupted in the middle of an examination");
        }
    }
}
