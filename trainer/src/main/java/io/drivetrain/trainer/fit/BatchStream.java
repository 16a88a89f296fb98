package io.drivetrain.trainer.fit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Batches in a given order, the next ones prepared on other threads while the device computes. The batches do not depend
 * on the number of those threads.
 */
final class BatchStream implements AutoCloseable {
    /** More than one thread can have in work, so that none waits for the device. */
    private static final int AHEAD = 2;

    private final ExecutorService preparers;
    private final Deque<Future<Batch>> prepared = new ArrayDeque<>();
    private final BatchReader reader;
    private final int[] order;
    private final int batchSize;
    private int submitted;

    BatchStream(BatchReader reader, int[] order, int batchSize) {
        this(reader, order, batchSize, 0, 1);
    }

    /**
     * @param from position in the order to begin at
     * @param threads that prepare batches, 1 or more
     */
    BatchStream(BatchReader reader, int[] order, int batchSize, int from, int threads) {
        this.reader = reader;
        this.order = order;
        this.batchSize = batchSize;
        this.submitted = from;
        this.preparers = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "batch-preparer");
            thread.setDaemon(true);
            return thread;
        });
        for (int i = 0; i < threads + AHEAD; i++) {
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
            int begin = submitted;
            int to = Math.min(order.length, begin + batchSize);
            submitted = to;
            prepared.addLast(preparers.submit(() -> reader.read(order, begin, to)));
        }
    }

    @Override
    public void close() {
        preparers.shutdownNow();
    }
}
