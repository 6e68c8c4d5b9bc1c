package io.millrace.server.queue;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.coordinator.queue.CursorRecord;
import io.millrace.coordinator.queue.PartitionCursors;
import io.millrace.coordinator.queue.QueueCursor;
import io.millrace.coordinator.queue.QueueLimits;
import io.millrace.coordinator.queue.Settlement;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.Cancellable;
import io.millrace.replication.PartitionKey;
import io.millrace.server.coordinator.AppendListener;
import io.millrace.server.coordinator.CoordinatorLog;
import io.millrace.server.coordinator.LoadListener;
import io.millrace.server.coordinator.ReplicatedLog;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hands out the records of one partition of a queue, or of a topic to its subscriptions, while this broker leads it.
 *
 * <p>Owned by the partition's loop; public methods may be called from any thread and go there. Consumers wait in the order of their arrival,
 * and the first is served first: that shares a queue evenly, since each comes again behind the others.
 *
 * <pre>
 *   loading --the cursor log is replayed--> serving --leadership lost--> resigned
 *      `------it cannot be understood-----> failed ---leadership lost--> resigned
 * </pre>
 */
final class QueueDispatcher {
    private static final System.Logger LOGGER = System.getLogger(QueueDispatcher.class.getName());

    /** After a wake-up that came before any commit. */
    private static final long WATCH_AGAIN_MS = 10;

    private enum State {
        LOADING,
        SERVING,
        FAILED,
        RESIGNED
    }

    private final PartitionKey key;
    private final ReplicatedLog data;
    private final CoordinatorLog<CursorRecord> cursorLog;
    private final PartitionCursors cursors;
    private final DataReader reader;
    private final CursorUpkeep upkeep;
    private final DeliveryNotes notes;
    private final PartitionSubscriptions subscriptions;
    private final SelectingReaders selectors;
    private final Availability availability;
    private final DeadLetterMoves deadLetters;
    private final InstantSource clock;
    private final Set<PendingAcquire> waiting = new LinkedHashSet<>(); // at most one for each request under way
    private State state = State.LOADING;
    private boolean isSelective; // somebody has come with a selector
    private boolean watchesCommits;
    private @Nullable Cancellable commitWatch;

    /**
     * Which partition it is.
     *
     * @param name as messages have it
     */
    record Identity(PartitionKey key, Supplier<String> name) {}

    QueueDispatcher(
            Identity identity,
            ReplicatedLog data,
            CoordinatorLog<CursorRecord> cursorLog,
            CursorUpkeep.Plan upkeep,
            SubscriptionSource source,
            DeadLetterMoves.Way deadLetters) {
        this.key = identity.key();
        this.data = data;
        this.cursorLog = cursorLog;
        this.clock = upkeep.clock();
        QueueLimits limits = QueueLimits.of(upkeep.rules().heldMax())
                .withRedelivery(upkeep.rules().redelivery());
        this.cursors = source == SubscriptionSource.NONE
                ? PartitionCursors.ofQueue(data.logStartOffset(), limits)
                : new PartitionCursors(limits);
        this.reader = new DataReader(data);
        this.upkeep = new CursorUpkeep(upkeep, data, cursorLog, cursors);
        this.notes = new DeliveryNotes(cursorLog, data.loop(), this::serveWaiting, this.upkeep::onCommitted);
        this.selectors = new SelectingReaders(identity.name());
        this.availability = new Availability(
                data,
                reader,
                new Availability.Parts(cursorLog, cursors, this.upkeep, selectors),
                upkeep,
                this::serveWaiting);
        this.subscriptions = new PartitionSubscriptions(
                new PartitionSubscriptions.Parts(key, data, cursorLog, cursors, source), this::serveWaiting);
        this.deadLetters = new DeadLetterMoves(
                new DeadLetterMoves.Parts(key, data, cursorLog, cursors, clock), deadLetters, this::onMoved);
    }

    /** Called once, on the loop. */
    void start() {
        cursorLog.load(cursors::replay, new LoadListener() {
            @Override
            public void onLoaded() {
                LOGGER.log(INFO, () -> "Dispatching " + QueueDispatcher.this + beginning());
                state = State.SERVING;
                cursors.onLeading(data.firstOwnOffset());
                upkeep.start();
                subscriptions.start();
                availability.start();
                serveWaiting();
            }

            @Override
            public void onFailed(String reason) {
                LOGGER.log(
                        ERROR,
                        () -> "Cannot dispatch " + QueueDispatcher.this + ", its messages stay where they are: "
                                + reason);
                state = State.FAILED;
                endWaits();
            }
        });
    }

    private void onMoved() {
        upkeep.onCommitted();
        serveWaiting(); // more may be held again
    }

    private String beginning() {
        return cursors.cursors().isEmpty() ? ", which has no subscriptions yet" : " from offset " + cursors.prefixEnd();
    }

    /**
     * Serves the consumer as soon as there is something for it, unless another partition does before.
     *
     * @return completes when this partition has done what it can now: with NONE where the consumer is served or waits here, else with why
     *     it never will be
     */
    CompletableFuture<ErrorCode> acquire(PendingAcquire pending) {
        var visited = new CompletableFuture<ErrorCode>();
        submit(
                () -> {
                    if (state == State.SERVING || state == State.LOADING) {
                        visited.complete(attachAndServe(pending));
                    } else {
                        visited.complete(
                                state == State.FAILED
                                        ? ErrorCode.KAFKA_STORAGE_ERROR
                                        : ErrorCode.NOT_LEADER_OR_FOLLOWER);
                    }
                },
                () -> visited.complete(ErrorCode.NOT_LEADER_OR_FOLLOWER));
        return visited;
    }

    private ErrorCode attachAndServe(PendingAcquire pending) {
        ErrorCode refused = subscriptions.attach(pending.subscription(), pending.consumer());
        if (refused.isError()) {
            refuse(pending, refused);
        } else {
            serveOrWait(pending);
        }
        return refused;
    }

    private void refuse(PendingAcquire pending, ErrorCode error) {
        if (pending.claim()) {
            pending.complete(Acquired.refused(key, error));
        }
    }

    private void serveOrWait(PendingAcquire pending) {
        isSelective |= pending.isSelective();
        if (!pending.isClaimed() && !tryServe(pending)) {
            waiting.add(pending);
            pending.acquired().thenRun(() -> submit(() -> waiting.remove(pending), () -> {}));
            watchCommits();
        }
        endTurn();
    }

    private void endTurn() {
        availability.endTurn();
        if (state == State.SERVING) {
            deadLetters.look();
        }
    }

    /** Whether the consumer need not wait here: it is served, or gone. */
    private boolean tryServe(PendingAcquire pending) {
        Optional<QueueCursor> cursor = cursors.cursor(pending.subscription());
        if (state != State.SERVING || cursor.isEmpty()) {
            return isRefused(pending);
        }
        ErrorCode error = select(cursor.get(), pending);
        if (!error.isError()) {
            error = availability.look(cursor.get(), pending.consumer());
        }
        if (error.isError()) {
            refuse(pending, error);
            return true;
        }
        notes.reserveAhead(cursor.get(), pending.consumer());
        if (!availability.isKnown(cursor.get(), pending.consumer())
                || cursor.get().firstAvailable(pending.consumer()).isEmpty()) {
            return false;
        }
        if (pending.claim()) {
            serve(pending, cursor.get());
        }
        return true;
    }

    /** Remembers its selector, as long as its connection is there; each leader does so anew. */
    private static ErrorCode select(QueueCursor cursor, PendingAcquire pending) {
        boolean mayHaveIt = !pending.isSelective() || pending.isOpen();
        return mayHaveIt && cursor.select(pending.consumer(), pending.selector())
                ? ErrorCode.NONE
                : ErrorCode.THROTTLING_QUOTA_EXCEEDED;
    }

    /** Whether it waited for what has ended. */
    private boolean isRefused(PendingAcquire pending) {
        boolean isInVain = state == State.SERVING && subscriptions.hasEnded(pending.subscription());
        if (isInVain) {
            refuse(pending, ErrorCode.RESOURCE_NOT_FOUND);
        }
        return isInVain;
    }

    // A fault of ours must reach the client, and the loop must go on.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private void serve(PendingAcquire pending, QueueCursor cursor) {
        try {
            Acquired acquired = reader.acquire(key, cursor, pending);
            notes.onDelivered(cursor);
            pending.complete(acquired);
        } catch (RuntimeException e) {
            pending.fail(e);
        }
    }

    private void serveWaiting() {
        Set<PendingAcquire.Kind> exhausted = new HashSet<>();
        Iterator<PendingAcquire> each = waiting.iterator();
        while (each.hasNext() && state == State.SERVING) {
            PendingAcquire next = each.next();
            boolean mayBeServed = next.isClaimed() || !exhausted.contains(next.kind());
            if (mayBeServed && (next.isClaimed() || tryServe(next))) {
                each.remove();
            } else if (!isPersonal(next)) {
                if (next.subscription() == null && !isSelective) {
                    break; // nobody waits for anything else of a queue
                }
                exhausted.add(next.kind());
            }
        }
        if (!waiting.isEmpty()) {
            watchCommits();
        }
        endTurn();
    }

    /** Whether others may be served where this one cannot. */
    private boolean isPersonal(PendingAcquire pending) {
        return cursors.cursor(pending.subscription())
                .filter(cursor -> cursor.isPersonal(pending.consumer()))
                .isPresent();
    }

    private void watchCommits() {
        if (watchesCommits || state != State.SERVING) {
            return;
        }
        watchesCommits = true; // before the call, which may call back at once
        long highWatermark = data.highWatermark();
        commitWatch = data.onCommitted(highWatermark, () -> {
            watchesCommits = false;
            if (data.highWatermark() > highWatermark) {
                serveWaiting();
            } else {
                // Too many wait for commits, or the leadership is lost; that is told elsewhere, and nobody waits here
                // then.
                data.loop().schedule(WATCH_AGAIN_MS, this::serveWaiting);
            }
        });
    }

    /**
     * Settles records of a consumer.
     *
     * @return NONE once that is committed; else why not. Completes on the loop
     */
    CompletableFuture<ErrorCode> settle(UUID consumerId, @Nullable String subscription, List<Settlement> settlements) {
        var answer = new CompletableFuture<ErrorCode>();
        submit(
                () -> settleOrFail(consumerId, subscription, settlements, answer),
                () -> answer.complete(ErrorCode.NOT_LEADER_OR_FOLLOWER));
        return answer;
    }

    // A fault of ours must reach the client, and the loop must go on.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private void settleOrFail(
            UUID consumerId,
            @Nullable String subscription,
            List<Settlement> settlements,
            CompletableFuture<ErrorCode> answer) {
        try {
            settleNow(consumerId, subscription, settlements, answer);
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    private void settleNow(
            UUID consumerId,
            @Nullable String subscription,
            List<Settlement> settlements,
            CompletableFuture<ErrorCode> answer) {
        if (state == State.RESIGNED) {
            answer.complete(ErrorCode.NOT_LEADER_OR_FOLLOWER);
            return;
        }
        Optional<QueueCursor> cursor = cursors.cursor(subscription);
        if (cursor.isEmpty() || state != State.SERVING) {
            answer.complete(ErrorCode.INVALID_RECORD_STATE); // whoever acquired it did so from another leader
            return;
        }
        availability.takeOverLogStart();
        append(cursor.get().acknowledge(consumerId, settlements, clock.millis()), answer);
        serveWaiting(); // what was released
    }

    private void append(Outcome<CursorRecord, ErrorCode> outcome, CompletableFuture<ErrorCode> answer) {
        cursorLog.append(outcome.records(), new AppendListener() {
            @Override
            public void onCommitted() {
                outcome.records().forEach(cursors::commit);
                answer.complete(outcome.answer());
                upkeep.onCommitted();
                if (!waiting.isEmpty()) {
                    serveWaiting(); // a group may be free now, or more be held again
                }
            }

            @Override
            public void onRefused(ErrorCode error) {
                cursors.onAppendFailed(outcome.records());
                answer.complete(error);
                serveWaiting();
            }

            @Override
            public void onUncertain(ErrorCode error) {
                answer.complete(error);
            }
        });
    }

    /** Gives back all that the consumer has acquired over the connection; completes when others can have it. */
    CompletableFuture<Void> detach(ConsumerId consumer) {
        return release(() -> {
            cursors.cursors().forEach(cursor -> cursor.onConsumerGone(consumer));
            subscriptions.onConsumerGone(consumer);
        });
    }

    /** Gives back all that was acquired over the connection. */
    CompletableFuture<Void> onConnectionClosed(long connectionId) {
        return release(() -> {
            cursors.cursors().forEach(cursor -> cursor.onConnectionClosed(connectionId));
            subscriptions.onConnectionClosed(connectionId);
        });
    }

    private CompletableFuture<Void> release(Runnable change) {
        var done = new CompletableFuture<Void>();
        submit(
                () -> {
                    change.run();
                    if (state == State.SERVING) {
                        serveWaiting();
                    }
                    done.complete(null);
                },
                () -> done.complete(null));
        return done;
    }

    /** Shows what is not acknowledged; completes on the loop. The receiver owns the records. */
    CompletableFuture<QueueBrowse.Page> browse(QueueBrowse browse) {
        var page = new CompletableFuture<QueueBrowse.Page>();
        submit(
                () -> page.complete(browseNow(browse)),
                () -> page.complete(QueueBrowse.Page.refused(ErrorCode.NOT_LEADER_OR_FOLLOWER)));
        return page;
    }

    private QueueBrowse.Page browseNow(QueueBrowse browse) {
        return switch (state) {
            case LOADING -> QueueBrowse.Page.refused(ErrorCode.LEADER_NOT_AVAILABLE);
            case FAILED -> QueueBrowse.Page.refused(ErrorCode.KAFKA_STORAGE_ERROR);
            case RESIGNED -> QueueBrowse.Page.refused(ErrorCode.NOT_LEADER_OR_FOLLOWER);
            case SERVING ->
                cursors.cursor(browse.subscription())
                        .map(cursor -> browse.read(data, cursor, selectors))
                        .orElseGet(() -> QueueBrowse.Page.refused(ErrorCode.INVALID_REQUEST));
        };
    }

    /** The metadata have other subscriptions now. */
    void onSubscriptions() {
        submit(
                () -> {
                    subscriptions.reconcile();
                    serveWaiting();
                },
                () -> {});
    }

    /** From where on records are needed. On the loop. */
    long neededFrom() {
        return subscriptions.neededFrom();
    }

    /** How a subscription stands; empty where it has not begun here. */
    CompletableFuture<Optional<PartitionSubscriptions.Standing>> standing(String subscription) {
        var answer = new CompletableFuture<Optional<PartitionSubscriptions.Standing>>();
        submit(() -> answer.complete(subscriptions.standing(subscription)), () -> answer.complete(Optional.empty()));
        return answer;
    }

    /** Completes when everything that was asked for before has been looked at. */
    CompletableFuture<Void> barrier() {
        return release(() -> {});
    }

    /** The partition is led elsewhere. On the loop. */
    void resign() {
        state = State.RESIGNED;
        upkeep.stop();
        subscriptions.stop();
        notes.stop();
        availability.stop();
        deadLetters.stop();
        cursorLog.close();
        if (commitWatch != null) {
            commitWatch.cancel();
        }
        endWaits();
    }

    private void endWaits() {
        List.copyOf(waiting).forEach(PendingAcquire::end);
        waiting.clear();
    }

    private void submit(Runnable task, Runnable otherwise) {
        try {
            data.loop().execute(task);
        } catch (RejectedExecutionException e) {
            LOGGER.log(INFO, () -> "The loop of " + this + " takes no more: " + e.getMessage());
            otherwise.run();
        }
    }

    @Override
    public String toString() {
        return "partition " + key;
    }
}
