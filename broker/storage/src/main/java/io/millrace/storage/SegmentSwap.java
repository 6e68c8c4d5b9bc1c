package io.millrace.storage;

import static java.lang.System.Logger.Level.INFO;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import java.util.List;
import java.util.OptionalLong;

/**
 * Puts a cleaned segment in the place of its sources so that a crash at any moment leaves these or that.
 *
 * <p>Used by the owner of the log, and by the thread that opens one.
 *
 * <pre>
 * .log.cleaned, forced --renamed--> .log.swap --sources deleted--> --renamed--> .log
 *     found at start: removed            found at start: the rest is done again
 * </pre>
 *
 * The directory is forced behind the first rename and before the last one: no power loss brings back a source beside the
 * segment that replaced it.
 */
record SegmentSwap(LogFiles files) {

    private static final System.Logger LOGGER = System.getLogger(SegmentSwap.class.getName());

    /** Does it, on disk. The sources can still be read by those who hold a lease. */
    void commit(CleanedSegment cleaned) {
        long base = cleaned.baseOffset();
        files.disk().move(files.cleaned(base), files.swap(base));
        files.disk().forceDirectory(files.directory());
        for (LogSegment source : cleaned.sources()) {
            source.replaceFiles();
            if (source.baseOffset() != base) {
                files.disk().delete(files.snapshot(source.baseOffset()));
            }
        }
        files.disk().forceDirectory(files.directory());
        files.disk().move(files.cleanedIndex(base), files.index(base));
        files.disk().move(files.swap(base), files.log(base));
    }

    /**
     * Ends what a crash interrupted, before the log is read.
     *
     * @return the names of the files that are there now
     */
    List<String> finish() {
        List<String> found = files.disk().list(files.directory());
        // At nearly every start there is nothing to do, and looking once at thousands of logs takes long enough.
        if (found.stream().noneMatch(name -> name.endsWith(LogFiles.SWAP) || name.endsWith(LogFiles.CLEANED))) {
            return found;
        }
        for (String name : found) {
            OptionalLong base = LogFiles.offsetIn(name, LogFiles.SWAP);
            if (base.isPresent()) {
                finish(base.getAsLong());
            }
        }
        for (String name : files.disk().list(files.directory())) {
            if (name.endsWith(LogFiles.CLEANED)) {
                files.disk().delete(files.directory().resolve(name));
            }
        }
        return files.disk().list(files.directory());
    }

    private void finish(long base) {
        LOGGER.log(INFO, () -> "Finishing an interrupted swap in of " + files.swap(base));
        long end = endOffsetOf(base);
        List<String> names = files.disk().list(files.directory());
        for (String name : names) {
            LogFiles.offsetIn(name, LogFiles.LOG).ifPresent(offset -> {
                if (offset >= base && offset < end) {
                    files.disk().delete(files.log(offset));
                    files.disk().delete(files.index(offset));
                }
            });
        }
        files.disk().delete(files.index(base));
        files.disk().forceDirectory(files.directory());
        files.disk().move(files.swap(base), files.log(base));
    }

    private long endOffsetOf(long base) {
        DiskFile file = files.disk().open(files.swap(base));
        try {
            BatchScanner scanner = new BatchScanner(file, 0, (int) Math.min(Integer.MAX_VALUE, file.size()));
            long end = base;
            for (RecordBatch batch = scanner.next(); batch != null; batch = scanner.next()) {
                end = batch.nextOffset();
            }
            return end;
        } catch (InvalidRecordException e) {
            throw new CorruptLogException(files.swap(base) + " is damaged: " + e.getMessage(), base);
        } finally {
            file.close();
        }
    }
}
