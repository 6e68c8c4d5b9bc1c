package io.millrace.storage;

import io.millrace.storage.JournalFormat.Entry;
import io.millrace.storage.JournalFormat.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the journal itself has to tell of logs, beside what they write. Safe for threads, guarded by itself. */
final class JournalNotes {

    /** What logs whose disks failed had in files that were freed since; stays in every round, so that it outlives all files. */
    private final List<Entry> carried = new ArrayList<>();
    /** What was forced in logs' own segments since the last round. */
    private final List<Entry> forced = new ArrayList<>();
    /** Deletions for which there was no room. */
    private final List<Entry> deletions = new ArrayList<>();

    /** A log was forced because its appends were not written to the journal. */
    synchronized void forced(JournaledLog log) {
        required(log).ifPresent(forced::add);
    }

    /** A log has in its own files what the journal had of it. */
    synchronized void settled(JournaledLog log) {
        carried.removeIf(entry -> entry.log().equals(log.id()));
    }

    /** The journal loses entries of a log that could not be forced. */
    synchronized void dropped(JournaledLog log) {
        settled(log);
        required(log).ifPresent(carried::add);
    }

    /** A log was deleted, and that could not be written. */
    synchronized void deleted(JournaledLog log, JournaledLog.Mark mark) {
        deletions.add(new Entry(Kind.DELETED, log.id(), mark.serial(), mark.endOffset(), mark.endOffset(), 0));
    }

    synchronized void addTo(JournalRound round) {
        carried.forEach(entry -> round.add(entry, null));
        deletions.forEach(entry -> round.add(entry, null));
        forced.forEach(entry -> round.add(entry, null));
    }

    /** What was {@linkplain #addTo added} before is on the medium; nothing was noted since but by the caller. */
    synchronized void written() {
        deletions.clear();
        forced.clear();
    }

    /** @throws DiskFullException when there was no room to note a deletion */
    synchronized void requireDeletionsWritten() {
        if (!deletions.isEmpty()) {
            throw new DiskFullException("The disk of the journal is full; it cannot note that "
                    + deletions.get(0).log() + " was deleted");
        }
    }

    /** Whether the next life needs to know anything that is told here. */
    synchronized boolean isNeeded() {
        return !carried.isEmpty() || !deletions.isEmpty();
    }

    /** What the log must hold; nothing for one that may by now have been cut without a word to the journal. */
    private static Optional<Entry> required(JournaledLog log) {
        // In this order: a log that leaves the journal does that before it settles its last serial.
        long serial = log.settledSerial();
        long endOffset = log.durableEndOffset();
        return log.isJournaled()
                ? Optional.of(new Entry(Kind.REQUIRED, log.id(), serial, endOffset, endOffset, 0))
                : Optional.empty();
    }
}
