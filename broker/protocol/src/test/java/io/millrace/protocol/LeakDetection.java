package io.millrace.protocol;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Fails a test run in which a Netty buffer was garbage collected before it was released.
 *
 * <p>Every module with this module's test-jar on its test class path has it: JUnit finds it as a service, once for each
 * JVM that runs tests. It watches all buffers (level "paranoid"), and when the last test is over it forces collections
 * until whatever leaked has come to light, then throws, which fails the run as a whole: the test that leaked is long
 * over. The message says where the buffer was used last.
 */
public final class LeakDetection implements LauncherSessionListener {
    /** The first leaks tell enough; the rest would only fill the report. */
    private static final int REPORTED_LEAKS_MAX = 5;

    /** The collector may need more than one round for buffers that only other garbage refers to. */
    private static final int COLLECTIONS = 3;

    private static final long COLLECTION_WAIT_MS = 2_000;

    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        ByteBufUtil.setLeakListener((resourceType, records) -> leaks.add(resourceType + records));
    }

    @Override
    public void launcherSessionClosed(LauncherSession session) {
        for (int i = 0; i < COLLECTIONS && leaks.isEmpty(); i++) {
            collectGarbage();
            // Netty looks for leaks whenever a buffer that it watches is allocated.
            PooledByteBufAllocator.DEFAULT.buffer().release();
        }
        if (!leaks.isEmpty()) {
            throw new AssertionError("Buffers that were not released: " + leaks.size() + ". The first of them:\n"
                    + String.join("\n", leaks.stream().limit(REPORTED_LEAKS_MAX).toList()));
        }
    }

    /** Returns when a collection has enqueued what it found, or after a bounded time. */
    private static void collectGarbage() {
        var collected = new ReferenceQueue<Object>();
        var witness = new PhantomReference<>(new Object(), collected);
        System.gc();
        try {
            collected.remove(COLLECTION_WAIT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Reference.reachabilityFence(witness);
    }
}
