package io.millrace.client;

import io.millrace.client.network.Connection;
import io.millrace.client.network.ConnectionException;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.SendTemporaryRequest;
import io.millrace.protocol.message.SendTemporaryResponse;
import io.millrace.protocol.wire.Bytes;
import io.millrace.record.Compression;
import io.millrace.record.RecordBatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends to temporary destinations, whoever owns them: each to the broker that the destination's name tells.
 *
 * <p>Owned by its loop; {@link #send} may be called by any thread. Sends to one destination go one after the other, so that they arrive in the order of
 * the calls. One that was refused for want of room, or did not leave, is sent again within the request timeout; one whose answer was lost is not, as it may have arrived.
 */
final class TemporarySends {
    private static final int BATCH_BYTES_MAX = Integer.MAX_VALUE;

    private final EventLoop loop;
    private final ClientContext context;
    private final Supplier<CompletableFuture<ClusterDescription>> cluster;
    private final BrokerAccess brokers;
    private final Map<String, CompletableFuture<Void>> lastSends = new HashMap<>();
    private Map<Integer, BrokerNode> nodes = Map.of();
    private boolean closed;

    TemporarySends(ClientContext context, Supplier<CompletableFuture<ClusterDescription>> cluster) {
        this.loop = context.loops().next();
        this.context = context;
        this.cluster = cluster;
        this.brokers = new BrokerAccess(loop, context.configuration());
    }

    /**
     * Sends a record to the temporary destination that it names.
     *
     * @return completes, on the loop, when the owner's broker has the record. Fails with {@code UNKNOWN_TOPIC_OR_PARTITION} where the destination is gone,
     *     {@code THROTTLING_QUOTA_EXCEEDED} where there was no room for it in time
     */
    CompletableFuture<Void> send(ProducerRecord record) {
        String destination = record.topic();
        var send = new Send(destination, TemporaryName.brokerId(destination), batchOf(record));
        boolean accepted = Loops.run(loop, () -> {
            CompletableFuture<Void> before = lastSends.put(destination, send.done);
            send.done.whenComplete((sent, failure) -> lastSends.remove(destination, send.done));
            if (before == null) {
                send.begin();
            } else {
                before.whenComplete((sent, failure) -> send.begin());
            }
        });
        if (!accepted) {
            send.done.completeExceptionally(closedException());
        }
        return send.done;
    }

    private Bytes batchOf(ProducerRecord record) {
        Long timestampMs = record.timestampMs();
        try (var builder =
                new RecordBatchBuilder(UnpooledByteBufAllocator.DEFAULT, Compression.NONE, BATCH_BYTES_MAX)) {
            builder.tryAppend(
                    timestampMs == null ? context.clock().millis() : timestampMs,
                    wrap(record.key()),
                    wrap(record.value()),
                    record.headers());
            ByteBuf batch = builder.build();
            try {
                return Bytes.consume(ByteBufUtil.getBytes(batch));
            } finally {
                batch.release();
            }
        }
    }

    private static @Nullable ByteBuf wrap(byte @Nullable [] bytes) {
        return bytes == null ? null : Unpooled.wrappedBuffer(bytes);
    }

    /** Ends the connections; what is under way fails. On the loop. */
    void close() {
        closed = true;
        brokers.close();
    }

    /** Ends the connections; what is under way fails. */
    void closeFromAnyThread() {
        Loops.execute(loop, this::close);
    }

    private static ClientException closedException() {
        return new ClientException(ErrorCode.NETWORK_EXCEPTION, "The client is closed");
    }

    /** One record with all its tries. Owned by the loop. */
    private final class Send {
        private final String destination;
        private final int brokerId;
        private final Bytes batch;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private long deadlineNanos;
        private int failures;

        Send(String destination, int brokerId, Bytes batch) {
            this.destination = destination;
            this.brokerId = brokerId;
            this.batch = batch;
        }

        void begin() {
            deadlineNanos =
                    System.nanoTime() + context.configuration().requestTimeout().toNanos();
            attempt();
        }

        private void attempt() {
            if (closed) {
                done.completeExceptionally(closedException());
                return;
            }
            BrokerNode node = nodes.get(brokerId);
            if (node != null) {
                brokers.ask(node, this::ask)
                        .whenComplete((response, failure) -> Loops.run(loop, () -> onAnswer(response, failure)));
                return;
            }
            cluster.get().whenComplete((known, failure) -> Loops.run(loop, () -> onCluster(known, failure)));
        }

        private void onCluster(@Nullable ClusterDescription known, @Nullable Throwable failure) {
            if (known == null) {
                fail(failure == null ? new IllegalStateException("no answer") : failure);
                return;
            }
            var alive = new HashMap<Integer, BrokerNode>();
            known.brokers()
                    .forEach(broker ->
                            alive.put(broker.id(), new BrokerNode(broker.id(), broker.host(), broker.port())));
            nodes = alive;
            if (alive.containsKey(brokerId)) {
                attempt();
            } else {
                fail(new ClientException(
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                        destination + " does not exist any more: broker " + brokerId + ", which had it, is gone"));
            }
        }

        private CompletableFuture<SendTemporaryResponse> ask(Connection connection) {
            if (!connection.offers(ApiKey.SEND_TEMPORARY)) {
                throw new ClientException(
                        ErrorCode.UNSUPPORTED_VERSION,
                        connection + " leads to a broker that has no temporary destinations yet");
            }
            return connection.send(new SendTemporaryRequest(destination, batch));
        }

        private void onAnswer(@Nullable SendTemporaryResponse response, @Nullable Throwable failure) {
            if (response == null) {
                onFailure(failure == null ? new IllegalStateException("no answer") : failure);
            } else if (!response.errorCode().isError()) {
                done.complete(null);
            } else if (response.errorCode() != ErrorCode.THROTTLING_QUOTA_EXCEEDED || !again()) {
                String why = response.errorMessage();
                fail(new ClientException(
                        response.errorCode(), why == null ? destination + ": " + response.errorCode() : why));
            }
        }

        /** What did not leave may be sent again, to whichever process has the broker's id now. */
        private void onFailure(Throwable failure) {
            boolean isUnsent =
                    Failures.unwrap(failure) instanceof ConnectionException connection && connection.isUnsent();
            nodes = Map.of();
            if (!isUnsent || !again()) {
                fail(failure);
            }
        }

        /** Whether there is time for another try; it comes after a pause then. */
        private boolean again() {
            long pauseNanos = context.backoff().pauseNanos(++failures);
            if (closed || deadlineNanos - System.nanoTime() <= pauseNanos) {
                return false;
            }
            loop.schedule(this::attempt, pauseNanos, TimeUnit.NANOSECONDS);
            return true;
        }

        private void fail(Throwable failure) {
            done.completeExceptionally(Failures.toClientException(failure));
        }
    }
}
