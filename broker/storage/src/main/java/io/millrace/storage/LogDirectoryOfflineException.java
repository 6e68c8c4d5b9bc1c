package io.millrace.storage;

/** A log directory whose disk has failed: nothing in it can be used until the broker is started again. */
public final class LogDirectoryOfflineException extends DiskFailedException {

    private static final long serialVersionUID = 1L;

    public LogDirectoryOfflineException(String message, Throwable cause) {
        super(message, cause);
    }
}
