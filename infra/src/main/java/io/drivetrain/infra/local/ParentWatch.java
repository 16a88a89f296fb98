package io.drivetrain.infra.local;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Ends this process when the process that started it is gone, so that a killed supervisor leaves nothing behind. */
final class ParentWatch {
    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private ParentWatch() {}

    /**
     * Watches the parent from a daemon thread.
     *
     * @param parentPid the process id of the parent at the start; empty watches nothing
     */
    static void start(Optional<Long> parentPid) {
        if (parentPid.isEmpty()) {
            return;
        }
        long expected = parentPid.get();
        ScheduledExecutorService watcher = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "parent watch");
            thread.setDaemon(true);
            return thread;
        });
        var unused = watcher.scheduleWithFixedDelay(
                () -> {
                    if (!isParent(expected)) {
                        System.err.println("The supervisor (process " + expected + ") is gone, so this process ends.");
                        endWithin(PATIENCE);
                    }
                },
                0,
                INTERVAL.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Asks for the parent rather than whether that process lives: its id may have been given to another one. */
    private static boolean isParent(long expected) {
        return ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(-1L) == expected;
    }

    /** Ends the process in order, or at once if its shutdown hooks hang. */
    static void endWithin(Duration patience) {
        Thread halt = new Thread(
                () -> {
                    try {
                        TimeUnit.NANOSECONDS.sleep(patience.toNanos());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    Runtime.getRuntime().halt(1);
                },
                "halt");
        halt.setDaemon(true);
        halt.start();
        System.exit(0);
    }
}
