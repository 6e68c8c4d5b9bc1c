package io.millrace.storage;

/** A cleaning ends early because its cleaner is closing or its log is gone; nothing is wrong. */
final class CleaningStoppedException extends StorageException {

    private static final long serialVersionUID = 1L;

    CleaningStoppedException(String message) {
        super(message);
    }
}
