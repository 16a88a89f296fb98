package io.drivetrain.trainer.check.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** Independent parts of an examination, on all cores. */
final class Parallel {
    private static final int PIECES_OF_A_CORE = 8;

    private Parallel() {}

    /** A part that ends soon after its thread was interrupted. */
    @FunctionalInterface
    interface Part<A, B> {
        B of(A item) throws InterruptedException;
    }

    /**
     * The result of each item, in the order of the items.
     *
     * @throws InterruptedException soon after the thread was interrupted; the parts are then interrupted, too, and have ended
     */
    static <A, B> List<B> map(List<A> items, Part<A, B> part) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(Math.max(1, items.size()), cores()), task -> {
            Thread thread = new Thread(task, "doctor");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<B> results = new ArrayList<>();
            for (Future<B> result : threads.invokeAll(items.stream()
                    .map(item -> (Callable<B>) () -> part.of(item))
                    .toList())) {
                results.add(result.get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            if (e.getCause() instanceof Error broken) {
                // Such as no memory left: what the caller would see without threads.
                throw broken;
            }
            throw new IllegalStateException("A part of the examination failed", e.getCause());
        } finally {
            threads.shutdownNow();
            // Whoever is interrupted closes what the parts read.
            threads.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        }
    }

    /** A part that gives nothing back. */
    @FunctionalInterface
    interface Act {
        void run() throws InterruptedException;
    }

    /** A part by itself. */
    @FunctionalInterface
    interface Result<B> {
        B get() throws InterruptedException;
    }

    /** The result of one part, once the other has ended, too. */
    static <B> B beside(Act act, Result<B> result) throws InterruptedException {
        List<Result<B>> both = List.of(
                () -> {
                    act.run();
                    return null;
                },
                result);
        return map(both, Result::get).get(1);
    }

    /** A part that says what it finds. */
    @FunctionalInterface
    interface Check<A> {
        void examine(A item, Findings findings) throws InterruptedException;
    }

    /** What is found of each item, in the order of the items, whichever is examined first. */
    static <A> List<Findings> findings(List<A> items, Check<A> check) throws InterruptedException {
        return map(items, item -> {
            Findings findings = new Findings();
            check.examine(item, findings);
            return findings;
        });
    }

    /** Numbers from the first to before the last. */
    record Piece(int from, int to) {}

    /** The numbers below {@code size} in several pieces for each core, since one may take longer than another. */
    static List<Piece> pieces(int size) {
        long pieces = PIECES_OF_A_CORE * (long) cores();
        return LongStream.range(0, pieces)
                .mapToObj(piece -> new Piece((int) (size * piece / pieces), (int) (size * (piece + 1) / pieces)))
                .toList();
    }

    /** A step that keeps its result itself. */
    @FunctionalInterface
    interface Step {
        void of(int number) throws InterruptedException;
    }

    /** A step for each number below {@code size}, in no order. */
    static void each(int size, Step step) throws InterruptedException {
        map(pieces(size), piece -> {
            for (int number = piece.from(); number < piece.to(); number++) {
                Interruption.check();
                step.of(number);
            }
            return piece;
        });
    }

    private static int cores() {
        return Runtime.getRuntime().availableProcessors();
    }
}
