package io.millrace.client;

import static java.lang.System.Logger.Level.WARNING;

import io.millrace.client.network.Connection;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.CreateTemporaryDestinationRequest;
import io.millrace.protocol.message.CreateTemporaryDestinationResponse;
import io.millrace.protocol.message.DeleteTemporaryDestinationRequest;
import io.millrace.protocol.message.DeleteTemporaryDestinationResponse;
import io.millrace.protocol.message.FetchTemporaryRequest;
import io.millrace.protocol.message.FetchTemporaryResponse;
import io.millrace.protocol.message.FetchTemporaryResponse.Sent;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatches;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One owner's connection to the broker that has its temporary destinations.
 *
 * <p>Owned by its loop, which is the connection's, too; public methods may be called by any thread. One fetch is under way from the first destination on; the broker holds it
 * until something is sent, and ends it when another request comes.
 *
 * <pre>
 *   no home --create--> connecting --> home, fetching --the connection ends--> no home: all are lost
 * </pre>
 */
final class NetworkTemporaryDestinations implements TemporaryDestinations {
    private static final System.Logger LOGGER = System.getLogger(NetworkTemporaryDestinations.class.getName());

    private static final Duration FETCH_WAIT = Duration.ofSeconds(10);
    private static final int FETCH_BYTES = 1024 * 1024;

    private final EventLoop loop;
    private final ClientConfiguration configuration;
    private final Supplier<CompletableFuture<ClusterDescription>> cluster;
    private final Listener listener;
    private final Consumer<NetworkTemporaryDestinations> onClosed;
    private final ConsumedTemporaries consumed = new ConsumedTemporaries();
    private @Nullable CompletableFuture<Connection> home;
    private int fetches;
    private long lastNumber;
    private volatile boolean closed;

    NetworkTemporaryDestinations(
            ClientContext context,
            Supplier<CompletableFuture<ClusterDescription>> cluster,
            Listener listener,
            Consumer<NetworkTemporaryDestinations> onClosed) {
        this.loop = context.loops().next();
        this.configuration = context.configuration();
        this.cluster = cluster;
        this.listener = listener;
        this.onClosed = onClosed;
    }

    @Override
    public CompletableFuture<String> create(DestinationKind kind) {
        var made = new CompletableFuture<String>();
        boolean accepted = Loops.run(loop, () -> home().whenComplete((connection, failure) -> Loops.run(loop, () -> {
            if (connection == null) {
                made.completeExceptionally(Failures.toClientException(
                        failure == null ? new IllegalStateException("no connection") : failure));
            } else {
                create(connection, kind, made);
            }
        })));
        if (!accepted) {
            made.completeExceptionally(closedException());
        }
        return made;
    }

    private void create(Connection connection, DestinationKind kind, CompletableFuture<String> made) {
        connection
                .<CreateTemporaryDestinationResponse>send(
                        new CreateTemporaryDestinationRequest(kind == DestinationKind.TOPIC))
                .whenComplete((response, failure) -> {
                    if (response == null) {
                        made.completeExceptionally(Failures.toClientException(
                                failure == null ? new IllegalStateException("no answer") : failure));
                    } else if (response.errorCode().isError()) {
                        made.completeExceptionally(new ClientException(
                                response.errorCode(),
                                "The broker made no temporary destination: " + response.errorCode()
                                        + (response.errorMessage() == null ? "" : ", " + response.errorMessage())));
                    } else {
                        listener.onCreated(response.name());
                        if (fetches == 0) {
                            fetch(connection);
                        }
                        made.complete(response.name());
                    }
                });
    }

    /** The connection that has the destinations, made anew where there is none. On the loop. */
    private CompletableFuture<Connection> home() {
        if (closed) {
            return CompletableFuture.failedFuture(closedException());
        }
        if (home == null || home.isCompletedExceptionally()) {
            home = cluster.get().thenCompose(known -> {
                var candidates = new ArrayList<>(known.brokers());
                Collections.shuffle(candidates);
                return connect(
                        new ArrayDeque<>(candidates),
                        new ClientException(ErrorCode.BROKER_NOT_AVAILABLE, "The cluster knows no broker"));
            });
            home.thenAccept(made -> made.closeFuture().thenRun(() -> Loops.run(loop, () -> onEnded(made))));
        }
        return home;
    }

