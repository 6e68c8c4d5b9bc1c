package io.millrace.storage;

import java.util.List;

/** What a log on disk was found to hold, ready to be used. */
record LoadedLog(
        List<LogSegment> segments,
        LeaderEpochs epochs,
        ProducerStates producers,
        long logStartOffset,
        long highWatermark,
        long recoveryPoint,
        long settledSerial,
        boolean clean) {

    long logEndOffset() {
        return segments.get(segments.size() - 1).end().nextOffset();
    }
}
