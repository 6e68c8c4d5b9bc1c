package io.millrace.storage;

/** A disk that could not do what was asked of it: nothing on it can be relied on until somebody has looked at it. */
public class DiskFailedException extends StorageException {

    private static final long serialVersionUID = 1L;

    public DiskFailedException(String message) {
        super(message);
    }

    public DiskFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
