package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for one log to reach an offset with its high watermark, or with what is durable: appends, in the order of their offsets,
 * and readers.
 *
 * <p>Owned by the partition's loop. Futures and callbacks complete on it.
 */
final class CommitQueue {
    /** Beyond this the longest waiting reader is woken early and reads in vain. */
    static final int READERS_MAX = 10_000;

    /** Readers that went away are dropped when the list has grown to twice those that were left the last time, and at least to this. */
    private static final int SWEEP_MIN = 64;

    private record PendingAppend(AppendResult result, long deadlineMs, CompletableFuture<AppendResult> answer) {}

    /** Lets go of its callback, and all that hangs on it, as soon as that cannot be called any more. */
    private static final class Reader implements Cancellable {
        private final long offset;
        private volatile @Nullable Runnable callback;

        Reader(long offset, Runnable callback) {
            this.offset = offset;
            this.callback = callback;
        }

        @Override
        public void cancel() {
            callback = null;
        }

        boolean isCancelled() {
            return callback == null;
        }

        void wake() {
            Runnable waiting = callback;
            if (waiting != null) {
                callback = null;
                waiting.run();
            }
        }
    }

    /** By their last offsets. Bounded by the memory of the requests that wait. */
    private final Deque<PendingAppend> appends = new ArrayDeque<>();

    private List<Reader> readers = new ArrayList<>();
    private int sweepAt = SWEEP_MIN;

    void await(AppendResult result, long deadlineMs, CompletableFuture<AppendResult> answer) {
        var pending = new PendingAppend(result, deadlineMs, answer);
        PendingAppend last = appends.peekLast();
        if (last == null || last.result.lastOffset() <= result.lastOffset()) {
            appends.add(pending);
        } else {
            insert(pending);
        }
    }

    /** A batch that was sent again waits where it waited first: what came after it must not hold it up. */
    private void insert(PendingAppend pending) {
        var behind = new ArrayDeque<PendingAppend>();
        PendingAppend last = appends.peekLast();
        while (last != null && last.result.lastOffset() > pending.result.lastOffset()) {
            behind.push(last);
            appends.pollLast();
            last = appends.peekLast();
        }
        appends.add(pending);
        appends.addAll(behind);
    }

    Cancellable awaitBeyond(long offset, Runnable callback) {
        var reader = new Reader(offset, callback);
        if (readers.size() >= sweepAt) {
            readers.removeIf(Reader::isCancelled);
            onSwept();
            if (readers.size() >= READERS_MAX) {
                readers.remove(0).wake();
            }
        }
        readers.add(reader);
        return reader;
    }

    private void onSwept() {
        sweepAt = Math.min(READERS_MAX, Math.max(SWEEP_MIN, 2 * readers.size()));
    }

    /** How many entries are kept for readers; some of them may have gone away. */
    int readerCount() {
        return readers.size();
    }

    /** Everything below an offset is what they wait for. */
    void onReached(long reached) {
        PendingAppend next = appends.peek();
        while (next != null && next.result.lastOffset() < reached) {
            appends.poll();
            next.answer.complete(next.result);
            next = appends.peek();
        }
        if (!readers.isEmpty()) {
            wakeReaders(reached);
        }
    }

    private void wakeReaders(long reached) {
        var before = readers;
        readers = new ArrayList<>();
        for (Reader reader : before) {
            if (reader.offset < reached) {
                reader.wake();
            } else if (!reader.isCancelled()) {
                readers.add(reader);
            }
        }
        onSwept();
    }

    /** Gives up appends whose time is over, whatever their place in the queue. */
    void expire(long nowMs, ErrorCode errorCode, String why) {
        if (appends.isEmpty()) {
            return;
        }
        // Whoever is answered may append anew at once, so the queue must be whole by then.
        var over =
                appends.stream().filter(pending -> pending.deadlineMs <= nowMs).toList();
        if (!over.isEmpty()) {
            appends.removeIf(pending -> pending.deadlineMs <= nowMs);
            over.forEach(pending -> pending.answer.complete(pending.result.failedAfterAppend(errorCode, why)));
        }
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
