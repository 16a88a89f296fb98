package io.drivetrain.infra.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ctrl-C as a question that work asks between two steps, so that it ends where it can go on later. */
final class Interrupt implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 15;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook = new Thread(this::ask, "interrupt");

    private Interrupt() {}

    /** From now until {@link #close}, the process ends only after the work has. */
    static Interrupt handled() {
        Interrupt interrupt = new Interrupt();
        Runtime.getRuntime().addShutdownHook(interrupt.hook);
        return interrupt;
    }

    private void ask() {
        asked.countDown();
        try {
            var unused = finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean asked() {
        return asked.getCount() == 0;
    }

    /** Waits as long as that, or until Ctrl-C. */
    void waitFor(long millis) throws InterruptedException {
        var unused = asked.await(millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        finished.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and was waiting for this.
        }
    }
}
