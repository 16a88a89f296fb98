package io.drivetrain.infra.cli;

/** A last word if Ctrl-C ends the process before this is closed. */
final class Goodbye implements AutoCloseable {
    private final Thread hook;

    private Goodbye(Thread hook) {
        this.hook = hook;
    }

    static Goodbye onInterrupt(Runnable word) {
        Goodbye goodbye = new Goodbye(new Thread(word, "goodbye"));
        Runtime.getRuntime().addShutdownHook(goodbye.hook);
        return goodbye;
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and the word is being said.
        }
    }
}
