package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.check.NativeThreads;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Fits a network to samples: Adam on cross-entropy, a fresh order of the samples in every epoch, early stopping on
 * train-dev with the best epoch's weights kept. The same request gives bit-identical weights on the same machine with the
 * same number of threads, also when it is interrupted and goes on from a checkpoint.
 */
public final class Fitter {
    private final LongSupplier nanoTime;

    /** Measures throughput by the system's clock. */
    public Fitter() {
        this(System::nanoTime);
    }

    Fitter(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Fits on the calling thread.
     *
     * @throws InterruptedException at the next batch after the thread was interrupted; nothing is left running
     */
    public FitOutcome fit(FitRequest request, ProgressListener listener) throws InterruptedException {
        Optional<String> objection = FitObjections.to(request);
        if (objection.isPresent()) {
            return new FitOutcome.Unfit(objection.get());
        }
        int threads = NativeThreads.use(request.settings().threads());
        StartingPoint start = StartingPoint.of(request);
        if (start instanceof StartingPoint.Ready ready) {
            return fit(request, ready, threads, listener);
        } else if (start instanceof StartingPoint.Impossible impossible) {
            return new FitOutcome.Unfit(impossible.reason());
        }
        throw new IllegalStateException("Unknown starting point of a fit: " + start);
    }

    /** Fits from a starting point of the request, to which there is no objection. */
    FitOutcome fit(FitRequest request, StartingPoint.Ready start, int threads, ProgressListener listener)
            throws InterruptedException {
        try (FitRun run = new FitRun(request, start, threads, listener, nanoTime)) {
            return run.toTheEnd();
        }
    }
}