    /** Those that are left are tried one after the other. */
    private CompletableFuture<Connection> connect(Deque<ClusterDescription.Broker> candidates, Throwable lastFailure) {
        ClusterDescription.Broker next = candidates.poll();
        if (next == null) {
            return CompletableFuture.failedFuture(lastFailure);
        }
        return Connection.connect(
                        loop, next.host(), next.port(), configuration.clientId(), configuration.requestTimeout())
                .thenApply(NetworkTemporaryDestinations::requireOffered)
                .exceptionallyCompose(failure -> connect(candidates, failure));
    }

    private static Connection requireOffered(Connection connection) {
        if (!connection.offers(ApiKey.CREATE_TEMPORARY_DESTINATION)) {
            connection.close();
            throw new ClientException(
                    ErrorCode.UNSUPPORTED_VERSION,
                    connection + " leads to a broker that has no temporary destinations yet");
        }
        return connection;
    }

    private void onEnded(Connection ended) {
        if (!isHome(ended)) {
            return;
        }
        home = null;
        fetches = 0;
        consumed.forgetAll();
        if (!closed) {
            listener.onLost(new ClientException(
                    ErrorCode.NETWORK_EXCEPTION, ended + ", with which the temporary destinations lived, has ended"));
        }
    }

    private boolean isHome(Connection connection) {
        return home != null && home.isDone() && !home.isCompletedExceptionally() && home.join() == connection;
    }

    private void fetch(Connection connection) {
        if (closed || !isHome(connection)) {
            return;
        }
        fetches++;
        var request = new FetchTemporaryRequest((int) FETCH_WAIT.toMillis(), FETCH_BYTES, consumed.take());
        connection
                .<FetchTemporaryResponse>send(request, FETCH_WAIT.plus(configuration.requestTimeout()))
                .whenComplete((response, failure) -> {
                    if (response == null || response.errorCode().isError()) {
                        connection.close(); // whose end tells the rest
                        return;
                    }
                    fetches--;
                    response.sent().forEach(this::deliver);
                    if (fetches == 0) {
                        fetch(connection);
                    }
                });
    }

    private void deliver(Sent sent) {
        int bytes = sent.batch().size();
        QueueMessage message;
        try {
            message = message(sent);
        } catch (InvalidRecordException e) {
            LOGGER.log(WARNING, () -> "What was sent to " + sent.destination() + " is no record: " + e.getMessage());
            consumed(sent.destination(), bytes);
            return;
        }
        listener.onMessage(message, bytes);
    }

    private QueueMessage message(Sent sent) throws InvalidRecordException {
        var batches = RecordBatches.in(Unpooled.wrappedBuffer(sent.batch().toByteArray()));
        var records = batches.next().records(QueueRecords.BATCH_BYTES_MAX);
        if (!records.hasNext()) {
            throw new InvalidRecordException(
                    InvalidRecordException.Reason.CORRUPT, "The record batch has no record; it must have one");
        }
        var record = records.next();
        long number = lastNumber++;
        return new QueueMessage(
                new TopicPartition(sent.destination(), 0),
                number,
                1,
                number,
                record.timestamp(),
                record.keyBytes(),
                record.valueBytes(),
                record.headers());
    }

    @Override
    public CompletableFuture<Void> delete(String name) {
        var deleted = new CompletableFuture<Void>();
        boolean accepted = Loops.run(loop, () -> {
            if (home == null || !home.isDone() || home.isCompletedExceptionally()) {
                deleted.complete(null);
                return;
            }
            home.join()
                    .<DeleteTemporaryDestinationResponse>send(new DeleteTemporaryDestinationRequest(name))
                    .whenComplete((response, failure) -> {
                        consumed.forget(name);
                        if (failure == null) {
                            deleted.complete(null);
                        } else {
                            deleted.completeExceptionally(Failures.toClientException(failure));
                        }
                    });
        });
        if (!accepted) {
            deleted.complete(null);
        }
        return deleted;
    }

    @Override
    public void consumed(String name, int bytes) {
        if (consumed.add(name, bytes)) {
            Loops.execute(loop, () -> {
                // The broker ends the fetch that it holds when this one comes.
                if (fetches == 1 && home != null) {
                    fetch(home.join());
                }
            });
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        onClosed.accept(this);
        Loops.run(loop, () -> {
            if (home != null) {
                home.thenAccept(Connection::close);
            }
        });
    }

    private static ClientException closedException() {
        return new ClientException(ErrorCode.INVALID_REQUEST, "The temporary destinations' owner is closed");
    }
}
