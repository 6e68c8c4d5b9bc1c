package io.millrace.storage;

import static java.lang.System.Logger.Level.WARNING;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads the directory of a log. Used once, by the thread that opens the log.
 *
 * <pre>
 * clean shutdown, sizes as noted --> sealed segments from their indexes, the last one from its last index entry on
 * anything else                  --> every batch above the recovery point is read and checked
 * everything expendable           --> every batch is read and checked
 * </pre>
 */
final class LogLoader {

    private static final System.Logger LOGGER = System.getLogger(LogLoader.class.getName());

    /** No offset is expendable. */
    static final long NOTHING = Long.MAX_VALUE;
    /** All offsets are: the log is opened as far as it is whole. */
    static final long EVERYTHING = Long.MIN_VALUE;

    private final LogFiles files;
    private final LogConfiguration configuration;
    private final long nowMs;
    private final long expendableFrom;

    /**
     * @param expendableFrom what lies at or above this offset may be dropped, because it is to be found elsewhere; {@link #NOTHING} or
     *     {@link #EVERYTHING} in the extreme
     */
    LogLoader(LogFiles files, LogConfiguration configuration, long nowMs, long expendableFrom) {
        this.files = files;
        this.configuration = configuration;
        this.nowMs = nowMs;
        this.expendableFrom = expendableFrom;
    }

    LoadedLog load() {
        files.disk().createDirectory(files.directory());
        checkSuspicion();
        List<String> names = new SegmentSwap(files).finish();
        List<Long> bases = baseOffsets(names);
        removeStrays(names, bases);
        Optional<LogCheckpoint> written = CheckpointFile.read(files);
        if (written.isEmpty()
                && names.contains(String.valueOf(files.checkpoint().getFileName()))) {
            LOGGER.log(WARNING, () -> files.checkpoint() + " is damaged; checking the whole log instead");
        }
        long firstOffset = bases.isEmpty() ? 0 : bases.get(0);
        LogCheckpoint checkpoint =
                written.orElse(new LogCheckpoint(firstOffset, firstOffset, firstOffset, 0, false, firstOffset, 0));
        checkBeginning(checkpoint, bases);
        dropBelowStart(checkpoint.logStartOffset(), bases);
        if (bases.isEmpty()) {
            return fresh(checkpoint.logStartOffset(), checkpoint.settledSerial());
        }
        LoadedLog loaded = loadSegments(checkpoint, bases);
        return loaded.logEndOffset() < loaded.logStartOffset() ? startOver(loaded) : checkEnd(loaded, checkpoint);
    }

    private void checkSuspicion() {
        if (expendableFrom != EVERYTHING && files.disk().exists(files.suspicion())) {
            String why = new String(files.disk().read(files.suspicion()), StandardCharsets.UTF_8);
            throw new CorruptLogException(why, 0);
        }
    }

    private static List<Long> baseOffsets(List<String> names) {
        List<Long> bases = new ArrayList<>();
        for (String name : names) {
            LogFiles.offsetIn(name, LogFiles.LOG).ifPresent(bases::add);
        }
        bases.sort(null);
        return bases;
    }

    private void removeStrays(List<String> names, List<Long> bases) {
        for (String name : names) {
            OptionalLong index = LogFiles.offsetIn(name, LogFiles.INDEX);
            boolean orphan = index.isPresent() && !bases.contains(index.getAsLong());
            if (orphan || name.endsWith(FileDisk.TEMPORARY_SUFFIX)) {
                files.disk().delete(files.directory().resolve(name));
            }
        }
    }

    private void checkBeginning(LogCheckpoint checkpoint, List<Long> bases) {
        long start = checkpoint.logStartOffset();
        boolean missing = bases.isEmpty() || bases.get(0) > start;
        if (missing && promised(checkpoint) > start) {
            throw new CorruptLogException(
                    files.directory() + " should hold offsets from " + start + " on; its first segment begins at "
                            + (bases.isEmpty() ? "none" : bases.get(0)),
                    start);
        }
    }

    private long promised(LogCheckpoint checkpoint) {
        return Math.min(expendableFrom, Math.max(checkpoint.recoveryPoint(), checkpoint.highWatermark()));
    }

    private void dropBelowStart(long logStartOffset, List<Long> bases) {
        while (bases.size() > 1 && bases.get(1) <= logStartOffset) {
            dropSegment(bases.remove(0));
        }
    }

    private void dropSegment(long baseOffset) {
        files.disk().delete(files.log(baseOffset));
        files.disk().delete(files.index(baseOffset));
        files.disk().delete(files.snapshot(baseOffset));
    }

