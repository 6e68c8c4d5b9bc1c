package io.millrace.storage;

/** A read at an offset that the log does not hold, or no longer. */
public final class OffsetOutOfRangeException extends Exception {

    private static final long serialVersionUID = 1L;

    private final long logStartOffset;
    private final long logEndOffset;

    public OffsetOutOfRangeException(long offset, long logStartOffset, long logEndOffset) {
        super("Offset " + offset + " is outside of the log, which holds " + logStartOffset + " to " + logEndOffset);
        this.logStartOffset = logStartOffset;
        this.logEndOffset = logEndOffset;
    }

    public long logStartOffset() {
        return logStartOffset;
    }

    public long logEndOffset() {
        return logEndOffset;
    }
}
