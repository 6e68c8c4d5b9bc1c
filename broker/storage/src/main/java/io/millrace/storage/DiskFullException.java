package io.millrace.storage;

/** A disk without room for what was to be written; all that was written before is as it was. It passes when there is room. */
public final class DiskFullException extends StorageException {

    private static final long serialVersionUID = 1L;

    public DiskFullException(String message) {
        super(message);
    }

    public DiskFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
