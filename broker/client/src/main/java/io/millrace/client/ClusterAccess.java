package io.millrace.client;

import io.millrace.client.network.Connection;
import io.millrace.client.network.ConnectionException;
import io.millrace.protocol.ErrorCode;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A connection to some broker of the cluster, whichever answers: for what every broker can answer.
 *
 * <p>Owned by its loop; {@link #ask} may be called by any thread. While there is a question, brokers are tried for ever,
 * round by round with growing pauses; each question has its own bound.
 */
final class ClusterAccess {
    /** The next broker of a round is tried when the one before has not answered for this long. */
    private static final Duration NEXT_BROKER_AFTER = Duration.ofMillis(250);

    private record Address(String host, int port) {
        static Address of(String text) {
            int colon = text.lastIndexOf(':');
            return new Address(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** Somebody who waits for a connection. */
    private record Waiter(long deadlineNanos, CompletableFuture<Connection> connection) {}

    private final EventLoop loop;
    private final ClientConfiguration configuration;
    private final Backoff backoff;
    private final Random random;
    private final Set<Address> bootstrap = new LinkedHashSet<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private Set<Address> known = Set.of();
    private @Nullable Connection current;
    private @Nullable Round round;
    private int failedRounds;
    private String lastFailure = "none was tried yet";
    private boolean closed;

    ClusterAccess(EventLoop loop, ClientConfiguration configuration, Backoff backoff, Random random) {
        this.loop = loop;
        this.configuration = configuration;
        this.backoff = backoff;
        this.random = random;
        configuration.bootstrapServers().forEach(server -> bootstrap.add(parse(server)));
    }

    private static Address parse(String server) {
        try {
            return Address.of(server);
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "bootstrap.servers names \"" + server + "\"; write host:port, for instance localhost:9092", e);
        }
    }

    /** The brokers that the cluster has now: tried before those the configuration names. */
    void learn(Collection<BrokerNode> brokers) {
        var addresses = new LinkedHashSet<Address>();
        brokers.forEach(broker -> addresses.add(new Address(broker.host(), broker.port())));
        known = addresses;
    }

    /**
     * Asks one broker, and another when the connection fails.
     *
     * @param bound for all tries together; the question is responsible for the bound of one try
     * @return fails with a {@link ClientException} when the bound has passed, or with what the question failed with
     */
    <T> CompletableFuture<T> ask(Function<Connection, CompletableFuture<T>> question, Duration bound) {
        var answer = new CompletableFuture<T>();
        long deadlineNanos = System.nanoTime() + bound.toNanos();
        if (!Loops.run(loop, () -> attempt(question, deadlineNanos, answer))) {
            answer.completeExceptionally(closedException());
        }
        return answer;
    }

    private <T> void attempt(
            Function<Connection, CompletableFuture<T>> question, long deadlineNanos, CompletableFuture<T> answer) {
        any(deadlineNanos)
                .thenCompose(question)
                .whenComplete((value, failure) -> Loops.run(loop, () -> {
                    if (failure == null) {
                        answer.complete(value);
                    } else if (isWorthAnotherTry(failure) && deadlineNanos - System.nanoTime() > 0 && !closed) {
                        lastFailure = Failures.messageOf(failure);
                        attempt(question, deadlineNanos, answer);
                    } else {
                        answer.completeExceptionally(Failures.toClientException(failure));
                    }
                }));
    }

    private static boolean isWorthAnotherTry(Throwable failure) {
        return Failures.unwrap(failure) instanceof ConnectionException connection
                && (connection.reason() == ConnectionException.Reason.CLOSED
                        || connection.reason() == ConnectionException.Reason.TIMED_OUT);
    }

    private CompletableFuture<Connection> any(long deadlineNanos) {
        if (closed) {
            return CompletableFuture.failedFuture(closedException());
        }
        if (current != null && current.isOpen()) {
            return CompletableFuture.completedFuture(current);
        }
        var waiter = new Waiter(deadlineNanos, new CompletableFuture<>());
        waiters.add(waiter);
        loop.schedule(() -> expire(waiter), deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (round == null) {
            startRound();
        }
        return waiter.connection();
    }

    private void expire(Waiter waiter) {
        if (waiters.remove(waiter)) {
            waiter.connection()
                    .completeExceptionally(new ClientException(
                            ErrorCode.NETWORK_EXCEPTION,
                            "No broker could be reached in time. Tried were " + candidates() + "; the last failure: "
                                    + lastFailure));
        }
    }

    private List<Address> candidates() {
        var inTurn = new ArrayList<>(known);
        Collections.shuffle(inTurn, random);
        var configured = new ArrayList<>(bootstrap);
        Collections.shuffle(configured, random);
        configured.stream().filter(address -> !known.contains(address)).forEach(inTurn::add);
        return inTurn;
    }

    private void startRound() {
        round = new Round(candidates());
        round.tryNext();
    }

    private void onRoundFailed() {
        failedRounds++;
        loop.schedule(
                () -> {
                    round = null;
                    if (!waiters.isEmpty() && !closed) {
                        startRound();
                    }
                },
                backoff.pauseNanos(failedRounds),
                TimeUnit.NANOSECONDS);
    }

    private void onFound(Connection connection) {
        round = null;
        failedRounds = 0;
        current = connection;
        var served = List.copyOf(waiters);
        waiters.clear();
        served.forEach(waiter -> waiter.connection().complete(connection));
    }

    void close() {
        closed = true;
        var refused = List.copyOf(waiters);
        waiters.clear();
        refused.forEach(waiter -> waiter.connection().completeExceptionally(closedException()));
        if (current != null) {
            current.close();
        }
    }

    private static ClientException closedException() {
        return new ClientException(ErrorCode.NETWORK_EXCEPTION, "The client is closed");
    }

    /** One pass over the brokers: each gets a head start, the first that answers is taken. */
    private final class Round {
        private final List<Address> addresses;
        private int next;
        private int failed;
        private boolean over;

        Round(List<Address> addresses) {
            this.addresses = addresses;
        }

        void tryNext() {
            if (over || closed || next >= addresses.size()) {
                return;
            }
            Address address = addresses.get(next++);
            Connection.connect(
                            loop,
                            address.host(),
                            address.port(),
                            configuration.clientId(),
                            configuration.requestTimeout())
                    .whenComplete((connection, failure) -> Loops.run(loop, () -> onTried(connection, failure)));
            loop.schedule(this::tryNext, NEXT_BROKER_AFTER.toNanos(), TimeUnit.NANOSECONDS);
        }

        private void onTried(@Nullable Connection connection, @Nullable Throwable failure) {
            if (connection == null) {
                lastFailure = Failures.messageOf(failure);
                failed++;
                if (!over && failed == addresses.size()) {
                    over = true;
                    onRoundFailed();
                } else {
                    tryNext();
                }
                return;
            }
            if (over || closed) {
                connection.close();
                return;
            }
            over = true;
            onFound(connection);
        }
    }
}
