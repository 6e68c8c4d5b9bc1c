package io.millrace.server.queue;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordIterator;
import io.millrace.replication.PartitionKey;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A dead-letter queue in memory, which takes what one producer writes once, as a partition does. Owned by the test's thread. */
final class FakeDeadLetterQueue implements DeadLetterTarget {
    /** A record as it was written. */
    record Letter(@Nullable String key, String value, long timestampMs, Map<String, String> headers) {}

    final List<Letter> letters = new ArrayList<>();
    private final Set<Long> producers = new HashSet<>();
    private ErrorCode error = ErrorCode.NONE;
    private @Nullable String refused;
    private boolean losesAnswers;
    private boolean missing;
    private long nextProducerId = 100;
    int appends;

    /** Takes nothing from now on; NONE to take again. */
    void fail(ErrorCode newError) {
        error = newError;
    }

    /** Never takes a batch with this value. */
    void refuse(String value) {
        refused = value;
    }

    /** Whether it takes what comes, and nobody ever hears of it. */
    void loseAnswers(boolean loses) {
        losesAnswers = loses;
    }

    /** Whether it can be found. */
    void miss(boolean isMissing) {
        missing = isMissing;
    }

    List<String> values() {
        return letters.stream().map(Letter::value).toList();
    }

    @Override
    public CompletableFuture<Address> find(PartitionKey source, @Nullable String subscription) {
        return missing
                ? CompletableFuture.failedFuture(new IllegalStateException("it is missing in this test"))
                : CompletableFuture.completedFuture(new Address("DLQ.work", 0, nextProducerId++, 1 << 20));
    }

    @Override
    public Origin origin(PartitionKey source, @Nullable String subscription) {
        return new Origin("work", subscription);
    }

    @Override
    public CompletableFuture<ErrorCode> append(String queue, int partition, ByteBuf bytes) {
        appends++;
        try {
            RecordBatch batch = RecordBatch.at(bytes, bytes.readerIndex());
            List<Letter> read = read(batch);
            if (error.isError()) {
                return CompletableFuture.completedFuture(error);
            }
            if (read.stream().anyMatch(letter -> letter.value().equals(refused))) {
                return CompletableFuture.completedFuture(ErrorCode.MESSAGE_TOO_LARGE);
            }
            if (producers.add(batch.producerId())) {
                letters.addAll(read);
            }
            return losesAnswers ? new CompletableFuture<>() : CompletableFuture.completedFuture(ErrorCode.NONE);
        } catch (InvalidRecordException e) {
            return CompletableFuture.failedFuture(e);
        } finally {
            bytes.release();
        }
    }

    private static List<Letter> read(RecordBatch batch) throws InvalidRecordException {
        var read = new ArrayList<Letter>();
        RecordIterator records = batch.records(1 << 20);
        while (records.hasNext()) {
            var next = records.next();
            var headers = new LinkedHashMap<String, String>();
            next.headers().forEach(header -> headers.put(header.key(), text(header.value())));
            read.add(new Letter(text(next.keyBytes()), text(next.valueBytes()), next.timestamp(), headers));
        }
        return read;
    }

    private static @Nullable String text(byte @Nullable [] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
