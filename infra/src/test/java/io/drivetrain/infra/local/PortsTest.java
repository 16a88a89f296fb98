package io.drivetrain.infra.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

class PortsTest {
    @Test
    void aTakenPortIsNamedWithItsPurposeAndTheWayOut() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> Ports.requireFree(taken.getLocalPort(), "broker", "--broker-port"))
                    .isInstanceOf(StackException.class)
                    .hasMessageStartingWith("Port %d for the broker is taken".formatted(taken.getLocalPort()))
                    .hasMessageContaining("--broker-port");
        }
    }

    @Test
    void whereTheSystemTellsTheHolderIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ports.holder(taken.getLocalPort())
                    .ifPresent(holder -> assertThat(holder)
                            .contains(Long.toString(ProcessHandle.current().pid())));
        }
    }

    @Test
    void freePortsAreDifferentAndFree() throws Exception {
        var ports = Ports.free(5);
        assertThat(new HashSet<>(ports)).hasSize(5);
        for (int port : ports) {
            Ports.requireFree(port, "test", "--port");
        }
    }
}
