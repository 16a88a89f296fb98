package io.drivetrain.trainer.fit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Batches in a given order, the next ones prepared on another thread while the device computes. */
final class BatchStream implements AutoCloseable {
    private static final int AHEAD = 3;

    private final ExecutorService preparer = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "batch-preparer");
        thread.setDaemon(true);
        return thread;
    });
    private final Deque<Future<Batch>> prepared = new ArrayDeque<>();
    private final BatchReader reader;
    private final int[] order;
    private final int batchSize;
    private int submitted;

    BatchStream(BatchReader reader, int[] order, int batchSize) {
        this.reader = reader;
        this.order = order;
        this.batchSize = batchSize;
        for (int i = 0; i < AHEAD; i++) {
            submitNext();
        }
    }

    /** Whether {@link #next()} has another batch. */
    boolean hasNext() {
        return !prepared.isEmpty();
    }

    /** The next batch; the last one of the order may be smaller. */
    Batch next() throws InterruptedException {
        try {
            Batch batch = prepared.removeFirst().get();
            submitNext();
            return batch;
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot read the samples of a batch: %s"
                            .formatted(e.getCause().getMessage()),
                    e.getCause());
        }
    }

    private void submitNext() {
        if (submitted < order.length) {
            int from = submitted;
            int to = Math.min(order.length, from + batchSize);
            submitted = to;
            prepared.addLast(preparer.submit(() -> reader.read(order, from, to)));
        }
    }

    @Override
    public void close() {
        preparer.shutdownNow();
    }
}
