package io.millrace.storage;

import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * Keeps what a log remembers of its producers in step with the end of the log, in memory and in the snapshots on disk.
 *
 * <p>Owned by the owner of the log; outcomes of transactions may be asked by any thread.
 */
final class LogProducers {

    private final LogFiles files;
    private final Supplier<LogConfiguration> configuration;
    private final InstantSource clock;
    private volatile ProducerStates states;

    LogProducers(LogFiles files, Supplier<LogConfiguration> configuration, InstantSource clock, ProducerStates loaded) {
        this.files = files;
        this.configuration = configuration;
        this.clock = clock;
        this.states = loaded;
    }

    /** As they are at the end of the log. */
    ProducerStates states() {
        return states;
    }

    /** After the end of the log has moved back: what came from behind it is forgotten, and what it had displaced is known again. */
    void truncateTo(long logEndOffset, Segments segments) {
        // Before other records take these offsets.
        replay().removeSnapshotsBeyond(logEndOffset);
        if (!states.isWithin(logEndOffset)) {
            states = replay().load(segments.all(), logEndOffset);
        }
    }

    /** Markers below the offset are committed now. */
    void onHighWatermark(long highWatermark) {
        states.transactions().onHighWatermark(highWatermark);
    }

    void removeSnapshots() {
        replay().removeSnapshots();
    }

    void clear() {
        states.clear();
    }

    private ProducerReplay replay() {
        return new ProducerReplay(files, configuration.get(), clock.millis());
    }
}
