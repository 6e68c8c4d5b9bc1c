package io.millrace.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.coordinator.queue.Selection;
import io.millrace.coordinator.queue.Settlement;
import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.metadata.ClusterImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.RecordBatches;
import io.millrace.record.RecordIterator;
import io.millrace.replication.PartitionKey;
import io.millrace.server.coordinator.InMemoryLog;
import io.millrace.server.coordinator.ManualLoop;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** The leader of a queue, whose logs are in memory, and two consumers who ask it. */
final class DispatcherFixture {
    static final PartitionKey KEY = new PartitionKey(new UUID(7, 7), 0);
    static final ConsumerId ANN = new ConsumerId(1, new UUID(0, 1));
    static final ConsumerId BEN = new ConsumerId(2, new UUID(0, 2));
    static final long TRIM_INTERVAL_MS = 1_000;

    ManualLoop loop = new ManualLoop();
    InMemoryLog data = new InMemoryLog(loop);
    InMemoryLog cursorLog = new InMemoryLog(loop);
    QueueRules rules = new QueueRules(100, 30_000, 1 << 20, TRIM_INTERVAL_MS, 0);
    boolean annIsConnected = true;
    DeadLetterTarget deadLetters = DeadLetterTarget.NONE;

    QueueDispatcher lead() {
        var dispatchers = dispatchers();
        loop.run(() -> dispatchers.onLeader(KEY, data, cursorLog, 1));
        return dispatchers.dispatcher(KEY).orElseThrow();
    }

    QueueDispatchers dispatchers() {
        var dispatchers = new QueueDispatchers(
                key -> rules,
                () -> ClusterImage.EMPTY,
                () -> Instant.ofEpochMilli(loop.nowMs()),
                UnpooledByteBufAllocator.DEFAULT);
        dispatchers.sendDeadLettersTo(deadLetters);
        return dispatchers;
    }

    QueueDispatcher failOver() {
        return failOverFrom(cursorLog.logEndOffset());
    }

    QueueDispatcher failOverFrom(long cursorLogEnd) {
        takeOver(cursorLogEnd);
        return lead();
    }

    /** From now on the logs are those of another replica, that has all. */
    void takeOver() {
        takeOver(cursorLog.logEndOffset());
    }

    private void takeOver(long cursorLogEnd) {
        loop = new ManualLoop();
        data = data.replicaUpTo(loop, data.logEndOffset());
        cursorLog = cursorLog.replicaUpTo(loop, cursorLogEnd);
    }

    CompletableFuture<Acquired> acquire(QueueDispatcher dispatcher, ConsumerId consumer, int maxRecords) {
        var pending = pending(consumer, maxRecords);
        visit(dispatcher, pending);
        return pending.acquired();
    }

    CompletableFuture<Acquired> acquire(
            QueueDispatcher dispatcher, ConsumerId consumer, String selector, int maxRecords) {
        var kind = new PendingAcquire.Kind(null, selector);
        var pending = new PendingAcquire(consumer, kind, maxRecords, 1 << 20, () -> true);
        visit(dispatcher, pending);
        return pending.acquired();
    }

    PendingAcquire pending(ConsumerId consumer, int maxRecords) {
        return new PendingAcquire(
                consumer,
                new PendingAcquire.Kind(null, Selection.ALL),
                maxRecords,
                1 << 20,
                () -> consumer != ANN || annIsConnected);
    }

    void visit(QueueDispatcher dispatcher, PendingAcquire pending) {
        var visited = dispatcher.acquire(pending);
        loop.run();
        assertThat(visited.getNow(null)).isEqualTo(ErrorCode.NONE);
    }

    CompletableFuture<ErrorCode> settle(
            QueueDispatcher dispatcher, ConsumerId consumer, long first, long last, Verdict verdict) {
        var answer = dispatcher.settle(consumer.consumerId(), null, List.of(new Settlement(first, last, verdict)));
        loop.run();
        return answer;
    }

    static Acquired got(CompletableFuture<Acquired> acquired) {
        assertThat(acquired).isDone();
        return acquired.getNow(null);
    }

    @SafeVarargs
    static void release(CompletableFuture<Acquired>... acquired) {
        for (CompletableFuture<Acquired> one : acquired) {
            got(one).records().release();
        }
    }

    static List<String> valuesIn(Acquired acquired) throws Exception {
        var values = new ArrayList<String>();
        for (var batch : RecordBatches.listOf(acquired.records().buffer())) {
            RecordIterator records = batch.records(1 << 20);
            while (records.hasNext()) {
                values.add(new String(records.next().valueBytes(), StandardCharsets.UTF_8));
            }
        }
        acquired.records().release();
        return values;
    }
}
