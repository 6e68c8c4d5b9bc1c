package io.millrace.storage;

/**
 * A disk that failed, or a log that an earlier failure of its disk made unusable.
 *
 * <p>The log that throws this takes no more appends: what is on disk is unknown until it is opened again.
 */
public class StorageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StorageException(String message) {
        super(message);
    }

    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}
