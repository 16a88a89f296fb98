package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ImageReference;
import io.drivetrain.schemas.objects.ObjectStoreException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferencedImageTest {
    private static final byte[] CONTENT = {1, 2, 3};
    private static final String SHA256 = ImageHash.sha256(ByteBuffer.wrap(CONTENT));
    private static final DrivetrainConfig.ObjectStoreSettings NO_STORE =
            new DrivetrainConfig.ObjectStoreSettings("http://127.0.0.1:1", "us-east-1", Duration.ofSeconds(1));

    @TempDir
    private Path folder;

    private Path inside;
    private Path secret;

    @BeforeEach
    void files() throws IOException {
        inside = Files.createDirectories(folder.resolve("images/day")).resolve("a.jpg");
        secret = Files.createDirectories(folder.resolve("images-of-others")).resolve("secret");
        Files.write(inside, CONTENT);
        Files.write(secret, CONTENT);
    }

    @Test
    void withoutRootsAnyFileMayBeReferredTo() {
        assertThat(fetch(List.of(), secret.toUri().toString())).isInstanceOf(ReferencedImage.Bytes.class);
    }

    @Test
    void withRootsOnlyFilesBelowThemAreLookedAt() throws IOException {
        List<String> roots = List.of(
                folder.resolve("none").toString(), folder.resolve("images").toString());
        assertThat(fetch(roots, inside.toUri().toString())).isInstanceOf(ReferencedImage.Bytes.class);
        Path link = Files.createSymbolicLink(folder.resolve("images/link.jpg"), secret);
        for (String uri : List.of(
                secret.toUri().toString(),
                secret.toUri() + ".missing",
                link.toUri().toString(),
                folder.toUri() + "images/../images-of-others/secret")) {
            assertThat(fetch(roots, uri))
                    .as(uri)
                    .isInstanceOfSatisfying(
                            ReferencedImage.Nothing.class,
                            nothing -> assertThat(nothing.reason())
                                    .isEqualTo(
                                            "it is outside of admission.reference-roots; put it below one of these folders, or add its folder to them, and replay"));
        }
    }

    @Test
    void onlyObjectsBelowTheFoldersOfTheConfigurationAreAskedFor() throws IOException {
        try (Store store = new Store()) {
            store.objects.put("/frames/day/a.jpg", CONTENT);
            store.objects.put("/frames/night/a.jpg", CONTENT);
            List<String> roots = List.of("s3://frames/day");
            for (String uri : List.of("s3://frames/night/a.jpg", "s3://frames/days/a.jpg", "s3://other/day/a.jpg")) {
                assertOutside(store.fetch(roots, uri), uri);
            }
            assertOutside(store.fetch(List.of(), "s3://frames/day/a.jpg"), "without roots");
            assertOutside(store.fetch(roots, inside.toUri().toString()), "a file beside roots of objects only");
            for (String uri : List.of(
                    "s3://frames/day/../night/a.jpg",
                    "s3://169.254.169.254:80/day/a.jpg",
                    store.endpoint() + "/frames/day/a.jpg")) {
                assertThat(store.fetch(roots, uri)).as(uri).isInstanceOf(ReferencedImage.Nothing.class);
            }
            assertThat(store.asked).isEmpty();
            assertThat(store.fetch(roots, "s3://frames/day/a.jpg"))
                    .isEqualTo(new ReferencedImage.Bytes(ByteBuffer.wrap(CONTENT), SHA256));
            assertThat(store.asked).containsExactly("/frames/day/a.jpg");
        }
    }

    @Test
    void anObjectIsTheOnePromisedOrRefusedAndABrokenStoreIsNoFaultOfTheImage() throws IOException {
        try (Store store = new Store()) {
            List<String> roots = List.of("s3://frames");
            store.objects.put("/frames/other.jpg", new byte[] {1, 2, 4});
            store.objects.put("/frames/long.jpg", new byte[4]);
            assertThat(store.fetch(roots, "s3://frames/missing.jpg"))
                    .isEqualTo(new ReferencedImage.Nothing("there is no such object; put it there, and replay"));
            assertThat(store.fetch(roots, "s3://frames/other.jpg"))
                    .isEqualTo(new ReferencedImage.Different(
                            "sha256", SHA256, "the object's SHA-256 is not the one in the reference"));
            assertThat(store.fetch(roots, "s3://frames/long.jpg"))
                    .isEqualTo(new ReferencedImage.Different(
                            "length", "3", "the object does not have the 3 bytes of the reference"));
            store.failing.set(true);
            assertThatThrownBy(() -> store.fetch(roots, "s3://frames/other.jpg"))
                    .isInstanceOf(ObjectStoreException.class);
        }
    }

    @Test
    void onlyFilesBelowTheFoldersOfAWebServerAreAskedFor() throws IOException {
        try (Store store = new Store()) {
            store.objects.put("/frames/day/a.jpg", CONTENT);
            store.objects.put("/frames/day/other.jpg", new byte[] {1, 2, 4});
            store.objects.put("/frames/day/long.jpg", new byte[4]);
            String frames = store.endpoint() + "/frames/";
            List<String> roots = List.of(frames + "day/");
            for (String uri :
                    List.of(frames + "night/a.jpg", frames + "days/a.jpg", "http://127.0.0.1:1/frames/day/a.jpg")) {
                assertOutside(store.fetch(roots, uri), uri);
            }
            for (String uri :
                    List.of(frames + "day/../night/a.jpg", frames + "day/%2e%2e/a.jpg", frames + "day/a.jpg?x")) {
                assertThat(store.fetch(roots, uri))
                        .as(uri)
                        .isInstanceOfSatisfying(
                                ReferencedImage.Nothing.class,
                                nothing -> assertThat(nothing.reason())
                                        .startsWith("it is no place of a file on a web server"));
            }
            assertOutside(store.fetch(roots, inside.toUri().toString()), "a file beside roots on the web only");
            assertThat(store.asked).isEmpty();
            assertThat(store.fetch(roots, frames + "day/a.jpg"))
                    .isEqualTo(new ReferencedImage.Bytes(ByteBuffer.wrap(CONTENT), SHA256));
            assertThat(store.fetch(roots, frames + "day/missing.jpg"))
                    .isEqualTo(new ReferencedImage.Nothing("there is no such file; put it there, and replay"));
            assertThat(store.fetch(roots, frames + "day/other.jpg"))
                    .isEqualTo(new ReferencedImage.Different(
                            "sha256", SHA256, "the file's SHA-256 is not the one in the reference"));
            assertThat(store.fetch(roots, frames + "day/long.jpg"))
                    .isEqualTo(new ReferencedImage.Different(
                            "length", "3", "the file does not have the 3 bytes of the reference"));
            store.failing.set(true);
            assertThatThrownBy(() -> store.fetch(roots, frames + "day/a.jpg")).isInstanceOf(ObjectStoreException.class);
        }
    }

    private static void assertOutside(ReferencedImage.Fetched fetched, String what) {
        assertThat(fetched)
                .as(what)
                .isInstanceOfSatisfying(
                        ReferencedImage.Nothing.class,
                        nothing ->
                                assertThat(nothing.reason()).startsWith("it is outside of admission.reference-roots"));
    }

    /** Gives objects on a real port. */
    private static final class Store implements AutoCloseable {
        private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
        private final List<String> asked = new CopyOnWriteArrayList<>();
        private final AtomicBoolean failing = new AtomicBoolean();
        private final HttpServer server;

        Store() throws IOException {
            System.setProperty("aws.accessKeyId", "test-key");
            System.setProperty("aws.secretAccessKey", "test-secret");
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                try (exchange) {
                    String path = exchange.getRequestURI().getPath();
                    asked.add(path);
                    byte[] object = objects.get(path);
                    if (failing.get() || object == null) {
                        exchange.sendResponseHeaders(failing.get() ? 500 : 404, -1);
                    } else {
                        exchange.sendResponseHeaders(200, object.length);
                        exchange.getResponseBody().write(object);
                    }
                }
            });
            server.start();
        }

        String endpoint() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        ReferencedImage.Fetched fetch(List<String> roots, String uri) {
            try (ReferencedImage references = new ReferencedImage(
                    roots, new DrivetrainConfig.ObjectStoreSettings(endpoint(), "us-east-1", Duration.ofSeconds(20)))) {
                return references.fetch(new ImageReference(uri, 3L, SHA256));
            }
        }

        @Override
        public void close() {
            server.stop(0);
            System.clearProperty("aws.accessKeyId");
            System.clearProperty("aws.secretAccessKey");
        }
    }

    @Test
    void whatIsFoundInPlaceOfThePromisedIsNotTold() {
        ReferencedImage references = new ReferencedImage(List.of(), NO_STORE);
        String uri = secret.toUri().toString();
        String sha256 = ImageHash.sha256(ByteBuffer.wrap(CONTENT));
        assertThat(references.fetch(new ImageReference(uri, 77L, sha256)))
                .isEqualTo(new ReferencedImage.Different(
                        "length", "77", "the file does not have the 77 bytes of the reference"));
        assertThat(references.fetch(new ImageReference(uri, 3L, "00")))
                .isEqualTo(new ReferencedImage.Different(
                        "sha256", "00", "the file's SHA-256 is not the one in the reference"));
    }

    private static ReferencedImage.Fetched fetch(List<String> roots, String uri) {
        return new ReferencedImage(roots, NO_STORE)
                .fetch(new ImageReference(uri, 3L, ImageHash.sha256(ByteBuffer.wrap(CONTENT))));
    }
}