    private LoadedLog fresh(long offset, long settledSerial) {
        files.disk().delete(files.leaderEpochs());
        replay().removeSnapshots();
        LeaderEpochs epochs = LeaderEpochs.empty(files);
        List<LogSegment> segments = List.of(LogSegment.create(files, offset, nowMs));
        ProducerStates producers = offset == 0 ? ProducerStates.ofNewLog() : new ProducerStates();
        return new LoadedLog(segments, epochs, producers, offset, offset, offset, settledSerial, false);
    }

    /** After a crash between noting a new start of the log and removing what lies below it. */
    private LoadedLog startOver(LoadedLog loaded) {
        loaded.segments().forEach(LogSegment::delete);
        return fresh(loaded.logStartOffset(), loaded.settledSerial());
    }

    private LoadedLog checkEnd(LoadedLog loaded, LogCheckpoint checkpoint) {
        if (loaded.logEndOffset() < promised(checkpoint)) {
            loaded.segments().forEach(LogSegment::close);
            throw new CorruptLogException(
                    files.directory() + " ends at offset " + loaded.logEndOffset() + "; offsets below "
                            + promised(checkpoint) + " were committed or flushed",
                    loaded.logEndOffset());
        }
        return loaded;
    }

    // ---- segments

    private LoadedLog loadSegments(LogCheckpoint checkpoint, List<Long> bases) {
        Optional<LeaderEpochs> written = LeaderEpochs.read(files);
        LeaderEpochs epochs = written.orElseGet(() -> LeaderEpochs.empty(files));
        SegmentRecovery recovery = new SegmentRecovery(
                files,
                epochs,
                configuration.indexIntervalBytes(),
                written.isEmpty() ? bases.get(0) : wholeBelow(checkpoint, bases),
                promised(checkpoint),
                expendableFrom);
        List<LogSegment> segments = new ArrayList<>();
        try {
            boolean mayBeClean = written.isPresent() && expendableFrom == NOTHING;
            Optional<LogSegment> cleanLast = mayBeClean ? cleanLast(checkpoint, bases) : Optional.empty();
            cleanLast.ifPresent(segments::add);
            long wholeBelow = cleanLast.isPresent() ? Long.MAX_VALUE : wholeBelow(checkpoint, bases);
            addSealed(recovery, bases, written.isPresent() ? wholeBelow : Long.MIN_VALUE, segments);
            if (segments.isEmpty() || segments.get(segments.size() - 1).isSealed()) {
                segments.add(recoverLast(recovery, bases));
            }
            return complete(checkpoint, segments, epochs, cleanLast.isPresent());
        } catch (StorageException e) {
            segments.forEach(LogSegment::close);
            throw e;
        }
    }

    private long wholeBelow(LogCheckpoint checkpoint, List<Long> bases) {
        return Math.max(bases.get(0), Math.min(checkpoint.recoveryPoint(), expendableFrom));
    }

    /** Adds all segments but the last, in front of the last if it is there already; ends early where one was cut. */
    private void addSealed(SegmentRecovery recovery, List<Long> bases, long wholeBelow, List<LogSegment> segments) {
        int at = 0;
        for (int i = 0; i < bases.size() - 1; i++) {
            long base = bases.get(i);
            Optional<LogSegment> known =
                    bases.get(i + 1) <= wholeBelow ? sealedByIndex(base, bases.get(i + 1)) : Optional.empty();
            if (known.isPresent()) {
                segments.add(at++, known.get());
                continue;
            }
            boolean followed = anyBatchFrom(bases, i + 1);
            SegmentRecovery.Found found = recovery.recover(base, bases.get(i + 1), followed);
            if (found.cut() || endsElsewhere(base, found.scan(), bases.get(i + 1), followed)) {
                segments.add(at, growing(base, found.scan()));
                segments.subList(at + 1, segments.size()).clear();
                bases.subList(i + 1, bases.size()).forEach(this::dropSegment);
                return;
            }
            LogSegment segment = growing(base, found.scan());
            segment.seal();
            // It may lie below the recovery point, where flushes do not come any more.
            segment.force();
            segments.add(at++, segment);
        }
    }

    /**
     * Whether a segment does not end where the next one begins: the loss of power took its end, or all of it, or brought back what had been
     * cut off it.
     */
    private boolean endsElsewhere(long base, SegmentScan scan, long nextBase, boolean followed) {
        if (scan.nextOffset() == nextBase) {
            return false;
        }
        if (followed && scan.nextOffset() < expendableFrom) {
            throw new CorruptLogException(
                    files.log(base) + " ends at offset " + scan.nextOffset() + ", and the next segment begins at "
                            + nextBase,
                    scan.nextOffset());
        }
        LOGGER.log(
                WARNING,
                () -> files.log(base) + " ends at offset " + scan.nextOffset() + " instead of " + nextBase
                        + "; the log goes on there");
        return true;
    }

