package io.millrace.client;

import io.millrace.client.QueueSettlement.Part;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueAcknowledgeRequest;
import io.millrace.protocol.message.QueueAcknowledgeResponse;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Carries the settlements of one queue consumer to the brokers that gave out the messages.
 *
 * <p>Owned by the consumer's loop. A settlement goes at once; what comes while some requests are under way leaves together.
 *
 * <pre>
 *   settle --> waiting --> sent --+--> done
 *                 ^               +--> could not be committed yet: after a pause --> waiting
 *                 |               +--> refused together with others of its partition --> sent alone
 *                 |               `--> failed; where the broker may hold the messages still, they are released
 *                 `--------------------------------------------------------------------------'
 * </pre>
 */
final class QueueSettlements {
    private static final int REQUESTS_MAX = 5;
    private static final int ERROR_CHARS_MAX = 1_000;
    private static final int SETTLEMENTS_PER_REQUEST_MAX = 1000;

    private final EventLoop loop;
    private final ClientContext context;
    private final String queue;
    private final @Nullable String subscription;
    private final UUID consumerId;
    private boolean closing;

    QueueSettlements(
            EventLoop loop, ClientContext context, String queue, @Nullable String subscription, UUID consumerId) {
        this.loop = loop;
        this.context = context;
        this.queue = queue;
        this.subscription = subscription;
        this.consumerId = consumerId;
    }

    /**
     * Any thread: settles messages of any origin.
     *
     * @param error why they are released or rejected, or null
     * @return completes when all are settled, or when the last of those that failed has
     */
    CompletableFuture<Void> settle(
            Collection<QueueBuffer.Acquired> messages, AcknowledgeType type, @Nullable String error) {
        var outcomes = new ArrayList<CompletableFuture<Void>>();
        parts(messages, type, error).forEach((part, settlement) -> {
            if (!Loops.execute(loop, () -> settle(part.session(), settlement))) {
                settlement.fail(new ClientException(ErrorCode.INVALID_REQUEST, "The client is closed"));
            }
            outcomes.add(settlement.done());
        });
        return CompletableFuture.allOf(outcomes.toArray(CompletableFuture<?>[]::new));
    }

    private Map<Part, QueueSettlement> parts(
            Collection<QueueBuffer.Acquired> messages, AcknowledgeType type, @Nullable String error) {
        long deadlineNanos =
                System.nanoTime() + context.configuration().deliveryTimeout().toNanos();
        return QueueSettlement.parts(messages, type, shortened(error), deadlineNanos);
    }

    private static @Nullable String shortened(@Nullable String error) {
        return error == null || error.length() <= ERROR_CHARS_MAX ? error : error.substring(0, ERROR_CHARS_MAX);
    }

    private void settle(QueueSession session, QueueSettlement settlement) {
        if (closing) {
            settlement.fail(new ClientException(
                    ErrorCode.INVALID_REQUEST, "The consumer was closed, which gave its messages back to the queue"));
            return;
        }
        session.settle(settlement);
        Loops.execute(loop, () -> send(session)); // after all that came in this turn of the loop
    }

    private void send(QueueSession session) {
        while (true) {
            List<QueueSettlement> taken =
                    session.takeSettlements(closing ? Integer.MAX_VALUE : REQUESTS_MAX, SETTLEMENTS_PER_REQUEST_MAX);
            if (taken.isEmpty()) {
                return;
            }
            var request = new QueueAcknowledgeRequest(consumerId, subscription, QueueAnswers.acknowledgements(taken));
            session.connection().<QueueAcknowledgeResponse>send(request).whenComplete((response, failure) -> {
                if (response == null && !session.connection().isOpen()) {
                    afterItsEnd(session, () -> onAnswer(session, taken, null, failure));
                } else {
                    onAnswer(session, taken, response, failure);
                }
            });
        }
    }

    /**
     * What was prefetched over a connection that has ended is forgotten before its settlements fail: whoever is told and
     * then receives is given nothing that is lost too.
     */
    private void afterItsEnd(QueueSession session, Runnable task) {
        session.connection().closeFuture().thenRun(() -> {
            if (!Loops.execute(loop, task)) {
                task.run();
            }
        });
    }

    private void onAnswer(
            QueueSession session,
            List<QueueSettlement> taken,
            @Nullable QueueAcknowledgeResponse response,
            @Nullable Throwable failure) {
        session.onAcknowledgementAnswered();
        for (QueueSettlement settlement : taken) {
            ErrorCode outcome = response == null ? null : QueueAnswers.outcomeOf(settlement, response);
            if (outcome == ErrorCode.NONE) {
                settlement.complete();
            } else if (QueueAnswers.mayBeOfAnother(outcome) && QueueAnswers.sharesPartition(settlement, taken)) {
                session.settleAlone(settlement);
            } else if (QueueAnswers.mayPass(outcome) && isInTime(settlement)) {
                repeatLater(session, settlement);
            } else {
                settlement.fail(QueueAnswers.refusal(settlement, session.broker(), outcome, failure));
                onFailed(session, settlement, outcome);
            }
        }
        send(session);
    }

    private boolean isInTime(QueueSettlement settlement) {
        return !closing && settlement.deadlineNanos() - System.nanoTime() > 0;
    }

    private void repeatLater(QueueSession session, QueueSettlement settlement) {
        session.postpone(settlement);
        loop.schedule(
                () -> {
                    session.resumePostponed();
                    send(session);
                },
                context.backoff().pauseNanos(1),
                TimeUnit.NANOSECONDS);
    }

    /** Nobody here knows the messages any more: the broker must not keep them for this consumer either. */
    private void onFailed(QueueSession session, QueueSettlement settlement, @Nullable ErrorCode outcome) {
        context.metadata().want(queue);
        boolean mayBeHeld = outcome != null && !QueueAnswers.isHeldNoMore(outcome);
        if (mayBeHeld && !settlement.isRelease() && !session.isEnded()) {
            session.settle(settlement.asRelease());
        }
    }

    /**
     * Sends what is left, whatever is under way; from now on nothing else is settled.
     *
     * @param unreceived what the application has not seen goes back uncounted
     */
    void close(Collection<QueueSession> sessions, Collection<QueueBuffer.Acquired> unreceived) {
        parts(unreceived, AcknowledgeType.RELEASE, null)
                .forEach((part, settlement) -> part.session().settle(settlement));
        closing = true;
        for (QueueSession session : sessions) {
            session.resumePostponed();
            send(session);
        }
    }
}
