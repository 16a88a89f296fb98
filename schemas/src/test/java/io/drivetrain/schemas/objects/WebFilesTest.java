package io.drivetrain.schemas.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a real server on a real port. */
class WebFilesTest {
    private static final byte[] CONTENT = {1, 2, 3, 4, 5};
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(loopback(), 0);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private void answers(HttpServer to, Answer answer) {
        to.createContext("/", exchange -> {
            try (exchange) {
                asked.add(exchange.getRequestURI().toString());
                answer.to(exchange);
            }
        });
    }

    private static void content(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, CONTENT.length);
        exchange.getResponseBody().write(CONTENT);
    }

    private static WebLocation place(String scheme, HttpServer server) {
        return WebLocation.parse(scheme + "://127.0.0.1:" + server.getAddress().getPort() + "/day/one%20more.jpg");
    }

    private ObjectStore.Read read(int length) {
        return new WebFiles(PATIENCE).read(place("http", server), length);
    }

    @Test
    void aFileIsReadUnderTheNameThatWasGiven() {
        answers(server, WebFilesTest::content);
        assertThat(read(5))
                .isInstanceOfSatisfying(
                        ObjectStore.Read.Bytes.class,
                        read -> assertThat(read.content()).isEqualTo(CONTENT));
        assertThat(asked).containsExactly("/day/one%20more.jpg");
    }

    @Test
    void overTlsOnlyAServerWithATrustedCertificateIsBelieved(@TempDir Path folder) throws Exception {
        SSLContext trusting = selfSigned(folder);
        HttpsServer secure = HttpsServer.create(loopback(), 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(trusting));
        answers(secure, WebFilesTest::content);
        secure.start();
        SSLContext before = SSLContext.getDefault();
        try {
            assertThatThrownBy(() -> new WebFiles(PATIENCE).read(place("https", secure), 5))
                    .isInstanceOf(ObjectStoreException.class)
                    .hasMessageContaining("SSLHandshakeException");
            SSLContext.setDefault(trusting);
            assertThat(new WebFiles(PATIENCE).read(place("https", secure), 5))
                    .isInstanceOf(ObjectStore.Read.Bytes.class);
        } finally {
            SSLContext.setDefault(before);
            secure.stop(0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 6})
    void ofAFileOfAnotherLengthNothingIsTaken(int length) {
        answers(server, WebFilesTest::content);
        assertThat(read(length)).isInstanceOf(ObjectStore.Read.OtherLength.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 6})
    void aServerThatDoesNotSayTheLengthIsCountedAfter(int length) {
        answers(server, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(CONTENT);
        });
        assertThat(read(length)).isInstanceOf(ObjectStore.Read.OtherLength.class);
        assertThat(read(5)).isInstanceOf(ObjectStore.Read.Bytes.class);
    }

    @Test
    void ofAnEndlessAnswerNoMoreIsTakenThanShowsThatItIsTooLong() {
        answers(server, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] megabyte = new byte[1 << 20];
            while (over.getCount() > 0) {
                exchange.getResponseBody().write(megabyte);
            }
        });
        assertThat(read(1 << 20)).isInstanceOf(ObjectStore.Read.OtherLength.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 308})
    void aRedirectIsNotFollowedAndStopsNobody(int status) throws IOException {
        HttpServer other = HttpServer.create(loopback(), 0);
        answers(other, WebFilesTest::content);
        other.start();
        try {
            server.createContext("/", exchange -> {
                try (exchange) {
                    exchange.getResponseHeaders()
                            .add("Location", place("http", other).uri());
                    exchange.sendResponseHeaders(status, -1);
                }
            });
            assertThat(read(5)).isEqualTo(new ObjectStore.Read.Forbidden("status " + status));
            assertThat(asked).isEmpty();
        } finally {
            other.stop(0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 410})
    void aFileThatIsNotThereIsMissing(int status) {
        answers(server, exchange -> exchange.sendResponseHeaders(status, -1));
        assertThat(read(5)).isInstanceOf(ObjectStore.Read.Missing.class);
        assertThat(asked).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {206, 400, 401, 403})
    void whatElseTheServerSaysOfAFileIsNotTriedAgain(int status) {
        answers(server, exchange -> exchange.sendResponseHeaders(status, -1));
        assertThat(read(5)).isEqualTo(new ObjectStore.Read.Forbidden("status " + status));
        assertThat(asked).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 503})
    void aServerThatFailsIsAskedThreeTimesAndIsNoFaultOfTheFile(int status) {
        answers(server, exchange -> exchange.sendResponseHeaders(status, -1));
        assertThatThrownBy(() -> read(5))
                .isInstanceOf(ObjectStoreException.class)
                .hasMessageContaining("http://127.0.0.1:" + server.getAddress().getPort())
                .hasMessageContaining("status " + status);
        assertThat(asked).hasSize(3);
    }

    @Test
    void aBodyThatBreaksOffIsReadAgain() {
        answers(server, exchange -> {
            exchange.sendResponseHeaders(200, CONTENT.length);
            exchange.getResponseBody().write(CONTENT, 0, asked.size() < 2 ? 2 : CONTENT.length);
        });
        assertThat(read(5)).isInstanceOf(ObjectStore.Read.Bytes.class);
        assertThat(asked).hasSize(2);
    }

    @Test
    void aServerThatHangsInTheMiddleOfTheBodyIsGivenUp() {
        answers(server, exchange -> {
            exchange.sendResponseHeaders(200, CONTENT.length);
            exchange.getResponseBody().write(CONTENT, 0, 2);
            exchange.getResponseBody().flush();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThatThrownBy(() -> new WebFiles(Duration.ofMillis(200)).read(place("http", server), 5))
                .isInstanceOf(ObjectStoreException.class)
                .hasMessageContaining("Timeout");
    }

    private static SSLContext selfSigned(Path folder) throws Exception {
        Path keys = folder.resolve("server.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=server",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        keys.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes());
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(store, "changeit".toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "server", store.getCertificate(store.aliases().nextElement()));
        TrustManagerFactory others = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        others.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), others.getTrustManagers(), null);
        return context;
    }
}
