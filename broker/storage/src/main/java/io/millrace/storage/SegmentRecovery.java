package io.millrace.storage;

import static java.lang.System.Logger.Level.WARNING;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import java.util.Optional;

/**
 * Finds out what a segment holds after the process or the machine stopped without warning.
 *
 * <p>Used by the thread that opens a log. A batch that the end of the process tore is the last one, lies above everything
 * that was promised, and is cut off. Any other damage is reported and left as it is, unless what it hits is expendable.
 */
final class SegmentRecovery {

    private static final System.Logger LOGGER = System.getLogger(SegmentRecovery.class.getName());

    private final LogFiles files;
    private final LeaderEpochs epochs;
    private final int indexIntervalBytes;
    private final long recoveryPoint;
    /** Below this offset nothing may be missing. */
    private final long promisedOffset;

    private final long expendableFrom;

    /** @param expendableFrom what lies at or above this offset may be dropped, whatever it is */
    SegmentRecovery(
            LogFiles files,
            LeaderEpochs epochs,
            int indexIntervalBytes,
            long recoveryPoint,
            long promisedOffset,
            long expendableFrom) {
        this.files = files;
        this.epochs = epochs;
        this.indexIntervalBytes = indexIntervalBytes;
        this.recoveryPoint = recoveryPoint;
        this.promisedOffset = promisedOffset;
        this.expendableFrom = expendableFrom;
    }

    /**
     * Checks the batches above the recovery point and cuts off what is behind the last good one.
     *
     * @param limitOffset where the next segment begins: what lies at or above it was truncated and is cut off
     * @param followed whether a later segment begins with a valid batch
     * @throws CorruptLogException when cutting would lose what was promised or what follows
     */
    Found recover(long baseOffset, long limitOffset, boolean followed) {
        DiskFile file = files.disk().open(files.log(baseOffset));
        try {
            return recover(file, baseOffset, limitOffset, followed);
        } finally {
            file.close();
        }
    }

    /** What a segment holds, and whether bytes were cut off it. */
    record Found(SegmentScan scan, boolean cut) {}

    private Found recover(DiskFile file, long baseOffset, long limitOffset, boolean followed) {
        int size = sizeOf(file, baseOffset);
        BatchVerifier verifier = new BatchVerifier(file, size);
        SegmentScan scan = resume(verifier, baseOffset);
        Optional<Damage> damage = Optional.empty();
        boolean stale = false;
        while (damage.isEmpty() && !stale && scan.bytes() < size) {
            try {
                RecordBatch batch = verifier.batchAt(scan.bytes());
                stale = batch.baseOffset() >= limitOffset;
                if (followed && !stale && batch.nextOffset() > limitOffset) {
                    String reason = "it reaches to offset " + batch.nextOffset() + ", and the next segment begins at "
                            + limitOffset;
                    damage = Optional.of(new Damage(reason, true));
                } else {
                    damage = stale ? damage : add(batch, scan);
                }
            } catch (InvalidRecordException e) {
                damage = Optional.of(new Damage(String.valueOf(e.getMessage()), false));
            }
        }
        if (damage.isPresent()) {
            judge(damage.get(), baseOffset, scan, followed, verifier);
        }
        if (scan.bytes() < size) {
            int cut = size - scan.bytes();
            LOGGER.log(
                    WARNING,
                    () -> "Cutting " + cut + " bytes off the end of " + files.log(baseOffset)
                            + "; the log goes on at offset " + scan.nextOffset());
            file.truncate(scan.bytes());
            // Before other records take these offsets.
            file.force();
        }
        return new Found(scan, damage.isPresent());
    }

    /**
     * Why a batch cannot be.
     *
     * @param whole whether its checksum is right, so that it was not torn
     */
    private record Damage(String reason, boolean whole) {}

    /** Notes a batch, unless it is misplaced; then it or the one before it has a wrong offset or epoch. */
    private Optional<Damage> add(RecordBatch batch, SegmentScan scan) {
        if (batch.baseOffset() < scan.nextOffset()) {
            String reason = "it begins at offset " + batch.baseOffset() + " instead of " + scan.nextOffset();
            stepBack(scan);
            return Optional.of(new Damage(reason, true));
        }
        int known = epochs.epochAt(batch.baseOffset()).orElse(RecordBatch.NO_LEADER_EPOCH);
        if (batch.leaderEpoch() < known) {
            stepBack(scan);
            return Optional.of(new Damage("its leader epoch " + batch.leaderEpoch() + " is below " + known, true));
        }
        if (batch.leaderEpoch() > known) {
            epochs.assign(batch.leaderEpoch(), batch.baseOffset());
        }
        scan.add(batch, scan.bytes());
        return Optional.empty();
    }

    /** Distrusts the batch before a misplaced one, too, unless the misplaced one is expendable by itself. */
    private void stepBack(SegmentScan scan) {
        if (scan.nextOffset() < expendableFrom) {
            scan.stepBack();
        }
    }

    private int sizeOf(DiskFile file, long baseOffset) {
        long size = file.size();
        if (size > Integer.MAX_VALUE) {
            throw new CorruptLogException(
                    files.log(baseOffset) + " has " + size + " bytes; a segment has at most " + Integer.MAX_VALUE,
                    baseOffset);
        }
        return (int) size;
    }

    /** Begins at the last index entry below the recovery point, if a batch is there, or at the beginning. */
    private SegmentScan resume(BatchVerifier verifier, long baseOffset) {
        SegmentIndex.Entries entries = trusted(
                SegmentIndex.readFile(files.disk(), files.index(baseOffset)).orElse(SegmentIndex.Entries.EMPTY),
                baseOffset);
        SegmentScan resumed = SegmentScan.resumed(baseOffset, indexIntervalBytes, entries);
        if (entries.count() == 0 || beginsAt(verifier, resumed)) {
            return resumed;
        }
        LOGGER.log(WARNING, () -> files.index(baseOffset) + " is damaged and will be built anew");
        return new SegmentScan(baseOffset, indexIntervalBytes);
    }

    private SegmentIndex.Entries trusted(SegmentIndex.Entries entries, long baseOffset) {
        long relative = Math.min(Integer.MAX_VALUE, Math.max(0, recoveryPoint - baseOffset));
        int last = entries.entryForOffset((int) relative);
        return last < 0 ? SegmentIndex.Entries.EMPTY : entries.below(entries.position(last) + 1);
    }

    private static boolean beginsAt(BatchVerifier verifier, SegmentScan scan) {
        try {
            return verifier.batchAt(scan.bytes()).baseOffset() == scan.nextOffset();
        } catch (InvalidRecordException damagedIndex) {
            return false;
        }
    }

    private void judge(Damage damage, long baseOffset, SegmentScan scan, boolean followed, BatchVerifier verifier) {
        String where = files.log(baseOffset) + " is damaged behind byte " + scan.bytes() + ", offset "
                + scan.nextOffset() + ": a batch is not valid, because " + damage.reason();
        if (scan.nextOffset() >= expendableFrom) {
            LOGGER.log(WARNING, () -> where + ". Everything from there on is dropped");
            return;
        }
        if (scan.nextOffset() < promisedOffset) {
            throw new CorruptLogException(
                    where + ". Offsets below " + promisedOffset + " were committed or flushed", scan.nextOffset());
        }
        if (damage.whole() || followed || verifier.hasBatchBehind(scan.bytes(), scan.nextOffset())) {
            throw new CorruptLogException(where + ". Valid batches follow it", scan.nextOffset());
        }
    }
}
