package io.drivetrain.schemas.objects;

/** The object store cannot be reached, or does not let us in: broken machinery, and no fault of any one image. */
public final class ObjectStoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ObjectStoreException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
