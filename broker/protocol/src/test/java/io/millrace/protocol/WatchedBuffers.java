package io.millrace.protocol;

import io.netty.util.ResourceLeakDetector;

/** How many buffers {@link LeakDetection} watches: all, but in tests that would take several times as long. */
public final class WatchedBuffers {

    private WatchedBuffers() {}

    /** From now on Netty watches a sample only, until {@link #all}. */
    public static void some() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
    }

    public static void all() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }
}
