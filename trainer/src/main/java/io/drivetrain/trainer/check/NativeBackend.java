package io.drivetrain.trainer.check;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings up ND4J in the right order: check the card, set the switches, load, check that they took. */
public final class NativeBackend {
    private static final Logger LOG = LoggerFactory.getLogger(NativeBackend.class);
    private static final String CUDA_BACKEND = "org/nd4j/linalg/jcublas/JCublasBackend.class";

    private NativeBackend() {}

    /**
     * To be called first in a process that trains, before any class of ND4J or Deeplearning4j is used.
     *
     * @param threads of the native operations, 0 for every core
     * @throws BackendException when this machine cannot run the backend of this build
     */
    public static BackendStatus start(int threads) throws BackendException {
        if (isCudaBuild()) {
            Optional<String> objection = ComputeCapability.objectionTo(ComputeCapability.cardsIn(NvidiaSmi.output()));
            if (objection.isPresent()) {
                throw new BackendException(objection.get());
            }
        }
        OneDnn.enable();
        return load(threads);
    }

    private static boolean isCudaBuild() {
        return NativeBackend.class.getClassLoader().getResource(CUDA_BACKEND) != null;
    }

    private static BackendStatus load(int threads) throws BackendException {
        int used;
        try {
            used = NativeThreads.use(threads);
        } catch (UnsatisfiedLinkError | NoClassDefFoundError | ExceptionInInitializerError | RuntimeException e) {
            throw new BackendException(
                    "Cannot load ND4J's native code; the natives of this build may be for another processor: rebuild on"
                            + " this machine with mvn clean verify, or choose them with -Dnd4j.classifier=...",
                    e);
        }
        boolean cpu = Nd4j.getEnvironment().isCPU();
        boolean oneDnn = cpu && OneDnn.isInTheNatives();
        String processor = "%s-%s"
                .formatted(System.getProperty("os.name"), System.getProperty("os.arch"))
                .toLowerCase(Locale.ROOT)
                .replace(' ', '-');
        if (cpu) {
            if (isX86()) {
                OneDnn.assertActive();
            } else {
                LOG.warn("There is no oneDNN for {}: training works and is several times slower", processor);
            }
        }
        return new BackendStatus(cpu ? "cpu" : "cuda", version(), used, oneDnn, processor);
    }

    private static String version() {
        Properties properties = new Properties();
        try (InputStream in = Nd4j.class.getResourceAsStream("/META-INF/maven/org.nd4j/nd4j-api/pom.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            LOG.warn("Cannot read the version of ND4J from its jar: {}", e.getMessage());
        }
        return properties.getProperty("version", "unknown");
    }

    private static boolean isX86() {
        String architecture = System.getProperty("os.arch");
        return architecture.equals("amd64") || architecture.equals("x86_64");
    }
}
