package io.millrace.storage;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.storage.JournalFormat.Entry;
import io.millrace.storage.JournalFormat.Kind;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The write-ahead journal of a broker, in which appends of all logs with {@link FlushPolicy#JOURNAL} come to the medium together.
 *
 * <p>Safe for threads. Appends gather while the round before is being forced; then they are written and forced as one round. So the cost does
 * not grow with the number of logs. An append that is too large, or finds no room, has its log's own segment forced in the same round.
 * Rounds run on one executor, one at a time, and full files are freed on another: the logs that have entries in them are forced.
 *
 * <p>When the journal's disk is full, it goes on with what it has, and logs are forced themselves where that does not do. When its disk fails,
 * all logs that use it take no more changes.
 */
public final class Journal implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(Journal.class.getName());

    private final JournalConfiguration configuration;
    private final Executor rounds;
    private final Executor freeing;
    private final JournalFiles files;

    /** Held while a round is carried out; taken before the lock of this journal. */
    private final Object roundLock = new Object();

    private JournalRound filling;
    private JournalRound spare;
    private final JournalNotes notes = new JournalNotes();

    private boolean scheduled;
    private boolean freeingScheduled;
    private boolean closed;
    private long forcedRounds;
    private long lastSerial;
    private @Nullable StorageException failure;

    private Journal(
            JournalConfiguration configuration,
            Executor rounds,
            Executor freeing,
            JournalFiles files,
            long lastSerial) {
        this.lastSerial = lastSerial;
        this.configuration = configuration;
        this.rounds = rounds;
        this.freeing = freeing;
        this.files = files;
        this.filling = new JournalRound(configuration.bufferBytes());
        this.spare = new JournalRound(configuration.bufferBytes());
    }

    /**
     * Begins a journal behind what an earlier life of the broker left in the directory, which stays until {@link #forgetEarlier}.
     *
     * @param rounds runs one task at a time
     * @param freeing runs one task at a time; may be the same
     */
    public static Journal open(
            Disk disk,
            Path directory,
            JournalConfiguration configuration,
            JournalContents earlier,
            Executor rounds,
            Executor freeing) {
        JournalFiles files = JournalFiles.open(disk, directory, configuration, earlier.nextRound());
        return new Journal(configuration, rounds, freeing, files, earlier.lastSerial());
    }

    /** Whether an earlier life left something in a directory. */
    public static boolean holdsEntries(Disk disk, Path directory) {
        return disk.list(directory).stream().anyMatch(name -> name.endsWith(JournalFile.JOURNAL));
    }

    /** What an earlier life left was carried out, and is needed no more. */
    void forgetEarlier() {
        files.freeEarlier();
    }

    /** A serial greater than all before. */
    synchronized long nextSerial() {
        return ++lastSerial;
    }

    /** Serials go on behind this one. */
    synchronized void skipSerial(long used) {
        lastSerial = Math.max(lastSerial, used);
    }

    // ---- what logs write, each on its owner's thread

    /** Brings appended batches to the medium; the log is told. */
    synchronized void append(JournaledLog log, long offset, ByteBuf batches, JournaledLog.Mark mark) {
        ensureUsable();
        int bytes = batches.readableBytes();
        if (bytes > configuration.bypassBytes() || !filling.hasRoomFor(bytes)) {
            filling.bypass(log);
        } else {
            filling.add(new Entry(Kind.BATCHES, log.id(), mark.serial(), offset, mark.endOffset(), bytes), batches);
            filling.mark(log, mark);
        }
        schedule();
    }

    /** Notes a change of a log that later entries of it rest on. */
    synchronized void note(JournaledLog log, Kind kind, @Nullable ByteBuf payload, JournaledLog.Mark mark) {
        ensureUsable();
        int bytes = payload == null ? 0 : payload.readableBytes();
        filling.add(new Entry(kind, log.id(), mark.serial(), mark.endOffset(), mark.endOffset(), bytes), payload);
        if (kind == Kind.CREATED) {
            filling.mark(log, mark);
        } else {
            filling.markNote(log, mark);
        }
        schedule();
    }

    /** Throws a {@link StorageException} when nothing can be written to the journal any more. */
    synchronized void ensureUsable() {
        StorageException earlier = failure;
        if (earlier != null) {
            throw new StorageException("The journal failed earlier: " + earlier.getMessage(), earlier);
        }
        if (closed) {
            throw new StorageException("The journal is closed");
        }
    }

    private void schedule() {
        if (!scheduled) {
            scheduled = true;
            execute(rounds, this::run);
        }
    }

    private void execute(Executor executor, Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException stopping) {
            throw new StorageException("The journal's threads have ended", stopping);
        }
    }

    /**
     * Returns when everything that was given to the journal before is on the medium, or its log was told that it is not. Runs a round on the
     * caller's thread.
     *
     * @throws DiskFullException when there was no room to note that a log was deleted
     */
    void sync() {
        runRound();
        synchronized (this) {
            ensureUsable();
        }
        notes.requireDeletionsWritten();
    }

    // ---- rounds

    /** One round, and the next one if there is already something for it. */
    private void run() {
        runRound();
        synchronized (this) {
            scheduled = failure == null && !filling.isEmpty();
            if (scheduled) {
                execute(rounds, this::run);
            }
        }
    }

    private void runRound() {
        synchronized (roundLock) {
            JournalRound round;
            synchronized (this) {
                if (failure != null || filling.isEmpty()) {
                    return;
                }
                round = filling;
                filling = spare;
            }
            try {
                carryOut(round);
            } catch (StorageException e) {
                fail(e, round);
            }
            synchronized (this) {
                round.clear();
                spare = round;
            }
        }
    }

    private void carryOut(JournalRound round) {
        Set<JournaledLog> unforced = new HashSet<>();
        for (JournaledLog log : round.bypassing()) {
            if (force(log)) {
                notes.forced(log);
            } else {
                unforced.add(log);
            }
        }
        round.marks().forEach((log, mark) -> {
            if (log.hasFailed() && !log.isDeleted()) {
                // Its appends may rest on others that are lost.
                round.drop(log.id(), mark.serial());
                unforced.add(log);
            }
        });
        if (round.hasEntries()) {
            try {
                write(round);
            } catch (DiskFullException e) {
                unforced.addAll(forceInstead(round, e));
            }
        }
        round.bypassing().stream().filter(log -> !unforced.contains(log)).forEach(JournaledLog::onForced);
        round.marks().forEach((log, mark) -> {
            if (!unforced.contains(log)) {
                log.onJournaled(mark);
            }
        });
    }

    private static boolean force(JournaledLog log) {
        try {
            log.force();
            return true;
        } catch (StorageException e) {
            log.onJournalFailed(e);
            return false;
        }
    }

    private void write(JournalRound round) {
        notes.addTo(round);
        put(round);
        notes.written();
        synchronized (this) {
            forcedRounds++;
            if (!freeingScheduled && files.isFreeingDue()) {
                freeingScheduled = true;
                execute(freeing, this::freeInBackground);
            }
        }
    }

    /** Where the disk is full, files whose entries are not needed any more are written again. */
    private void put(JournalRound round) {
        int filesLeft = files.inUseCount();
        while (true) {
            try {
                Optional<JournalFile> file = files.fileFor(round.sizeInBytes());
                if (file.isPresent()) {
                    files.write(file.get(), round);
                    return;
                }
            } catch (DiskFullException e) {
                if (!files.endCurrent() || filesLeft-- <= 0) {
                    throw e;
                }
            }
            if (freeOldest()) {
                notes.addTo(round);
            }
        }
    }

    /** The journal has no room: the appends of a round go to the medium where they lie. Answers the logs for which that did not do. */
    private Set<JournaledLog> forceInstead(JournalRound round, DiskFullException full) {
        LOGGER.log(
                WARNING,
                () -> "The disk of the journal is full; " + round.marks().size() + " logs are forced instead: "
                        + full.getMessage());
        Set<JournaledLog> unforced = new HashSet<>();
        round.marks().forEach((log, mark) -> {
            if (log.isDeleted()) {
                notes.deleted(log, mark);
            } else if (round.noting().contains(log)) {
                unforced.add(log);
                log.onJournalFailed(full);
            } else if (!force(log)) {
                unforced.add(log);
            }
        });
        return unforced;
    }

    private void fail(StorageException e, JournalRound round) {
        LOGGER.log(ERROR, () -> "The journal failed; all logs with flush.policy=journal go offline: " + e.getMessage());
        Set<JournaledLog> hit = new HashSet<>(round.marks().keySet());
        hit.addAll(round.bypassing());
        synchronized (this) {
            failure = e;
            hit.addAll(filling.marks().keySet());
            hit.addAll(filling.bypassing());
            files.inUse().forEach(file -> hit.addAll(file.lastSerials().keySet()));
        }
        hit.forEach(log -> log.onJournalFailed(e));
    }

    // ---- freeing

    private void freeInBackground() {
        try {
            while (files.isFreeingDue()) {
                freeOldest();
            }
        } catch (DiskFullException e) {
            LOGGER.log(WARNING, () -> "The journal keeps its entries until there is room: " + e.getMessage());
        } finally {
            synchronized (this) {
                freeingScheduled = false;
            }
        }
    }

    /** Answers whether entries were dropped, so that there is something to note. */
    private boolean freeOldest() {
        Optional<JournalFile> oldest = files.oldestFull();
        if (oldest.isEmpty()) {
            return false;
        }
        boolean dropped = false;
        for (Map.Entry<JournaledLog, Long> last : oldest.get().lastSerials().entrySet()) {
            dropped |= !settle(last.getKey(), last.getValue());
        }
        files.free(oldest.get());
        return dropped;
    }

    /** Sees to it that a log does not need its entries any more; where it cannot, notes what the log must hold, and answers false. */
    private boolean settle(JournaledLog log, long serial) {
        if (log.isDeleted() || log.settledSerial() >= serial) {
            return true;
        }
        try {
            log.force();
            notes.settled(log);
            return true;
        } catch (DiskFullException e) {
            throw e;
        } catch (StorageException e) {
            LOGGER.log(
                    WARNING,
                    () -> "The journal drops entries of " + log.id() + ", whose disk failed: " + e.getMessage());
            notes.dropped(log);
            return false;
        }
    }

    /** How many rounds were forced since the journal was opened. */
    public synchronized long forcedRounds() {
        return forcedRounds;
    }

    /** Ends the journal. The logs that use it are closed, and the executors have run what they were given. */
    @Override
    public void close() {
        boolean settled;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            settled = failure == null && !notes.isNeeded() && filling.isEmpty() && isSettled();
        }
        files.close(settled);
    }

    private boolean isSettled() {
        for (JournalFile file : files.inUse()) {
            for (Map.Entry<JournaledLog, Long> last : file.lastSerials().entrySet()) {
                JournaledLog log = last.getKey();
                if (!log.isDeleted() && log.settledSerial() < last.getValue()) {
                    return false;
                }
            }
        }
        return true;
    }
}