    /** The last segment when it is as the clean shutdown left it. */
    private Optional<LogSegment> cleanLast(LogCheckpoint checkpoint, List<Long> bases) {
        long base = bases.get(bases.size() - 1);
        DiskFile file = files.disk().open(files.log(base));
        try {
            if (!checkpoint.clean() || file.size() != checkpoint.activeSegmentBytes()) {
                return Optional.empty();
            }
            SegmentIndex.Entries entries = SegmentIndex.readFile(files.disk(), files.index(base))
                    .orElse(SegmentIndex.Entries.EMPTY)
                    .below(checkpoint.activeSegmentBytes());
            SegmentScan scan = SegmentScan.resumed(base, configuration.indexIntervalBytes(), entries);
            BatchScanner scanner = new BatchScanner(file, scan.bytes(), checkpoint.activeSegmentBytes());
            for (RecordBatch batch = scanner.next(); batch != null; batch = scanner.next()) {
                scan.add(batch, scanner.position());
            }
            return scan.nextOffset() == checkpoint.logEndOffset() ? Optional.of(growing(base, scan)) : Optional.empty();
        } catch (InvalidRecordException notAsItWasLeft) {
            return Optional.empty();
        } finally {
            file.close();
        }
    }

    /** A segment whose index ends where its file ends and the next segment begins; only that last entry is read. */
    private Optional<LogSegment> sealedByIndex(long base, long nextBase) {
        if (!files.disk().exists(files.index(base))) {
            return Optional.empty();
        }
        ByteBuffer last = ByteBuffer.allocate(SegmentIndex.ENTRY_BYTES);
        DiskFile index = files.disk().open(files.index(base));
        DiskFile log = files.disk().open(files.log(base));
        try {
            long at = index.size() - SegmentIndex.ENTRY_BYTES;
            if (at < 0 || index.read(last, at) < SegmentIndex.ENTRY_BYTES) {
                return Optional.empty();
            }
            int relativeOffset = last.flip().getInt();
            LogSegment.End end = new LogSegment.End(last.getInt(), base + relativeOffset, last.getLong());
            return relativeOffset > 0 && end.nextOffset() == nextBase && end.bytes() == log.size()
                    ? Optional.of(LogSegment.openSealed(files, base, end, nowMs))
                    : Optional.empty();
        } finally {
            index.close();
            log.close();
        }
    }

    private boolean anyBatchFrom(List<Long> bases, int from) {
        return bases.subList(from, bases.size()).stream().anyMatch(this::beginsWithBatch);
    }

    private boolean beginsWithBatch(long base) {
        DiskFile file = files.disk().open(files.log(base));
        try {
            new BatchVerifier(file, (int) Math.min(Integer.MAX_VALUE, file.size())).batchAt(0);
            return true;
        } catch (InvalidRecordException notABatch) {
            return false;
        } finally {
            file.close();
        }
    }

    private LogSegment recoverLast(SegmentRecovery recovery, List<Long> bases) {
        long base = bases.get(bases.size() - 1);
        return growing(base, recovery.recover(base, Long.MAX_VALUE, false).scan());
    }

    private LogSegment growing(long base, SegmentScan scan) {
        return LogSegment.openGrowing(files, base, scan.end(), scan.entries(), nowMs);
    }

    // ---- the rest

    private LoadedLog complete(
            LogCheckpoint checkpoint, List<LogSegment> segments, LeaderEpochs epochs, boolean clean) {
        long logEndOffset = segments.get(segments.size() - 1).end().nextOffset();
        long logStartOffset =
                Math.max(checkpoint.logStartOffset(), segments.get(0).baseOffset());
        epochs.truncateFromEnd(logEndOffset);
        epochs.truncateFromStart(logStartOffset);
        ProducerStates producers =
                logEndOffset < logStartOffset ? new ProducerStates() : replay().load(segments, logEndOffset);
        return new LoadedLog(
                segments,
                epochs,
                producers,
                logStartOffset,
                Math.max(logStartOffset, Math.min(checkpoint.highWatermark(), logEndOffset)),
                Math.min(checkpoint.recoveryPoint(), logEndOffset),
                checkpoint.settledSerial(),
                clean);
    }

    private ProducerReplay replay() {
        return new ProducerReplay(files, configuration, nowMs);
    }
}
