package io.drivetrain.schemas.objects;

import io.drivetrain.schemas.DrivetrainConfig;
import java.io.IOException;
import java.net.URI;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Objects of a store that speaks S3, at the endpoint of the configuration and nowhere else: redirects are not followed.
 * Credentials come from where the AWS SDK looks for them (environment, profile, instance), never from the configuration. What
 * the store fails to do is tried three times. May be used by several threads.
 */
public final class ObjectStore implements AutoCloseable {
    private static final int ATTEMPTS = 3;
    private static final int NOT_FOUND = 404;
    private static final int BAD_REQUEST = 400;
    private static final int FORBIDDEN = 403;
    private static final int LONGEST_QUOTE = 200;

    /** As the SDK begins, whatever chain of providers it asked. */
    private static final String NO_CREDENTIALS = "Unable to load credentials from";

    private final S3Client client;
    private final String where;

    private ObjectStore(S3Client client, String where) {
        this.client = client;
        this.where = where;
    }

    /** What reading an object leads to. */
    public sealed interface Read {
        /** As many bytes as were promised. */
        record Bytes(byte[] content) implements Read {}

        /** It has more or fewer bytes; none of them was read, unless the store did not say how many there are. */
        record OtherLength() implements Read {}

        /** There is no such object in the bucket. */
        record Missing() implements Read {}

        /**
         * The store knows us and does not give us this object.
         *
         * @param code of S3, such as AccessDenied
         */
        record Forbidden(String code) implements Read {}
    }

    /** Prepares to reach the store; nothing is sent yet. */
    public static ObjectStore of(DrivetrainConfig.ObjectStoreSettings settings) {
        String endpoint = settings.endpoint();
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(settings.region()))
                .credentialsProvider(DefaultCredentialsProvider.builder().build())
                .httpClient(UrlConnectionHttpClient.builder()
                        .connectionTimeout(settings.timeout())
                        .socketTimeout(settings.timeout())
                        .build())
                // Other stores than Amazon's have no host name for each bucket.
                .forcePathStyle(!endpoint.isEmpty())
                // One request for one object, as every store takes it.
                .serviceConfiguration(
                        S3Configuration.builder().chunkedEncodingEnabled(false).build())
                // Content is checked by SHA-256, and not all stores know the checksums that the SDK would add.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(override -> override.retryStrategy(RetryMode.STANDARD)
                        .apiCallAttemptTimeout(settings.timeout())
                        .apiCallTimeout(settings.timeout().multipliedBy(ATTEMPTS + 1)));
        if (!endpoint.isEmpty()) {
            builder.endpointOverride(URI.create(endpoint));
        }
        return new ObjectStore(
                builder.build(), endpoint.isEmpty() ? "of AWS in " + settings.region() : "at " + endpoint);
    }

    /**
     * Reads an object of a known length, and never more than that.
     *
     * @param length in bytes
     * @throws ObjectStoreException if the store does not answer, breaks off, or does not know us or the bucket
     */
    public Read read(ObjectLocation place, int length) {
        try {
            return client.getObject(
                    request -> request.bucket(place.bucket()).key(place.key()),
                    (response, body) -> content(response, body, length));
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND && !(e instanceof NoSuchBucketException)) {
                return new Read.Missing();
            }
            if (keepsObject(e.statusCode(), code(e))) {
                return new Read.Forbidden(code(e));
            }
            throw broken(e);
        } catch (SdkException e) {
            throw broken(e);
        }
    }

    private static Read content(GetObjectResponse response, AbortableInputStream body, int length) {
        Long promised = response.contentLength();
        if (promised != null && promised != length) {
            body.abort();
            return new Read.OtherLength();
        }
        try {
            byte[] bytes = body.readNBytes(length + 1);
            if (bytes.length > length) {
                body.abort();
                return new Read.OtherLength();
            }
            if (bytes.length < length && promised != null) {
                throw new IOException("the store broke off after %d of %d bytes".formatted(bytes.length, promised));
            }
            return bytes.length == length ? new Read.Bytes(bytes) : new Read.OtherLength();
        } catch (IOException e) {
            throw RetryableException.create(e.getMessage(), e);
        }
    }

    /**
     * Writes an object unless there is one of that name and length. The name is to say what the content is, so that whoever
     * writes it writes the same.
     *
     * @return whether it was written
     * @throws ObjectStoreException if the store does not answer or does not let us
     */
    public boolean writeIfAbsent(ObjectLocation place, byte[] content) {
        try {
            try {
                Long length = client.headObject(
                                request -> request.bucket(place.bucket()).key(place.key()))
                        .contentLength();
                if (length != null && length == content.length) {
                    return false;
                }
            } catch (S3Exception e) {
                // Who may write and not list is told that it may not look.
                if (e.statusCode() != NOT_FOUND && e.statusCode() != FORBIDDEN) {
                    throw e;
                }
            }
            client.putObject(
                    request -> request.bucket(place.bucket()).key(place.key()), RequestBody.fromBytes(content));
            return true;
        } catch (SdkException e) {
            throw broken(e);
        }
    }

    /** Whether it is this object that is not given out: not allowed, archived, or encrypted with a key that is not ours. */
    private static boolean keepsObject(int status, String code) {
        return status == FORBIDDEN && (code.equals("AccessDenied") || code.equals("InvalidObjectState"))
                || status == BAD_REQUEST && (code.equals("InvalidRequest") || code.startsWith("KMS."));
    }

    private static String code(S3Exception e) {
        return e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
                ? ""
                : e.awsErrorDetails().errorCode();
    }

    private ObjectStoreException broken(SdkException e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        if (message.startsWith(NO_CREDENTIALS)) {
            // The SDK goes on with a paragraph for each place where it has looked.
            return new ObjectStoreException(
                    "The object store %s cannot be used, because this process has no credentials; give it AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role"
                            .formatted(where),
                    e);
        }
        return new ObjectStoreException(
                "The object store %s fails (%s); check object-store.endpoint, the network, and the credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role) of this process"
                        .formatted(
                                where, e instanceof S3Exception refusal ? said(refusal, message) : shortened(message)),
                e);
    }

    /** What the store said, without the SDK's service, request ids and attempts. */
    private static String said(S3Exception e, String message) {
        String words = e.awsErrorDetails() == null || e.awsErrorDetails().errorMessage() == null
                ? message
                : e.awsErrorDetails().errorMessage();
        return "%s, HTTP status %d%s"
                .formatted(shortened(words), e.statusCode(), code(e).isEmpty() ? "" : ", " + code(e));
    }

    private static String shortened(String message) {
        String line = message.lines().findFirst().orElse("").strip();
        return line.length() > LONGEST_QUOTE ? line.substring(0, LONGEST_QUOTE) + "…" : line;
    }

    @Override
    public void close() {
        client.close();
    }
}
