package io.millrace.client;

import io.millrace.client.network.Connection;
import io.millrace.client.network.ConnectionException;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ProduceResponse;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Carries the batches of one producer to the leaders of their partitions.
 *
 * <p>Owned by its loop; {@link #wake} may be called by any thread. Each turn looks at the partitions that have something
 * waiting, and sends what is ready to every leader whose connection has room. A turn follows whenever something may have
 * become possible: a record was added, an answer came, a broker was reached, metadata changed, a time has come.
 *
 * <p>Invariant: at most {@link #REQUESTS_MAX} requests are unanswered on a connection.
 */
final class ProduceSender implements BrokerConnections.Owner {
    static final int REQUESTS_MAX = 5;

    /** An answer that takes longer than this may be one of a broker that does not lead any more. */
    private static final long SUSPECT_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The requests under way on one connection, oldest first. */
    private record Flow(BrokerNode broker, Connection connection, Deque<ProduceExchange> unanswered) {}

    private final EventLoop loop;
    private final ClientContext context;
    private final ProducerConfiguration configuration;
    private final BufferBudget budget;
    private final BrokerConnections connections;
    private final Alarm alarm;
    private final ProducerIdentitySource identities;
    private final Runnable onMetadata = this::onProgressPossible;
    private final Queue<PartitionQueue> woken = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean turnPlanned = new AtomicBoolean();
    private final Set<PartitionQueue> active = new LinkedHashSet<>();
    private final Set<PartitionQueue> unanswered = new LinkedHashSet<>();
    private final Map<Integer, Flow> flows = new HashMap<>();
    private long nextExpiryNanos = System.nanoTime();
    private @Nullable ClientException end;

    ProduceSender(EventLoop loop, ClientContext context, ProducerConfiguration configuration, BufferBudget budget) {
        this.loop = loop;
        this.context = context;
        this.configuration = configuration;
        this.budget = budget;
        this.connections = new BrokerConnections(loop, context.configuration(), context.backoff(), this);
        this.alarm = new Alarm(loop, this::wakeUp);
        this.identities = new ProducerIdentitySource(loop, context, this::onProgressPossible);
        context.metadata().listen(onMetadata);
    }

    /** A batch was opened in this queue. */
    void wake(PartitionQueue queue) {
        woken.add(queue);
        if (!wakeUp()) {
            var closed = new ClientException(ErrorCode.NETWORK_EXCEPTION, "The client is closed");
            queue.removeWaiting().forEach(batch -> fail(batch, closed));
        }
    }

    /**
     * One turn serves all who ask for it before it begins.
     *
     * @return false where the loop has ended
     */
    private boolean wakeUp() {
        if (!turnPlanned.get() && turnPlanned.compareAndSet(false, true)) {
            return Loops.execute(loop, this::turn);
        }
        return !loop.isShuttingDown();
    }

    @Override
    public void onProgressPossible() {
        wakeUp();
    }

    @Override
    public void onBrokerLost(BrokerNode broker, String why) {
        active.stream().map(queue -> queue.partition().topic()).distinct().forEach(context.metadata()::want);
    }

    private void turn() {
        turnPlanned.set(false);
        for (PartitionQueue queue = woken.poll(); queue != null; queue = woken.poll()) {
            active.add(queue);
        }
        if (end != null) {
            failEverything(end);
            return;
        }
        long nowNanos = System.nanoTime();
        if (nowNanos - nextExpiryNanos >= 0) {
            nextExpiryNanos = expire(nowNanos);
        }
        long nextNanos = Math.min(nextExpiryNanos, suspect(nowNanos));
        if (!active.isEmpty() && isNumbering() && !identities.current().isPresent()) {
            identities.renew();
        } else {
            nextNanos = Math.min(nextNanos, sendReady(nowNanos));
        }
        if (!unanswered.isEmpty()) {
            nextNanos = Math.min(nextNanos, nowNanos + SUSPECT_AFTER_NANOS); // what was sent just now included
        }
        if (!active.isEmpty() || !unanswered.isEmpty()) {
            alarm.noLaterThan(nextNanos);
        }
    }

    private boolean isNumbering() {
        return configuration.acks() != ProducerConfiguration.Acks.NONE;
    }

    /** @return when the next batch expires at the earliest: one that comes later expires later, since all get the same time */
    private long expire(long nowNanos) {
        long timeoutNanos = context.configuration().deliveryTimeout().toNanos();
        long oldestNanos = 0;
        for (Set<PartitionQueue> queues : List.of(active, unanswered)) {
            for (PartitionQueue queue : queues) {
                long ageNanos = queue.oldestAgeNanos(nowNanos);
                if (ageNanos >= timeoutNanos) {
                    queue.expire(nowNanos, timeoutNanos).forEach(this::giveUp);
                }
                oldestNanos = Math.max(oldestNanos, queue.oldestAgeNanos(nowNanos));
            }
        }
        return nowNanos + timeoutNanos - oldestNanos;
    }

    private void giveUp(ProducerBatch batch) {
        String waitedFor = isNumbering() && !identities.current().isPresent()
                ? "no producer id has come: " + identities.lastFailure()
                : batch.lastFailure();
        fail(
                batch,
                new ClientException(
                        ErrorCode.REQUEST_TIMED_OUT,
                        batch.recordCount() + " record(s) for " + batch.partition() + " were not acknowledged within "
                                + context.configuration().deliveryTimeout().toMillis()
                                + " ms (delivery.timeout.ms), after " + batch.attempts() + " attempt(s): "
                                + waitedFor));
    }

    /**
     * Leaves brokers that are silent while another leads by now, such as one that is frozen: numbered batches may be sent
     * to the new leader at once.
     *
     * @return when to look again
     */
    private long suspect(long nowNanos) {
        long nextNanos = Long.MAX_VALUE;
        for (Flow flow : flows.values()) {
            ProduceExchange oldest = flow.unanswered.peekFirst();
            if (oldest == null || !flow.connection.isOpen()) {
                continue;
            }
            if (nowNanos - oldest.sentNanos() < SUSPECT_AFTER_NANOS) {
                nextNanos = Math.min(nextNanos, oldest.sentNanos() + SUSPECT_AFTER_NANOS);
                continue;
            }
            nextNanos = Math.min(nextNanos, nowNanos + SUSPECT_AFTER_NANOS);
            if (oldest.parts().stream()
                    .anyMatch(part -> isLedByOther(part.queue().partition(), flow.broker))) {
                flow.connection.close();
            } else {
                oldest.parts().forEach(part -> context.metadata()
                        .want(part.queue().partition().topic()));
            }
        }
        return nextNanos;
    }

    private boolean isLedByOther(TopicPartition partition, BrokerNode broker) {
        BrokerNode leader = context.metadata().leaderOf(partition);
        return leader != null && leader.id() != broker.id();
    }

    /** @return when a batch that waits for its time will be ready */
    private long sendReady(long nowNanos) {
        long nextNanos = Long.MAX_VALUE;
        Map<BrokerNode, Queue<PartitionQueue>> ready = new LinkedHashMap<>();
        for (Iterator<PartitionQueue> queues = active.iterator(); queues.hasNext(); ) {
            PartitionQueue queue = queues.next();
            if (queue.isEmpty()) {
                queues.remove();
                continue;
            }
            long readyNanos = queue.readyAtNanos(nowNanos);
            if (readyNanos > nowNanos) {
                nextNanos = Math.min(nextNanos, readyNanos);
                continue;
            }
            BrokerNode leader = leaderFor(queue);
            if (leader != null) {
                ready.computeIfAbsent(leader, ignored -> new ArrayDeque<>()).add(queue);
            }
        }
        ready.forEach(this::sendTo);
        return nextNanos;
    }

    private @Nullable BrokerNode leaderFor(PartitionQueue queue) {
        if (queue.needsOtherIdentityThan(identities.current())) {
            identities.renew();
            return null;
        }
        BrokerNode leader = context.metadata().leaderOf(queue.partition());
        if (leader == null) {
            context.metadata().want(queue.partition().topic());
        }
        return leader;
    }

    private void sendTo(BrokerNode leader, Queue<PartitionQueue> ready) {
        Connection connection = connections.openTo(leader);
        if (connection == null) {
            return;
        }
        Flow flow = flows.get(leader.id());
        if (flow == null || flow.connection != connection) {
            flow = new Flow(leader, connection, new ArrayDeque<>());
            flows.put(leader.id(), flow);
        }
        while (!ready.isEmpty() && flow.unanswered.size() < REQUESTS_MAX) {
            send(flow, leader, collect(ready));
        }
    }

    /** One batch of each partition, while the request has room. What has more to send goes to the end of the line. */
    private ProduceExchange collect(Queue<PartitionQueue> ready) {
        var exchange = new ProduceExchange();
        long nowNanos = System.nanoTime();
        for (int left = ready.size(); left > 0; left--) {
            PartitionQueue queue = ready.element();
            boolean fits = exchange.isEmpty()
                    || exchange.sizeInBytes() + queue.nextSizeInBytes() <= configuration.requestBytesMax();
            if (!fits) {
                return exchange;
            }
            ready.remove();
            ProducerBatch batch = queue.take(isNumbering() ? identities.current() : ProducerIdentity.NONE);
            unanswered.add(queue);
            exchange.add(new ProduceExchange.Part(
                    queue, batch, context.metadata().topicIdOf(queue.partition().topic())));
            if (queue.readyAtNanos(nowNanos) <= nowNanos) {
                ready.add(queue);
            }
        }
        return exchange;
    }

    private void send(Flow flow, BrokerNode leader, ProduceExchange exchange) {
        var request = exchange.request(configuration.acks().wireValue(), (int)
                context.configuration().requestTimeout().toMillis());
        exchange.onSent(System.nanoTime());
        flow.unanswered.addLast(exchange);
        if (configuration.acks() == ProducerConfiguration.Acks.NONE) {
            flow.connection
                    .sendUnanswered(request)
                    .whenComplete((sent, failure) -> onAnswer(flow, leader, exchange, null, failure));
        } else {
            flow.connection
                    .<ProduceResponse>send(request)
                    .whenComplete((response, failure) -> onAnswer(flow, leader, exchange, response, failure));
        }
    }

    private void onAnswer(
            Flow flow,
            BrokerNode leader,
            ProduceExchange exchange,
            @Nullable ProduceResponse response,
            @Nullable Throwable failure) {
        flow.unanswered.remove(exchange);
        ProduceOutcomes outcomes = response == null ? null : new ProduceOutcomes(response);
        for (ProduceExchange.Part part : exchange.parts()) {
            if (failure != null) {
                onFailure(part, failure);
            } else if (outcomes == null) {
                succeed(part, -1, -1);
            } else {
                onOutcome(part, leader, outcomes.of(part));
            }
            if (!part.queue().hasInFlight()) {
                unanswered.remove(part.queue());
            }
        }
        wakeUp();
    }

    private void onFailure(ProduceExchange.Part part, Throwable failure) {
        boolean mayPass = Failures.unwrap(failure) instanceof ConnectionException connection
                && connection.reason() != ConnectionException.Reason.UNSUPPORTED
                && connection.reason() != ConnectionException.Reason.UNWRITABLE;
        if (mayPass) {
            retry(part, Failures.messageOf(failure), false);
        } else {
            part.queue().settle(part.batch());
            fail(part.batch(), Failures.toClientException(failure));
        }
    }

    private void onOutcome(ProduceExchange.Part part, BrokerNode leader, ProduceOutcomes.@Nullable Outcome outcome) {
        if (outcome == null) {
            retry(part, leader + " did not mention the partition in its answer", false);
            return;
        }
        switch (outcome.errorCode()) {
            // A duplicate is a record that is stored already, by an attempt whose answer was lost.
            case NONE, DUPLICATE_SEQUENCE_NUMBER -> succeed(part, outcome.baseOffset(), outcome.logAppendTimeMs());
            case OUT_OF_ORDER_SEQUENCE_NUMBER, UNKNOWN_PRODUCER_ID, INVALID_PRODUCER_EPOCH ->
                retry(part, leader + " answered " + outcome.message(), true);
            default -> onRefusal(part, leader, outcome);
        }
    }

    private void onRefusal(ProduceExchange.Part part, BrokerNode leader, ProduceOutcomes.Outcome outcome) {
        String why = leader + " answered " + outcome.message();
        if (outcome.errorCode().isRetriable()) {
            context.metadata().want(part.queue().partition().topic());
            retry(part, why, false);
            return;
        }
        part.queue().settle(part.batch());
        fail(
                part.batch(),
                new ClientException(
                        outcome.errorCode(),
                        part.batch().recordCount() + " record(s) for "
                                + part.batch().partition() + " in a batch of "
                                + part.batch().sizeInBytes() + " bytes were refused: " + why));
    }

    private void succeed(ProduceExchange.Part part, long baseOffset, long logAppendTimeMs) {
        ProducerBatch batch = part.batch();
        part.queue().settle(batch);
        if (!batch.isDone()) {
            budget.giveBack(batch.reservedBytes());
            batch.complete(baseOffset, logAppendTimeMs);
        }
    }

    private void retry(ProduceExchange.Part part, String why, boolean outOfSequence) {
        ProducerBatch batch = part.batch();
        batch.onFailedAttempt(why);
        long atNanos = System.nanoTime() + context.backoff().pauseNanos(batch.attempts());
        part.queue().retry(batch, atNanos, outOfSequence);
        active.add(part.queue());
    }

    private void fail(ProducerBatch batch, ClientException why) {
        if (!batch.isDone()) {
            budget.giveBack(batch.reservedBytes());
            batch.fail(why);
        }
    }

    /** Fails what is left and ends the connections. On the loop. */
    void close(ClientException why) {
        if (end == null) {
            end = why;
            context.metadata().unlisten(onMetadata);
            turn();
            connections.close();
        }
    }

    private void failEverything(ClientException why) {
        var left = new ArrayList<ProducerBatch>();
        unanswered.forEach(queue -> left.addAll(queue.inFlight()));
        active.forEach(queue -> left.addAll(queue.removeWaiting()));
        unanswered.forEach(queue -> left.addAll(queue.removeWaiting()));
        active.clear();
        left.forEach(batch -> fail(batch, why));
    }
}
