package io.drivetrain.ingest.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLHandshakeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class BrokerFailureTest {
    @Test
    void theFirstKnownCauseSaysWhatToDo() {
        assertThat(BrokerFailure.of(new KafkaException("wrapped", new TimeoutException("Timed out.")))
                        .sentence())
                .isEqualTo(
                        "no answer, Timed out; check that it runs, its address, and that security.protocol is what it speaks there");
        assertThat(BrokerFailure.of(new ExecutionException(new SslAuthenticationException(
                                "SSL handshake failed", new SSLHandshakeException("no path to requested target"))))
                        .sentence())
                .startsWith("no TLS connection, no path to requested target; see that ssl.truststore.location");
    }

    @Test
    void ofUnknownCausesTheInnermostIsToldAndOneWithoutAMessageByItsName() {
        assertThat(BrokerFailure.of(
                                new KafkaException("Failed to construct", new IllegalArgumentException("no semicolon")))
                        .what())
                .isEqualTo("no semicolon");
        assertThat(BrokerFailure.of(new KafkaException("Failed", new IllegalStateException()))
                        .what())
                .isEqualTo("IllegalStateException");
    }
}
