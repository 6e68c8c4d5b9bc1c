package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Those who wait for one log's high watermark: appends with acks=all, in the order of their offsets, and readers.
 *
 * <p>Owned by the partition's loop. Futures and callbacks complete on it.
 */
final class CommitQueue {
    /** Beyond this the longest waiting reader is woken early and reads in vain. */
    static final int READERS_MAX = 10_000;

    private record PendingAppend(AppendResult result, long deadlineMs, CompletableFuture<AppendResult> answer) {}

    private static final class Reader implements Cancellable {
        private final long offset;
        private final Runnable callback;
        private volatile boolean cancelled;

        Reader(long offset, Runnable callback) {
            this.offset = offset;
            this.callback = callback;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        void wake() {
            if (!cancelled) {
                cancelled = true;
                callback.run();
            }
        }
    }

    /** Bounded by the memory of the requests that wait. */
    private final Deque<PendingAppend> appends = new ArrayDeque<>();

    private List<Reader> readers = new ArrayList<>();

    void await(AppendResult result, long deadlineMs, CompletableFuture<AppendResult> answer) {
        appends.add(new PendingAppend(result, deadlineMs, answer));
    }

    Cancellable awaitBeyond(long offset, Runnable callback) {
        var reader = new Reader(offset, callback);
        if (readers.size() >= READERS_MAX) {
            readers.removeIf(each -> each.cancelled);
            if (readers.size() >= READERS_MAX) {
                readers.remove(0).wake();
            }
        }
        readers.add(reader);
        return reader;
    }

    boolean isEmpty() {
        return appends.isEmpty() && readers.isEmpty();
    }

    void onHighWatermark(long highWatermark) {
        PendingAppend next = appends.peek();
        while (next != null && next.result.lastOffset() < highWatermark) {
            appends.poll();
            next.answer.complete(next.result);
            next = appends.peek();
        }
        if (!readers.isEmpty()) {
            wakeReaders(highWatermark);
        }
    }

    private void wakeReaders(long highWatermark) {
        var before = readers;
        readers = new ArrayList<>();
        for (Reader reader : before) {
            if (reader.offset < highWatermark) {
                reader.wake();
            } else if (!reader.cancelled) {
                readers.add(reader);
            }
        }
    }

    /** Gives up appends whose time is over, whatever their place in the queue. */
    void expire(long nowMs, ErrorCode errorCode, String why) {
        if (appends.isEmpty()) {
            return;
        }
        appends.removeIf(pending -> {
            boolean isOver = pending.deadlineMs <= nowMs;
            if (isOver) {
                pending.answer.complete(pending.result.failedAfterAppend(errorCode, why));
            }
            return isOver;
        });
    }

    /** Gives everything up: nothing here will be committed by this leader. */
    void fail(ErrorCode errorCode, String why) {
        var failed = List.copyOf(appends);
        appends.clear();
        failed.forEach(pending -> pending.answer.complete(pending.result.failedAfterAppend(errorCode, why)));
        var woken = readers;
        readers = new ArrayList<>();
        woken.forEach(Reader::wake);
    }
}
