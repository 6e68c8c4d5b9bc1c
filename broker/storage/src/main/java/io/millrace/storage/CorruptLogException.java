package io.millrace.storage;

/**
 * A log with damage that cutting off its tail would hide: bytes that were promised are missing or wrong.
 *
 * <p>The partition must stay offline until {@link PartitionLog#repair} cut the log at {@link #validUpTo}; after that its
 * replica has lost data and may not lead before it has caught up.
 */
public final class CorruptLogException extends StorageException {

    private static final long serialVersionUID = 1L;

    private final long validUpTo;

    public CorruptLogException(String message, long validUpTo) {
        super(message);
        this.validUpTo = validUpTo;
    }

    /** Everything below this offset is whole. */
    public long validUpTo() {
        return validUpTo;
    }
}
