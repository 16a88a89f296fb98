package io.drivetrain.ingest.synthesize;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.synthesize.DrawnDrives;
import io.drivetrain.schemas.synthesize.StreamPlan;
import io.drivetrain.schemas.synthesize.StreamPlan.Drive;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Draws the drives of a {@link StreamPlan} on several threads and hands them out in the order of the plan. */
public final class SyntheticScenes {
    private SyntheticScenes() {}

    /**
     * A stream of scenes; the frames do not depend on the number of threads.
     *
     * @param threads that draw, 1 or more
     */
    public static SampleSource source(StreamPlan plan, int threads) {
        ExecutorService painters = Executors.newFixedThreadPool(Math.max(1, threads), task -> {
            Thread thread = new Thread(task, "scene-painter");
            thread.setDaemon(true);
            return thread;
        });
        return new SampleSource() {
            @Override
            public OptionalLong expectedCount() {
                return OptionalLong.of(plan.records());
            }

            @Override
            public Iterator<Collected> iterator() {
                return new OrderedFrames(plan, painters, 2 * Math.max(1, threads) + 2);
            }

            @Override
            public void close() {
                painters.shutdownNow();
            }
        };
    }

    /** Draws ahead by a bounded number of drives. */
    private static final class OrderedFrames implements Iterator<Collected> {
        private final Iterator<Drive> toDraw;
        private final StreamPlan plan;
        private final ExecutorService painters;
        private final int lookAhead;
        private final Deque<Future<List<LabeledSample>>> drawing = new ArrayDeque<>();
        private Iterator<LabeledSample> current = List.<LabeledSample>of().iterator();

        OrderedFrames(StreamPlan plan, ExecutorService painters, int lookAhead) {
            this.plan = plan;
            this.painters = painters;
            this.lookAhead = lookAhead;
            this.toDraw = plan.drives().iterator();
            drawAhead();
        }

        private void drawAhead() {
            while (drawing.size() < lookAhead && toDraw.hasNext()) {
                Drive drive = toDraw.next();
                drawing.add(painters.submit(() -> DrawnDrives.draw(plan, drive)));
            }
        }

        @Override
        public boolean hasNext() {
            while (!current.hasNext() && !drawing.isEmpty()) {
                try {
                    current = drawing.remove().get().iterator();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("Interrupted while scenes were drawn", e);
                } catch (ExecutionException e) {
                    throw new IllegalStateException("Drawing a scene failed", e.getCause());
                }
                drawAhead();
            }
            return current.hasNext();
        }

        @Override
        public Collected next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return new Collected.Sample(current.next());
        }
    }
}
