package io.millrace.server.transaction;

import io.millrace.metadata.MetadataStore;
import io.millrace.metadata.ProducerIdBlock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Hands out producer ids, taken from the metadata store block by block. Guarded by itself. */
final class ProducerIds {
    private static final int WAITING_MAX = 10_000;

    private final MetadataStore store;
    private final int brokerId;
    private final Deque<CompletableFuture<Long>> waiting = new ArrayDeque<>();
    private long next;
    private long last = -1;
    private boolean isAllocating;

    ProducerIds(MetadataStore store, int brokerId) {
        this.store = store;
        this.brokerId = brokerId;
    }

    /** Fails when the store gives no block, or when too many wait for one already. */
    CompletableFuture<Long> next() {
        var id = new CompletableFuture<Long>();
        synchronized (this) {
            if (next <= last) {
                return CompletableFuture.completedFuture(next++);
            }
            if (waiting.size() >= WAITING_MAX) {
                return CompletableFuture.failedFuture(
                        new IllegalStateException(WAITING_MAX + " producers wait for an id already"));
            }
            waiting.add(id);
            if (isAllocating) {
                return id;
            }
            isAllocating = true;
        }
        allocate();
        return id;
    }

    /** An id that is at hand; where none is, more are asked for. */
    OptionalLong poll() {
        CompletableFuture<Long> id = next();
        if (id.isDone() && !id.isCompletedExceptionally()) {
            return OptionalLong.of(id.join());
        }
        return OptionalLong.empty();
    }

    private void allocate() {
        store.allocateProducerIds(brokerId).whenComplete(this::onBlock);
    }

    private void onBlock(@Nullable ProducerIdBlock block, @Nullable Throwable failure) {
        Deque<CompletableFuture<Long>> served = new ArrayDeque<>();
        long first;
        boolean needsMore;
        synchronized (this) {
            if (block != null) {
                next = block.firstProducerId();
                last = block.lastProducerId();
            }
            first = next;
            while (!waiting.isEmpty() && (block == null || next <= last)) {
                served.add(waiting.removeFirst());
                next += block == null ? 0 : 1;
            }
            needsMore = !waiting.isEmpty();
            isAllocating = needsMore;
        }
        for (CompletableFuture<Long> id : served) {
            if (block != null) {
                id.complete(first++);
            } else {
                id.completeExceptionally(failure == null ? new IllegalStateException("no block came") : failure);
            }
        }
        if (needsMore) {
            allocate();
        }
    }
}
