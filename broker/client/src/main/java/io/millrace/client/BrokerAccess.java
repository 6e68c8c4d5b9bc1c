package io.millrace.client;

import io.millrace.client.network.Connection;
import io.millrace.protocol.ErrorCode;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Connections to brokers that are named, for what one of them alone can answer: at most one to each, kept for the next question.
 *
 * <p>Owned by its loop; {@link #ask} may be called by any thread. Nothing is tried again here.
 */
final class BrokerAccess {
    private final EventLoop loop;
    private final ClientConfiguration configuration;
    private final Map<BrokerNode, CompletableFuture<Connection>> connections = new HashMap<>();
    private boolean closed;

    BrokerAccess(EventLoop loop, ClientConfiguration configuration) {
        this.loop = loop;
        this.configuration = configuration;
    }

    /** Asks a broker once; the question is responsible for its bound. Completes on the loop. */
    <T> CompletableFuture<T> ask(BrokerNode broker, Function<Connection, CompletableFuture<T>> question) {
        var answer = new CompletableFuture<T>();
        boolean accepted = Loops.run(loop, () -> to(broker)
                .thenCompose(question)
                .whenComplete((value, failure) -> Loops.run(loop, () -> {
                    if (failure == null) {
                        answer.complete(value);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                })));
        if (!accepted) {
            answer.completeExceptionally(closedException());
        }
        return answer;
    }

    private CompletableFuture<Connection> to(BrokerNode broker) {
        if (closed) {
            return CompletableFuture.failedFuture(closedException());
        }
        CompletableFuture<Connection> kept = connections.get(broker);
        if (kept != null && !isOver(kept)) {
            return kept;
        }
        Duration timeout = configuration.requestTimeout();
        var made = Connection.connect(loop, broker.host(), broker.port(), configuration.clientId(), timeout);
        connections.put(broker, made);
        return made;
    }

    private static boolean isOver(CompletableFuture<Connection> connection) {
        return connection.isCompletedExceptionally()
                || (connection.isDone() && !connection.join().isOpen());
    }

    /** Ends the connections; what is under way fails. On the loop. */
    void close() {
        closed = true;
        connections.values().forEach(connection -> connection.thenAccept(Connection::close));
        connections.clear();
    }

    private static ClientException closedException() {
        return new ClientException(ErrorCode.NETWORK_EXCEPTION, "The client is closed");
    }
}
