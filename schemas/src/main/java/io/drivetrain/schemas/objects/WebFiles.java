package io.drivetrain.schemas.objects;

import io.drivetrain.schemas.objects.ObjectStore.Read;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Files of web servers, by plain GET without credentials; redirects are not followed. What a server fails to do is tried
 * three times. May be used by several threads.
 */
public final class WebFiles {
    private static final int ATTEMPTS = 3;
    private static final int OK = 200;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;
    private static final List<Integer> MISSING = List.of(404, 410);

    private final HttpClient client;
    private final Duration timeout;

    /**
     * Prepares to reach servers; nothing is sent yet.
     *
     * @param timeout of one attempt, its last byte included
     */
    public WebFiles(Duration timeout) {
        this.timeout = timeout;
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .build();
    }

    /**
     * Reads a file of a known length, and never more than that. Any answer that the path alone may bring about, a redirect
     * among them, is a matter of this file, so that no record can stop who reads it.
     *
     * @param length in bytes
     * @throws ObjectStoreException if the server does not answer, breaks off, or says that it fails
     */
    public Read read(WebLocation place, int length) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(place.uri())).timeout(timeout).build();
        Exception failure = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            CompletableFuture<HttpResponse<Read>> answer =
                    client.sendAsync(request, response -> subscriber(response, length));
            try {
                return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS).body();
            } catch (ExecutionException | TimeoutException e) {
                failure = e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw broken(place, e);
            } finally {
                answer.cancel(true);
            }
        }
        throw broken(place, failure);
    }

    private static ObjectStoreException broken(WebLocation place, Exception e) {
        Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
        return new ObjectStoreException(
                "The web server %s fails (%s); check that it runs, and the network of this process"
                        .formatted(place.origin(), cause),
                e);
    }

    private static BodySubscriber<Read> subscriber(HttpResponse.ResponseInfo response, int length) {
        int status = response.statusCode();
        if (status >= SERVER_ERROR || status == REQUEST_TIMEOUT || status == TOO_MANY_REQUESTS) {
            return Body.failed(new IOException("it answers with status " + status));
        }
        if (MISSING.contains(status)) {
            return Body.known(new Read.Missing());
        }
        if (status != OK) {
            return Body.known(new Read.Forbidden("status " + status));
        }
        OptionalLong promised = response.headers().firstValueAsLong("Content-Length");
        return promised.isPresent() && promised.getAsLong() != length
                ? Body.known(new Read.OtherLength())
                : new Body(length);
    }

    /** Takes as many bytes as were promised, and no more from the network than shows that there are more. */
    private static final class Body implements BodySubscriber<Read> {
        private final CompletableFuture<Read> read = new CompletableFuture<>();
        private final ByteBuffer bytes;
        private Flow.Subscription subscription;

        Body(int length) {
            bytes = ByteBuffer.allocate(length);
        }

        static Body known(Read read) {
            Body body = new Body(0);
            body.read.complete(read);
            return body;
        }

        static Body failed(IOException e) {
            Body body = new Body(0);
            body.read.completeExceptionally(e);
            return body;
        }

        @Override
        public CompletionStage<Read> getBody() {
            return read;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            if (read.isDone()) {
                given.cancel();
            } else {
                given.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers) {
                if (buffer.remaining() > bytes.remaining()) {
                    read.complete(new Read.OtherLength());
                    subscription.cancel();
                    return;
                }
                bytes.put(buffer);
            }
        }

        @Override
        public void onError(Throwable e) {
            read.completeExceptionally(e);
        }

        @Override
        public void onComplete() {
            read.complete(bytes.hasRemaining() ? new Read.OtherLength() : new Read.Bytes(bytes.array()));
        }
    }
}
