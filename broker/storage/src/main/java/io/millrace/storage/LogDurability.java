package io.millrace.storage;

import static java.lang.System.Logger.Level.DEBUG;

import io.millrace.storage.JournalFormat.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How far a log is kept, by its flush policy, and its way into the journal.
 *
 * <p>Changes are told by the owner of the log, results by the threads of the journal; the rest may be asked by any thread.
 */
final class LogDurability implements JournaledLog {

    private static final System.Logger LOGGER = System.getLogger(LogDurability.class.getName());

    private static final long NEVER_JOURNALED = 0;

    private final LogFiles files;
    private final @Nullable LogId id;
    private final @Nullable Journal journal;
    private final LogOffsets offsets;
    private final FailStop failStop;
    private final Runnable flush;

    private volatile FlushPolicy policy = FlushPolicy.OS;
    private long lastSerial;
    /** What entries up to this serial tell of has been done. */
    private volatile long doneSerial;

    private volatile boolean deleted;
    private volatile DurabilityListener listener = DurabilityListener.NOBODY;

    /** @param home where the log belongs, and its journal; none for a log that is kept by the operating system alone */
    LogDurability(LogFiles files, LogHome home, LogOffsets offsets, FailStop failStop, Runnable flush) {
        this.files = files;
        this.id = home.id();
        this.journal = home.journal();
        this.offsets = offsets;
        this.failStop = failStop;
        this.flush = flush;
        this.lastSerial = offsets.settledSerial();
        this.doneSerial = lastSerial;
        if (journal != null) {
            journal.skipSerial(lastSerial);
        }
    }

    // ---- the owner

    void listen(DurabilityListener newListener) {
        listener = newListener;
    }

    /**
     * Keeps the log by another policy from now on.
     *
     * @throws StorageException when what the old policy left open cannot be brought to the medium
     */
    void keepBy(FlushPolicy newPolicy, Runnable writeCheckpoint) {
        if (newPolicy == policy) {
            return;
        }
        if (newPolicy == FlushPolicy.JOURNAL) {
            requireJournal();
        } else {
            // First of all: what the journal says of the log from here on must not count.
            policy = newPolicy;
            takeLastSerial();
        }
        // Neither older entries may undo changes that the journal does not hear of, nor an older checkpoint those that
        // it does.
        keepInFiles(writeCheckpoint);
        begin(newPolicy);
    }

    /** Keeps a log that was just opened by its policy. */
    void keepFromStart(FlushPolicy firstPolicy) {
        if (firstPolicy == FlushPolicy.JOURNAL) {
            requireJournal().ensureUsable();
            flush.run();
        }
        begin(firstPolicy);
    }

    /** From here on the journal's older entries do not count: the log's own files have what they tell. */
    void settleAnew(Runnable writeCheckpoint) {
        if (journal != null) {
            // By any policy: the log may have left the journal while it was not open, or failed while it left.
            takeLastSerial();
            keepInFiles(writeCheckpoint);
        }
    }

    /** A serial without an entry: once it is settled, all entries before it are. */
    private void takeLastSerial() {
        lastSerial = requireJournal().nextSerial();
        done();
    }

    private void keepInFiles(Runnable writeCheckpoint) {
        flush.run();
        writeCheckpoint.run();
    }

    private void begin(FlushPolicy newPolicy) {
        policy = newPolicy;
        if (newPolicy == FlushPolicy.JOURNAL && offsets.logStartOffset() == offsets.logEndOffset()) {
            noteCreation();
            done();
        }
    }

    private Journal requireJournal() {
        Journal present = journal;
        if (present == null) {
            throw new IllegalStateException(
                    "The log " + files.directory() + " has flush.policy=journal and was opened without a journal");
        }
        return present;
    }

    void appended(long offset, ByteBuf batches) {
        if (policy == FlushPolicy.JOURNAL) {
            Mark mark = next(offsets.logEndOffset());
            done();
            requireJournal().append(this, offset, batches, mark);
        }
    }

    /** Before the log is cut, so that the journal never tells of more than the log should have. Returns when that is on the medium. */
    void truncating(long newEndOffset) {
        note(Kind.TRUNCATED, null, newEndOffset);
        sync();
    }

    /** What the last entry tells of has been done. */
    void done() {
        doneSerial = lastSerial;
    }

    /** Before everything is dropped. Returns when that is on the medium. */
    void startingOver(long offset) {
        note(Kind.STARTED_OVER, null, offset);
        sync();
    }

    private void noteCreation() {
        String name = String.valueOf(files.directory().getFileName());
        ByteBuf payload = Unpooled.wrappedBuffer(name.getBytes(StandardCharsets.UTF_8));
        note(Kind.CREATED, payload, offsets.logEndOffset());
    }

    private void sync() {
        if (policy == FlushPolicy.JOURNAL) {
            requireJournal().sync();
            failStop.ensureUsable();
        }
    }

    void deleted() {
        deleted = true;
        if (journal == null || lastSerial == NEVER_JOURNALED) {
            return;
        }
        try {
            // By any policy: entries from before a change of policy must not reach another log with the same id.
            journal.note(this, Kind.DELETED, null, next(offsets.logEndOffset()));
        } catch (StorageException e) {
            // The next start finds a log that nobody wants, and removes it.
            LOGGER.log(DEBUG, () -> files.directory() + " is deleted without a note in the journal: " + e.getMessage());
        }
    }

    private void note(Kind kind, @Nullable ByteBuf payload, long endOffset) {
        if (policy == FlushPolicy.JOURNAL) {
            requireJournal().note(this, kind, payload, next(endOffset));
        }
    }

    private Mark next(long endOffset) {
        long serial = requireJournal().nextSerial();
        lastSerial = serial;
        return new Mark(serial, endOffset, offsets.generation());
    }

    // ---- any thread

    /** Below this offset everything is kept as the policy asks. */
    @Override
    public long durableEndOffset() {
        long end = offsets.logEndOffset();
        return policy == FlushPolicy.JOURNAL ? Math.min(end, offsets.durableEndOffset()) : end;
    }

    /** What entries up to this serial tell of is in the log's own files. */
    long doneSerial() {
        return doneSerial;
    }

    // ---- the journal

    @Override
    public LogId id() {
        LogId present = id;
        if (present == null) {
            throw new IllegalStateException("The log " + files.directory() + " belongs to no partition");
        }
        return present;
    }

    @Override
    public void force() {
        flush.run();
    }

    @Override
    public long settledSerial() {
        return offsets.settledSerial();
    }

    @Override
    public boolean isJournaled() {
        return policy == FlushPolicy.JOURNAL;
    }

    @Override
    public boolean isDeleted() {
        return deleted;
    }

    @Override
    public boolean hasFailed() {
        return failStop.hasFailed();
    }

    @Override
    public void onJournaled(Mark mark) {
        offsets.journaledTo(mark.endOffset(), mark.generation());
        listener.onDurable();
    }

    @Override
    public void onForced() {
        listener.onDurable();
    }

    @Override
    public void onJournalFailed(StorageException failure) {
        failStop.fail(failure);
        listener.onFailed(failure);
    }
}
