package io.drivetrain.ingest.publish;

import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;

/** What a failure of Kafka's clients means to a person: they wrap the reason, and leave out what to do. */
public record BrokerFailure(String what, String whatToDo) {
    /** Explains a failure by the first of its causes that is known, else by the innermost. */
    public static BrokerFailure of(Throwable failure) {
        Throwable innermost = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SslAuthenticationException) {
                return new BrokerFailure(
                        "no TLS connection, " + message(innermost(cause)),
                        "see that ssl.truststore.location has the certificate of the broker or of who signed it, and that the certificate names this host");
            }
            if (cause instanceof AuthenticationException) {
                return new BrokerFailure(message(cause), "check user, password and sasl.mechanism");
            }
            if (cause instanceof AuthorizationException) {
                return new BrokerFailure(message(cause), "have it allowed to this user");
            }
            if (cause instanceof TimeoutException) {
                return new BrokerFailure(
                        "no answer, " + message(cause),
                        "check that it runs, its address, and that security.protocol is what it speaks there");
            }
            innermost = cause;
        }
        return new BrokerFailure(message(innermost), "check the broker and kafka.properties");
    }

    private static Throwable innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static String message(Throwable failure) {
        return failure.getMessage() == null
                ? failure.getClass().getSimpleName()
                : failure.getMessage().replaceFirst("\\.$", "");
    }

    /** One sentence, that begins small. */
    public String sentence() {
        return what + "; " + whatToDo;
    }
}
