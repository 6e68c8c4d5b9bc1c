package io.millrace.storage;

/**
 * Where a leader epoch ends in a log (KIP-101, KIP-320).
 *
 * @param leaderEpoch the asked epoch, or the greatest one below it that the log knows
 * @param endOffset the offset after the last record of that epoch
 */
public record EpochEndOffset(int leaderEpoch, long endOffset) {

    public static final int UNDEFINED_EPOCH = -1;
    public static final long UNDEFINED_OFFSET = -1;

    /** The log knows nothing of the asked epoch, or the epoch is newer than all that it knows. */
    public static final EpochEndOffset UNDEFINED = new EpochEndOffset(UNDEFINED_EPOCH, UNDEFINED_OFFSET);

    public boolean isDefined() {
        return endOffset != UNDEFINED_OFFSET;
    }
}
