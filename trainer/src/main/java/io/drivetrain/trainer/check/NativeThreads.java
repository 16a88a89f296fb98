package io.drivetrain.trainer.check;

import org.nd4j.linalg.factory.Environment;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.nd4j.nativeblas.Nd4jBlas;

/** How many threads the native operations use. */
public final class NativeThreads {
    private NativeThreads() {}

    /** Number of threads meant by a setting, where 0 means every core of the machine. */
    public static int resolve(int setting) {
        return setting > 0 ? setting : Runtime.getRuntime().availableProcessors();
    }

    /**
     * Applies to operations that the calling thread starts, as OpenMP keeps its count by thread: call it on the thread
     * that trains. Starting the JVM with {@code OMP_NUM_THREADS} set to the same number covers every other thread.
     *
     * @param setting number of threads, or 0 for every core
     * @return the number of threads now in use
     */
    public static int use(int setting) {
        int threads = resolve(setting);
        // First, as it loads the backend, without which the holder of the native operations cannot be made.
        Environment environment = Nd4j.getEnvironment();
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
        if (environment.isCPU()) {
            // The lower bound of one is checked against the other on each call, so the master count goes down first.
            environment.setMaxMasterThreads(1);
            environment.setMaxThreads(threads);
            environment.setMaxMasterThreads(threads);
            // OpenBLAS has threads of its own, which compete with OpenMP's waiting ones: two take three times as long.
            useForMatrixProducts(1);
        }
        return threads;
    }

    /** Threads of OpenBLAS, which multiplies matrices on the CPU: Deeplearning4j's own setting is every core. */
    public static void useForMatrixProducts(int threads) {
        if (Nd4j.factory().blas() instanceof Nd4jBlas blas) {
            blas.setMaxThreads(threads);
        }
    }
}
