package io.millrace.storage;

import java.util.List;

/** Decides which old segments of a log have had their time. */
record Retention(LogConfiguration configuration, long nowMs) {

    /** Where the log is to start: the base offset of the first segment that stays, or the end when none does. */
    long startOffset(List<LogSegment> segments, long highWatermark) {
        long startOffset = segments.get(0).baseOffset();
        long bytes =
                segments.stream().mapToLong(segment -> segment.end().bytes()).sum();
        for (LogSegment segment : segments) {
            LogSegment.End end = segment.end();
            boolean deletable = end.bytes() > 0 && end.nextOffset() <= highWatermark;
            if (!deletable || !(isTooOld(segment) || isTooMuch(bytes, segment))) {
                return startOffset;
            }
            bytes -= end.bytes();
            startOffset = end.nextOffset();
        }
        return startOffset;
    }

    private boolean isTooOld(LogSegment segment) {
        long newest = segment.end().maxTimestamp();
        long age = nowMs - (newest < 0 ? segment.createdMs() : newest);
        return configuration.retentionMs() != LogConfiguration.UNLIMITED && age > configuration.retentionMs();
    }

    /** A segment goes when what is left without it still reaches the bound; the last one always stays. */
    private boolean isTooMuch(long bytes, LogSegment segment) {
        return configuration.retentionBytes() != LogConfiguration.UNLIMITED
                && segment.isSealed()
                && bytes - segment.end().bytes() >= configuration.retentionBytes();
    }
}
