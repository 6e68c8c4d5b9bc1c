package io.millrace.client;

import io.millrace.client.network.Connection;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What a queue consumer has with one broker as long as one connection to it lasts: acquisitions belong to it and end
 * with it.
 *
 * <p>Owned by the consumer's loop, but for {@link #isEnded()}.
 */
final class QueueSession {
    private final BrokerNode broker;
    private final Connection connection;
    private final Deque<QueueSettlement> waiting = new ArrayDeque<>();
    private final Deque<QueueSettlement> suspects = new ArrayDeque<>();
    private final Deque<QueueSettlement> postponed = new ArrayDeque<>();
    private int acknowledgementsUnanswered;
    private int creditUnanswered;
    private boolean fetching;
    private boolean greeted;
    private long fetchSentNanos;
    private long fetchAgainNanos;
    private int failures;
    private volatile boolean ended;

    QueueSession(BrokerNode broker, Connection connection) {
        this.broker = broker;
        this.connection = connection;
        this.fetchAgainNanos = System.nanoTime();
    }

    BrokerNode broker() {
        return broker;
    }

    Connection connection() {
        return connection;
    }

    /** Nothing that was acquired over it is acquired any more. */
    boolean isEnded() {
        return ended;
    }

    /** Fails what was not sent yet; what was sent fails by its own futures. */
    void end() {
        if (!ended) {
            ended = true;
            var left = new ArrayList<>(waiting);
            left.addAll(suspects);
            left.addAll(postponed);
            waiting.clear();
            suspects.clear();
            postponed.clear();
            left.forEach(settlement -> settlement.fail(lost(broker)));
        }
    }

    private static ClientException lost(BrokerNode broker) {
        return new ClientException(
                ErrorCode.INVALID_RECORD_STATE,
                "The connection to " + broker
                        + " over which the message was acquired has ended; it will be delivered again");
    }

    // Fetching: one at a time.

    /** Whether a fetch has been answered: the broker knows the consumer. */
    boolean isGreeted() {
        return greeted;
    }

    boolean isFetching() {
        return fetching;
    }

    boolean mayFetch(long nowNanos) {
        return !fetching && !ended && nowNanos - fetchAgainNanos >= 0;
    }

    long fetchAgainNanos() {
        return fetchAgainNanos;
    }

    long fetchSentNanos() {
        return fetchSentNanos;
    }

    int creditUnanswered() {
        return creditUnanswered;
    }

    void onFetchSent(int credit, long nowNanos) {
        fetching = true;
        creditUnanswered = credit;
        fetchSentNanos = nowNanos;
    }

    void onFetchAnswered() {
        greeted = true;
        fetching = false;
        creditUnanswered = 0;
        failures = 0;
    }

    void onFetchFailed(Backoff backoff, long nowNanos) {
        fetching = false;
        creditUnanswered = 0;
        failures++;
        fetchAgainNanos = nowNanos + backoff.pauseNanos(failures);
    }

    // Acknowledging: a few requests at a time; what comes meanwhile leaves together.

    /** Has it sent next, or fails it where the session has ended. */
    void settle(QueueSettlement settlement) {
        if (ended) {
            settlement.fail(lost(broker));
        } else {
            waiting.addLast(settlement);
        }
    }

    /** Could not be committed; waits for {@link #resumePostponed}. */
    void postpone(QueueSettlement settlement) {
        postponed.addLast(settlement);
    }

    /** Has all that was postponed sent next. */
    void resumePostponed() {
        waiting.addAll(postponed);
        postponed.clear();
    }

    /**
     * Was refused together with others of its partition, one of which is not acquired any more: it is sent in a request of
     * its own, as settlements of one partition in one request take effect together or not at all.
     */
    void settleAlone(QueueSettlement settlement) {
        suspects.addLast(settlement);
    }

    /** What is to be sent now; empty where nothing is or enough is under way. */
    List<QueueSettlement> takeSettlements(int requestsMax, int settlementsMax) {
        if (acknowledgementsUnanswered >= requestsMax || (waiting.isEmpty() && suspects.isEmpty())) {
            return List.of();
        }
        if (!suspects.isEmpty()) {
            acknowledgementsUnanswered++;
            return List.of(suspects.removeFirst());
        }
        var taken = new ArrayList<QueueSettlement>();
        while (!waiting.isEmpty() && taken.size() < settlementsMax) {
            taken.add(waiting.removeFirst());
        }
        acknowledgementsUnanswered++;
        return taken;
    }

    void onAcknowledgementAnswered() {
        acknowledgementsUnanswered--;
    }
}
