package io.millrace.container.app;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Where a delivery waits until the test lets it go on; open from then on. */
final class Gate {
    private static final long WAIT_MAX_SECONDS = 120;
    private static final CountDownLatch OPENED = new CountDownLatch(1);

    private Gate() {}

    static void open() {
        OPENED.countDown();
    }

    static void await() {
        try {
            if (!OPENED.await(WAIT_MAX_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody opened the gate within " + WAIT_MAX_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted at the gate", e);
        }
    }
}
