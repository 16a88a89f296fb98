package io.drivetrain.schemas.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.drivetrain.schemas.DrivetrainConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectStoreTest {
    private static final byte[] CONTENT = {1, 2, 3};
    private static final ObjectLocation PLACE = ObjectLocation.parse("s3://frames/day/a b.jpg");
    private static final String PATH = "/frames/day/a b.jpg";

    private StoreServer server;
    private ObjectStore store;

    @BeforeAll
    static void credentials() {
        System.setProperty("aws.accessKeyId", "test-key");
        System.setProperty("aws.secretAccessKey", "test-secret");
    }

    @AfterAll
    static void noCredentials() {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @BeforeEach
    void start() throws IOException {
        server = new StoreServer();
        store = open(server.endpoint(), Duration.ofSeconds(20));
    }

    @AfterEach
    void stop() {
        store.close();
        server.close();
    }

    private static ObjectStore open(String endpoint, Duration timeout) {
        return ObjectStore.of(new DrivetrainConfig.ObjectStoreSettings(endpoint, "eu-north-1", timeout));
    }

    @Test
    void anObjectIsReadWithASignedRequest() {
        server.objects.put(PATH, CONTENT);
        assertThat(store.read(PLACE, 3))
                .isInstanceOfSatisfying(
                        ObjectStore.Read.Bytes.class,
                        bytes -> assertThat(bytes.content()).isEqualTo(CONTENT));
        assertThat(server.requests).containsExactly("GET " + PATH);
        assertThat(server.authorizations.get(0))
                .contains("Credential=test-key/")
                .contains("/eu-north-1/s3/");
    }

    @Test
    void anObjectOfAnotherLengthIsNotRead() {
        server.objects.put(PATH, CONTENT);
        assertThat(store.read(PLACE, 2)).isInstanceOf(ObjectStore.Read.OtherLength.class);
        assertThat(store.read(PLACE, 4)).isInstanceOf(ObjectStore.Read.OtherLength.class);
        assertThat(server.requests).as("no retry").hasSize(2);
    }

    @Test
    void ofAnObjectOfUnsaidLengthNoMoreIsReadThanWasPromised() {
        server.spoiled.put("GET " + PATH, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] block = new byte[1 << 16];
            // Without an end: that the test ends says that the reader does not wait for one.
            while (true) {
                exchange.getResponseBody().write(block);
            }
        });
        assertThat(store.read(PLACE, 1000)).isInstanceOf(ObjectStore.Read.OtherLength.class);
    }

    @ParameterizedTest
    @CsvSource({
        "404, NoSuchKey, Missing",
        "403, AccessDenied, Forbidden",
        "403, InvalidObjectState, Forbidden",
        "400, InvalidRequest, Forbidden",
        "400, KMS.DisabledException, Forbidden"
    })
    void whatIsWrongWithOneObjectIsAValue(int status, String code, String expected) {
        server.spoiled.put("GET " + PATH, exchange -> StoreServer.error(exchange, status, code));
        assertThat(store.read(PLACE, 3).getClass().getSimpleName()).isEqualTo(expected);
        assertThat(server.requests).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "404, NoSuchBucket, 1",
        "400, InvalidToken, 1",
        "403, InvalidAccessKeyId, 1",
        "403, SignatureDoesNotMatch, 1",
        "503, SlowDown, 3",
        "500, InternalError, 3"
    })
    void whatIsWrongWithTheStoreIsAnExceptionAndTriedThriceWhereItMayPass(int status, String code, int attempts) {
        server.spoiled.put("GET " + PATH, exchange -> StoreServer.error(exchange, status, code));
        assertThatThrownBy(() -> store.read(PLACE, 3))
                .isInstanceOf(ObjectStoreException.class)
                .hasMessageStartingWith("The object store at " + server.endpoint() + " fails (as planned")
                .hasMessageStartingWith("The object store at %s fails (as planned, HTTP status %d, %s); check"
                        .formatted(server.endpoint(), status, code))
                .hasMessageContaining("AWS_ACCESS_KEY_ID");
        assertThat(server.requests).hasSize(attempts);
    }

    @Test
    void whoHasNoCredentialsIsToldSoInOneSentence(@TempDir Path empty) {
        assumeThat(System.getenv("AWS_ACCESS_KEY_ID")).isNull();
        Map<String, String> nowhere = Map.of(
                "aws.disableEc2Metadata", "true",
                "aws.sharedCredentialsFile", empty.resolve("credentials").toString(),
                "aws.configFile", empty.resolve("config").toString());
        noCredentials();
        nowhere.forEach(System::setProperty);
        try (ObjectStore unknown = open(server.endpoint(), Duration.ofSeconds(20))) {
            assertThatThrownBy(() -> unknown.read(PLACE, 3))
                    .isInstanceOf(ObjectStoreException.class)
                    .hasMessage(
                            "The object store at %s cannot be used, because this process has no credentials; give it AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role",
                            server.endpoint());
        } finally {
            nowhere.keySet().forEach(System::clearProperty);
            credentials();
        }
        assertThat(server.requests).isEmpty();
    }

    @Test
    void aStoreThatFailsOnceIsAskedAgain() {
        AtomicInteger asked = new AtomicInteger();
        server.spoiled.put("GET " + PATH, exchange -> {
            if (asked.incrementAndGet() == 1) {
                StoreServer.error(exchange, 503, "SlowDown");
            } else {
                exchange.sendResponseHeaders(200, CONTENT.length);
                exchange.getResponseBody().write(CONTENT);
            }
        });
        assertThat(store.read(PLACE, 3)).isInstanceOf(ObjectStore.Read.Bytes.class);
    }

    @Test
    void aBodyThatBreaksOffIsAskedForAgainAndThenTheStoreIsBroken() {
        server.spoiled.put("GET " + PATH, exchange -> {
            exchange.sendResponseHeaders(200, CONTENT.length);
            exchange.getResponseBody().write(CONTENT, 0, 1);
            exchange.getResponseBody().flush();
        });
        assertThatThrownBy(() -> store.read(PLACE, 3)).isInstanceOf(ObjectStoreException.class);
        assertThat(server.requests).hasSize(3);
    }

    @Test
    void aStoreThatDoesNotAnswerIsBrokenAfterTheTimeout() {
        CountDownLatch end = new CountDownLatch(1);
        StoreServer.Answer hangs = exchange -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        StoreServer.Answer hangsInTheBody = exchange -> {
            exchange.sendResponseHeaders(200, CONTENT.length);
            exchange.getResponseBody().write(CONTENT, 0, 1);
            exchange.getResponseBody().flush();
            hangs.to(exchange);
        };
        try (ObjectStore impatient = open(server.endpoint(), Duration.ofMillis(200))) {
            server.spoiled.put("GET " + PATH, hangs);
            assertThatThrownBy(() -> impatient.read(PLACE, 3)).isInstanceOf(ObjectStoreException.class);
            server.spoiled.put("GET " + PATH, hangsInTheBody);
            assertThatThrownBy(() -> impatient.read(PLACE, 3)).isInstanceOf(ObjectStoreException.class);
        } finally {
            end.countDown();
        }
    }

    @Test
    void aStoreThatIsNotThereIsBroken() {
        server.close();
        assertThatThrownBy(() -> store.read(PLACE, 3)).isInstanceOf(ObjectStoreException.class);
    }

    @Test
    void aRedirectIsNotFollowed() throws IOException {
        try (StoreServer elsewhere = new StoreServer()) {
            elsewhere.objects.put(PATH, CONTENT);
            for (int status : new int[] {301, 302, 307}) {
                server.spoiled.put("GET " + PATH, exchange -> {
                    exchange.getResponseHeaders().set("Location", elsewhere.endpoint() + "/frames/day/a%20b.jpg");
                    StoreServer.error(exchange, status, "TemporaryRedirect");
                });
                assertThatThrownBy(() -> store.read(PLACE, 3)).isInstanceOf(ObjectStoreException.class);
            }
            assertThat(elsewhere.requests).isEmpty();
        }
    }

    @Test
    void anObjectIsWrittenOnceHoweverOftenItIsSent() {
        assertThat(store.writeIfAbsent(PLACE, CONTENT)).isTrue();
        assertThat(store.writeIfAbsent(PLACE, CONTENT)).isFalse();
        assertThat(server.objects.get(PATH)).isEqualTo(CONTENT);
        assertThat(server.requests).containsExactly("HEAD " + PATH, "PUT " + PATH, "HEAD " + PATH);
    }

    @Test
    void anObjectOfAnotherLengthIsWrittenOver() {
        server.objects.put(PATH, new byte[1]);
        assertThat(store.writeIfAbsent(PLACE, CONTENT)).isTrue();
        assertThat(server.objects.get(PATH)).isEqualTo(CONTENT);
    }

    @Test
    void whoMayWriteAndNotLookWrites() {
        server.spoiled.put("HEAD " + PATH, exchange -> StoreServer.error(exchange, 403, "AccessDenied"));
        assertThat(store.writeIfAbsent(PLACE, CONTENT)).isTrue();
        server.spoiled.put("PUT " + PATH, exchange -> StoreServer.error(exchange, 403, "AccessDenied"));
        assertThatThrownBy(() -> store.writeIfAbsent(PLACE, CONTENT)).isInstanceOf(ObjectStoreException.class);
    }
}
