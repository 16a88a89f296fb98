package io.drivetrain.infra.local;

import java.util.Map;

/** What the environment of the trainer's JVM says to OpenMP, which reads it when the natives load. */
public final class OpenMp {
    private static final String SPINS = "GOMP_SPINCOUNT";
    /** About 20 microseconds, as long as Java takes from one operation to the next. */
    private static final String FEW = "1000";

    private OpenMp() {}

    /**
     * Waiting threads soon sleep: by default they keep a core busy for milliseconds, which Java's threads and the other
     * processes of the stack need. Who has set {@code GOMP_SPINCOUNT} keeps it.
     *
     * @param threads of the native operations, 0 for every core
     */
    public static Map<String, String> environment(int threads) {
        return Map.of(
                "OMP_NUM_THREADS",
                Integer.toString(threads > 0 ? threads : Runtime.getRuntime().availableProcessors()),
                SPINS,
                System.getenv().getOrDefault(SPINS, FEW));
    }
}
