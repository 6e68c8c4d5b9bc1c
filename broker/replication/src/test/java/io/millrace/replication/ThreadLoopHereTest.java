package io.millrace.replication;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What callers may run on their own threads while a loop sleeps. */
@Timeout(30)
class ThreadLoopHereTest {
    private static final int CALLERS = 4;
    private static final int TASKS = 20_000;

    private final ThreadLoop loop = new ThreadLoop("test-loop");

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void onlyOneTaskRunsAtATimeAndEachCallersKeepTheirOrder() throws Exception {
        var inside = new AtomicInteger();
        var overlaps = new AtomicInteger();
        var orders = new ArrayList<List<Integer>>();
        var done = new CountDownLatch(CALLERS * TASKS);
        for (int caller = 0; caller < CALLERS; caller++) {
            orders.add(Collections.synchronizedList(new ArrayList<>()));
        }

        for (int caller = 0; caller < CALLERS; caller++) {
            List<Integer> order = orders.get(caller);
            boolean mixes = caller % 2 == 0;
            new Thread(() -> {
                        for (int i = 0; i < TASKS; i++) {
                            int number = i;
                            Runnable task = () -> {
                                overlaps.addAndGet(inside.incrementAndGet() == 1 && loop.isCurrent() ? 0 : 1);
                                order.add(number);
                                inside.decrementAndGet();
                                done.countDown();
                            };
                            if (mixes && number % 3 == 0) {
                                loop.execute(task);
                            } else {
                                loop.runHereOrExecute(task);
                            }
                        }
                    })
                    .start();
        }

        assertThat(done.await(20, SECONDS)).isTrue();
        assertThat(overlaps).hasValue(0);
        assertThat(orders).allSatisfy(order -> assertThat(order).hasSize(TASKS).isSorted());
    }

    @Test
    void aTaskOfACallerMaySetTimersAndPutOffWork() throws Exception {
        var timer = new CompletableFuture<Boolean>();
        var putOff = new CompletableFuture<Boolean>();

        loop.runHereOrExecute(() -> {
            loop.schedule(20, () -> timer.complete(loop.isCurrent()));
            loop.atEndOfRound(() -> loop.atEndOfRound(() -> putOff.complete(loop.isCurrent())));
        });

        assertThat(timer.get(10, SECONDS)).isTrue();
        assertThat(putOff.get(10, SECONDS)).isTrue();
        assertThat(loop.isCurrent()).isFalse();
    }

    @Test
    void aTaskThatThrowsLeavesTheLoopToOthers() throws Exception {
        loop.runHereOrExecute(() -> {
            throw new IllegalStateException("on purpose");
        });

        var next = new CompletableFuture<Boolean>();
        loop.execute(() -> next.complete(true));

        assertThat(next.get(10, SECONDS)).isTrue();
    }
}
