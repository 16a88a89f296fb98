package io.drivetrain.trainer.check;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Asks the driver's own tool for the cards, so that nothing of ND4J or CUDA need be loaded to find out. */
final class NvidiaSmi {
    private static final List<String> COMMAND =
            List.of("nvidia-smi", "--query-gpu=name,compute_cap", "--format=csv,noheader");
    private static final long SECONDS_TO_WAIT = 20;

    private NvidiaSmi() {}

    /** Output of {@code nvidia-smi}, one line per card. */
    static String output() throws BackendException {
        try {
            Process process =
                    new ProcessBuilder(COMMAND).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(SECONDS_TO_WAIT, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new BackendException(
                        "nvidia-smi gave no answer within %d s; check the NVIDIA driver".formatted(SECONDS_TO_WAIT));
            }
            if (process.exitValue() != 0) {
                throw new BackendException(
                        "nvidia-smi failed: %s; check the NVIDIA driver, or build the default CPU profile: mvn -Pcpu verify"
                                .formatted(output.strip()));
            }
            return output;
        } catch (IOException e) {
            throw new BackendException(
                    "This build has the CUDA backend, but nvidia-smi cannot be started; install the NVIDIA driver, or"
                            + " build the default CPU profile: mvn -Pcpu verify",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackendException("Interrupted while nvidia-smi was asked for the cards", e);
        }
    }
}
