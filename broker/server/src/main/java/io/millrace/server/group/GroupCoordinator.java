package io.millrace.server.group;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.group.GroupRecord;
import io.millrace.coordinator.group.Groups;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.AppendResult;
import io.millrace.replication.Cancellable;
import io.millrace.replication.Loop;
import io.millrace.server.coordinator.AppendListener;
import io.millrace.server.coordinator.CoordinatorLog;
import io.millrace.server.coordinator.LoadListener;
import io.millrace.server.coordinator.LogReplay;
import io.millrace.server.coordinator.TransactionalProducer;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Coordinates the groups of one partition of {@code __consumer_offsets} while this broker leads it.
 *
 * <p>Owned by the partition's loop; {@link #decide} may be called from any thread and goes there.
 *
 * <pre>
 *   loading --the log is replayed-------> serving --leadership lost--> resigned
 *      `----it cannot be understood-----> failed ---leadership lost--> resigned
 * </pre>
 */
final class GroupCoordinator {
    private static final System.Logger LOGGER = System.getLogger(GroupCoordinator.class.getName());

    private enum State {
        LOADING,
        SERVING,
        FAILED,
        RESIGNED
    }

    private final int partition;
    private final Groups groups;
    private final CoordinatorLog<GroupRecord> log;
    private final Loop loop;
    private final long wallClockOffsetMs; // sessions must not end because somebody sets the clock
    private State state = State.LOADING;
    private long wakeupAtMs = Long.MAX_VALUE;
    private @Nullable Cancellable wakeup;

    GroupCoordinator(int partition, Groups groups, CoordinatorLog<GroupRecord> log, Loop loop, InstantSource clock) {
        this.partition = partition;
        this.groups = groups;
        this.log = log;
        this.loop = loop;
        this.wallClockOffsetMs = clock.millis() - loop.nowMs();
    }

    /** Called once, on the loop. */
    void start() {
        log.load(replay(), new LoadListener() {
            @Override
            public void onLoaded() {
                LOGGER.log(INFO, () -> "Coordinating the groups of partition " + partition);
                state = State.SERVING;
                groups.onLoaded(nowMs());
                scheduleWakeup();
            }

            @Override
            public void onFailed(String reason) {
                LOGGER.log(ERROR, () -> "Cannot coordinate the groups of partition " + partition + ": " + reason);
                state = State.FAILED;
            }
        });
    }

    private LogReplay<GroupRecord> replay() {
        return new LogReplay<>() {
            @Override
            public void onRecord(GroupRecord logged) {
                groups.replay(logged);
            }

            @Override
            public void onTransactionalRecord(GroupRecord logged, long producerId) {
                if (logged instanceof GroupRecord.OffsetCommitted offset && offset.value() != null) {
                    groups.replay(new GroupRecord.OffsetPending(producerId, offset.key(), offset.value()));
                }
            }

            @Override
            public void onTransactionEnded(long producerId, boolean committed) {
                groups.onTransactionEnded(producerId, committed);
            }
        };
    }

    /**
     * Has the groups decide, and answers when what they decided is committed.
     *
     * @param decision takes the groups and the time
     * @param refusal makes an answer of an error
     */
    <A> CompletableFuture<A> decide(
            BiFunction<Groups, Long, Outcome<GroupRecord, A>> decision, Function<ErrorCode, A> refusal) {
        return decide(decision, null, refusal);
    }

    /**
     * Has the groups decide what becomes part of a transaction, and answers when that is committed, which does not say that the transaction is.
     *
     * @param producer whose transaction it is; null for none
     */
    <A> CompletableFuture<A> decide(
            BiFunction<Groups, Long, Outcome<GroupRecord, A>> decision,
            @Nullable TransactionalProducer producer,
            Function<ErrorCode, A> refusal) {
        return whenServing(refusal, answer -> append(decision.apply(groups, nowMs()), producer, refusal, answer));
    }

    /**
     * A transaction ends: appends its marker in the order of what is decided here, and applies or drops what the transaction wanted when that is committed.
     *
     * @param append of the marker
     */
    CompletableFuture<ErrorCode> endTransaction(
            long producerId, boolean committed, Supplier<CompletableFuture<AppendResult>> append) {
        return whenServing(
                Function.identity(),
                answer -> log.append(append, new AppendListener() {
                    @Override
                    public void onCommitted() {
                        groups.onTransactionEnded(producerId, committed);
                        answer.complete(ErrorCode.NONE);
                    }

                    @Override
                    public void onRefused(ErrorCode error) {
                        answer.complete(error);
                    }

                    @Override
                    public void onUncertain(ErrorCode error) {
                        answer.complete(error);
                    }
                }));
    }

    private <A> CompletableFuture<A> whenServing(Function<ErrorCode, A> refusal, Consumer<CompletableFuture<A>> task) {
        var answer = new CompletableFuture<A>();
        try {
            loop.execute(() -> runOrRefuse(refusal, task, answer));
        } catch (RejectedExecutionException e) {
            LOGGER.log(INFO, () -> "The loop of group partition " + partition + " takes no more: " + e.getMessage());
            answer.complete(refusal.apply(ErrorCode.NOT_COORDINATOR));
        }
        return answer;
    }

    // A fault of ours must reach the client, and the loop must go on.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private <A> void runOrRefuse(
            Function<ErrorCode, A> refusal, Consumer<CompletableFuture<A>> task, CompletableFuture<A> answer) {
        try {
            switch (state) {
                case LOADING -> answer.complete(refusal.apply(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS));
                case FAILED -> answer.complete(refusal.apply(ErrorCode.COORDINATOR_NOT_AVAILABLE));
                case RESIGNED -> answer.complete(refusal.apply(ErrorCode.NOT_COORDINATOR));
                case SERVING -> {
                    task.accept(answer);
                    scheduleWakeup();
                }
            }
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    private <A> void append(
            Outcome<GroupRecord, A> outcome,
            @Nullable TransactionalProducer producer,
            Function<ErrorCode, A> refusal,
            CompletableFuture<A> answer) {
        log.append(outcome.records(), producer, new AppendListener() {
            @Override
            public void onCommitted() {
                outcome.records().forEach(committed -> groups.commit(committed, nowMs()));
                answer.complete(outcome.answer());
                scheduleWakeup();
            }

            @Override
            public void onRefused(ErrorCode error) {
                ErrorCode told = forClients(error);
                groups.onAppendFailed(outcome.records(), told, nowMs());
                answer.complete(refusal.apply(told));
                scheduleWakeup();
            }

            @Override
            public void onUncertain(ErrorCode error) {
                answer.complete(refusal.apply(forClients(error)));
            }
        });
    }

    /** Clients of groups know other errors than producers do. */
    private static ErrorCode forClients(ErrorCode error) {
        return switch (error) {
            case NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND, REQUEST_TIMED_OUT, UNKNOWN_TOPIC_OR_PARTITION ->
                ErrorCode.COORDINATOR_NOT_AVAILABLE;
            case NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR -> ErrorCode.NOT_COORDINATOR;
            case INVALID_PRODUCER_EPOCH,
                    INVALID_PRODUCER_ID_MAPPING,
                    INVALID_TXN_STATE,
                    PRODUCER_FENCED,
                    CONCURRENT_TRANSACTIONS,
                    TRANSACTION_ABORTABLE -> error;
            default -> ErrorCode.UNKNOWN_SERVER_ERROR;
        };
    }

    private void scheduleWakeup() {
        long deadlineMs = groups.nextDeadlineMs();
        if (deadlineMs >= wakeupAtMs || state != State.SERVING) {
            return;
        }
        if (wakeup != null) {
            wakeup.cancel();
        }
        wakeupAtMs = deadlineMs;
        wakeup = loop.schedule(Math.max(0, deadlineMs - nowMs()), this::onWakeup);
    }

    private void onWakeup() {
        wakeupAtMs = Long.MAX_VALUE;
        if (state == State.SERVING) {
            append(groups.expire(nowMs()), null, error -> false, new CompletableFuture<>()); // nobody asks
            scheduleWakeup();
        }
    }

    private long nowMs() {
        return loop.nowMs() + wallClockOffsetMs;
    }

    /** The partition is led elsewhere. On the loop. */
    void resign() {
        state = State.RESIGNED;
        log.close();
        groups.onResigned();
        if (wakeup != null) {
            wakeup.cancel();
        }
    }
}
