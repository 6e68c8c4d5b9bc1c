package io.millrace.server.transaction;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.transaction.MarkersDue;
import io.millrace.coordinator.transaction.TransactionRecord;
import io.millrace.coordinator.transaction.Transactions;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.Cancellable;
import io.millrace.replication.Loop;
import io.millrace.server.coordinator.AppendListener;
import io.millrace.server.coordinator.CoordinatorLog;
import io.millrace.server.coordinator.LoadListener;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Coordinates the transactions of one partition of {@code __transaction_state} while this broker leads it.
 *
 * <p>Owned by the partition's loop; {@link #decide} may be called from any thread and goes there.
 *
 * <pre>
 *   loading --the log is replayed-------> serving --leadership lost--> resigned
 *      `----it cannot be understood-----> failed ---leadership lost--> resigned
 * </pre>
 */
final class TransactionCoordinator {
    private static final System.Logger LOGGER = System.getLogger(TransactionCoordinator.class.getName());

    /** How long a request waits for what is under way with its transactional id. */
    private static final long PARKED_MS_MAX = 500;

    private enum State {
        LOADING,
        SERVING,
        FAILED,
        RESIGNED
    }

    private final int partition;
    private final Transactions transactions;
    private final CoordinatorLog<TransactionRecord> log;
    private final MarkerSender sender;
    private final Loop loop;
    private final long wallClockOffsetMs; // transactions must not time out because somebody sets the clock
    private final ParkedRequests parked = new ParkedRequests();
    private volatile int coordinatorEpoch;
    private State state = State.LOADING;
    private long wakeupAtMs = Long.MAX_VALUE;
    private @Nullable Cancellable wakeup;

    TransactionCoordinator(
            int partition,
            Transactions transactions,
            CoordinatorLog<TransactionRecord> log,
            MarkerSender sender,
            Loop loop,
            InstantSource clock) {
        this.partition = partition;
        this.transactions = transactions;
        this.log = log;
        this.sender = sender;
        this.loop = loop;
        this.wallClockOffsetMs = clock.millis() - loop.nowMs();
    }

    /** This broker leads in that epoch, by which markers of former coordinators are known. */
    void leadsIn(int leaderEpoch) {
        coordinatorEpoch = leaderEpoch;
    }

    /** Called once, on the loop. */
    void start() {
        log.load(transactions::replay, new LoadListener() {
            @Override
            public void onLoaded() {
                LOGGER.log(INFO, () -> "Coordinating the transactions of partition " + partition);
                state = State.SERVING;
                transactions.onLoaded();
                scheduleWakeup();
            }

            @Override
            public void onFailed(String reason) {
                LOGGER.log(ERROR, () -> "Cannot coordinate the transactions of partition " + partition + ": " + reason);
                state = State.FAILED;
            }
        });
    }

    /**
     * Has the transactions decide, and answers when what they decided is committed.
     *
     * @param decision takes the transactions and the time
     * @param refusal makes an answer of an error
     */
    <A> CompletableFuture<A> decide(
            BiFunction<Transactions, Long, Outcome<TransactionRecord, A>> decision, Function<ErrorCode, A> refusal) {
        var answer = new CompletableFuture<A>();
        try {
            loop.execute(() -> decideNow(decision, refusal, answer));
        } catch (RejectedExecutionException e) {
            LOGGER.log(
                    INFO, () -> "The loop of transaction partition " + partition + " takes no more: " + e.getMessage());
            answer.complete(refusal.apply(ErrorCode.NOT_COORDINATOR));
        }
        return answer;
    }

    /**
     * {@link #decide}, and again when the transactional id has changed, as long as the answer says that something is under way with it; for a short
     * time.
     */
    <A> CompletableFuture<A> decideWhenFree(
            String transactionalId,
            BiFunction<Transactions, Long, Outcome<TransactionRecord, A>> decision,
            Function<ErrorCode, A> refusal,
            Predicate<A> isBusy) {
        var answer = new CompletableFuture<A>();
        var attempt = new Attempt<>(transactionalId, decision, refusal, isBusy, answer);
        try {
            loop.execute(attempt::decide);
        } catch (RejectedExecutionException e) {
            answer.complete(refusal.apply(ErrorCode.NOT_COORDINATOR));
        }
        return answer;
    }

    /** A request that is decided until it is free or has waited long enough. */
    private final class Attempt<A> implements ParkedRequests.Parked {
        private final String transactionalId;
        private final BiFunction<Transactions, Long, Outcome<TransactionRecord, A>> decision;
        private final Function<ErrorCode, A> refusal;
        private final Predicate<A> isBusy;
        private final CompletableFuture<A> answer;
        private final long untilMs = nowMs() + PARKED_MS_MAX;
        private boolean hasWaited;

        Attempt(
                String transactionalId,
                BiFunction<Transactions, Long, Outcome<TransactionRecord, A>> decision,
                Function<ErrorCode, A> refusal,
                Predicate<A> isBusy,
                CompletableFuture<A> answer) {
            this.transactionalId = transactionalId;
            this.decision = decision;
            this.refusal = refusal;
            this.isBusy = isBusy;
            this.answer = answer;
        }

        @Override
        public void decide() {
            var decided = new CompletableFuture<A>();
            decideNow(decision, refusal, decided);
            decided.whenComplete((found, failure) -> {
                if (failure != null) {
                    answer.completeExceptionally(failure);
                } else if (!isBusy.test(found) || nowMs() >= untilMs || !park()) {
                    answer.complete(found);
                }
            });
        }

        private boolean park() {
            if (state != State.SERVING || !parked.park(transactionalId, this)) {
                return false;
            }
            if (!hasWaited) {
                hasWaited = true;
                loop.schedule(PARKED_MS_MAX, () -> parked.expire(transactionalId, this));
            }
            return true;
        }

        @Override
        public void giveUp() {
            answer.complete(refusal.apply(ErrorCode.CONCURRENT_TRANSACTIONS));
        }
    }

    // A fault of ours must reach the client, and the loop must go on.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private <A> void decideNow(
            BiFunction<Transactions, Long, Outcome<TransactionRecord, A>> decision,
            Function<ErrorCode, A> refusal,
            CompletableFuture<A> answer) {
        try {
            switch (state) {
                case LOADING -> answer.complete(refusal.apply(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS));
                case FAILED -> answer.complete(refusal.apply(ErrorCode.COORDINATOR_NOT_AVAILABLE));
                case RESIGNED -> answer.complete(refusal.apply(ErrorCode.NOT_COORDINATOR));
                case SERVING -> {
                    append(decision.apply(transactions, nowMs()), refusal, answer);
                    scheduleWakeup();
                }
            }
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    private <A> void append(
            Outcome<TransactionRecord, A> outcome, Function<ErrorCode, A> refusal, CompletableFuture<A> answer) {
        log.append(outcome.records(), new AppendListener() {
            @Override
            public void onCommitted() {
                outcome.records().forEach(committed -> transactions.commit(committed, nowMs()));
                answer.complete(outcome.answer());
                outcome.records().forEach(committed -> parked.release(committed.transactionalId()));
                scheduleWakeup();
            }

            @Override
            public void onRefused(ErrorCode error) {
                transactions.onAppendFailed(outcome.records(), nowMs());
                answer.complete(refusal.apply(forClients(error)));
                outcome.records().forEach(refused -> parked.release(refused.transactionalId()));
                scheduleWakeup();
            }

            @Override
            public void onUncertain(ErrorCode error) {
                answer.complete(refusal.apply(forClients(error)));
            }
        });
    }

    /** Clients of transactions know other errors than those of produce. */
    private static ErrorCode forClients(ErrorCode error) {
        return switch (error) {
            case NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND, REQUEST_TIMED_OUT, UNKNOWN_TOPIC_OR_PARTITION ->
                ErrorCode.COORDINATOR_NOT_AVAILABLE;
            case NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR -> ErrorCode.NOT_COORDINATOR;
            default -> ErrorCode.UNKNOWN_SERVER_ERROR;
        };
    }

    private void scheduleWakeup() {
        long deadlineMs = transactions.nextDeadlineMs();
        if (deadlineMs >= wakeupAtMs || state != State.SERVING) {
            return;
        }
        if (wakeup != null) {
            wakeup.cancel();
        }
        wakeupAtMs = deadlineMs;
        long delayMs = deadlineMs - nowMs();
        if (delayMs <= 0) {
            loop.atEndOfRound(this::onWakeup);
        } else {
            wakeup = loop.schedule(delayMs, this::onWakeup);
        }
    }

    private void onWakeup() {
        wakeupAtMs = Long.MAX_VALUE;
        if (state == State.SERVING) {
            append(transactions.expire(nowMs()), error -> false, new CompletableFuture<>()); // nobody asks
            transactions.takeMarkers().forEach(this::send);
            scheduleWakeup();
        }
    }

    private void send(MarkersDue markers) {
        sender.send(
                markers,
                coordinatorEpoch,
                (written, failed) -> onLoop(() -> {
                    if (state == State.SERVING) {
                        transactions.onMarkersWritten(markers, written);
                        transactions.onMarkersFailed(markers, failed, nowMs());
                        scheduleWakeup();
                    }
                }));
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            // The next coordinator sends these markers again, which does no harm.
            LOGGER.log(
                    INFO, () -> "The loop of transaction partition " + partition + " takes no more: " + e.getMessage());
        }
    }

    private long nowMs() {
        return loop.nowMs() + wallClockOffsetMs;
    }

    /** The partition is led elsewhere. On the loop. */
    void resign() {
        state = State.RESIGNED;
        log.close();
        parked.clear();
        if (wakeup != null) {
            wakeup.cancel();
        }
    }
}
