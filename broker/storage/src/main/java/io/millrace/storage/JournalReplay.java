package io.millrace.storage;

import static java.lang.System.Logger.Level.INFO;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatches;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Brings one log to where the journal says that it was.
 *
 * <p>What lies in the log's own files counts as far as it is what the journal tells; from the first difference on, the journal's appends
 * are put there anew. Doing it again changes nothing, so it may be interrupted at any time.
 */
final class JournalReplay {

    private static final System.Logger LOGGER = System.getLogger(JournalReplay.class.getName());
    private static final int ANY_EPOCH = Integer.MAX_VALUE;

    private final JournalContents journal;
    private final LogHistory history;
    private final LogFiles files;
    private final LogConfiguration configuration;
    private final InstantSource clock;

    JournalReplay(
            JournalContents journal,
            LogHistory history,
            LogFiles files,
            LogConfiguration configuration,
            InstantSource clock) {
        this.journal = journal;
        this.history = history;
        this.files = files;
        this.configuration = configuration;
        this.clock = clock;
    }

    /**
     * Leaves the log closed in order and on the medium.
     *
     * @throws CorruptLogException when the log lacks something that neither its own files nor the journal have; it will be found so again
     */
    void run() {
        Optional<LogCheckpoint> checkpoint = CheckpointFile.read(files);
        long settled = checkpoint.map(LogCheckpoint::settledSerial).orElse(0L);
        long recoveryPoint = checkpoint.map(LogCheckpoint::recoveryPoint).orElse(0L);
        if (configuration.flushPolicy() == FlushPolicy.OS && history.isSettled(settled, recoveryPoint)) {
            return;
        }
        PartitionLog log = PartitionLog.openUpTo(files, configuration, clock, expendableFrom(checkpoint, settled));
        try {
            long appended = replay(log, settled);
            require(log, promised(checkpoint, settled), "its checkpoint and the journal promise offsets up to there");
            if (wasCut(settled)) {
                // No older checkpoint may come back once the journal does not tell of the cut any more.
                log.forceCheckpoint();
            } else {
                checkpoint.ifPresent(known -> log.updateHighWatermark(known.highWatermark()));
            }
            if (appended > 0) {
                LOGGER.log(
                        INFO,
                        () -> files.directory() + " got " + appended + " bytes from the journal and ends at offset "
                                + log.logEndOffset());
            }
        } finally {
            log.close();
        }
    }

    /** What is in the journal may be anything in the log; and so may, if the log is journaled, what was never acknowledged. */
    private long expendableFrom(Optional<LogCheckpoint> checkpoint, long settled) {
        long told = history.expendableFrom(settled);
        return configuration.flushPolicy() == FlushPolicy.JOURNAL
                ? Math.min(told, promised(checkpoint, settled))
                : told;
    }

    /** Answers how many bytes had to be put into the log. */
    private long replay(PartitionLog log, long settled) {
        OptionalLong start = history.startedOverBehind(settled);
        if (start.isPresent() && (log.logStartOffset() < start.getAsLong() || log.logEndOffset() < start.getAsLong())) {
            log.truncateFullyAndStartAt(start.getAsLong());
        }
        long appended = 0;
        List<LogHistory.Piece> pieces = history.piecesBehind(settled);
        for (LogHistory.Piece piece : pieces) {
            if (piece.limitOffset() > log.logStartOffset()) {
                appended += replay(log, piece);
            }
        }
        if (wasCut(settled)) {
            // What lies behind may be what was cut off.
            log.truncateTo(Math.max(log.logStartOffset(), history.toldEndOffset(settled)));
        }
        return appended;
    }

    private long replay(PartitionLog log, LogHistory.Piece piece) {
        if (!piece.whole()) {
            require(log, piece.limitOffset(), "an append up to there is damaged in the journal");
            return 0;
        }
        require(log, piece.offset(), "the journal goes on there");
        try {
            long from = Math.max(piece.offset(), log.logStartOffset());
            ByteBuf batches = between(from, piece.limitOffset(), Unpooled.wrappedBuffer(journal.read(piece)));
            if (!batches.isReadable() || holds(log, from, batches)) {
                return 0;
            }
            log.truncateTo(from);
            return log.appendAsFollower(batches, ANY_EPOCH).isPresent() ? batches.readableBytes() : 0;
        } catch (InvalidRecordException e) {
            throw lost(log, piece.limitOffset(), "what the journal holds cannot be appended: " + e.getMessage());
        }
    }

    /** The batches that hold records from an offset up to another one. */
    private static ByteBuf between(long from, long to, ByteBuf bytes) throws InvalidRecordException {
        int begin = bytes.readerIndex();
        int end = begin;
        for (RecordBatch batch : RecordBatches.listOf(bytes)) {
            if (batch.baseOffset() < to) {
                end += batch.sizeInBytes();
                begin = batch.lastOffset() < from ? end : begin;
            }
        }
        return bytes.slice(begin, end - begin);
    }

    private static boolean holds(PartitionLog log, long offset, ByteBuf batches) {
        if (log.logEndOffset() <= offset) {
            return false;
        }
        try (LogSlice present = log.read(offset, batches.readableBytes(), Long.MAX_VALUE, true)) {
            if (present.sizeInBytes() != batches.readableBytes()) {
                return false;
            }
            ByteBuf bytes = Unpooled.buffer(present.sizeInBytes());
            present.readInto(bytes);
            return bytes.equals(batches);
        } catch (OffsetOutOfRangeException e) {
            return false;
        }
    }

    private long promised(Optional<LogCheckpoint> checkpoint, long settled) {
        long noted = checkpoint
                .filter(known -> !wasCut(settled))
                .map(known -> Math.max(known.recoveryPoint(), known.highWatermark()))
                .orElse(0L);
        return Math.max(noted, history.requiredEndOffset(settled));
    }

    private boolean wasCut(long settled) {
        return history.cutsBehind(settled) != LogLoader.NOTHING
                || history.startedOverBehind(settled).isPresent();
    }

    private void require(PartitionLog log, long endOffset, String why) {
        if (log.logEndOffset() < endOffset) {
            throw lost(log, endOffset, why);
        }
    }

    /** Notes that the log should have more than it has, so that whoever opens it finds that out. */
    private CorruptLogException lost(PartitionLog log, long endOffset, String why) {
        long end = log.logEndOffset();
        String what = files.directory() + " ends at offset " + end + " instead of " + endOffset + ": " + why;
        files.suspect(what);
        return new CorruptLogException(what, end);
    }
}
