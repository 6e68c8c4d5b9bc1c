package io.millrace.storage;

/** A log as the journal sees it. Its methods are called by the threads of the journal. */
interface JournaledLog {

    /**
     * How far entries of a log have come.
     *
     * @param serial the last of them
     * @param endOffset where the log ended after it
     * @param generation of the log's end, see {@link LogOffsets#generation}
     */
    record Mark(long serial, long endOffset, int generation) {}

    LogId id();

    /** Brings all that was appended before to the medium, in the log's own files. */
    void force();

    /** Below this offset everything is on the medium, in the log's own files or in the journal. */
    long durableEndOffset();

    /** The effects of entries up to this serial are on the medium, in the log's own files. */
    long settledSerial();

    /** Whether the log tells the journal of its changes, still. */
    boolean isJournaled();

    /** Whether the log was removed, so that nothing of it needs to be kept. */
    boolean isDeleted();

    /** Whether the log takes no more changes: what it has told and is not on the medium, was promised to nobody. */
    boolean hasFailed();

    /** The journal has all entries up to the mark on the medium. */
    void onJournaled(Mark mark);

    /** {@link #force}, asked for by the log itself, has succeeded. */
    void onForced();

    /** The journal failed, or forcing the log did: what was not told to be on the medium may never get there. */
    void onJournalFailed(StorageException failure);
}
