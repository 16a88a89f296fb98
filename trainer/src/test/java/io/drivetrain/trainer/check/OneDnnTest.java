package io.drivetrain.trainer.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

class OneDnnTest {
    private BackendStatus status;

    @BeforeEach
    void startNativeCode() throws BackendException {
        status = NativeBackend.start(2);
        assumeTrue(status.oneDnn(), "the natives of this machine have no oneDNN");
    }

    @AfterEach
    void allowHelpers() {
        Nd4j.getEnvironment().allowHelpers(true);
        OneDnn.enable();
    }

    @Test
    void oneDnnComputesOnThisMachine() throws BackendException {
        OneDnn.assertActive();
        assertThat(status.backend()).isEqualTo("cpu");
        assertThat(status.version()).isEqualTo("1.0.0-M2.1");
        assertThat(status.threads()).isEqualTo(2);
    }

    @Test
    void helpersSwitchedOffInTheJvmAreNoticed() {
        System.setProperty(OneDnn.HELPERS_DISABLED, "true");
        assertThat(OneDnn.objection())
                .contains("oneDNN is off, training would be several times slower: start the JVM with"
                        + " -Dorg.eclipse.deeplearning4j.helpers.disable=false");
    }

    @Test
    void helpersSwitchedOffInTheNativesAreNoticed() {
        Nd4j.getEnvironment().allowHelpers(false);
        assertThat(OneDnn.objection())
                .hasValueSatisfying(message -> assertThat(message).startsWith("Deeplearning4j does not find oneDNN"));
    }
}
