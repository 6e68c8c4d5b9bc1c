package io.millrace.storage;

import io.millrace.storage.JournalFormat.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the journal knows of one log, boiled down: what must be in it, and from where on it may not be trusted.
 *
 * <p>Used by one thread at a time.
 */
final class LogHistory {

    /**
     * An append.
     *
     * @param offset where the log ended before it
     * @param limitOffset batches at or above it were cut off later
     * @param whole whether its bytes are as they were written
     */
    record Piece(long serial, int file, int position, int bytes, long offset, long limitOffset, boolean whole) {

        Piece below(long offset) {
            return new Piece(serial, file, position, bytes, this.offset, offset, whole);
        }
    }

    private static final long NOTHING_REQUIRED = Long.MIN_VALUE;

    private final List<Piece> pieces = new ArrayList<>();
    private final List<Entry> cuts = new ArrayList<>();
    private Optional<String> directoryName = Optional.empty();
    private Optional<Entry> startedOver = Optional.empty();
    private long required = NOTHING_REQUIRED;
    private long requiredSerial;
    private long forgottenBelow;
    private boolean deleted;

    void appended(Entry entry, int file, int position, boolean whole) {
        deleted = false;
        pieces.add(new Piece(
                entry.serial(), file, position, entry.payloadBytes(), entry.offset(), entry.endOffset(), whole));
    }

    void truncated(Entry entry) {
        long offset = entry.offset();
        cuts.add(entry);
        required = Math.min(required, offset);
        while (!pieces.isEmpty() && last().limitOffset() > offset) {
            Piece cut = pieces.remove(pieces.size() - 1);
            if (cut.offset() < offset) {
                pieces.add(cut.below(offset));
            }
        }
    }

    private Piece last() {
        return pieces.get(pieces.size() - 1);
    }

    void startedOver(Entry entry) {
        forget(entry);
        startedOver = Optional.of(entry);
    }

    void created(Entry entry, Optional<String> name) {
        forget(entry);
        deleted = false;
        directoryName = name;
    }

    /** What the log's own files must hold, as of the entry's serial. */
    void required(Entry entry) {
        long cutSince = cuts.stream()
                .filter(cut -> cut.serial() > entry.serial())
                .mapToLong(Entry::offset)
                .min()
                .orElse(Long.MAX_VALUE);
        if (entry.serial() >= forgottenBelow) {
            required = Math.max(required, Math.min(cutSince, entry.endOffset()));
            requiredSerial = Math.max(requiredSerial, entry.serial());
        }
    }

    void deleted(Entry entry) {
        forget(entry);
        directoryName = Optional.empty();
        deleted = true;
    }

    /** What entries with lower serials tell does not count any more, even of those that come later. */
    private void forget(Entry entry) {
        forgottenBelow = entry.serial();
        pieces.clear();
        cuts.clear();
        startedOver = Optional.empty();
        required = NOTHING_REQUIRED;
    }

    /** Whether the journal tells nothing that still counts. */
    boolean isEmpty() {
        return pieces.isEmpty()
                && cuts.isEmpty()
                && startedOver.isEmpty()
                && directoryName.isEmpty()
                && required == NOTHING_REQUIRED;
    }

    boolean isDeleted() {
        return deleted;
    }

    /** The name of the log's directory, where the journal knows it. */
    Optional<String> directoryName() {
        return directoryName;
    }

    /** Appends whose effects were not noted to be on the medium. */
    List<Piece> piecesBehind(long settledSerial) {
        return pieces.stream().filter(piece -> piece.serial() > settledSerial).toList();
    }

    /** Where the log began anew, unless that was noted to be on the medium. */
    OptionalLong startedOverBehind(long settledSerial) {
        return startedOver
                .filter(entry -> entry.serial() > settledSerial)
                .map(entry -> OptionalLong.of(entry.offset()))
                .orElse(OptionalLong.empty());
    }

    /** Whether the log's own files have everything. */
    boolean isSettled(long settledSerial, long recoveryPoint) {
        return expendableFrom(settledSerial) == LogLoader.NOTHING && requiredEndOffset(settledSerial) <= recoveryPoint;
    }

    /** From where on the log's own files may hold anything. */
    long expendableFrom(long settledSerial) {
        if (startedOverBehind(settledSerial).isPresent()) {
            return LogLoader.EVERYTHING;
        }
        long from = piecesBehind(settledSerial).stream()
                .mapToLong(Piece::offset)
                .min()
                .orElse(LogLoader.NOTHING);
        return Math.min(from, cutsBehind(settledSerial));
    }

    /** The lowest offset at which the log was cut. */
    long cutsBehind(long settledSerial) {
        return cuts.stream()
                .filter(entry -> entry.serial() > settledSerial)
                .mapToLong(Entry::offset)
                .min()
                .orElse(LogLoader.NOTHING);
    }

    /** The end of everything that was told since the log was cut, and is still there. */
    long toldEndOffset(long settledSerial) {
        long cut = cuts.isEmpty()
                ? startedOver.map(Entry::offset).orElse(0L)
                : cuts.get(cuts.size() - 1).offset();
        long appended = pieces.isEmpty() ? 0 : last().limitOffset();
        return Math.max(requiredEndOffset(settledSerial), Math.max(cut, appended));
    }

    /** Where the log must end at least; a younger checkpoint of the log itself knows better. */
    long requiredEndOffset(long settledSerial) {
        return requiredSerial < settledSerial ? NOTHING_REQUIRED : required;
    }
}
